"""Commands that score regulator-gene pairs: score, regulators, targets."""

import hashlib
import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.errors import (
    AmbiguousGene,
    BadTable,
    EmptyInput,
    InvalidOption,
    NotARegulator,
    UnknownGene,
)
from zoo.cli import files as cli_files
from zoo.cli.console import print_json, print_table, progress, say
from zoo.cli.files import Files, Places
from zoo.cli.options import (
    AsJson,
    Backend,
    Device,
    Entry,
    Memory,
    OnUnknown,
    Output,
    Rejected,
    Resume,
    Threads,
)
from zoo.kinds import load_pairs
from zoo.pairs.cli.search import (
    Among,
    Exact,
    Exclude,
    MinEdges,
    Recall,
    RerankWith,
    Search,
    say_reranked,
)
from zoo.pairs.scorer import PairScorer
from zoo.results import Columns, ScoredPairs, records
from zoo.tables import files as tables
from zoo.tables.files import PairTable, Table

K = Annotated[int, typer.Option("--top", "-k", help="How many to list for each.")]

# An HGNC id has a colon of its own: HGNC:11195:HGNC:4235 is a pair.
_PAIR = re.compile(r"((?:HGNC:)?[^:]+):((?:HGNC:)?[^:]+)", re.IGNORECASE)
_EXAMPLE = "zoo score cross_encoder-brain SOX2:GFAP NEUROD1:MAP2"

# As zoo.pairs.batches has them, which imports pyarrow.
ADDED = (
    "tf_symbol",
    "gene_symbol",
    "score",
    "pair_specific",
    "tf_popularity",
    "gene_popularity",
    "support",
)
RANKED = ("gene_symbol", "rank", "tf", "score", "support")

# What a narrow terminal does not show, the first one first.
DROPPED = ("gene_popularity", "tf_popularity", "pair_specific", "support")


def score(
    entry: Entry,
    pairs: Annotated[
        list[str] | None, typer.Argument(metavar="TF:GENE", help="Such as SOX2:GFAP.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option(
            "--input",
            "-i",
            help="A .csv, .tsv (or .csv.gz, .tsv.gz), .parquet or .h5ad with columns tf and gene; "
            "- is stdin, as CSV or TSV.",
        ),
    ] = None,
    output: Output = None,
    on_unknown: OnUnknown = "raise",
    rejected: Rejected = None,
    memory: Memory = None,
    resume: Resume = False,
    h5ad_table: Annotated[
        str | None,
        typer.Option("--table", help="Where an h5ad file has its pairs: obs, var or uns/NAME."),
    ] = None,
    backend: Backend = "onnx",
    device: Device = "auto",
    threads: Threads = 1,
    as_json: AsJson = False,
) -> None:
    """Score pairs of a regulator and a gene, given here or in a table.

    A table's other columns are carried through to the output. Tables may be of any size.
    """
    files = Files(source, output, on_unknown, rejected, memory, resume)
    if places := files.places(pairs, "pairs as TF:GENE"):
        from zoo.pairs.tasks import ScoreTask

        with tables.open_pairs(places.source, h5ad_table) as table:
            places.check(table.source, ADDED)
            model = load_pairs(entry, "zoo score", backend=backend, device=device, threads=threads)
            task = ScoreTask(model, table.columns)
            cli_files.go_through(task, places, table.source, as_json, {"table": h5ad_table})
        return
    if h5ad_table is not None:
        raise InvalidOption("--table", h5ad_table, "it with an --input that ends in .h5ad")
    if source == cli_files.DASH:
        source = cli_files.standard_input()
    table = _table(pairs or [], source)
    cli_files.check_target(output)
    model = load_pairs(entry, "zoo score", backend=backend, device=device, threads=threads)
    scored = _scored(model, table, on_unknown, source)
    if output is not None:
        cli_files.write(output, _columns(table, scored), len(scored.kept), as_json)
    if as_json:
        _print(model, scored, output)
    else:
        _tell(scored, table, output, source)
    if scored.skipped and not (as_json and len(scored.kept)):
        nothing = "" if len(scored.kept) else ": nothing was scored"
        say(f"{len(scored.skipped)} of {len(table.lines)} pairs were left out{nothing}.")
    if not len(scored.kept):
        raise typer.Exit(cli_files.NOTHING_LEFT)


