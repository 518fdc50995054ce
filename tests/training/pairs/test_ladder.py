"""The ladder fits each rung once, and anew for another split."""

import importlib
from types import SimpleNamespace

import numpy as np
import pytest

from contracts.errors import InvalidOption
from tests.training.pairs.baselines import planted
from training.pairs import baselines, ladder
from training.pairs.baselines import Context, Score
from training.pairs.split import make_split


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Fits of a rung that fits nothing and of one that does, in an empty cache."""
    fits: list[tuple[str, str]] = []

    def load(name: str) -> SimpleNamespace:
        def fit(context: Context, negatives: str) -> Score:
            fits.append((name, negatives))
            return lambda pairs: np.zeros(len(pairs))

        return SimpleNamespace(KINDS=() if name == "still" else ("uniform",), fit=fit)

    monkeypatch.setattr(baselines, "names", lambda: ["fitted", "still"])
    monkeypatch.setattr(baselines, "load", load)
    monkeypatch.setattr(ladder, "_fitted", {})
    return fits


def test_each_rung_is_fitted_once_a_kind(counted: list[tuple[str, str]]):
    data = planted.data()
    split = planted.split(data)
    first = ladder.climb(data, split, "uniform")
    assert list(first) == ["fitted", "still"]
    assert ladder.climb(data, split, "uniform") == first
    ladder.climb(data, split, "degree_preserving")
    assert counted == [("fitted", "uniform"), ("still", "uniform"), ("fitted", "degree_preserving")]
    ladder.climb(data, make_split(data, 4), "uniform", ["still"])
    assert counted[3:] == [("still", "uniform")]


def test_a_wrong_kind_or_rung_is_named():
    data = planted.data()
    split = planted.split(data)
    with pytest.raises(InvalidOption, match="hard"):
        ladder.climb(data, split, "hard")
    with pytest.raises(InvalidOption, match="spectral"):
        ladder.climb(data, split, "uniform", ["spectral"])


def test_every_rung_says_what_it_is():
    titles = set()
    for name in baselines.names():
        module = importlib.import_module(f"training.pairs.baselines.{name}")
        assert set(module.KINDS) <= {"uniform", "degree_preserving"}
        titles.add(module.TITLE)
    assert len(titles) == len(baselines.names()) >= 8
