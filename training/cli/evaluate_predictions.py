"""The command `zoo evaluate-predictions`."""

from pathlib import Path
from typing import Annotated

import typer

from contracts.errors import InvalidOption


def evaluate_predictions(
    file: Annotated[
        Path,
        typer.Argument(
            help="Predicted changes: .h5ad (perturbations in obs, genes in var), or .parquet, .csv "
            "or .tsv with a column perturbation and a column a gene, or with the columns "
            "perturbation, gene, change."
        ),
    ],
    dataset: Annotated[
        str, typer.Option(help="norman19, papalexi2021, or an .h5ad file of cells.")
    ] = "norman19",
    name: Annotated[str | None, typer.Option(help="What to call the model.")] = None,
    licence: Annotated[str, typer.Option(help="The licence of the predictions.")] = "",
    evidence: Annotated[
        str, typer.Option(help="What the card calls the evidence.")
    ] = "predictions-import",
    perturbation_column: Annotated[
        str | None, typer.Option(help="Of an .h5ad data set: the column of obs with them.")
    ] = None,
    control: Annotated[
        str | None, typer.Option(help="Of an .h5ad data set: how the column names control cells.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="A folder for the card and all figures.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Score predicted changes of expression that anybody made, beside simple references.

    The file is read, and no code of its makers runs. A perturbation is written KLF1, KLF1+ctrl,
    KLF1+MAP2K6 or KLF1_MAP2K6.
    """
    from training.cli import printed
    from training.expression.external import card, checks, reading, scoring
    from training.expression.external import dataset as datasets

    if evidence != card.EVIDENCE:
        raise InvalidOption("--evidence", evidence, f"{card.EVIDENCE}: a file says no more")
    predicted = reading.read(file)
    data = datasets.opened(dataset, perturbation_column, control)
    given = checks.aligned(predicted, data)
    del predicted, data  # What is scored is a part of them, and they may be large.
    evaluation = scoring.evaluate(given, name or file.name.partition(".")[0])
    if output is not None:
        card.write(output, evaluation, card.card(evaluation, file.name, licence))
    if as_json:
        typer.echo(evaluation.json())
        return
    printed.side_by_side(evaluation)
    for line in card.summary(evaluation):
        typer.echo(line, err=True)
    if output is not None:
        typer.echo(f"The card is {output / card.CARD}", err=True)
