"""The `zoo` command: ask the zoo from a shell.

Exit codes: 0 done, 1 something does not work or does not hold, 2 the input cannot be used.
"""

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from contracts.errors import InvalidInput, UnknownEntry, ZooError
from zoo.ann import cli
from zoo.cli import console, entries, plugins
from zoo.pairs.cli import matrix, score
from zoo.perturbations.cli import explain, predict


class ZooGroup(TyperGroup):
    """The zoo's own commands and attached ones; the zoo's errors become one message each."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Our own commands, then attached ones by name."""
        own = super().list_commands(ctx)
        return own + [name for name in plugins.commands() if name not in own]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """A command by its name, attached ones without importing them."""
        return super().get_command(ctx, cmd_name) or plugins.commands().get(cmd_name)

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
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command("list")(entries.list_entries)
app.command("search")(entries.search)
app.command("info")(entries.info)
app.command("card")(entries.card)
app.command("verify")(entries.verify)
app.command("score")(score.score)
app.command("regulators")(score.regulators)
app.command("targets")(score.targets)
app.command("score-matrix")(matrix.score_matrix)
app.command("predict")(predict.predict)
app.command("screen")(predict.screen)
app.command("explain")(explain.explain)
app.command("index")(cli.index)


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
