import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import zoo
from contracts.errors import UnknownEntry, Unsupported
from serving.models import Models
from tests import tiny
from zoo.scorer import require


class Loader:
    """Stands in for zoo.load: waits until it may go on, counts, and refuses some names."""

    def __init__(self) -> None:
        self.loaded: list[str] = []
        self.asked = threading.Event()
        self.go = threading.Event()
        self.go.set()
        self.refused: set[str] = set()

    def __call__(self, name: str) -> object:
        self.asked.set()
        assert self.go.wait(30)
        if name in self.refused:
            raise UnknownEntry(name)
        self.loaded.append(name)
        return object()


@pytest.fixture
def loader(monkeypatch: pytest.MonkeyPatch) -> Loader:
    loader = Loader()
    monkeypatch.setattr(zoo, "load", loader)
    return loader


def test_who_ask_at_once_share_one_model(loader: Loader):
    loader.go.clear()
    models = Models()
    with ThreadPoolExecutor(8) as pool:
        waiting = [pool.submit(models.get, "tiny-x") for _ in range(8)]
        assert loader.asked.wait(30)
        loader.go.set()
        got = {id(one.result(30)) for one in waiting}
    assert got == {id(models.get("tiny-x"))}
    assert loader.loaded == ["tiny-x"]


def test_another_entry_does_not_wait(loader: Loader):
    models = Models()
    first = models.get("tiny-x")
    loader.go.clear()
    loader.asked.clear()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(models.get, "tiny-y")
        assert loader.asked.wait(30)
        assert models.get("tiny-x") is first
        assert models.missing(["tiny-x", "tiny-y"]) == ["tiny-y"]
        loader.go.set()
        slow.result(30)
    assert models.missing(["tiny-x", "tiny-y"]) == []


def test_a_failed_load_is_forgotten_and_may_be_tried_again(loader: Loader):
    models = Models()
    loader.refused = {"tiny-x"}
    for _ in range(2):
        with pytest.raises(UnknownEntry):
            models.get("tiny-x")
    assert models.missing(["tiny-x"]) == ["tiny-x"]
    loader.refused = set()
    assert models.get("tiny-x") is models.get("tiny-x")
    assert loader.loaded == ["tiny-x"]


def test_preloading_goes_past_what_cannot_be_loaded(
    loader: Loader, caplog: pytest.LogCaptureFixture
):
    models = Models()
    loader.refused = {"tiny-y"}
    names = ["tiny-x", "tiny-y", "tiny-z"]
    models.preload(names)
    for thread in threading.enumerate():
        if thread.name == "preload":
            thread.join(30)
    assert models.missing(names) == ["tiny-y"]
    assert "cannot preload tiny-y" in caplog.text


def test_a_model_of_another_kind_is_refused_and_kept(tiny_root):
    pairs, cells = (zoo.register(tiny_root / name) for name in (tiny.TABLE, tiny.CELL))
    models = Models()
    assert require(models.get(pairs), "pairs", "POST /score_pairs") is models.get(pairs)
    with pytest.raises(Unsupported, match=r"use zoo predict, .* or POST /score_perturbations"):
        require(models.get(cells), "pairs", "POST /score_pairs")
    with pytest.raises(Unsupported, match=r"use zoo score, .* or POST /score_pairs"):
        require(models.get(pairs), "perturbations", "POST /score_perturbations")
    assert models.missing([pairs, cells]) == []
