"""Commands that other packages add to `zoo`: entry points of the group regzoo.commands.

Each names a module and, in it, a typer app or a function. Listing them reads no more than the
source text, for a line of help; the module is imported when its command is used.
"""

import ast
import importlib.util
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from contracts.errors import MissingDependency

GROUP = "regzoo.commands"
PANEL = "Commands of the packages installed beside it"

_MARKUP = re.compile(r"(?<!\\)\[(?=[a-z])")

# The extra that installs what a package needs.
EXTRAS = {"training": "train", "export": "export", "serving": "serve"}


def commands() -> dict[str, "LazyCommand"]:
    """The commands of all installed packages by name, none of them imported."""
    found = {point.name: LazyCommand(point) for point in metadata.entry_points(group=GROUP)}
    return dict(sorted(found.items()))


def run(name: str, args: list[str]) -> None:
    """Run an attached command from one of our own, as if it had been typed.

    Raises:
        MissingDependency: no installed package attaches it, or it needs one that is not installed.
    """
    command = commands().get(name)
    if command is None:
        raise MissingDependency(f"zoo {name}", EXTRAS["training"])
    with command.make_context(name, args) as ctx:
        ctx.command.invoke(ctx)


class LazyCommand(TyperCommand):
    """A command that is imported when it is used."""

    def __init__(self, point: metadata.EntryPoint) -> None:
        super().__init__(point.name, help=_first_line(point), rich_help_panel=PANEL)
        self._point = point

    def make_context(self, info_name: str | None, args: list[str], *rest: Any, **extra: Any) -> Any:
        """Import the command, and go on with it in place of this one.

        Raises:
            MissingDependency: it needs a package that is not installed; the message has the
                command that installs it.
        """
        return self._load().make_context(info_name, args, *rest, **extra)

    def _load(self) -> Any:
        with _telling_the_extra(self._point):
            found = self._point.load()
        if not isinstance(found, typer.Typer):
            function, found = found, typer.Typer(add_completion=False)
            found.command(self._point.name)(function)
        command = typer.main.get_command(found)
        tidy(command)
        invoke = command.invoke

        def guarded(ctx: Any) -> Any:
            with _telling_the_extra(self._point):
                return invoke(ctx)

        command.invoke = guarded  # what it imports only now may be missing as well
        return command


def tidy(command: Any) -> None:
    """Let paragraphs of the help be filled, and "[default: all]" stand in that of options.

    Rich would break lines where the source does, and take what is in brackets for markup.
    """
    for inner in getattr(command, "commands", {}).values():
        tidy(inner)
    if command.help:
        paragraphs = command.help.split("\n\n")
        command.help = "\n\n".join(" ".join(text.split()) for text in paragraphs)
    for param in command.params:
        if getattr(param, "help", None):
            param.help = _MARKUP.sub(r"\\[", param.help)


@contextmanager
def _telling_the_extra(point: metadata.EntryPoint) -> Iterator[None]:
    """Turn the absence of somebody else's package into the command that installs it."""
    try:
        yield
    except ModuleNotFoundError as error:
        package, missing = point.module.split(".")[0], (error.name or "").split(".")[0]
        if missing in ("", package, "zoo", "contracts"):
            raise
        raise MissingDependency(missing, EXTRAS.get(package, package)) from error


def _first_line(point: metadata.EntryPoint) -> str:
    """The first line of the function's or the module's docstring, read from the source."""
    try:
        spec = importlib.util.find_spec(point.module)
    except ImportError:
        spec = None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return f"From {point.module}."
    module = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    functions = (node for node in module.body if isinstance(node, ast.FunctionDef))
    node = next((node for node in functions if node.name == point.attr), module)
    text = ast.get_docstring(node) or f"From {point.module}."
    return text.splitlines()[0]
