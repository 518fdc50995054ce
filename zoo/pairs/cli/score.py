"""The command that scores pairs of a regulator and a gene."""

import re
from typing import Annotated

import typer

from contracts.errors import EmptyInput, InvalidOption
from zoo.cli import files as cli_files
from zoo.cli import options
from zoo.cli.console import print_columns, progress
from zoo.loading import load_of
from zoo.pairs.answers import ScoredPairs
from zoo.pairs.cli.search import Prior
from zoo.results import Columns, records
from zoo.tables import files as tables

# An HGNC id has a colon of its own: HGNC:11195:HGNC:4235 is a pair.
_PAIR = re.compile(r"((?:HGNC:)?[^:]+):((?:HGNC:)?[^:]+)", re.IGNORECASE)
_EXAMPLE = "zoo score cross_encoder-brain SOX2:GFAP NEUROD1:MAP2"

# What a narrow terminal does not show, the first one first.
DROPPED = ("gene_popularity", "tf_popularity", "gene_edges", "tf_edges", "pair_specific")
DROPPED += ("uncertainty", "references", "activates", "support")
Pairs = options.table("with columns tf and gene", ".parquet or .h5ad")


def score(
    entry: options.Entry,
    pairs: Annotated[
        list[str] | None, typer.Argument(metavar="TF:GENE", help="Such as SOX2:GFAP.")
    ] = None,
    source: Pairs = None,
    output: options.Output = None,
    on_unknown: options.OnUnknown = "raise",
    rejected: options.Rejected = None,
    memory: options.Memory = None,
    resume: options.Resume = False,
    h5ad_table: Annotated[
        str | None,
        typer.Option("--table", help="Where an h5ad file has its pairs: obs, var or uns/NAME."),
    ] = None,
    prior: Prior = None,
    backend: options.Backend = "onnx",
    device: options.Device = "auto",
    threads: options.Threads = 1,
    as_json: options.AsJson = False,
) -> None:
    """Score pairs of a regulator and a gene, given here or in a table.

    A table's other columns are carried through to the output. Tables may be of any size.
    """
    files = (source, output, on_unknown, rejected, memory, resume)
    loading = ("pairs", entry, "zoo score", backend, device, threads)
    if places := cli_files.places(pairs, "pairs as TF:GENE", *files):
        from zoo.pairs.tasks import ScoreTask

        cli_files.go_through(
            places,
            lambda path: tables.open_pairs(path, h5ad_table),
            ScoreTask,
            lambda table: ScoreTask(load_of(*loading), table.columns, prior=prior),
            as_json,
            {"table": h5ad_table, "prior": prior},
        )
        return
    if h5ad_table is not None:
        raise InvalidOption("--table", h5ad_table, "it with an --input that ends in .h5ad")
    split = _split(pairs or [])
    cli_files.check_target(output)
    model = load_of(*loading)
    with progress("scoring", len(split)) as advance:
        scored = model.scored(split, on_unknown, advance, prior=prior)
    if output is not None:
        cli_files.write(output, _columns(split, scored), len(scored.kept), as_json)
    if as_json:
        cli_files.print_scores(model, records(scored.columns()), scored.skipped, output)
    elif output is None:
        print_columns(scored.columns(), drop=DROPPED, text=("known",))
    cli_files.say_skipped("Pair", scored.skipped, as_json)
    cli_files.conclude(len(scored.kept), len(scored.skipped), "pairs", "scored", as_json)


def _split(pairs: list[str]) -> list[tuple[str, str]]:
    """The names in the pairs typed; raises where there is none, or one is no pair."""
    if not pairs:
        raise EmptyInput("The list of pairs", f"{_EXAMPLE}, --input FILE or --input -")
    split: list[tuple[str, str]] = []
    for pair in pairs:
        match = _PAIR.fullmatch(pair)
        if match is None:
            raise InvalidOption("pair", pair, "TF:GENE, such as SOX2:GFAP")
        split.append((match[1], match[2]))
    return split


def _columns(pairs: list[tuple[str, str]], scored: ScoredPairs) -> Columns:
    """The names as they were typed, then approved symbols, scores and support."""
    columns = dict(scored.columns())
    typed = [pairs[row] for row in scored.kept.tolist()]
    return {
        "tf": [tf for tf, _ in typed],
        "gene": [gene for _, gene in typed],
        "tf_symbol": columns.pop("tf"),
        "gene_symbol": columns.pop("gene"),
        **columns,
    }
