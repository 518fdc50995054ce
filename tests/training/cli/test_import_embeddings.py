"""`zoo import-embeddings`: what it prints, what it keeps, what it refuses."""

import hashlib
import json
import tomllib
from pathlib import Path

import pytest
import typer
from click.testing import Result
from typer.testing import CliRunner

import zoo
from contracts.errors import BadTable, InvalidOption, ZooError
from tests import tiny
from tests.training.data.vectors.human_genes import SYMBOLS, folder, table
from training.cli.import_embeddings import import_embeddings
from training.data.files import LowCoverage, MissingData
from zoo.store import folders

COMMAND = typer.Typer()
COMMAND.command()(import_embeddings)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, tiny_root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user with the tiny entries and nothing imported."""
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("ZOO_DATA", str(folder(tmp_path / "data")))
    monkeypatch.setattr(folders, "BUNDLED", tiny_root)
    monkeypatch.setattr(folders, "_registered", {})
    monkeypatch.chdir(tmp_path)
    table().to_csv("some.csv")
    return tmp_path / "home"


def run(*words: str) -> Result:
    return CliRunner().invoke(COMMAND, list(words))


def refused(kind: type[ZooError], reason: str, *words: str) -> None:
    """An error of this kind, and nothing kept."""
    result = run(*words)
    assert isinstance(result.exception, kind), result.output
    assert reason in str(result.exception)
    assert json.loads(run("--list", "--json").stdout) == []


def test_it_is_a_command_of_the_zoo():
    project = tomllib.loads((Path(zoo.__file__).parents[1] / "pyproject.toml").read_text())
    named = project["project"]["entry-points"]["regzoo.commands"]["import-embeddings"]
    assert named == f"{import_embeddings.__module__}:{import_embeddings.__name__}"


def test_vectors_are_checked_and_kept_with_their_coverage(home: Path):
    result = run("some.csv", "--name", "scgpt", "--licence", "MIT", "--about", "A model of cells.")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].startswith("scgpt: 3 numbers for each of 8 genes, in ")
    assert lines[2] == "4 of 4 perturbed genes, 4 of 8 readout genes of toy"
    assert lines[3] == "Type: zoo train linear-norman19 --gene-vectors scgpt"
    (kept,) = json.loads(run("--list", "--json").stdout)
    assert kept.pop("date")
    assert kept == {
        "name": "scgpt",
        "about": "A model of cells.",
        "licence": "MIT",
        "source": "some.csv",
        "sha256": hashlib.sha256(Path("some.csv").read_bytes()).hexdigest(),
        "genes": 8,
        "dim": 3,
    }
    assert run("--list").stdout.splitlines()[1].split("\t")[:4] == ["scgpt", "8", "3", "MIT"]


def test_as_json_it_has_the_same_facts():
    words = ("some.csv", "--name", "scgpt", "--licence", "MIT", "--json")
    got = json.loads(run(*words).stdout)
    assert (got["name"], got["genes"], got["unknown"], got["ambiguous"]) == ("scgpt", 8, 0, 0)
    assert got["coverage"] == [
        {
            "dataset": "toy",
            "perturbed": 4,
            "perturbed_total": 4,
            "readouts": 4,
            "readouts_total": 8,
        }
    ]
    assert tiny.RESPONDING.endswith("-toy")


def test_what_is_removed_is_listed_no_more():
    run("some.csv", "--name", "scgpt", "--licence", "MIT")
    assert run("--remove", "scgpt").stdout == "scgpt is removed.\n"
    assert json.loads(run("--list", "--json").stdout) == []
    refused(InvalidOption, "none are kept", "--remove", "scgpt")


def test_a_name_and_a_licence_must_be_said():
    refused(InvalidOption, "--name", "some.csv", "--licence", "MIT")
    refused(InvalidOption, "--licence", "some.csv", "--name", "scgpt")
    refused(InvalidOption, "--licence", "some.csv", "--name", "scgpt", "--licence", " ")
    refused(InvalidOption, "plain word", "some.csv", "--name", "Sc GPT", "--licence", "MIT")
    refused(InvalidOption, "that no kind", "some.csv", "--name", "go", "--licence", "MIT")
    refused(InvalidOption, "FILE")
    refused(InvalidOption, "FILE", "some.csv", "--list")


def test_too_few_perturbed_genes_are_refused():
    table(("KLF1", *SYMBOLS[5:])).to_csv("few.csv")
    reason = "25.0% of the perturbed genes of toy in few.csv"
    refused(LowCoverage, reason, "few.csv", "--name", "scgpt", "--licence", "MIT")


def test_bad_files_are_refused():
    for name in ("x.pkl", "x.pt", "x.txt"):
        Path(name).write_bytes(b"\x80\x04N.")
        refused(BadTable, "the extension", name, "--name", "scgpt", "--licence", "MIT")
    Path("empty.csv").touch()
    refused(BadTable, "cannot be read", "empty.csv", "--name", "scgpt", "--licence", "MIT")
    refused(BadTable, "no such file", "gone.csv", "--name", "scgpt", "--licence", "MIT")
    table().T.to_csv("turned.csv")
    refused(BadTable, "transposed", "turned.csv", "--name", "scgpt", "--licence", "MIT")


def test_without_the_names_of_genes_it_says_what_to_set(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("ZOO_DATA")
    words = ("some.csv", "--name", "scgpt", "--licence", "MIT")
    refused(MissingData, "export ZOO_DATA=", *words)
