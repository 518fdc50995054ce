"""The share of genes that a matrix must have, from the figures with genes taken away."""

import numpy as np
import pytest
from torch import nn

from tests.training.cells import toy
from training.cells import coverage
from training.cells.coverage import SHARES, floor
from training.cells.genes import Chosen
from training.cells.validation import Fold


def accuracies(*values: float) -> dict[str, float]:
    """Of all genes, then of each of SHARES."""
    return {str(share): value for share, value in zip((1.0, *SHARES), values, strict=True)}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0.8, 0.8, 0.8, 0.8, 0.8, 0.8), 0.5),
        ((0.8, 0.79, 0.785, 0.7, 0.6, 0.5), 0.8),
        ((0.8, 0.79, 0.7, 0.8, 0.8, 0.8), 0.9),
        ((0.8, 0.81, 0.82, 0.79, 0.785, 0.7), 0.6),
        ((0.8, 0.5, 0.8, 0.8, 0.8, 0.8), 0.9),
    ],
)
def test_the_floor_is_the_least_share_before_the_first_that_loses(values, expected):
    """Where even the first share loses too much, the floor is that share: none lies above it."""
    assert floor(accuracies(*values)) == expected


def test_the_order_of_the_shares_plays_no_part():
    given = accuracies(0.8, 0.8, 0.79, 0.7, 0.6, 0.5)
    assert floor(dict(reversed(given.items()))) == floor(given) == 0.8


def test_the_curve_is_the_mean_over_folds_directions_and_draws(monkeypatch):
    """A model whose accuracy is the share of genes that it is left."""
    job, calls = toy.job(), []
    many = {"human": np.arange(2000), "mouse": np.arange(2000)}
    job.__dict__["chosen"] = Chosen(many, np.zeros((0, 2), np.int64))
    folds = [Fold({}, {}), Fold({}, {})]

    def judged(model, job, fold, left):
        calls.append((model, fold))
        share = {s: float(each.mean()) for s, each in left.items()}
        return {"human_to_mouse": share["mouse"], "mouse_to_human": share["human"]}

    monkeypatch.setattr(coverage, "judged", judged)
    trained = [(nn.Identity(), job, fold) for fold in folds]
    found = coverage.judgements(trained, seed=0)
    curve = coverage.curve(found)
    assert list(curve) == ["1.0", *map(str, SHARES)]
    assert curve["1.0"] == 1
    for share in SHARES:
        assert curve[str(share)] == pytest.approx(share, abs=0.01)
    assert len(calls) == len(folds) * (1 + coverage.DRAWS * len(SHARES))
    assert [len(rows) for rows in found.values()] == [2, *[2 * coverage.DRAWS] * len(SHARES)]
    assert coverage.curve(coverage.judgements(trained, seed=0)) == curve
