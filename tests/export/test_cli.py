"""`zoo export`: what it prints, and what bad input is told."""

import json

import pytest
from click.testing import Result
from typer.testing import CliRunner

from zoo.cli.app import app


def export(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["export", *map(str, arguments)])


def told(result: Result, *parts: str, code: int) -> None:
    """One message on stderr and no traceback."""
    assert result.exit_code == code, result.output
    assert isinstance(result.exception, SystemExit)
    for part in parts:
        assert part in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_an_export_says_what_was_made(run_of, tmp_path):
    result = export("degree-toy", "--run", run_of("degree-toy"), "--output", tmp_path / "entries")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("degree-toy 0.1: ")
    assert "certified" in result.stdout
    assert (tmp_path / "entries" / "degree-toy" / "manifest.json").is_file()


def test_a_run_is_looked_for_in_runs(run_of, tmp_path, monkeypatch):
    run_of("degree-toy")
    monkeypatch.chdir(tmp_path)
    assert export("degree-toy", "--output", "entries").exit_code == 0
    assert (tmp_path / "entries" / "degree-toy").is_dir()


def test_an_untrained_entry_is_told(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = export("two_tower-toy", "--output", tmp_path / "entries")
    told(result, "no finished run", "Type: zoo train two_tower-toy", code=1)


def test_the_run_of_another_entry_is_told(run_of, tmp_path):
    result = export(
        "two_tower-toy", "--run", run_of("degree-toy"), "--output", tmp_path / "entries"
    )
    told(result, "a run of degree-toy", "expected a run of two_tower-toy", code=2)
    assert not (tmp_path / "entries").exists()


@pytest.mark.parametrize("accepted", [False, True])
def test_a_smoke_run_must_be_asked_for(run_of, tmp_path, accepted):
    run = run_of("degree-toy")
    report = json.loads((run / "run.json").read_text()) | {"max_steps": 20}
    (run / "run.json").write_text(json.dumps(report))
    flags = ["--smoke"] if accepted else []
    result = export("degree-toy", "--run", run, "--output", tmp_path / "entries", *flags)
    if accepted:
        assert result.exit_code == 0, result.output
    else:
        told(result, "cut short by --max-steps", "Type: zoo train degree-toy", code=1)
