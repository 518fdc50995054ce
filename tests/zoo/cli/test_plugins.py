"""Commands of other packages: listed without importing them, loaded when used."""

import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.errors import MissingDependency
from zoo.cli import plugins
from zoo.cli.app import app

Attach = Callable[..., None]


@pytest.fixture
def attach(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Attach:
    """Attach a command whose module has this source text."""
    monkeypatch.syspath_prepend(str(tmp_path))
    points: list[metadata.EntryPoint] = []

    def entry_points(group: str) -> list[metadata.EntryPoint]:
        assert group == "regzoo.commands"
        return points

    monkeypatch.setattr(metadata, "entry_points", entry_points)

    def add(name: str, source: str, attribute: str, package: str = "") -> None:
        module = f"attached_{name}"
        folder = tmp_path / package
        folder.mkdir(exist_ok=True)
        (folder / f"{module}.py").write_text(source)
        if package:
            (folder / "__init__.py").write_text("")
            module = f"{package}.{module}"
        monkeypatch.delitem(sys.modules, module, raising=False)
        value = f"{module}:{attribute}"
        points.append(metadata.EntryPoint(name=name, value=value, group=plugins.GROUP))

    return add


FUNCTION = '''"""The module."""
import typer
def greet(name: str, loud: bool = False):
    """Say a greeting.

    More about it.
    """
    typer.echo(("HELLO " if loud else "hello ") + name)
'''
APP = '''"""Two commands in one."""
import typer
app = typer.Typer()
@app.command()
def one(): typer.echo("1")
@app.command()
def two(): typer.echo("2")
'''


def test_help_lists_commands_without_importing_them(attach: Attach):
    attach("greet", FUNCTION, "greet")
    attach("count", APP, "app")
    result = CliRunner().invoke(app, ["--help"])
    assert result.exit_code == 0
    assert "Say a greeting." in result.output
    assert "Two commands in one." in result.output
    assert "attached_greet" not in sys.modules
    assert "attached_count" not in sys.modules


def test_a_function_is_a_command_with_its_own_options(attach: Attach):
    attach("greet", FUNCTION, "greet")
    assert CliRunner().invoke(app, ["greet", "Ada"]).output == "hello Ada\n"
    assert CliRunner().invoke(app, ["greet", "Ada", "--loud"]).output == "HELLO Ada\n"
    assert "More about it." in CliRunner().invoke(app, ["greet", "--help"]).output
    assert CliRunner().invoke(app, ["greet"]).exit_code == 2


BRACKETS = '''"""The module."""
from typing import Annotated
import typer
def greet(
    names: Annotated[str, typer.Option(help="Names [default: all].")] = "",
    done: Annotated[str, typer.Option(help="Escaped \\\\[default: some].")] = "",
): ...
'''


def test_brackets_in_help_are_no_markup(attach: Attach):
    attach("greet", BRACKETS, "greet")
    shown = CliRunner().invoke(app, ["greet", "--help"], env={"COLUMNS": "200"}).output
    assert "Names [default: all]." in shown
    assert "Escaped [default: some]." in shown


def test_an_app_is_a_group_of_commands(attach: Attach):
    attach("count", APP, "app")
    assert CliRunner().invoke(app, ["count", "two"]).output == "2\n"


def test_an_error_of_the_zoo_is_one_message(attach: Attach):
    source = (
        "from contracts.errors import EmptyInput\ndef fail():\n    raise EmptyInput('The recipe')\n"
    )
    attach("fail", source, "fail")
    result = CliRunner().invoke(app, ["fail"])
    assert result.exit_code == 2
    assert result.stderr == "Error: The recipe is empty: expected at least one.\n"


@pytest.mark.parametrize(
    ("package", "extra"), [("attached_a", "attached_a"), ("serving_x", "serve")]
)
@pytest.mark.parametrize(
    "source",
    [
        "import no_such_package_anywhere\ndef train(): ...\n",
        "def train():\n    import no_such_package_anywhere.part\n",
    ],
    ids=["when loaded", "when run"],
)
def test_a_missing_extra_is_told_with_its_command(
    attach: Attach, monkeypatch: pytest.MonkeyPatch, package: str, extra: str, source: str
):
    monkeypatch.setitem(plugins.EXTRAS, "serving_x", "serve")
    attach("train", source, "train", package)
    result = CliRunner().invoke(app, ["train"])
    assert result.exit_code == 1
    assert result.stdout == ""
    assert result.stderr == (
        f"Error: no_such_package_anywhere is not installed. Type: pip install 'regzoo[{extra}]' "
        f"(in a checkout: pip install -c constraints.txt '.[{extra}]')\n"
    )
    assert "train" in CliRunner().invoke(app, ["--help"]).output


def test_a_fault_of_the_package_itself_is_no_missing_extra(attach: Attach):
    attach("train", "import broken_part.module\ndef train(): ...\n", "train", "broken_part")
    result = CliRunner().invoke(app, ["train"])
    assert isinstance(result.exception, ModuleNotFoundError)
    assert result.exception.name == "broken_part.module"


def test_every_extra_is_one_of_the_project():
    assert set(plugins.EXTRAS.values()) <= set(
        metadata.metadata("regzoo").get_all("Provides-Extra")
    )


def test_a_module_that_is_not_there_has_a_line_of_help_too(attach: Attach):
    attach("gone", "", "gone")
    Path(sys.path[0], "attached_gone.py").unlink()
    assert "From attached_gone." in CliRunner().invoke(app, ["--help"]).output


def test_a_command_that_no_package_attaches_names_its_extra_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(plugins, "commands", dict)
    with pytest.raises(MissingDependency, match=r"zoo report is not installed") as caught:
        plugins.run("report", [])
    assert caught.value.command.startswith("pip install 'regzoo[train]' ")
