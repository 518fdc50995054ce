"""The tiny entries, registered or in a folder that a test may spoil."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import zoo
from tests import tiny
from tests.zoo import vectors
from zoo.ann import index as ann
from zoo.ann.vectors import Items
from zoo.pairs.scorer import PairScorer
from zoo.perturbations.scorer import PerturbationScorer
from zoo.store import folders


@pytest.fixture
def only_tiny(tiny_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zoo that has the tiny entries and no other."""
    monkeypatch.setattr(folders, "BUNDLED", tmp_path / "nothing-bundled")
    for name in tiny.ENTRIES:
        folders.register(tiny_root / name)


@pytest.fixture
def tiny_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files go ten rows a chunk, two chunks a part."""
    from zoo.batch import run

    monkeypatch.setattr(run, "CHUNK_ROWS", 10)
    monkeypatch.setattr(run, "PART_CHUNKS", 2)


@pytest.fixture
def table(tiny_root: Path) -> PairScorer:
    """tiny_table-toy, loaded."""
    return zoo.load(zoo.register(tiny_root / tiny.TABLE), device="cpu")


@pytest.fixture
def dot(tiny_root: Path) -> PairScorer:
    """tiny_dot-toy, loaded."""
    return zoo.load(zoo.register(tiny_root / tiny.DOT), device="cpu")


@pytest.fixture(params=tiny.PAIRS)
def either(request: pytest.FixtureRequest, tiny_root: Path) -> PairScorer:
    """Each of the two for pairs, loaded."""
    return zoo.load(zoo.register(tiny_root / request.param), device="cpu")


@pytest.fixture
def product(tiny_root: Path) -> PerturbationScorer:
    """tiny_product-toy, loaded."""
    return zoo.load(zoo.register(tiny_root / tiny.PRODUCT), device="cpu")


@pytest.fixture
def cell(tiny_root: Path) -> PerturbationScorer:
    """tiny_cell-toy, loaded."""
    return zoo.load(zoo.register(tiny_root / tiny.CELL), device="cpu")


@pytest.fixture
def copied(tiny_root: Path, tmp_path: Path) -> Callable[..., Path]:
    """Copy a tiny entry to a folder of this test; returns the copy."""

    def copy(name: str = tiny.TABLE, to: Path | None = None) -> Path:
        target = (to or tmp_path / "copies") / name
        return Path(shutil.copytree(tiny_root / name, target))

    return copy


def flip_a_bit(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.fixture(scope="session")
def many() -> Items:
    """4000 vectors with popularity, as zoo.ann.index takes them."""
    return Items(vectors.MANY, vectors.FAME)


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index over the 4000; not to be changed."""
    path = tmp_path_factory.mktemp("ann") / "many.index"
    vectors.build_many(path)
    return path


@pytest.fixture(scope="session")
def index(built: Path, many: Items) -> ann.Index:
    """The same, opened."""
    return ann.open_index(built, many)
