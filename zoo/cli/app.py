"""The `zoo` command: ask the zoo from a shell.

Commands of a family of tasks are found by folder: every package of zoo that has a `cli` with
COMMANDS, its functions by name in the order of the help.
"""

import functools
import importlib
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import zoo as house
from contracts.errors import InvalidInput, UnknownEntry, ZooError
from zoo.cli import console, entries, plugins

EXIT_CODES = (
    "Exit codes: 0 done; 1 something does not work or does not hold; 2 the input cannot be used."
)


class ZooGroup(TyperGroup):
    """Commands about entries, those of the families and attached ones; errors become messages."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Commands about entries, then those of the families, then attached ones by name."""
        return list(dict.fromkeys((*super().list_commands(ctx), *_families(), *plugins.commands())))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command by its name; families are imported only where theirs may be meant."""
        found = (
            super().get_command(ctx, cmd_name)
            or _families().get(cmd_name)
            or plugins.commands().get(cmd_name)
        )
        if found is not None:
            plugins.tidy(found)
        return found

    def invoke(self, ctx: Any) -> Any:
        """Run the command; an error of the zoo is told on stderr and ends it with 1 or 2.

        With --json it is told as JSON: attached commands have that option too, so that the words
        typed are looked at, not the values parsed.
        """
        as_json = "--json" in (*ctx._protected_args, *ctx.args)
        try:
            return super().invoke(ctx)
        except ZooError as error:
            console.complain(error, as_json)
            raise typer.Exit(2 if isinstance(error, InvalidInput | UnknownEntry) else 1) from None


app = typer.Typer(
    cls=ZooGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog=EXIT_CODES,
)

for _name, _command in entries.COMMANDS.items():
    app.command(_name, rich_help_panel="Commands about entries")(_command)


def _families() -> dict[str, Any]:
    return _commands_in(tuple(house.__path__))


@functools.cache
def _commands_in(folders: tuple[str, ...]) -> dict[str, Any]:
    """The commands of all packages in these folders by name."""
    families = typer.Typer()
    packages = sorted(path.name for folder in folders for path in Path(folder).iterdir())
    for package in packages:
        if any(_has_commands(Path(folder) / package) for folder in folders):
            module = importlib.import_module(f"zoo.{package}.cli")
            panel = (module.__doc__ or package).splitlines()[0].removesuffix(".")
            for name, function in module.COMMANDS.items():
                families.command(name, rich_help_panel=panel)(function)
    return dict(typer.main.get_group(families).commands)


def _has_commands(package: Path) -> bool:
    return (package / "cli.py").is_file() or (package / "cli" / "__init__.py").is_file()


def _show_version(wanted: bool) -> None:
    if wanted:
        from zoo.version import __version__

        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def zoo(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    """A model zoo for gene regulation: small trained models to load by name and query."""


def main() -> None:
    """Run the command."""
    app(prog_name="zoo")
