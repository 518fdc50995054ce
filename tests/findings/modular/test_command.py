import os

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from tests.findings.modular.toy import study

cells = study.cells

APP = typer.Typer()
APP.command()(study.page.main)


def call(*words: str) -> str:
    done = CliRunner().invoke(APP, list(words))
    if done.exception:
        raise done.exception
    return done.output


def test_list_names_every_cell_and_runs_none(tmp_path):
    lines = call("--list", "--folder", str(tmp_path)).splitlines()
    assert [line.split()[-1] for line in lines] == [cell.name for cell in cells.TABLE]
    assert all(line.startswith("not run") for line in lines)
    assert not list(tmp_path.iterdir())


def test_render_writes_the_page_only(tmp_path):
    call("--render", "--folder", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]


def test_smoke_has_a_folder_of_its_own():
    assert study.page.SMOKE.parts[0] == "runs"
    assert study.page.FINDINGS not in (study.page.SMOKE, *study.page.SMOKE.parents)


@pytest.mark.skipif("ZOO_DATA" not in os.environ, reason="needs the raw data that ZOO_DATA names")
def test_a_run_goes_on_where_it_stopped(tmp_path):
    words = ("--smoke", "--only", "namespace_rule*", "--folder", str(tmp_path))
    first = call(*words)
    assert "0 of 1,164 regulators and 0 of 7,664 genes" in first
    assert "Running namespace_rule-1to1" in first
    path = tmp_path / "results" / "namespace_rule-1to1.json"
    written = path.stat().st_mtime_ns
    assert "1 of 47 runs are in" in (tmp_path / "README.md").read_text()
    assert "Running" not in call(*words)
    assert path.stat().st_mtime_ns == written
    assert "Running namespace_rule-1to1" in call(*words, "--again")
    assert np.nextafter(0.0, 1.0) > 0, "a run must leave denormal numbers on"
