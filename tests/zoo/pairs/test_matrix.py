"""Score matrices on disk: whole, described, and gone on with where they were stopped."""

import errno
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from contracts.errors import BadTable, EmptyInput, UnknownGene
from tests.tiny import GENES, REGULATORS, G, R
from zoo.cli.app import app
from zoo.pairs import matrix, scorer
from zoo.pairs.scorer import PairScorer
from zoo.store.files import sha256


class Killed(BaseException):
    """What stops a run in the middle."""


@pytest.fixture(autouse=True)
def a_row_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scorer, "MATRIX_VALUES", G)


def stop_after(rows: int):
    """A progress that ends the process when so many rows are done."""
    done = []

    def advance(more: int) -> None:
        done.append(more)
        if sum(done) >= rows:
            raise Killed

    return advance


def test_the_file_is_the_matrix_and_says_what_it_is(either: PairScorer, tmp_path: Path):
    about = matrix.write(either, tmp_path / "scores.npy")
    np.testing.assert_array_equal(
        np.load(tmp_path / "scores.npy", mmap_mode="r"), either.score_matrix()
    )
    assert json.loads((tmp_path / "scores.npy.json").read_text()) == about
    assert about["sha256"] == sha256(tmp_path / "scores.npy")
    assert (about["entry"], about["shape"]) == (either.entry, [R, G])
    assert (about["tfs"], about["genes"]) == (list(REGULATORS), list(GENES))
    assert len(list(tmp_path.iterdir())) == 2


def test_some_rows_and_columns_in_the_order_asked(either: PairScorer, tmp_path: Path):
    tfs, genes = ["SOX2", "ANOP3", "ASCL1"], ["TUBB3", "gfap"]
    about = matrix.write(either, tmp_path / "some.npy", tfs, genes)
    assert (about["tfs"], about["genes"]) == (["SOX2", "SOX2", "ASCL1"], ["TUBB3", "GFAP"])
    expected = either.score_matrix(tfs, genes)
    np.testing.assert_array_equal(np.load(tmp_path / "some.npy"), expected)


@pytest.mark.parametrize("cut", [0, 1, 30, 70])
@pytest.mark.parametrize("rows", [1, 3, R])
def test_a_stopped_run_goes_on(either: PairScorer, tmp_path: Path, rows: int, cut: int):
    path = tmp_path / "scores.npy"
    with pytest.raises(Killed):
        matrix.write(either, path, progress=stop_after(rows))
    assert not path.exists()
    (draft,) = tmp_path.iterdir()
    with draft.open("rb+") as stream:  # as if the end had not reached the disk
        stream.truncate(max(0, draft.stat().st_size - cut))
    done: list[int] = []
    matrix.write(either, path, progress=done.append)
    assert sum(done) == R
    np.testing.assert_array_equal(np.load(path), either.score_matrix())
    assert len(list(tmp_path.iterdir())) == 2


def test_what_another_request_left_is_not_gone_on_with(either: PairScorer, tmp_path: Path):
    path = tmp_path / "scores.npy"
    with pytest.raises(Killed):
        matrix.write(either, path, progress=stop_after(2))
    (draft,) = tmp_path.iterdir()
    matrix.write(either, path, genes=["GFAP"])
    np.testing.assert_array_equal(np.load(path), either.score_matrix(genes=["GFAP"]))
    assert draft.is_file(), "what the other request has done is its own"


def test_a_full_disk_leaves_nothing(either: PairScorer, tmp_path: Path, monkeypatch):
    path = tmp_path / "scores.npy"
    matrix.write(either, path)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(matrix.os, "fsync", full)
    with pytest.raises(BadTable, match=r"scores\.npy.*No space left on device.*Make room"):
        matrix.write(either, path, genes=["GFAP"], overwrite=True)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 2


def test_a_matrix_is_not_replaced_in_silence(table: PairScorer, dot: PairScorer, tmp_path: Path):
    path = tmp_path / "scores.npy"
    matrix.write(table, path)
    with pytest.raises(BadTable, match=r"already, whole and of tiny_table-toy .*--overwrite"):
        matrix.write(table, path)
    with pytest.raises(BadTable, match=r"already, of another request to tiny_table-toy"):
        matrix.write(dot, path)
    np.testing.assert_array_equal(np.load(path), table.score_matrix())
    matrix.write(dot, path, overwrite=True)
    np.testing.assert_array_equal(np.load(path), dot.score_matrix())
    (tmp_path / "scores.npy.json").write_text("{")
    with pytest.raises(BadTable, match="it is there already"):
        matrix.write(dot, path)


@pytest.mark.parametrize(
    ("name", "names", "error", "message"),
    [
        ("scores.csv", None, BadTable, "ends in .npy"),
        ("no/scores.npy", None, BadTable, "there is no folder"),
        ("scores.npy", [], EmptyInput, "genes"),
        ("scores.npy", ["GFPA"], UnknownGene, "GFAP"),
    ],
)
def test_bad_input_leaves_nothing(either: PairScorer, tmp_path: Path, name, names, error, message):
    with pytest.raises(error, match=message):
        matrix.write(either, tmp_path / name, genes=names)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def bundled(tiny_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to write in, with the tiny entries in the cache."""
    shutil.copytree(tiny_root, tmp_path / "cache")
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_the_command_writes_the_file(bundled: Path):
    (bundled / "genes.txt").write_text("GFAP\n\nmap2\n")
    words = ["score-matrix", "tiny_dot-toy", "-o", str(bundled / "s.npy")]
    words += ["--genes", str(bundled / "genes.txt"), "--json"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["shape"] == [R, 2]
    assert told["sha256"] == sha256(bundled / "s.npy")


def test_the_command_names_a_list_that_cannot_be_read(bundled: Path):
    words = ["score-matrix", "tiny_dot-toy", "-o", str(bundled / "s.npy"), "--tfs", "nowhere.txt"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 2
    assert "nowhere.txt" in done.stderr


def test_a_matrix_that_another_run_is_writing_is_left_alone(
    table: PairScorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("zoo.batch.locks.take", lambda stream: False)
    with pytest.raises(BadTable, match=r"another run is writing it at this moment\. Wait for it"):
        matrix.write(table, tmp_path / "matrix.npy")
