"""The ladder fits each rung once, and anew for another split."""

import importlib
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from contracts.errors import InvalidOption
from tests.training.pairs.baselines import planted
from training.family import Ground
from training.pairs.baselines import Context, Score
from training.pairs.family import FAMILY
from training.pairs.split import make_split
from training.scoring import ladder
from training.scoring.question import Question


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Fits of a rung that fits nothing and of one that does, in an empty cache."""
    fits: list[tuple[str, str]] = []

    def load(name: str) -> ModuleType:
        def fit(context: Context, negatives: str) -> Score:
            fits.append((name, negatives))
            return lambda pairs: np.zeros(len(pairs))

        rung = ModuleType(name)
        rung.KINDS, rung.fit = () if name == "still" else ("uniform",), fit
        return rung

    monkeypatch.setattr(FAMILY, "rungs", lambda: ["fitted", "still"])
    monkeypatch.setattr(FAMILY, "rung", load)
    monkeypatch.setattr(ladder, "_fitted", {})
    monkeypatch.setattr(ladder, "_answered", {})
    return fits


def question(ground: Ground, protocol: str) -> Question:
    (found,) = FAMILY.questions(ground, protocol)
    return found


def test_each_rung_is_fitted_once_a_kind(counted: list[tuple[str, str]]):
    data = planted.data()
    ground = Ground(data, planted.split(data), "test")
    uniform, rewired = (question(ground, name) for name in ("uniform", "degree_preserving"))
    first = ladder.fitted(FAMILY, ground, uniform)
    assert list(first) == ["fitted", "still"]
    assert ladder.fitted(FAMILY, ground, uniform) == first
    ladder.fitted(FAMILY, ground, rewired)
    assert counted == [("fitted", "uniform"), ("still", "uniform"), ("fitted", "degree_preserving")]
    other = Ground(data, make_split(data, 4), "test")
    ladder.fitted(FAMILY, other, question(other, "uniform"), ["still"])
    assert counted[3:] == [("still", "uniform")]
    answers = ladder.climb(FAMILY, ground, uniform)
    again = ladder.climb(FAMILY, ground, uniform)
    assert all(len(answers[name]) == len(uniform.rows) for name in first)
    assert all(again[name] is answers[name] for name in first)
    assert len(counted) == 4


def test_a_wrong_kind_or_rung_is_named():
    data = planted.data()
    ground = Ground(data, planted.split(data), "test")
    uniform = question(ground, "uniform")
    hard = replace(uniform, about=replace(uniform.about, trained_with="hard"))
    with pytest.raises(InvalidOption, match="hard"):
        ladder.climb(FAMILY, ground, hard)
    with pytest.raises(InvalidOption, match="spectral"):
        ladder.climb(FAMILY, ground, uniform, ["spectral"])


def test_every_rung_says_what_it_is():
    titles = set()
    for name in FAMILY.rungs():
        module = importlib.import_module(f"training.pairs.baselines.{name}")
        assert set(module.KINDS) <= {"uniform", "degree_preserving"}
        titles.add(module.TITLE)
    assert len(titles) == len(FAMILY.rungs()) >= 8
