"""Figures of every protocol: again by scikit-learn, by naive loops and by naive counts."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from tests.training.conftest import UNFIT
from tests.training.nested import pairs
from training.pairs.baselines import Context
from training.pairs.family import FAMILY
from training.pairs.questions import PROTOCOLS
from training.pairs.split import PARTS
from training.scoring.bootstrap import Bootstrap, coded

pytestmark = pytest.mark.usefixtures("few_resamples", "short_ladder")

QUESTIONS = {each.name: each for each in PROTOCOLS}
OFFERED = [name for name in QUESTIONS if name not in ("given", "external")]
PAIRS = [name for name in OFFERED if name != "retrieval"]


def per_tf(figure, table: pd.DataFrame) -> float:
    """Mean of the regulators that have both labels, by a naive loop."""
    values = []
    for _, part in table.groupby("tf"):
        if part["label"].nunique() == 2:
            values.append(figure(part["label"], part["score"]))
    return np.mean(values)


def expected_figures(table: pd.DataFrame) -> dict[str, float]:
    figures = {"auroc": roc_auc_score, "auprc": average_precision_score}
    pooled = {name: figure(table["label"], table["score"]) for name, figure in figures.items()}
    return pooled | {f"{name}_per_tf": per_tf(figure, table) for name, figure in figures.items()}


def values_of(metrics: dict[str, dict[str, float]]) -> dict[str, float]:
    return {name: figure["value"] for name, figure in metrics.items()}


def expected_rungs(protocol: str) -> set[str]:
    """The baselines of a protocol that the toy is fit for."""
    if protocol.startswith("cold"):
        return {"correlation", "degree_logistic", "degree_product"}
    if protocol in ("retrieval", "uniform") or protocol.startswith("imbalance"):
        return {"tf_degree", "degree_logistic"}
    return {*FAMILY.rungs()} - {*UNFIT}


def test_figures_are_scikit_learns_on_the_predictions(evaluated):
    _, found, predictions = evaluated
    report = {"protocols": pairs(found)}
    assert list(report["protocols"]) == list(predictions) == OFFERED
    for name in PAIRS:
        table, body = predictions[name], report["protocols"][name]
        label = table["label"].to_numpy()
        assert values_of(body["metrics"]) == pytest.approx(expected_figures(table)), name
        assert (body["positives"], body["negatives"]) == (label.sum(), (1 - label).sum())


def test_probabilities_are_decided_at_the_ratio_of_the_pairs(evaluated):
    _, found, predictions = evaluated
    report = {"protocols": pairs(found)}
    for name in PAIRS:
        body, table = report["protocols"][name], predictions[name]
        assert bool(body["decisions"]) == (QUESTIONS[name].component == "probability")
        if not body["decisions"]:
            continue
        odds = table["probability"] / (1 - table["probability"]) / body["ratio"]
        chance, label = odds / (1 + odds), table["label"] == 1
        assert body["negatives"] == body["ratio"] * body["positives"]
        expected = {
            "accuracy": np.mean((chance > 0.5) == label),
            "brier": np.mean((chance - label) ** 2),
        }
        got = {name: body["decisions"][name] for name in expected}
        assert got == pytest.approx(expected, rel=1e-5)
        assert sum(count for *_, count in body["series"]["reliability", "entry"]) == len(table)
        # The share of edges in the bins, weighted by their pairs, is that of all pairs.
        share = sum(
            part * count for _, part, count in body["series"]["reliability", "entry"]
        ) / len(table)
        assert share == pytest.approx(label.mean())


def test_retrieval_is_the_mean_over_held_out_edges(evaluated):
    _, found, predictions = evaluated
    report = {"protocols": pairs(found)}
    rank = predictions["retrieval"]["rank"].to_numpy()
    body = report["protocols"]["retrieval"]
    expected = {"mrr": np.mean(1 / rank)}
    expected |= {f"hits@{k}": np.mean(rank <= k) for k in (1, 10, 50)}
    assert {k: v["value"] for k, v in body["metrics"].items()} == pytest.approx(expected)
    assert body["positives"] == len(rank)


def test_intervals_hold_their_figures_and_the_ladder_is_beside_them(evaluated):
    entry, found, _ = evaluated
    report = {"protocols": pairs(found)}
    rivals = set() if entry == "degree-toy" else {"degree", "shuffled"}
    for name, body in report["protocols"].items():
        for figure in body["metrics"].values():
            low, high = figure["low"] - 1e-12, figure["high"] + 1e-12  # up to rounding
            assert low <= figure["value"] <= high
            # A count of degrees gives one score to all genes that training never saw.
            constant = entry == "degree-toy" and name.startswith("cold")
            assert figure["low"] < figure["high"] or constant
        rungs = expected_rungs(name)
        assert set(body["ladder"]) == rungs | rivals, name
        for rung, beside in body["ladder"].items():
            if rung in rungs:
                assert beside["title"] == FAMILY.rung(rung).TITLE
            assert set(beside["metrics"]) == set(body["metrics"])


def test_every_baseline_has_its_difference_and_the_best_leads(evaluated):
    _, found, _ = evaluated
    report = {"protocols": pairs(found)}
    for name, body in report["protocols"].items():
        leading = "mrr" if name == "retrieval" else "auroc"
        theirs = {n: beside["metrics"][leading]["value"] for n, beside in body["ladder"].items()}
        assert theirs[body["best"][leading]] == max(theirs.values())
        for rival in body["ladder"].values():
            assert set(rival["difference"]) == set(body["metrics"])
            for metric, gap in rival["difference"].items():
                own, other = body["metrics"][metric]["value"], rival["metrics"][metric]["value"]
                assert gap["value"] == pytest.approx(own - other, abs=1e-12), name


def test_the_interval_of_a_difference_is_paired(toy_answers, toy_split, toy_data):
    """The same regulators are drawn for both sides: resampled again here, by a naive loop."""
    found, tables = toy_answers("degree-toy")
    body, table = pairs(found)["uniform"], tables["uniform"]
    best = body["best"]["auroc"]
    rung = FAMILY.rung(best).fit(Context.of(toy_data, toy_split), "uniform")
    label = table["label"].to_numpy(bool)
    tf = toy_data.vocabulary.regulator_index(table["tf"])
    gene = toy_data.vocabulary.gene_index(table["gene"])
    other = rung(np.stack([tf, gene], 1))
    beside = body["ladder"][best]["metrics"]["auroc"]["value"]
    assert beside == pytest.approx(roc_auc_score(label, other))
    draws = Bootstrap.of(coded(table["tf"].to_numpy()))
    gaps = [
        roc_auc_score(label, table["score"], sample_weight=weight)
        - roc_auc_score(label, other, sample_weight=weight)
        for weight in draws.weights(slice(None))
    ]
    low, high = np.percentile(gaps, [2.5, 97.5])
    gap = body["ladder"][best]["difference"]["auroc"]
    assert (gap["low"], gap["high"]) == pytest.approx((low, high))


def test_curves_are_those_of_the_figures(evaluated):
    """The area under a curve thinned to 100 points is the AUROC, but for the thinning."""
    _, found, _ = evaluated
    report = {"protocols": pairs(found)}
    for name in PAIRS:
        body = report["protocols"][name]
        for kind in ("roc", "pr"):
            curves = {m: rows for (k, m), rows in body["series"].items() if k == kind}
            best = body["best"]["auroc"]
            assert {"entry", best} <= set(curves) <= {"entry", "degree", best}
            assert all(2 <= len(points) <= 100 for points in curves.values())
        for (kind, shown), points in body["series"].items():
            if kind != "roc":
                continue
            at = body["metrics"] if shown == "entry" else body["ladder"][shown]["metrics"]
            x, y = np.transpose(points)
            assert np.trapezoid(y, x) == pytest.approx(at["auroc"]["value"], abs=0.01)


def test_bins_of_degree_and_families_are_those_of_a_naive_count(toy_answers, toy_data, toy_split):
    found, tables = toy_answers("two_tower-toy")
    report = pairs(found)
    trained = toy_data.edges[toy_split.part == PARTS.index("train")]["gene"].value_counts()
    for name in PAIRS:
        table = tables[name]
        degree = table["gene"].map(trained).fillna(0)
        for low, high, positives, negatives, auroc, *_ in report[name]["series"]["degree", "entry"]:
            part = table[degree.between(low, np.inf if high is None else high)]
            counts = (part["label"].sum(), (1 - part["label"]).sum())
            assert (positives, negatives) == counts
            assert auroc == pytest.approx(roc_auc_score(part["label"], part["score"]))
        # The toy's regulators are all of the family G.
        families = report[name]["series"].get(("family", "entry"), [])
        listed = int(table["label"].sum())
        assert [(f[0], f[2]) for f in families] == [("G", listed)] * (listed >= 20)
    cold = report["cold_gene"]["series"]["degree", "entry"]
    assert [tuple(row[:2]) for row in cold] == [(0, 0)]
