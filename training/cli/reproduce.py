"""Run a finding of this checkout again: its measurements, or only its page."""

import runpy
import sys
from pathlib import Path
from typing import Annotated

import typer

import training
from contracts.errors import InvalidOption, MissingArtefact

SCRIPT, PAGE = "page.py", "README.md"
HINT = (
    "The findings come with the repository and not with an installed package. Clone the repository "
    "and type the command in its folder."
)

reproduce = typer.Typer(add_completion=False)


def findings() -> dict[str, Path]:
    """Name -> folder, of the checkout that this code lies in or else of the current folder.

    Raises MissingArtefact where neither has findings.
    """
    for root in (Path(training.__file__).parents[1], Path.cwd()):
        scripts = sorted((root / "findings").glob(f"*/{SCRIPT}"))
        if scripts:
            return {script.parent.name: script.parent for script in scripts}
    raise MissingArtefact(Path.cwd() / "findings", HINT)


@reproduce.command(
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False}
)
def run(
    finding: Annotated[
        str | None, typer.Argument(help="The finding; without one, all are listed.")
    ] = None,
    options: Annotated[
        list[str] | None, typer.Argument(help="Options of the finding's own script.")
    ] = None,
    show: Annotated[bool, typer.Option("--list", help="List the findings.")] = False,
) -> None:
    """Run a finding of this checkout again: its measurements, or only its page.

    What follows its name are options of its own: `zoo reproduce NAME --help` lists them.
    """
    folders = findings()
    if show or finding is None:
        for name, folder in folders.items():
            page = (folder / PAGE).read_text(encoding="utf-8")
            typer.echo(f"{name}\t{page.splitlines()[0].lstrip('# ')}")
        return
    if finding not in folders:
        raise InvalidOption("finding", finding, f"one of {', '.join(folders)}")
    sys.path.insert(0, str(folders[finding]))
    sys.argv = [f"zoo reproduce {finding}", *(options or [])]
    runpy.run_path(str(folders[finding] / SCRIPT), run_name="__main__")
