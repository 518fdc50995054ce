"""Correlations and errors against scipy, the bootstrap over genes against a naive loop."""

import numpy as np
import pytest
from scipy.stats import pearsonr, rankdata, spearmanr
from sklearn.metrics import mean_squared_error

from training.perturbations.questions import queries
from training.scoring import bootstrap, continuous
from training.scoring.bootstrap import Bootstrap
from training.scoring.table import better

ALL = ("pearson", "spearman", "mse")
WIDE = 400
GENES, SETS = 15, 60


def draw(members: np.ndarray, seed: int = 0, resamples: int = 1) -> Bootstrap:
    """Genes drawn again, but for queries."""
    return Bootstrap.of(members, queries(members), seed=seed, resamples=resamples)


def figures(label, predictions: dict, draws: Bootstrap, measures) -> dict[str, dict]:
    """Every model's figures by their measures."""
    found: dict[str, dict] = {name: {} for name in predictions}
    for name in measures:
        measure = getattr(continuous, name.upper())
        values = measure.of(label, list(predictions.values()), draws)
        for model, value in zip(predictions, values, strict=True):
            found[model][name] = value
    return found


def defined(figures: dict) -> list[str]:
    """Measures that have a value."""
    return [name for name, (value, _) in figures.items() if np.isfinite(value)]


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
    found = figures(label, predictions, draw(members, resamples=3), ALL)
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


@pytest.mark.parametrize("cells", [100, bootstrap.CELLS])
def test_resamples_are_those_of_a_naive_loop(members, label, predictions, cells, monkeypatch):
    monkeypatch.setattr(bootstrap, "CELLS", cells)
    found = figures(label, predictions, draw(members, seed=4, resamples=20), ALL)
    drawn = np.arange(1, GENES)
    counts = np.random.default_rng(4).multinomial(len(drawn), [1 / len(drawn)] * len(drawn), 20)
    for row, times in enumerate(counts):
        count = dict(zip(drawn.tolist(), times.tolist(), strict=True)) | {0: 1, -1: 1}
        weight = np.array([np.prod([count[gene] for gene in one]) for one in members.tolist()])
        for name, values in predictions.items():
            drawn_now = {m: found[name][m][1][row] for m in ALL}
            ranks = rankdata(label), rankdata(values)
            assert drawn_now["pearson"] == pytest.approx(weighted(label, values, weight))
            assert drawn_now["spearman"] == pytest.approx(weighted(*ranks, weight))
            error = mean_squared_error(label, values, sample_weight=weight)
            assert drawn_now["mse"] == pytest.approx(error)


def test_a_query_is_never_drawn_away(members):
    assert queries(members).tolist() == [0]
    draws = draw(members, resamples=50)
    assert (draws.counts[:, draws.place[members == 0]] == 1).all()
    assert (draws.counts[:, draws.place[members == -1]] == 1).all()
    assert draws.counts[:, :-1].sum(axis=1).tolist() == [GENES - 1] * 50


def test_sets_of_queries_alone_have_the_same_figure_in_every_resample():
    members = np.tile([0, 1, -1], (30, 1))
    label = np.random.default_rng(3).normal(size=30)
    found = figures(label, {"own": label**3}, draw(members, resamples=7), ALL)
    for value, drawn in found["own"].values():
        assert drawn == pytest.approx([value] * 7)


@pytest.mark.parametrize("constant", [0.0, 0.1, -3e5])
def test_a_constant_has_an_error_and_no_correlation(members, label, constant):
    values = np.full(SETS, constant)
    values[::2] *= 1 + 1e-15
    found = figures(label, {"flat": values}, draw(members, resamples=9), ALL)
    assert defined(found["flat"]) == ["mse"]
    turned = figures(values, {"own": label}, draw(members, resamples=9), ALL)
    assert defined(turned["own"]) == ["mse"]


def test_of_errors_the_smaller_is_better():
    assert better("mse", 0.1, 0.2)
    assert better("pearson", 0.2, 0.1)
    assert not better("spearman", 0.1, 0.1)


def test_precision_is_that_of_a_naive_loop():
    """Sets of the lowest 5 % by prediction that are lowest by label, each as often as drawn."""
    rng = np.random.default_rng(7)
    members = np.sort(rng.integers(0, 80, (WIDE, 3)), axis=1)
    label = rng.normal(size=WIDE)
    values = label + rng.normal(size=WIDE)
    draws = draw(members, seed=2, resamples=15)
    found = figures(label, {"own": values}, draws, ("precision",))["own"]["precision"]
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
    draws = draw(np.tile([0, 1, -1], (WIDE, 1)), resamples=2)
    found = figures(label, {"tied": values}, draws, ("precision",))
    assert found["tied"]["precision"][0] == pytest.approx(0.25)


def test_precision_of_noise_is_its_share():
    rng = np.random.default_rng(8)
    label = rng.normal(size=20_000)
    draws = draw(np.tile([0, 1, -1], (len(label), 1)), resamples=1)
    found = figures(label, {"noise": rng.normal(size=len(label))}, draws, ("precision",))
    assert found["noise"]["precision"][0] == pytest.approx(continuous.LOWEST, abs=0.02)


@pytest.mark.parametrize("sets", [WIDE, 80])
def test_a_constant_and_a_handful_of_sets_have_no_precision(sets):
    label = np.random.default_rng(9).normal(size=sets)
    draws = draw(np.tile([0, 1, -1], (sets, 1)), resamples=2)
    given = {"flat": np.full(sets, 0.3), "own": label}
    found = figures(label, given, draws, ("precision",))
    assert defined(found["flat"]) == []
    assert defined(found["own"]) == (["precision"] if sets == WIDE else [])
