"""The command `zoo compare`."""

from typing import Annotated

import typer


def compare(
    entries: Annotated[
        list[str], typer.Argument(help="Two entries or more; the first is held against each other.")
    ],
    protocol: Annotated[
        list[str] | None, typer.Option(help="One protocol; may be given again [default: all].")
    ] = None,
    stage: Annotated[str, typer.Option(help="valid or test.")] = "valid",
    rung: Annotated[
        list[str] | None,
        typer.Option("--baseline", "--rung", help="A baseline beside them; may be given again."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Compare exported entries on the same held-out records, with paired intervals."""
    from training.cli.train import gap, print_json, shown
    from training.scoring.evaluate import compare as side_by_side

    found = side_by_side(entries, protocol, stage, rung or ())
    if as_json:
        print_json(found)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{stage} split, 95% confidence intervals, paired differences")
    for column in ("protocol", "figure", "model", "value", f"{entries[0]} less it"):
        table.add_column(column, no_wrap=column == "protocol")
    for info in found.about.questions:
        for measure in dict.fromkeys(found.rows["measure"]):
            for model in found.models(info.protocol, info.question):
                figure = found.figure(info.protocol, measure, info.question, model)
                if figure is not None:
                    name = f"{measure} {info.question}".strip()
                    row = (info.protocol, name, model, shown(figure), gap(figure))
                    table.add_row(*row)
    Console(soft_wrap=True).print(table)
