"""Commands about perturbed cells: predict, screen."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import EmptyInput, InvalidOption, NothingLeft
from contracts.sets.kinds import WILDTYPE
from zoo.cli import files as cli_files
from zoo.cli import options
from zoo.cli.console import about_model, print_columns, print_json, progress, say
from zoo.loading import load_of
from zoo.results import records
from zoo.sets.notation import check_names, read_set
from zoo.tables import files as tables
from zoo.tables.columns import SETS, SYNONYMS
from zoo.tables.files import Table

_EXAMPLE = "zoo predict cls_transformer-yeast YAL002W+YBR001C ADE2 wildtype"

# What a narrow terminal does not show, the first one first.
DROPPED = ("given", "given_names", "expectation", "support", "names", "expectation_basis", "rank")
DROPPED += ("fitness", "name_a", "name_b", "name_c")

# What the scorer's errors and doubts call an option in Python, and how it is typed here.
_TYPED = {
    "given=['YOR128C']": "--given YOR128C",
    "among=[...]": "--among FILE",
    "by='fitness'": "--by fitness",
    "by='expectation'": "--by expectation",
    "order=": "--order ",
    " in among": " in the file of --among",
    "measured_only": "--measured-only",
}
Sets = options.table("with a column perturbation, or genes")


def predict(
    entry: options.CellEntry,
    sets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SET",
            help="Each is one set: YAL002W+YBR001C, ADE2, ADE2:deleted, wildtype.",
        ),
    ] = None,
    source: Sets = None,
    output: options.Output = None,
    on_unknown: options.OnUnknown = "raise",
    rejected: options.Rejected = None,
    memory: options.Memory = None,
    resume: options.Resume = False,
    allow_unseen: Annotated[
        bool,
        typer.Option(
            "--allow-unseen",
            help="Answer kinds that training has not seen with nan, not with an error.",
        ),
    ] = False,
    backend: options.Backend = "onnx",
    device: options.Device = "auto",
    threads: options.Threads = 1,
    as_json: options.AsJson = False,
) -> None:
    """Predict fitness and interaction of sets of perturbed genes, given here or in a table.

    A set is genes joined by +, which are deleted. GENE:overexpressed, GENE:added and GENE:present
    are other kinds; one that training has not seen cannot be predicted.

    A table's other columns are carried through to the output. Tables may be of any size.
    """
    files = (source, output, on_unknown, rejected, memory, resume)
    loading = ("perturbations", entry, "zoo predict", backend, device, threads)
    unseen = {"allow_unseen": True} if allow_unseen else {}
    if places := cli_files.places(sets, "sets as GENE+GENE", *files):
        from zoo.perturbations.batches import PredictTask

        def task(table: Table) -> PredictTask:
            if not as_json:
                _say_column(table.columns[0], table.source.schema.names)
            return PredictTask(load_of(*loading), table.columns, **unseen)

        cli_files.go_through(places, tables.open_perturbations, PredictTask, task, as_json, {})
        return
    if not sets:
        raise EmptyInput("The list of sets", f"{_EXAMPLE}, --input FILE or --input -")
    read = [read_set(one) for one in sets]
    cli_files.check_target(output)
    model = load_of(*loading)
    for text, members in zip(sets, read, strict=True):
        check_names(text, members, model.vocabulary)
    with progress("predicting", len(read)) as advance:
        predicted = model.predicted(read, on_unknown, progress=advance, **unseen)
    if output is not None:
        cli_files.write(output, predicted.columns(), len(predicted.kept), as_json)
    if as_json:
        cli_files.print_scores(model, predicted.records(), predicted.skipped, output)
    elif output is None:
        columns = predicted.columns()
        named = [words or WILDTYPE for words in columns["perturbation"]]
        print_columns({**columns, "perturbation": named}, drop=DROPPED)
    cli_files.say_skipped("Set", predicted.skipped, as_json)
    cli_files.conclude(len(predicted.kept), len(predicted.skipped), "sets", "predicted", as_json)


def screen(
    entry: options.CellEntry,
    order: Annotated[int, typer.Option(help="How many genes a set has: 1, 2 or 3.")] = 2,
    top: Annotated[int, typer.Option("--top", "-k", help="How many sets to list.")] = 100,
    given: Annotated[
        list[str] | None, typer.Option(help="A gene that every set has, such as ADE2; repeatable.")
    ] = None,
    among: Annotated[
        Path | None, typer.Option(help="Combine only these genes: a text file, one name a line.")
    ] = None,
    by: Annotated[
        str, typer.Option(help="gene_interaction, fitness or expectation.")
    ] = "gene_interaction",
    direction: Annotated[
        str, typer.Option(help="Which go first: lowest, highest or strongest.")
    ] = "lowest",
    measured_only: Annotated[
        bool,
        typer.Option(
            "--measured-only",
            help="Combine only genes whose single mutant was measured: few essential ones.",
        ),
    ] = False,
    output: options.Output = None,
    backend: options.Backend = "onnx",
    device: options.Device = "auto",
    threads: options.Threads = 1,
    as_json: options.AsJson = False,
) -> None:
    """Rank all sets of so many deleted genes, such as every pair of the genome.

    Negative gene_interaction: the cell grows less than it should if the genes did not interact.
    """
    names = None if among is None else tables.read_names(among)
    cli_files.check_target(output)
    model = load_of("perturbations", entry, "zoo screen", backend, device, threads)
    with _as_typed():
        asked = model.asked(order, top, given or (), by, direction, names, measured_only)
    if not as_json:
        _say_doubts(asked.doubts)
    total = asked.screen.total
    with progress("screening", total) as advance:
        answer = model.answered(asked, advance)
    columns = answer.columns
    rows = min(top, total)
    if output is not None:
        cli_files.write(output, columns, rows, True)
    if as_json:
        doubts = [_typed(one) for one in (*asked.doubts, *answer.doubts)]
        about = {**about_model(model), "sets": total, "doubts": doubts}
        ranking = {"ranking": records(columns)}
        print_json(about | (ranking if output is None else {"output": str(output), "rows": rows}))
        return
    if output is None:
        print_columns(columns, drop=DROPPED)
    where = "" if output in (None, cli_files.DASH) else f" Wrote {rows} rows to {output}."
    say(f"The first {rows} of {total:,} sets by {by}, {direction} first.{where}")
    _say_doubts(answer.doubts)


@contextmanager
def _as_typed() -> Iterator[None]:
    """Tell errors of the scorer's options in the words that are typed here."""
    try:
        yield
    except InvalidOption as error:
        option = f"--{error.option.replace('_', '-')}"
        raise InvalidOption(option, error.got, _typed(error.expected)) from None
    except NothingLeft as error:
        raise NothingLeft(_typed(error.reason), _typed(error.hint)) from None


def _typed(text: str) -> str:
    for python, words in _TYPED.items():
        text = text.replace(python, words)
    return text


def _say_doubts(doubts: tuple[str, ...]) -> None:
    for doubt in doubts:
        say(f"Warning: {_typed(doubt)}")


def _say_column(column: str, found: list[str]) -> None:
    """Say where sets are read from, where another column looks like it has genes, too."""
    genes = {*SETS, *SYNONYMS["gene"], "gene_a", "gene_b", "gene_c"}
    others = [name for name in found if name != column and name.strip().lower() in genes]
    if others:
        listed = ", ".join(map(repr, others))
        say(f"The sets are read from the column {column!r}; {listed} is only carried through.")
