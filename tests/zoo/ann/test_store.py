"""An index on disk: other vectors, damage, interruption."""

import sys
from pathlib import Path

import numpy as np
import pytest

from contracts.errors import (
    InvalidOption,
    MissingArtefact,
    MissingDependency,
    UnusableIndex,
)
from tests import tiny
from tests.zoo.conftest import flip_a_bit
from tests.zoo.vectors import FAME, MANY, POOL
from zoo.ann import build, index, store
from zoo.ann.record import Settings
from zoo.ann.vectors import Items
from zoo.pairs.scorer import PairScorer

pytest.importorskip("faiss", reason="the extra `ann` is not installed")


def test_an_index_of_other_vectors_is_refused(built: Path):
    changed = MANY.copy()
    changed[3999, 7] = np.nextafter(changed[3999, 7], np.float32(9))
    others = (Items(changed, FAME), Items(MANY, -FAME), Items(MANY), Items(MANY[:-1], FAME[:-1]))
    for items in others:
        with pytest.raises(UnusableIndex, match=r"built from other vectors .*zoo index --vectors"):
            index.open_index(built, items)


def test_an_index_for_another_entry_is_refused(built: Path, dot: PairScorer, tmp_path: Path):
    tfs, genes = (index.of_entry(tiny.DOT, side) for side in ("tfs", "genes"))
    with pytest.raises(UnusableIndex, match=r"over a file's vectors, not over the tfs of tiny_dot"):
        index.open_index(built, tfs)
    build.build(tmp_path / "tfs", tfs, genes.vectors, "the genes")
    with pytest.raises(UnusableIndex, match=r"over the tfs of .*--side genes -o PATH"):
        index.open_index(tmp_path / "tfs", genes)


def test_a_damaged_index_is_refused(many: Items, tmp_path: Path):
    path = tmp_path / "many.index"
    with pytest.raises(MissingArtefact, match="zoo index --vectors"):
        index.open_index(path, many)
    build.build(path, many, POOL, "normal", settings=Settings(nlist=4, nprobe=1))
    flip_a_bit(path / "index.faiss")
    with pytest.raises(UnusableIndex, match=r"index\.faiss is damaged"):
        index.open_index(path, many)
    (path / "index.faiss").unlink()
    with pytest.raises(UnusableIndex, match=r"index\.faiss is missing"):
        index.open_index(path, many)
    (path / "index.json").write_text("{}")
    with pytest.raises(UnusableIndex, match="no record of an index"):
        index.open_index(path, many)
    (path / "index.json").unlink()
    with pytest.raises(UnusableIndex, match=r"index\.json is missing"):
        index.open_index(path, many)


@pytest.mark.parametrize(
    ("raised", "shown"),
    [
        (KeyboardInterrupt(), KeyboardInterrupt),
        (OSError(28, "No space left on device"), InvalidOption),
        (RuntimeError("could not write"), InvalidOption),
    ],
)
def test_an_interrupted_build_leaves_nothing(
    many: Items, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, raised, shown
):
    seen: list[list[Path]] = []

    def stopped(path: Path) -> str:
        seen.append(list(tmp_path.rglob("*.faiss")))
        raise raised

    monkeypatch.setattr(store, "sha256", stopped)
    with pytest.raises(shown):
        build.build(tmp_path / "a", many, POOL, "p", settings=Settings(nlist=4, nprobe=1))
    assert len(seen[0]) == 1, "the file was there when the build was stopped"
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(many: Items, built: Path, tmp_path: Path):
    for path in (built, tmp_path / "nowhere" / "index"):
        with pytest.raises(InvalidOption, match="--output"):
            build.build(path, many, POOL, "p")


def test_without_faiss_the_command_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setitem(sys.modules, "faiss", None)
    with pytest.raises(MissingDependency, match=r"pip install 'regzoo\[ann\]'"):
        build.build(tmp_path / "a", Items(MANY), POOL, "p")
