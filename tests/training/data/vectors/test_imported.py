"""Imported gene vectors: kept under a name, replaced in one step, found again, forgotten."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from contracts.errors import InvalidOption
from tests.training.data.vectors.human_genes import SYMBOLS, folder, table
from training.cells import vectors as of_cells
from training.data.files import MissingData
from training.data.vectors import imported, names
from training.data.vectors.checked import Checked
from training.data.vectors.imported import Record
from training.expression import vectors as of_expression

MATRIX = table().to_numpy()
CONTENT = Checked(SYMBOLS, MATRIX, 0, 0)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZOO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ZOO_DATA", str(folder(tmp_path / "data")))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "home"


def record(name: str = "scgpt", **changes: object) -> Record:
    facts = {"about": "Made up.", "licence": "MIT", "source": "x.csv", "sha256": "0" * 64}
    facts |= {"genes": len(SYMBOLS), "dim": 3, "date": "2026-01-02"} | changes
    return Record.model_validate({"name": name, **facts})


def test_what_is_kept_is_found_by_its_name():
    path = imported.save(record(), CONTENT)
    assert imported.located(Path("scgpt")) == path
    assert imported.records() == [record()]
    assert imported.facts(path) == {"name": "scgpt", "licence": "MIT", "sha256": "0" * 64}
    source = imported.load(path)
    assert (source.name, source.about, source.licence) == ("scgpt", "Made up.", "MIT")
    np.testing.assert_array_equal(source.rows(SYMBOLS), MATRIX)


def test_another_import_of_the_name_takes_its_place(home: Path):
    imported.save(record(), CONTENT)
    imported.save(record(licence="GPL-3.0"), Checked(SYMBOLS, MATRIX * 2, 0, 0))
    assert [each.licence for each in imported.records()] == ["GPL-3.0"]
    (only,) = (home / "embeddings").iterdir()
    np.testing.assert_array_equal(load_file(only)["KLF1"], MATRIX[0] * 2)


def test_one_that_fails_leaves_the_former_one(home: Path, monkeypatch: pytest.MonkeyPatch):
    path = imported.save(record(), CONTENT)
    before = path.read_bytes()

    def broken(vectors: object, draft: Path, metadata: object) -> None:
        draft.write_bytes(b"half")
        raise OSError("no space left")

    monkeypatch.setattr(imported, "save_file", broken)
    with pytest.raises(OSError, match="no space"):
        imported.save(record(licence="GPL-3.0"), CONTENT)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["scgpt.safetensors"]


def test_a_file_goes_before_a_name_and_a_folder_is_no_name(tmp_path: Path):
    imported.save(record(), CONTENT)
    assert imported.located(tmp_path / "scgpt") == tmp_path / "scgpt"
    assert imported.located(Path("other")) == Path("other")
    (tmp_path / "scgpt").write_text("a file here")
    assert imported.located(Path("scgpt")) == Path("scgpt")


def test_a_file_of_ones_own_has_a_digest_and_no_licence(tmp_path: Path):
    table().to_csv(tmp_path / "mine.csv")
    said = imported.facts(tmp_path / "mine.csv")
    assert (said["name"], said["licence"]) == ("mine.csv", "not stated")
    source = imported.again(said)
    assert source.licence == "not stated"
    assert set(source.symbols) == set(SYMBOLS)
    (table() * 2).to_csv(tmp_path / "mine.csv")
    with pytest.raises(MissingData, match=r"vectors mine\.csv"):
        imported.again(said)


def test_vectors_that_a_run_was_given_must_still_be_the_same():
    imported.save(record(), CONTENT)
    assert imported.again(record().facts).name == "scgpt"
    imported.save(record(sha256="1" * 64), CONTENT)
    with pytest.raises(MissingData, match="zoo import-embeddings FILE --name scgpt"):
        imported.again(record().facts)
    imported.remove("scgpt")
    with pytest.raises(MissingData, match="SHA-256 000"):
        imported.again(record().facts)


def test_what_is_removed_is_gone():
    imported.save(record(), CONTENT)
    imported.save(record("esm"), CONTENT)
    imported.remove("scgpt")
    assert [each.name for each in imported.records()] == ["esm"]
    with pytest.raises(InvalidOption, match=r"--remove='scgpt'.*one of esm"):
        imported.remove("scgpt")


@pytest.mark.parametrize("name", ["", "sc gpt", "ScGPT", "../x", "1x", "sc-gpt", "a" * 41])
def test_a_name_is_a_plain_word(name: str):
    with pytest.raises(InvalidOption, match="a plain word"):
        imported.check_name(name)


def test_no_kind_of_vectors_shares_its_name():
    for name in (*names(), *of_cells.KINDS, *of_expression.names(), "best"):
        with pytest.raises(InvalidOption, match="that no kind of vectors has"):
            imported.check_name(name)
    imported.check_name("scgpt")
