"""How the command speaks: results on stdout, everything else on stderr, JSON where asked."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from contracts.errors import ZooError

AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON and nothing else; errors too, on stderr.")
]

# Where nobody watches, lines are as long as they need to be: a pipe must not lose half a name.
UNWATCHED_WIDTH = 1000


def print_json(value: Any) -> None:
    """Write a value as JSON on stdout; numbers that JSON does not have are an error."""
    typer.echo(json.dumps(value, indent=2, allow_nan=False))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], title: str = "") -> None:
    """Write a table on stdout; numbers are set to the right, None is an empty cell."""
    from rich import box
    from rich.table import Table

    rows = [list(row) for row in rows]
    table = Table(title=title or None, title_justify="left", box=box.SIMPLE_HEAD)
    for number, name in enumerate(columns):
        numeric = any(isinstance(row[number], int | float) for row in rows)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*map(_cell, row))
    _stdout().print(table)


def print_markdown(text: str) -> None:
    """Write Markdown on stdout: rendered for a person, as it is for a pipe."""
    if not sys.stdout.isatty():
        typer.echo(text, nl=not text.endswith("\n"))
        return
    from rich.markdown import Markdown

    _stdout().print(Markdown(text))


def say(text: str) -> None:
    """Write a line on stderr."""
    typer.echo(text, err=True)


def complain(error: ZooError, as_json: bool) -> None:
    """Write an error on stderr, as JSON with its code and its facts where that is asked."""
    if as_json:
        told = {"code": error.code, "message": str(error), **error.details()}
        typer.echo(json.dumps(told, indent=2, allow_nan=False), err=True)
    else:
        typer.secho(f"Error: {error}", err=True, fg=typer.colors.RED)


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr while something is done; yields how to say that some more is.

    Where `total` is not known, the bar only shows that work goes on.
    """
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.advance(task, done)


def _stdout() -> Any:
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else UNWATCHED_WIDTH, highlight=False)


def _cell(value: Any) -> Any:
    from rich.text import Text

    if value is None:
        return ""
    shown = f"{value:.3f}" if isinstance(value, float) else str(value)
    return Text(shown)  # a Text is never read as markup: "[0.9]" stays what it is