def regulators(
    entry: Entry,
    genes: Annotated[list[str] | None, typer.Argument(metavar="GENE", help="Such as GFAP.")] = None,
    k: K = 10,
    source: Annotated[
        Path | None,
        typer.Option(
            "--input",
            "-i",
            help="A .csv, .tsv (or .csv.gz, .tsv.gz), .parquet or .h5ad with a column gene, or a "
            "plain list, one gene a line; - is stdin.",
        ),
    ] = None,
    output: Output = None,
    on_unknown: OnUnknown = "raise",
    rejected: Rejected = None,
    memory: Memory = None,
    resume: Resume = False,
    among: Among = None,
    min_edges: MinEdges = 0,
    exclude: Exclude = None,
    rerank_with: RerankWith = None,
    recall: Recall = None,
    exact: Exact = False,
    backend: Backend = "onnx",
    device: Device = "auto",
    threads: Threads = 1,
    as_json: AsJson = False,
) -> None:
    """List the most likely regulators of genes, given here or in a table.

    A table's other columns are carried through to the output. Tables may be of any size.
    """
    files = Files(source, output, on_unknown, rejected, memory, resume)
    search = Search(among, min_edges, exclude, rerank_with, recall, exact).read()
    if places := files.places(genes, "genes"):
        with tables.open_genes(places.source) as table:
            places.check(table.source, RANKED)
            options = {"backend": backend, "device": device, "threads": threads}
            model = load_pairs(entry, "zoo regulators", **options)
            _regulators(model, places, table, k, search, as_json)
        return
    if source is not None:
        raise InvalidOption("--input", str(source), "it together with --output: FILE or -")
    if on_unknown == "skip":
        raise InvalidOption("--on-unknown", on_unknown, "raise for genes given here")
    if not genes:
        raise EmptyInput("The list of genes", "zoo regulators cross_encoder-brain GFAP, or --input")
    cli_files.check_target(output)
    model = load_pairs(entry, "zoo regulators", backend=backend, device=device, threads=threads)
    _ranked(model, "regulators", model.regulators(genes, k, **search), output, as_json)


def targets(
    entry: Entry,
    tfs: Annotated[list[str], typer.Argument(metavar="TF", help="Such as SOX2.")],
    k: K = 10,
    output: Output = None,
    backend: Backend = "onnx",
    device: Device = "auto",
    threads: Threads = 1,
    as_json: AsJson = False,
) -> None:
    """List the most likely targets of regulators."""
    cli_files.check_target(output)
    model = load_pairs(entry, "zoo targets", backend=backend, device=device, threads=threads)
    _ranked(model, "targets", model.targets(tfs, k), output, as_json)


def _regulators(
    model: PairScorer,
    places: Places,
    table: Table,
    k: int,
    search: dict[str, Any],
    as_json: bool,
) -> None:
    """List the regulators of the genes of a file into another, by the options of `search`."""
    from zoo.pairs.tasks import RegulatorsTask

    # Any gene will do: options that can't be met are refused before the file is gone through.
    tried = model.regulators(model.vocabulary.genes[:1], k, **search | {"exclude": None})
    if note := tried.attrs.get("rerank"):
        say_reranked(note)
    task = RegulatorsTask(model, table.columns, len(tried), search)  # filters may leave fewer
    facts = {name: _fact(value) for name, value in search.items() if value not in (None, False)}
    cli_files.go_through(task, places, table.source, as_json, {"search": facts})


