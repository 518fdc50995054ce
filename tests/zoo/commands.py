"""Run the `zoo` command inside the tests' process."""

from typing import Any

from typer.testing import CliRunner

from zoo.cli.app import app


def run(*arguments: object, code: int = 0) -> Any:
    """Run the command; its exit code must be as expected, and a traceback never is."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result


def refused(*arguments: object, code: int = 2) -> str:
    """Run what must be refused: nothing on stdout, one message on stderr, which is returned."""
    result = run(*arguments, code=code)
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert result.stderr.count("\n") == 1
    return result.stderr
