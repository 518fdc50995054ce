"""Commands that list the likeliest regulators or targets."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.errors import EmptyInput, InvalidOption
from zoo.cli import files as cli_files
from zoo.cli import options
from zoo.cli.console import about_model, print_columns, print_json, say
from zoo.loading import load_of
from zoo.pairs.cli import search as filters
from zoo.pairs.scorer import PairScorer
from zoo.results import records
from zoo.tables import files as tables
from zoo.tables.files import Table

# What a narrow terminal does not show, the first one first.
DROPPED = ("query", "support", "uncertainty", "references", "activates", "pair_specific")
K = Annotated[int, typer.Option("--top", "-k", help="How many to list for each.")]
Genes = options.table("with a column gene, or a list of one gene a line", ".parquet or .h5ad")


def regulators(
    entry: options.Entry,
    genes: Annotated[list[str] | None, typer.Argument(metavar="GENE", help="Such as GFAP.")] = None,
    k: K = 10,
    source: Genes = None,
    output: options.Output = None,
    on_unknown: options.OnUnknown = "raise",
    rejected: options.Rejected = None,
    memory: options.Memory = None,
    resume: options.Resume = False,
    by: filters.By = "score",
    known: filters.Known = "include",
    prior: filters.Prior = None,
    among: filters.Among = None,
    min_edges: filters.MinEdges = 0,
    exclude: filters.Exclude = None,
    rerank_with: filters.RerankWith = None,
    recall: filters.Recall = None,
    exact: filters.Exact = False,
    backend: options.Backend = "onnx",
    device: options.Device = "auto",
    threads: options.Threads = 1,
    as_json: options.AsJson = False,
) -> None:
    """List the most likely regulators of genes, given here or in a table.

    A table's other columns are carried through to the output. Tables may be of any size.
    """
    files = (source, output, on_unknown, rejected, memory, resume)
    loading = ("pairs", entry, "zoo regulators", backend, device, threads)
    search = filters.read(by, known, prior, among, min_edges, exclude, rerank_with, recall, exact)
    if places := cli_files.places(genes, "genes", *files):
        from zoo.pairs.tasks import RegulatorsTask

        def task(table: Table) -> RegulatorsTask:
            model = load_of(*loading)
            # Any gene will do: options that can't be met are refused before the file is read.
            tried = model.regulators(model.vocabulary.genes[:1], k, **search | {"exclude": None})
            if note := tried.attrs.get("rerank"):
                filters.say_reranked(note)
            rows = len(tried) if known == "include" else k  # perhaps fewer than k
            return RegulatorsTask(model, table.columns, rows, search)

        told = {name: _fact(value) for name, value in search.items() if value not in (None, False)}
        facts = {"search": told}
        cli_files.go_through(places, tables.open_genes, RegulatorsTask, task, as_json, facts)
        return
    if on_unknown == "skip":
        raise InvalidOption("--on-unknown", on_unknown, "skip together with --input")
    if not genes:
        example = "zoo regulators cross_encoder-brain GFAP, --input FILE or --input -"
        raise EmptyInput("The list of genes", example)
    cli_files.check_target(output)
    model = load_of(*loading)
    ranked = model.regulators(genes, k, **search)
    _ranked(model, "regulators", ranked, genes, output, as_json)


def targets(
    entry: options.Entry,
    tfs: Annotated[list[str], typer.Argument(metavar="TF", help="Such as SOX2.")],
    k: K = 10,
    output: options.Output = None,
    by: filters.By = "score",
    known: filters.Known = "include",
    prior: filters.Prior = None,
    backend: options.Backend = "onnx",
    device: options.Device = "auto",
    threads: options.Threads = 1,
    as_json: options.AsJson = False,
) -> None:
    """List the most likely targets of regulators."""
    cli_files.check_target(output)
    model = load_of("pairs", entry, "zoo targets", backend, device, threads)
    ranked = model.targets(tfs, k, by=by, known=known, prior=prior)
    _ranked(model, "targets", ranked, tfs, output, as_json)


def _fact(value: Any) -> Any:
    """An option as a plan holds it: of a long list its digest."""
    if not isinstance(value, list):
        return value
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _ranked(
    model: PairScorer,
    what: str,
    frame: Any,
    typed: list[str],
    output: Path | None,
    as_json: bool,
) -> None:
    """Write or print a ranking; of names without a row it says why."""
    columns = {name: frame[name].to_numpy() for name in frame.columns}
    about = about_model(model)
    if note := frame.attrs.get("rerank"):
        about |= {"reranked": note}
        if not as_json:
            filters.say_reranked(note)
    if not as_json and (bare := [name for name in typed if name not in set(frame["query"])]):
        say(f"No resource lists any for {', '.join(bare)}.")
    if output is not None:
        cli_files.write(output, columns, len(frame), as_json)
        if as_json:
            print_json({**about, "output": str(output), "rows": len(frame)})
    elif as_json:
        del columns["query"]  # JSON has the fields of the HTTP answer
        print_json({**about, what: records(columns)})
    else:
        print_columns(columns, drop=DROPPED, text=("known",))
