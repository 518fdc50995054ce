"""Commands that score regulator-gene pairs: score, regulators, targets."""

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
from zoo.cli import files as cli_batches
from zoo.cli.console import AsJson, print_json, print_table, progress, say
from zoo.cli.entries import Entry
from zoo.cli.files import Files, Memory, OnUnknown, Rejected, Resume
from zoo.loading import load_of
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
from zoo.results import ScoredPairs, records
from zoo.tables import files as tables
from zoo.tables.files import PairTable

Backend = Annotated[str, typer.Option(help="onnx, or torch.")]
Device = Annotated[str, typer.Option(help="auto, cpu or cuda.")]
Threads = Annotated[int, typer.Option(help="Cores that one operation may use.")]
Output = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Write the result here: .csv, .tsv or .parquet."),
]
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


def score(
    entry: Entry,
    pairs: Annotated[
        list[str] | None, typer.Argument(metavar="TF:GENE", help="Such as SOX2:GFAP.")
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--input", "-i", help="A .csv, .tsv, .parquet or .h5ad with tf and gene."),
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
        opened, columns = tables.open_pairs(places.source, h5ad_table)
        places.check(opened, ADDED)
        model = load_of(
            "pairs", entry, "zoo score", backend=backend, device=device, threads=threads
        )
        cli_batches.score(model, places, opened, columns, h5ad_table, as_json)
        return
    if h5ad_table is not None:
        raise InvalidOption("--table", h5ad_table, "it with an --input that ends in .h5ad")
    table = _table(pairs or [], source)
    if output is not None:
        tables.check_target(output)
    options = {"backend": backend, "device": device, "threads": threads}
    model = load_of("pairs", entry, "zoo score", **options)
    scored = _scored(model, table, on_unknown, source)
    if output is not None:
        tables.write(output, {**table.take(scored.kept), **_added(scored)})
    if as_json:
        _print(model, scored, output)
    else:
        _tell(scored, table, output, source)
    if scored.skipped and not (as_json and len(scored.kept)):
        nothing = "" if len(scored.kept) else ": nothing was scored"
        say(f"{len(scored.skipped)} of {len(table.lines)} pairs were left out{nothing}.")


def regulators(
    entry: Entry,
    genes: Annotated[list[str] | None, typer.Argument(metavar="GENE", help="Such as GFAP.")] = None,
    k: K = 10,
    source: Annotated[
        Path | None,
        typer.Option("--input", "-i", help="A .csv, .tsv, .parquet or .h5ad with genes."),
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
        opened, column = tables.open_genes(places.source)
        places.check(opened, RANKED)
        model = load_of(
            "pairs", entry, "zoo regulators", backend=backend, device=device, threads=threads
        )
        cli_batches.regulators(model, places, opened, column, k, search, as_json)
        return
    if source is not None:
        raise InvalidOption("--input", str(source), "it together with --output regulators.csv")
    if on_unknown == "skip":
        raise InvalidOption("--on-unknown", on_unknown, "raise for genes given here")
    if not genes:
        raise EmptyInput("The list of genes", "zoo regulators cross_encoder-brain GFAP, or --input")
    if output is not None:
        tables.check_target(output)
    model = load_of(
        "pairs", entry, "zoo regulators", backend=backend, device=device, threads=threads
    )
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
    if output is not None:
        tables.check_target(output)
    options = {"backend": backend, "device": device, "threads": threads}
    model = load_of("pairs", entry, "zoo targets", **options)
    _ranked(model, "targets", model.targets(tfs, k), output, as_json)


def _ranked(model: PairScorer, what: str, frame: Any, output: Path | None, as_json: bool) -> None:
    columns = {name: frame[name].to_numpy() for name in frame.columns}
    about = {"model": model.entry, "version": model.manifest.version}
    if note := frame.attrs.get("rerank"):
        about |= {"reranked": note}
        if not as_json:
            say_reranked(note)
    if output is not None:
        tables.write(output, columns)
        if as_json:
            print_json({**about, "output": str(output), "rows": len(frame)})
        else:
            say(f"Wrote {len(frame)} rows to {output}.")
    elif as_json:
        print_json({**about, what: records(columns)})
    else:
        _show(columns)


def _show(columns: dict[str, Any]) -> None:
    rows = records(columns)
    print_table(list(columns), [list(row.values()) for row in rows])


def _table(pairs: list[str], source: Path | None) -> PairTable:
    """The pairs typed or those of the file; raises for neither."""
    if source is not None and source.suffix.lower() == tables.H5AD:
        raise InvalidOption("--input", str(source), "it together with --output scores.csv")
    if source is not None:
        return tables.read_pairs(source)
    if not pairs:
        raise EmptyInput("The list of pairs", f"{_EXAMPLE}, or a table with --input pairs.csv")
    matches = [_PAIR.fullmatch(pair) for pair in pairs]
    for pair, match in zip(pairs, matches, strict=True):
        if match is None:
            raise InvalidOption("pair", pair, "TF:GENE, such as SOX2:GFAP")
    tf, gene = ([match[side] for match in matches if match] for side in (1, 2))
    return PairTable(Path(), {"tf": tf, "gene": gene}, range(1, len(tf) + 1), tf, gene)


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
    if output is not None:
        say(f"Wrote {len(scored.kept)} rows to {output}.")
    else:
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


def _added(scored: ScoredPairs) -> dict[str, Any]:
    """What a result has beside the columns of its table: approved symbols, scores, support."""
    columns = dict(scored.columns())
    return {"tf_symbol": columns.pop("tf"), "gene_symbol": columns.pop("gene"), **columns}