def _fact(value: Any) -> Any:
    """An option as a plan holds it: of a long list its digest."""
    if not isinstance(value, list):
        return value
    return hashlib.sha256(json.dumps(value).encode()).hexdigest()


def _ranked(model: PairScorer, what: str, frame: Any, output: Path | None, as_json: bool) -> None:
    columns = {name: frame[name].to_numpy() for name in frame.columns}
    about = {"model": model.entry, "version": model.manifest.version}
    if note := frame.attrs.get("rerank"):
        about |= {"reranked": note}
        if not as_json:
            say_reranked(note)
    if output is not None:
        cli_files.write(output, columns, len(frame), as_json)
        if as_json:
            print_json({**about, "output": str(output), "rows": len(frame)})
    elif as_json:
        print_json({**about, what: records(columns)})
    else:
        _show(columns)


def _show(columns: dict[str, Any]) -> None:
    rows = records(columns)
    print_table(list(columns), [list(row.values()) for row in rows], drop=DROPPED)


def _table(pairs: list[str], source: Path | None) -> PairTable:
    """The pairs typed or those of the file; raises for neither."""
    if source is not None and source.suffix.lower() == tables.H5AD:
        raise InvalidOption("--input", str(source), "it together with --output: FILE or -")
    if source is not None:
        return tables.read_pairs(source)
    if not pairs:
        raise EmptyInput("The list of pairs", f"{_EXAMPLE}, or a table with --input pairs.csv")
    matches = [_PAIR.fullmatch(pair) for pair in pairs]
    for pair, match in zip(pairs, matches, strict=True):
        if match is None:
            raise InvalidOption("pair", pair, "TF:GENE, such as SOX2:GFAP")
    tf, gene = ([match[side] for match in matches if match] for side in (1, 2))
    return PairTable(range(1, len(tf) + 1), tf, gene)


def _print(model: PairScorer, scored: ScoredPairs, output: Path | None) -> None:
    about = {"model": model.entry, "version": model.manifest.version}
    skipped = [asdict(row) for row in scored.skipped]
    if output is not None:
        rows = len(scored.kept)
        print_json({**about, "output": str(output), "rows": rows, "skipped": skipped})
    else:
        print_json({**about, "scores": records(scored.columns()), "skipped": skipped})


def _tell(
    scored: ScoredPairs,
    table: PairTable,
    output: Path | None,
    source: Path | None,
) -> None:
    """Say what was scored and what was not, to a person."""
    if output is None:
        _show(scored.columns())
    for row in scored.skipped:
        where = f"{source}, line {table.lines[row.row]}" if source else f"Pair {row.row + 1}"
        say(f"{where} was left out: {row.name!r} ({row.reason}).")


def _scored(
    model: PairScorer, table: PairTable, on_unknown: str, source: Path | None
) -> ScoredPairs:
    """Score a table under a progress bar; a name at fault in a file is told with its line."""
    pairs = list(zip(table.tf, table.gene, strict=True))
    try:
        with progress("scoring", len(pairs)) as advance:
            return model.scored(pairs, on_unknown, progress=advance)
    except (UnknownGene, AmbiguousGene, NotARegulator) as error:
        if source is None:
            raise
        # A gene that is no regulator may well stand in the other column of an earlier row.
        sides = slice(0, 1) if isinstance(error, NotARegulator) else slice(0, 2)
        where = next(row for row, pair in enumerate(pairs) if error.name in pair[sides])
        hint = "Correct the name, or leave such rows out with --on-unknown skip."
        raise BadTable(source, str(error), hint, table.lines[where]) from error


def _columns(table: PairTable, scored: ScoredPairs) -> Columns:
    """The names as they were typed, then approved symbols, scores and support."""
    columns = dict(scored.columns())
    kept = scored.kept.tolist()
    return {
        "tf": [table.tf[row] for row in kept],
        "gene": [table.gene[row] for row in kept],
        "tf_symbol": columns.pop("tf"),
        "gene_symbol": columns.pop("gene"),
        **columns,
    }
