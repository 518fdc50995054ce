"""Correlations and errors against scipy, the bootstrap over genes against a naive loop."""

import numpy as np
import pytest
from scipy.stats import pearsonr, rankdata, spearmanr
from sklearn.metrics import mean_squared_error

from training.perturbations import metrics
from training.perturbations.metrics import GeneDraws

ALL = ("pearson", "spearman", "mse")
WIDE = 400
GENES, SETS = 15, 60


@pytest.fixture
def members() -> np.ndarray:
    """Sets of two and of three genes; gene 0 is a query of more than half of them."""
    rng = np.random.default_rng(0)
    rows = np.full((SETS, 3), -1)
    for place in range(SETS):
        size = int(rng.integers(2, 4))
        drawn = sorted(rng.choice(np.arange(1, GENES), size, replace=False).tolist())
        rows[place, :size] = [0, *drawn[1:]] if place % 5 else drawn
    return rows


@pytest.fixture
def label() -> np.ndarray:
    return np.random.default_rng(1).normal(size=SETS).round(1)


@pytest.fixture
def predictions(label: np.ndarray) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(2)
    noisy = {f"noise {n}": label + n * rng.normal(size=SETS) for n in (0.5, 2)}
    return noisy | {"ties": noisy["noise 0.5"].round(0), "turned": -3 * label + 7}


def test_figures_are_those_of_scipy_and_scikit_learn(members, label, predictions):
    found = metrics.figures(label, predictions, GeneDraws.of(members, resamples=3), ALL)
    for name, values in predictions.items():
        expected = (
            pearsonr(label, values).statistic,
            spearmanr(label, values).statistic,
            mean_squared_error(label, values),
        )
        assert [found[name][m][0] for m in ALL] == pytest.approx(expected, abs=1e-12)


def weighted(label: np.ndarray, values: np.ndarray, weight: np.ndarray) -> float:
    """Correlation of sets that each stand there so many times."""
    times = weight.astype(int)
    return float(np.corrcoef(np.repeat(label, times), np.repeat(values, times))[0, 1])


@pytest.mark.parametrize("cells", [100, metrics.CELLS])
def test_resamples_are_those_of_a_naive_loop(members, label, predictions, cells, monkeypatch):
    monkeypatch.setattr(metrics, "CELLS", cells)
    found = metrics.figures(label, predictions, GeneDraws.of(members, seed=4, resamples=20), ALL)
    drawn = np.arange(1, GENES)
    counts = np.random.default_rng(4).multinomial(len(drawn), [1 / len(drawn)] * len(drawn), 20)
    for row, times in enumerate(counts):
        count = dict(zip(drawn.tolist(), times.tolist(), strict=True)) | {0: 1, -1: 1}
        weight = np.array([np.prod([count[gene] for gene in one]) for one in members.tolist()])
        for name, values in predictions.items():
            figures = {m: found[name][m][1][row] for m in ALL}
            ranks = rankdata(label), rankdata(values)
            assert figures["pearson"] == pytest.approx(weighted(label, values, weight))
            assert figures["spearman"] == pytest.approx(weighted(*ranks, weight))
            error = mean_squared_error(label, values, sample_weight=weight)
            assert figures["mse"] == pytest.approx(error)


def test_a_query_is_never_drawn_away(members):
    assert metrics.queries(members).tolist() == [0]
    draws = GeneDraws.of(members, resamples=50)
    assert (draws.counts[:, draws.column[members == 0]] == 1).all()
    assert (draws.counts[:, draws.column[members == -1]] == 1).all()
    assert draws.counts[:, :-1].sum(axis=1).tolist() == [GENES - 1] * 50


def test_sets_of_queries_alone_have_the_same_figure_in_every_resample():
    members = np.tile([0, 1, -1], (30, 1))
    label = np.random.default_rng(3).normal(size=30)
    found = metrics.figures(label, {"own": label**3}, GeneDraws.of(members, resamples=7), ALL)
    for value, drawn in found["own"].values():
        assert drawn == pytest.approx([value] * 7)


