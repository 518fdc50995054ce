import math

import numpy as np
import pytest
from scipy import stats

from tests.findings.modular import toy
from tests.findings.modular.toy import study

SEEDS = study.cells.SEEDS
Cell = study.cells.Cell
Results = study.results.Results
Spread = study.results.Spread
cells = study.cells


def gathered(tmp_path, *runs: tuple[str, int, int, float, float]) -> Results:
    """Write cells as (model, ratio, seed, last, restored) and read the folder."""
    for model, ratio, seed, last, restored in runs:
        cell = Cell(model=model, ratio=ratio, seed=seed)
        toy.write(tmp_path, cell, toy.result(cell, last, restored))
    return Results.read(tmp_path)


@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_interval_of_a_mean_is_students(count: int):
    values = tuple(np.random.default_rng(count).normal(0.8, 0.02, count).tolist())
    low, high = stats.t.interval(0.95, count - 1, np.mean(values), stats.sem(values))
    spread = Spread.of(values)
    assert (spread.low, spread.high) == pytest.approx((low, high), rel=1e-9)
    assert spread.deviation == pytest.approx(np.std(values, ddof=1))


def test_one_seed_is_never_certain():
    one = Spread.of([0.8])
    assert (one.value, one.low, one.high) == (0.8, -math.inf, math.inf)
    assert math.isnan(one.deviation)


def test_what_is_not_there_is_missing(tmp_path):
    found = gathered(tmp_path, ("two_tower", 1, 42, 0.8, 0.9))
    assert "two_tower-1to1-seed42" not in found.missing
    assert len(found.missing) == len(cells.TABLE) - 1
    assert found.spread("cross_encoder", 1, "last.auroc") is None
    assert found.gap("last.auroc") is None


def test_differences_are_paired_by_seed(tmp_path):
    found = gathered(
        tmp_path,
        ("two_tower", 1, 42, 0.80, 0.90),
        ("two_tower", 1, 123, 0.70, 0.90),
        ("two_tower", 5, 123, 0.60, 0.85),
        ("cross_encoder", 1, 123, 0.75, 0.91),
        ("cross_encoder", 1, 789, 0.10, 0.10),
    )
    gap, loss = found.gap("last.auroc"), found.loss("two_tower", 5, "last")
    assert (gap.count, gap.value) == pytest.approx((1, 0.05))
    assert (loss.count, loss.value) == pytest.approx((1, 0.10))
    mended = found.loss("two_tower", 5, "restored", "corrected.")
    assert (mended.count, mended.value) == pytest.approx((1, 0.05))
    assert set(found.runs("two_tower", 1)) == {42, 123} < set(SEEDS)


def test_hours_left_grow_with_the_ratio(tmp_path):
    runs = [(m, r, s, 0.8, 0.8) for m in cells.NETWORKS for r in (1, 5, 10) for s in SEEDS]
    for cell in cells.TABLE:
        if cell.failures.names:
            toy.write(tmp_path, cell, toy.result(cell, 0.8, 0.8))
    took, left = gathered(tmp_path, *runs).hours()
    assert took == pytest.approx(34 * 0.1)
    assert left == pytest.approx(10 * 0.1 * 51 / 2, rel=1e-3)
    assert math.isnan(Results({}).hours()[1])


def test_the_interval_is_of_the_seed_most_accurate_on_validation():
    low, high = (Cell(model="two_tower", seed=s) for s in SEEDS[:2])
    better = toy.result(high, 0.7, 0.7)
    better["history"] = [{**better["history"][0], "valid_accuracy": 0.95}, better["history"][0]]
    found = Results({low.name: toy.result(low, 0.5, 0.5), high.name: better})
    assert found.best("two_tower", 1)["last.auroc"] == 0.7
