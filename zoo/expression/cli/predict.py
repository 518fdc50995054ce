"""The command predict-expression: sets of perturbed genes to changes of expression."""

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contracts.errors import EmptyInput, InvalidOption
from zoo.cli import files as cli_files
from zoo.cli import options
from zoo.cli.console import about_model, print_columns, print_json, progress, say
from zoo.expression.cli import control as unperturbed
from zoo.loading import load_of
from zoo.sets.notation import check_names, read_set
from zoo.tables import files as tables
from zoo.tables.chunks import Limits, ending
from zoo.tables.files import FORMATS, H5AD, Table

if TYPE_CHECKING:
    from zoo.expression.answers import Answer
    from zoo.expression.scorer import ExpressionPredictor

SHOWN = 20
"""Genes of each set that a person sees if nothing else is said."""

_EXAMPLE = "zoo predict-expression shrunken_additive-norman19 KLF1+MAP2K6 wildtype"

# What a narrow terminal does not show, the first one first.
DROPPED = ("measured", "support", "low", "high")

Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Write the changes here: .csv, .tsv (or .csv.gz, .tsv.gz), .parquet, or .h5ad.",
    ),
]
Top = Annotated[
    int | None,
    typer.Option(
        "--top", "-k", help=f"Genes to list of each set; all to a file, else {SHOWN}, if left out."
    ),
]


def predict_expression(
    entry: options.entry("shrunken_additive-norman19"),
    sets: Annotated[
        list[str] | None,
        typer.Argument(metavar="SET", help="Each is one set: KLF1+MAP2K6, KLF1, wildtype."),
    ] = None,
    source: options.table("with a column perturbation, or genes") = None,
    output: Output = None,
    top: Top = None,
    control: unperturbed.Cells = None,
    control_where: unperturbed.Where = None,
    on_unknown: options.OnUnknown = "raise",
    rejected: options.Rejected = None,
    memory: options.Memory = None,
    resume: options.Resume = False,
    backend: options.Backend = "onnx",
    device: options.Device = "auto",
    threads: options.Threads = 1,
    as_json: options.AsJson = False,
) -> None:
    """Predict how expression changes when sets of genes are perturbed.

    A set is genes joined by +, all perturbed in the one way that the entry knows. Low and high are
    the 95% interval of the change; measured is the change that training had of this very set.

    A table's other columns are carried through to a table. Tables may be of any size; an .h5ad, a
    matrix of sets by genes, is made in memory.
    """
    where = unperturbed.conditions(control, control_where)

    def model() -> "ExpressionPredictor":
        return load_of("expression", entry, "zoo predict-expression", backend, device, threads)

    is_matrix = output is not None and ending(output) == H5AD
    if is_matrix:
        _no_options(rejected=rejected, memory=memory, resume=resume, top=top)
        tables.check_target(output, (H5AD, *FORMATS))
    files = (source, None if is_matrix else output, on_unknown, rejected, memory, resume)
    places = cli_files.places(sets, "sets as GENE+GENE", *files)
    if places and not is_matrix:
        from zoo.expression.batches import PredictExpressionTask

        facts: dict[str, Any] = {"top": top}

        def task(table: Table) -> PredictExpressionTask:
            loaded = model()
            read = unperturbed.read(loaded, control, where, as_json)
            facts["control"] = hashlib.sha256(read.mean.tobytes()).hexdigest()[:12]
            listed = loaded.checked_top(top) or len(loaded.readouts)
            return PredictExpressionTask(loaded, table.columns, listed, control=read, top=top)

        opening = tables.open_perturbations
        cli_files.go_through(places, opening, PredictExpressionTask, task, as_json, facts)
        return
    given = _frame(places.source) if places else _checked(sets)
    if not is_matrix:
        cli_files.check_target(output)
    loaded = model()
    listed = loaded.checked_top(top if output or top is not None else SHOWN)
    read = unperturbed.read(loaded, control, where, as_json)
    _conclude(loaded, _answered(loaded, given, read, on_unknown), output, listed, as_json)


def _no_options(**values: Any) -> None:
    """Raise InvalidOption for an option that an .h5ad output does not go with."""
    for name, value in values.items():
        if value:
            got = value if isinstance(value, bool | int) else str(value)
            raise InvalidOption(f"--{name}", got, "an output that is a table, such as .parquet")


def _checked(sets: list[str] | None) -> list[str]:
    """The sets as they were typed; raises where there is none, or one that is none."""
    if not sets:
        raise EmptyInput("The list of sets", f"{_EXAMPLE}, --input FILE or --input -")
    for text in sets:
        read_set(text)
    return sets


def _frame(source: Path) -> Any:
    """The sets of a whole table."""
    import pandas as pd

    with tables.open_perturbations(source) as table:
        chunks = table.source.chunks(Limits(1 << 16, 1 << 24), False)
        texts = [text for one in chunks for text in one.batch.column(table.columns[0]).to_pylist()]
    return pd.DataFrame({"perturbation": texts})


def _answered(model: "ExpressionPredictor", sets: Any, control: Any, on_unknown: str) -> "Answer":
    if isinstance(sets, list):
        read = [read_set(text, model.bare) for text in sets]
        for text, members in zip(sets, read, strict=True):
            check_names(text, members, model.vocabulary, model.bare)
        sets = read
    with progress("predicting", len(sets)) as advance:
        return model.answer(sets, control, on_unknown, advance)


def _conclude(
    model: "ExpressionPredictor",
    answer: "Answer",
    output: Path | None,
    top: int | None,
    as_json: bool,
) -> None:
    """Write or print an answer, and say what was left out."""
    rows = len(answer.kept) * (top or len(model.readouts))
    if output is not None and ending(output) == H5AD:
        with tables.replacing(output) as draft:
            model.as_anndata(answer).write_h5ad(draft)
        if not as_json:
            say(f"Wrote {len(answer.kept)} sets to {output}.")
    elif output is not None:
        cli_files.write(output, answer.columns(top), rows, as_json)
    if as_json:
        about = {**about_model(model), "kind": model.kind, "unit": model.unit}
        place = {"output": str(output), "sets": len(answer.kept)}
        found = place if output else {"predictions": answer.records(top)}
        skipped = [asdict(row) for row in answer.skipped]
        print_json({**about, **found, "skipped": skipped, "doubts": list(answer.doubts)})
    elif output is None:
        print_columns(answer.columns(top), drop=DROPPED)
    cli_files.say_skipped("Set", answer.skipped, as_json)
    total = len(answer.kept), len(answer.skipped)
    cli_files.conclude(*total, "sets", "predicted", as_json)