@pytest.mark.parametrize("constant", [0.0, 0.1, -3e5])
def test_a_constant_has_an_error_and_no_correlation(members, label, constant):
    values = np.full(SETS, constant)
    values[::2] *= 1 + 1e-15
    found = metrics.figures(label, {"flat": values}, GeneDraws.of(members, resamples=9), ALL)
    assert list(metrics.records(found["flat"])) == ["mse"]
    turned = metrics.figures(values, {"own": label}, GeneDraws.of(members, resamples=9), ALL)
    assert list(metrics.records(turned["own"])) == ["mse"]


def test_differences_are_paired(members, label, predictions):
    found = metrics.figures(label, predictions, GeneDraws.of(members, resamples=40), ALL)
    mine, theirs = found["noise 0.5"], found["noise 2"]
    gap = metrics.difference(mine, theirs)["pearson"]
    drawn = mine["pearson"][1] - theirs["pearson"][1]
    assert gap["value"] == pytest.approx(mine["pearson"][0] - theirs["pearson"][0], rel=1e-5)
    expected = np.percentile(drawn, [2.5, 97.5])
    assert [gap["low"], gap["high"]] == pytest.approx(expected, rel=1e-5)
    own = metrics.difference(mine, mine)
    assert all(set(record.values()) == {0.0} for record in own.values())


def test_of_errors_the_smaller_is_better():
    assert metrics.better("mse", 0.1, 0.2)
    assert metrics.better("pearson", 0.2, 0.1)
    assert not metrics.better("spearman", 0.1, 0.1)


def test_precision_is_that_of_a_naive_loop():
    """Sets of the lowest 5 % by prediction that are lowest by label, each as often as drawn."""
    rng = np.random.default_rng(7)
    members = np.sort(rng.integers(0, 80, (WIDE, 3)), axis=1)
    label = rng.normal(size=WIDE)
    values = label + rng.normal(size=WIDE)
    draws = GeneDraws.of(members, seed=2, resamples=15)
    found = metrics.figures(label, {"own": values}, draws, ("precision",))["own"]["precision"]
    low = set(np.argsort(values)[: WIDE // 20].tolist())
    hits = low & set(np.argsort(label)[: WIDE // 20].tolist())
    assert 0 < len(hits) < len(low)
    assert found[0] == pytest.approx(len(hits) / len(low))
    for row, weight in enumerate(draws.weights(slice(None))):
        total = sum(weight[one] for one in low)
        expected = sum(weight[one] for one in hits) / total if total else np.nan
        assert found[1][row] == pytest.approx(expected, nan_ok=True)
    assert len(np.unique(found[1])) > 5


def test_precision_breaks_ties_at_the_edge_evenly():
    """40 sets are tied for 20 places, a quarter of them among the lowest: 20 * 0.25 of 20."""
    label = np.arange(WIDE, dtype=float)
    values = np.ones(WIDE)
    values[[*range(10), *range(300, 330)]] = 0
    draws = GeneDraws.of(np.tile([0, 1, -1], (WIDE, 1)), resamples=2)
    found = metrics.figures(label, {"tied": values}, draws, ("precision",))
    assert found["tied"]["precision"][0] == pytest.approx(0.25)


def test_precision_of_noise_is_its_share():
    rng = np.random.default_rng(8)
    label = rng.normal(size=20_000)
    draws = GeneDraws.of(np.tile([0, 1, -1], (len(label), 1)), resamples=1)
    found = metrics.figures(label, {"noise": rng.normal(size=len(label))}, draws, ("precision",))
    assert found["noise"]["precision"][0] == pytest.approx(metrics.LOWEST, abs=0.02)


@pytest.mark.parametrize("sets", [WIDE, 80])
def test_a_constant_and_a_handful_of_sets_have_no_precision(sets):
    label = np.random.default_rng(9).normal(size=sets)
    draws = GeneDraws.of(np.tile([0, 1, -1], (sets, 1)), resamples=2)
    given = {"flat": np.full(sets, 0.3), "own": label}
    found = metrics.figures(label, given, draws, ("precision",))
    assert metrics.records(found["flat"]) == {}
    assert list(metrics.records(found["own"])) == (["precision"] if sets == WIDE else [])
