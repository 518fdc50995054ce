"""The command that scores pairs of a regulator and a gene."""

import re
from pathlib import Path
from typing import Annotated

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
from zoo.cli import options
from zoo.cli.console import print_columns, progress, say
from zoo.loading import load_of
from zoo.pairs.scorer import PairScorer
from zoo.results import Columns, ScoredPairs, records
from zoo.tables import files as tables
from zoo.tables.files import PairTable

# An HGNC id has a colon of its own: HGNC:11195:HGNC:4235 is a pair.
_PAIR = re.compile(r"((?:HGNC:)?[^:]+):((?:HGNC:)?[^:]+)", re.IGNORECASE)
_EXAMPLE = "zoo score cross_encoder-brain SOX2:GFAP NEUROD1:MAP2"

# What a narrow terminal does not show, the first one first.
DROPPED = ("gene_popularity", "tf_popularity", "pair_specific", "support")


def score(
    entry: options.Entry,
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
    output: options.Output = None,
    on_unknown: options.OnUnknown = "raise",
    rejected: options.Rejected = None,
    memory: options.Memory = None,
    resume: options.Resume = False,
    h5ad_table: Annotated[
        str | None,
        typer.Option("--table", help="Where an h5ad file has its pairs: obs, var or uns/NAME."),
    ] = None,
    backend: options.Backend = "onnx",
    device: options.Device = "auto",
    threads: options.Threads = 1,
    as_json: options.AsJson = False,
) -> None:
    """Score pairs of a regulator and a gene, given here or in a table.

    A table's other columns are carried through to the output. Tables may be of any size.
    """
    files = (source, output, on_unknown, rejected, memory, resume)
    if places := cli_files.places(pairs, "pairs as TF:GENE", *files):
        from zoo.pairs.tasks import ScoreTask

        with tables.open_pairs(places.source, h5ad_table) as table:
            cli_files.check(places, table.source, ScoreTask.added.names)
            model = load_of("pairs", entry, "zoo score", backend, device, threads)
            task = ScoreTask(model, table.columns)
            cli_files.go_through(task, places, table.source, as_json, {"table": h5ad_table})
        return
    if h5ad_table is not None:
        raise InvalidOption("--table", h5ad_table, "it with an --input that ends in .h5ad")
    if source == cli_files.DASH:
        source = cli_files.standard_input()
    table = _table(pairs or [], source)
    cli_files.check_target(output)
    model = load_of("pairs", entry, "zoo score", backend, device, threads)
    scored = _scored(model, table, on_unknown, source)
    if output is not None:
        cli_files.write(output, _columns(table, scored), len(scored.kept), as_json)
    if as_json:
        cli_files.print_scores(model, records(scored.columns()), scored.skipped, output)
    else:
        _tell(scored, table, output, source)
    cli_files.conclude(len(scored.kept), len(scored.skipped), "pairs", "scored", as_json)


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


def _tell(scored: ScoredPairs, table: PairTable, output: Path | None, source: Path | None) -> None:
    """Say what was scored and what was not, to a person."""
    if output is None:
        print_columns(scored.columns(), drop=DROPPED)
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
