"""How the command speaks: results on stdout, everything else on stderr, JSON where asked.

A terminal gets tables that fit its width, anything else gets TSV.
"""

import csv
import json
import os
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import typer

from contracts.errors import ZooError
from zoo.results import Columns, records

Row = Sequence[Any]

# What a column takes beside its cells, and a table beside its columns.
COLUMN_EDGE, TABLE_EDGE = 3, 1
LEAST_TEXT, NARROWEST_TEXT = 14, 10
"""Characters of a column of text, which may be broken at spaces; of the last ones, if need be."""


def print_json(value: Any) -> None:
    """Write a value as JSON on stdout; numbers that JSON does not have are an error."""
    typer.echo(json.dumps(value, indent=2, allow_nan=False))


def about_model(model: Any) -> dict[str, Any]:
    """Which entry answers, in which version: what every JSON answer begins with."""
    return {"model": model.entry, "version": model.manifest.version}


def print_table(
    columns: Sequence[str],
    rows: Iterable[Row],
    drop: Sequence[str] = (),
    text: Collection[str] = (),
) -> None:
    """Write a table on stdout: for a terminal as wide as that is, otherwise as TSV.

    Args:
        columns: the header.
        rows: the cells; None is an empty one.
        drop: the columns to leave out where the terminal is too narrow, the first one first.
        text: the columns that may be broken over lines. No other one ever is.
    """
    rows = [list(row) for row in rows]
    if not sys.stdout.isatty():
        print_tsv(columns, rows)
        return
    from rich.text import Text

    console = _stdout()
    cells = [[_shown(cell) for cell in row] for row in rows]
    widths = {name: _width(name, n, cells, name in text) for n, name in enumerate(columns)}
    dropped: list[str] = []
    for name in (one for one in drop if one in widths):
        if _total(widths, dropped) > console.width:
            dropped.append(name)
    for name in (one for one in reversed(columns) if one in text):
        over = max(0, _total(widths, dropped) - console.width)
        widths[name] = min(widths[name], max(widths[name] - over, NARROWEST_TEXT))
    console.width = max(_total(widths, dropped), console.width)
    numbers = {n for n in range(len(columns)) if any(isinstance(r[n], int | float) for r in rows)}
    table = _rich_table(widths, numbers, text, dropped)
    for row in cells:
        # A Text is never read as markup: "[0.9]" stays what it is.
        table.add_row(
            *(Text(c) for c, name in zip(row, columns, strict=True) if name not in dropped)
        )
    console.print(table)
    if dropped:
        say(f"Left out, for want of width: {', '.join(dropped)}. A pipe gets all columns.")


def print_columns(columns: Columns, drop: Sequence[str] = (), text: Collection[str] = ()) -> None:
    """Write columns of equal length as `print_table` writes rows."""
    print_table(list(columns), [list(row.values()) for row in records(columns)], drop, text)


def print_tsv(columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a table on stdout as tab-separated text with a header."""
    writer = csv.writer(sys.stdout, delimiter="\t", lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(
        [f"{cell:.6g}" if isinstance(cell, float) else cell for cell in r] for r in rows
    )


def print_markdown(whole: str, shown: str, paged: bool) -> None:
    """Write Markdown on stdout: `whole` for a pipe, `shown` rendered for a person.

    What is longer than the screen goes through a pager, or ends there if it is not `paged`.
    """
    if not sys.stdout.isatty():
        typer.echo(whole, nl=not whole.endswith("\n"))
        return
    from rich.markdown import Markdown
    from rich.text import Text

    console, page = _stdout(), Markdown(shown, hyperlinks=False)
    lines = console.render_lines(page, pad=False)
    if paged and len(lines) >= console.height:
        os.environ.setdefault("LESS", "-R")  # colours, not their codes
        with console.pager(styles=True):
            console.print(page)
        return
    for line in lines if paged else lines[: max(8, console.height - 3)]:
        console.print(Text.assemble(*((part.text, part.style or "") for part in line)))


def say(text: str) -> None:
    """Write a line on stderr."""
    typer.echo(text, err=True)


def complain(error: ZooError, as_json: bool) -> None:
    """Write an error on stderr, as JSON with its code and its facts where that is asked."""
    if as_json:
        facts = {"code": error.code, "message": str(error), **error.details()}
        typer.echo(json.dumps(facts, indent=2, allow_nan=False), err=True)
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

    return Console(highlight=False)


def _width(name: str, number: int, cells: list[list[str]], is_text: bool) -> int:
    """What a column needs: its longest cell, or of text its longest word up to LEAST_TEXT."""
    header = max(map(len, _header(name).split("\n")))
    parts = [row[number].split() if is_text else [row[number]] for row in cells]
    longest = max((len(part) for some in parts for part in some), default=0)
    return max(header, min(longest, LEAST_TEXT) if is_text else longest)


def _total(widths: dict[str, int], dropped: Sequence[str]) -> int:
    return TABLE_EDGE + sum(w + COLUMN_EDGE for name, w in widths.items() if name not in dropped)


def _header(name: str) -> str:
    """A header in lines: gene_interaction takes the width of a longer part of it."""
    return name.replace("_", "_\n")


def _rich_table(
    widths: dict[str, int], numbers: Collection[int], text: Collection[str], dropped: Sequence[str]
) -> Any:
    """A table without rows; columns of `numbers` are set to the right."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    for number, (name, width) in enumerate(widths.items()):
        if name not in dropped:
            table.add_column(
                _header(name),
                justify="right" if number in numbers else "left",
                no_wrap=name not in text,
                overflow="fold",
                min_width=width,
            )
    return table


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if isinstance(value, float) else str(value)
