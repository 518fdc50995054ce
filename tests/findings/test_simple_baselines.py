"""The findings page on simple baselines: its figures by other ways, its rules, and its words."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from tests.findings.scripts import scripts
from tests.training.data.real import load
from training.data.files import DataFiles

SCRIPTS = scripts("simple-baselines")
page, cited, verdicts = SCRIPTS.page, SCRIPTS.cited, SCRIPTS.verdicts
interaction, held_out = SCRIPTS.interaction, SCRIPTS.held_out
FINDINGS = Path(__file__).parents[2] / "findings" / "simple-baselines"
GENES = 60
REAL = pytest.mark.skipif("ZOO_DATA" not in os.environ, reason="ZOO_DATA is not set")


def groups(size: float = 0.0, cells: int = 80, seed: int = 0):
    """Normal cells of a double with an interaction of that L2, its singles and controls."""
    rng = np.random.default_rng(seed)
    one, other, beyond = (rng.normal(size=GENES) for _ in range(3))
    beyond = size * beyond / np.linalg.norm(beyond)
    means = (one + other + beyond, one, other, np.zeros(GENES))
    return interaction.Groups(*(mean + rng.normal(size=(cells, GENES)) for mean in means))


def test_without_interaction_the_error_is_that_of_two_halves():
    """4 s2/n both times, by the formula, by the draws and by many data sets."""
    cells = 80
    noise = interaction.draw(groups(cells=cells), np.random.default_rng(1))
    expected = 4 * GENES / cells
    assert np.square(noise.halves).mean() == pytest.approx(expected, rel=0.1)
    assert np.square(noise.beyond).sum(1).mean() == pytest.approx(expected, rel=0.1)
    errors = [np.square(groups(cells=cells, seed=seed).beyond).sum() for seed in range(200)]
    assert np.mean(errors) == pytest.approx(expected, rel=0.05)
    assert groups(cells=cells).noise.sum() == pytest.approx(expected, rel=0.1)


def test_the_draws_have_the_variance_of_the_means():
    drawn = interaction.draw(groups(), np.random.default_rng(0), draws=20_000)
    assert drawn.beyond.var(axis=0) == pytest.approx(groups().noise, rel=0.1)


def test_an_interaction_of_the_size_that_is_seen_is_seen_in_80_of_100():
    rng = np.random.default_rng(0)
    null = interaction.draw(groups(), rng)
    size = interaction.smallest_seen(null, interaction.direction("many", groups(), rng))
    limit = np.quantile(np.linalg.norm(null.beyond, axis=1), 0.95)
    seen = [np.linalg.norm(groups(size, seed=seed).beyond) > limit for seed in range(400)]
    assert np.mean(seen) == pytest.approx(0.8, abs=0.08)
    none = [np.linalg.norm(groups(seed=seed).beyond) > limit for seed in range(400)]
    assert np.mean(none) < 0.15


def test_what_is_excluded_grows_with_the_error():
    rng = np.random.default_rng(0)
    noise = interaction.draw(groups(), rng)
    planted = interaction.direction("few", groups(), rng)
    errors = np.quantile(np.linalg.norm(noise.beyond, axis=1), [0.2, 0.8])
    sizes = [interaction.excluded(noise, planted, error) for error in errors]
    assert 0 < sizes[0] < sizes[1]
    assert np.linalg.norm(planted) == pytest.approx(1)
    assert np.count_nonzero(planted) == interaction.FEW


@pytest.mark.parametrize("true", [1.0, 0.6])
def test_the_slope_of_a_double_is_that_of_its_truth(true):
    """The intervals of 200 data sets hold the true slope in 95 % of them."""
    inside, slopes, rng = [], [], np.random.default_rng(0)
    for seed in range(200):
        made = groups(seed=seed)
        additive = np.random.default_rng(seed).normal(size=(2, GENES)).sum(axis=0)
        double = made.double - (1 - true) * additive
        changed = interaction.Groups(double, made.one, made.other, made.control)
        value, low, high = interaction.slope(changed, interaction.draw(changed, rng, 300))
        inside.append(low <= true <= high)
        slopes.append(value)
    assert np.mean(slopes) == pytest.approx(true, abs=0.02)
    assert 0.9 <= np.mean(inside) <= 1.0


def test_a_slope_of_nothing_is_not_told():
    rng = np.random.default_rng(0)
    still = interaction.Groups(*(rng.normal(size=(80, GENES)) for _ in range(4)))
    assert np.isnan(interaction.slope(still, interaction.draw(still, rng))).all()


def test_changed_genes_are_those_of_benjamini_and_hochberg():
    rng = np.random.default_rng(0)
    beyond, noise = rng.normal(size=GENES), np.full(GENES, 0.5)
    beyond[:5] += 6
    p = 2 * stats.norm.sf(np.abs(beyond) / np.sqrt(noise))
    order = np.argsort(p)
    passed = np.flatnonzero(p[order] <= 0.05 * np.arange(1, GENES + 1) / GENES)
    naive = np.zeros(GENES, bool)
    naive[order[: passed.max() + 1]] = True
    found = interaction.changed(beyond, noise)
    assert found.tolist() == naive.tolist()
    assert found[:5].all()
    assert not interaction.changed(np.zeros(3), np.zeros(3)).any()


@REAL
def test_the_five_doubles_are_those_whose_singles_were_measured():
    data = load(page.NORMAN)
    found = interaction.doubles(data)
    names = dict(zip(data.set_names, data.profiles.change, strict=True))
    whole = {name for name in names if "+" in name and set(name.split("+")) <= set(names)}
    assert set(found) == whole
    assert len(whole) == 5
    committed = pd.read_csv(FINDINGS / "results" / "interaction.csv").set_index("double")
    for name, each in found.items():
        one, other = name.split("+")
        error = np.linalg.norm(names[name] - names[one] - names[other])
        assert np.linalg.norm(each.beyond) == pytest.approx(error)
        assert committed.loc[name, "additive"] == pytest.approx(error, rel=1e-4)
        errors = [data.profiles.error[data.set_names.index(n)].sum() for n in (name, one, other)]
        alone = data.profiles.control_error.sum()
        assert each.noise.sum() == pytest.approx(sum(errors) + alone)


@REAL
def test_cited_figures_are_means_over_the_rows_of_the_table():
    found = cited.scperturbench(DataFiles.find())
    committed = pd.read_csv(FINDINGS / "results" / "scperturbench.csv")
    pd.testing.assert_frame_equal(found, committed, rtol=1e-4, atol=1e-5)
    norman = found[(found["screen"] == "Norman") & (found["reference"] == "trainMean")]
    value = norman.set_index(["method", "genes"])["value"]
    for method, top, every in (
        ("scouter", 0.810, 0.691),
        ("trainMean", 0.810, 0.705),
        ("linearModel", 0.809, 0.706),
        ("scGPT", 0.760, 0.662),
        ("GEARS", 0.757, 0.591),
        ("scFoundation", 0.669, 0.407),
    ):
        assert value[method, 100] == pytest.approx(top, abs=6e-4)
        assert value[method, 5000] == pytest.approx(every, abs=6e-4)


def scores(**gaps: tuple[float, float]) -> pd.DataFrame:
    """Rows of methods with the two ends of their intervals, against both references."""
    rows = [
        {"screen": "Norman", "genes": 100, "method": name, "reference": reference}
        | {"gap_low": low, "gap_high": high}
        for name, (low, high) in gaps.items()
        for reference in cited.REFERENCES
    ]
    return pd.DataFrame(rows)


BELOW, AROUND, ABOVE = (-0.2, -0.1), (-0.1, 0.1), (0.1, 0.2)


@pytest.mark.parametrize(
    ("gaps", "linear", "mean"),
    [
        ((BELOW, BELOW, BELOW), verdicts.SUPPORTED, verdicts.SUPPORTED),
        ((BELOW, AROUND, BELOW), verdicts.UNDECIDED, verdicts.SUPPORTED),
        ((BELOW, ABOVE, BELOW), verdicts.UNDECIDED, verdicts.NOT),
        ((ABOVE, ABOVE, ABOVE), verdicts.NOT, verdicts.NOT),
    ],
)
def test_claims_follow_from_intervals(gaps, linear, mean):
    rows = scores(**dict(zip(verdicts.PRETRAINED, gaps, strict=True)))
    assert verdicts.linear_first(rows) == linear
    assert verdicts.mean_first(rows, "Norman") == mean
    assert verdicts.additive_first() == verdicts.SUPPORTED


@pytest.mark.parametrize(
    ("random", "mean", "verdict"),
    [
        ((-0.05, 0.3), AROUND, verdicts.SUPPORTED),
        ((-0.3, 0.3), AROUND, verdicts.UNDECIDED),
        (BELOW, AROUND, verdicts.UNDECIDED),
        (BELOW, BELOW, verdicts.NOT),
        (ABOVE, BELOW, verdicts.SUPPORTED),
    ],
)
def test_learned_vectors_have_to_beat_random_ones_and_the_mean(random, mean, verdict):
    def rows(low: float, high: float) -> pd.DataFrame:
        models = {"model": ["linear_random", "linear_go"], "l2": [1.0, 1.0]}
        return pd.DataFrame(models | {"gap_low": [0.0, low], "gap_high": [0.0, high]})

    assert verdicts.random_as_good(rows(*random), rows(*mean), ["linear_go"]) == verdict


def test_so_many_unseen_genes_tell_a_difference_in_80_of_100():
    gap, deviation = 0.3, 1.0
    needed = round(verdicts.singles_needed(gap, deviation))
    drawn = np.random.default_rng(0).normal(gap, deviation, size=(4000, needed))
    p = stats.ttest_1samp(drawn, 0, axis=1).pvalue
    assert (p < 0.05).mean() == pytest.approx(0.8, abs=0.03)
    assert verdicts.singles_needed(0, 1) == np.inf


def test_differences_to_the_mean_are_paired():
    rows = pd.DataFrame(
        {
            "data": "toy",
            "single": ["A", "B", "C"] * 2,
            "training": 9,
            "model": ["mean"] * 3 + ["other"] * 3,
            "l2": [1.0, 2.0, 3.0, 0.5, 1.5, 2.5],
            "vector": True,
        }
    )
    found = held_out.compared(rows).set_index("model").loc["other"]
    assert found[["l2", "gap", "gap_low", "gap_high"]].tolist() == [1.5, -0.5, -0.5, -0.5]
    assert found["ahead"] == 3


def test_the_committed_pages_are_what_the_results_say():
    results = page.read(FINDINGS)
    for name, text in page.pages(results).items():
        assert text == (FINDINGS / name).read_text(), name
    said = " ".join((FINDINGS / "README.md").read_text().split())
    assert "None of the five is beyond chance." in said
    assert "Underpowered." in said
    assert "is clearly ahead of the training mean" in said


def test_what_the_page_says_of_the_five_doubles_is_so():
    rows = pd.read_csv(FINDINGS / "results" / "doubles.csv")
    l2 = rows.pivot(index="model", columns="double", values="l2")
    additive = l2.loc["additive"]
    assert l2.shape[1] == 5
    assert (additive < l2.loc[["no_change", "mean"]].min()).all()
    assert (additive < 1.05 * l2.loc["noise"]).all()
    assert (l2.loc["shrunken_additive"] < additive).all()
    linear = l2[l2.index.str.startswith("linear_")]
    assert (linear < l2.loc["noise"]).sum().sum() == 1
    assert linear.loc["linear_tf_targets", "MAPK1+TGFBR2"] < l2.loc["noise", "MAPK1+TGFBR2"]
    others = rows[~rows["model"].isin(["additive", "noise"])]
    assert (others["slope"] < 1).all()


def test_what_the_page_says_of_unseen_genes_is_so():
    for part in page._unseen(
        pd.read_csv(FINDINGS / "results" / "unseen.csv"), "no_change"
    ).values():
        rows = part.set_index("model")
        assert rows.loc["mean", "gap_high"] > 0
        assert not (rows.filter(like="linear_", axis=0)["gap_high"] < 0).any()


def test_a_page_without_our_measurements_leaves_them_out():
    results = page.read(FINDINGS)
    few = {name: results[name] for name in ("scperturbench", "scouter", "interaction")}
    text = page.pages(few)["README.md"]
    assert "## c." not in text
    assert "## e." in text
