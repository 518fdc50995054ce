"""`zoo reproduce`: it lists the findings of a checkout, and runs one with its own options."""

import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contracts.errors import MissingArtefact
from tests.findings.scripts import FINDINGS
from training.cli import reproduce

STUDY = "modular-vs-monolithic"


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch):
    """Type `zoo reproduce` with some words; what it prints. Its modules do not stay behind."""
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(sys, "argv", [*sys.argv])
    before = set(sys.modules)

    def typed(*words: str) -> str:
        done = CliRunner().invoke(reproduce.reproduce, list(words))
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.output

    yield typed
    names = {path.stem for path in FINDINGS.glob("*/*.py")} - before
    for name in names & set(sys.modules):
        del sys.modules[name]


@pytest.mark.parametrize("words", [(), ("--list",)])
def test_without_a_name_it_lists_the_findings(call, words):
    listed = dict(line.split("\t") for line in call(*words).splitlines())
    assert set(listed) == {page.parent.name for page in FINDINGS.glob("*/README.md")}
    assert listed[STUDY] == "Modular versus monolithic: the seed study, run again"


def test_options_after_the_name_are_those_of_the_finding(call, tmp_path):
    assert str(tmp_path / "README.md") in call(STUDY, "--folder", str(tmp_path))
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert "--folder" in call(STUDY, "--help")


def test_another_finding_is_refused(call):
    with pytest.raises(ValueError, match=STUDY):
        call("perceptrons")


def test_outside_a_checkout_it_says_so(call, monkeypatch, tmp_path):
    package = tmp_path / "site-packages" / "training"
    monkeypatch.setattr(reproduce.training, "__file__", str(package / "__init__.py"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(MissingArtefact, match="come with the repository"):
        call(STUDY)


def test_the_current_folder_may_be_the_checkout(call, monkeypatch, tmp_path):
    package = tmp_path / "site-packages" / "training"
    monkeypatch.setattr(reproduce.training, "__file__", str(package / "__init__.py"))
    monkeypatch.chdir(FINDINGS.parent)
    assert STUDY in call("--list")


@pytest.mark.parametrize(
    "folder",
    sorted({path.parent for path in FINDINGS.glob("*/*.py")}),
    ids=lambda folder: folder.name,
)
def test_every_finding_has_page_script_and_results(folder: Path):
    assert {"README.md", "page.py", "results"} <= {p.name for p in folder.iterdir()}
