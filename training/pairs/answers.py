"""One protocol's figures: the entry's, every baseline's, and the paired difference to the best."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Int64
from sklearn.metrics import precision_recall_curve, roc_curve

from training.pairs.questions import Labelled, Question
from training.scoring import metrics

CURVE_POINTS = 100
RANKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
DEGREE_BINS = ((0, 0), (1, 2), (3, 5), (6, 10), (11, None))
FAMILY_POSITIVES = 20
_STEM = re.compile(r"[A-Za-z]+")


@dataclass(frozen=True)
class Rival:
    """A baseline's scores of the same pairs (or ranks of the same edges)."""

    title: str
    values: Float[np.ndarray, "pairs"]


def pair_body(
    question: Question,
    own: pd.DataFrame,
    rivals: Mapping[str, Rival],
    in_degree: Int64[np.ndarray, "pairs"],
) -> dict[str, Any]:
    """What evaluation.json holds of one question; `in_degree`: training edges of a pair's gene."""
    label, score = own["label"].to_numpy(bool), own["score"].to_numpy()
    resamples = metrics.RESAMPLES if question.ratio == 1 else metrics.RESAMPLES // 5
    draws = metrics.Resampling.of(own["tf"].to_numpy(), resamples=resamples)
    mine = pair_figures(label, score, draws)
    ladder, theirs = {}, {}
    for name, rival in rivals.items():
        theirs[name] = pair_figures(label, rival.values, draws)
        ladder[name] = {"title": rival.title, "metrics": records(theirs[name])}
    best = max(theirs, key=lambda name: theirs[name]["auroc"][0]) if theirs else None
    by_probability = question.component == "probability" or not np.ptp(own["pair_specific"])
    body: dict[str, Any] = {
        "kind": "pairs",
        "description": question.description,
        "component": "probability" if by_probability else question.component,
        "ratio": question.ratio,
        "resamples": resamples,
        "positives": int(label.sum()),
        "negatives": int((~label).sum()),
        "resampled_by": "tf",
        "metrics": records(mine),
        "ladder": ladder,
        "best": best,
        "difference": difference(mine, theirs[best]) if best else {},
        "curves": _curves(label, {"entry": score} | {n: r.values for n, r in rivals.items()}, best),
        "by_degree": _by_degree(label, score, draws, in_degree),
        "by_family": _by_family(label, score, own["tf"]),
    }
    if question.component == "probability":
        ratio = (~label).sum() / label.sum() if question.negatives == "uniform" else 1.0
        body["decisions"] = metrics.decisions(label, own["probability"].to_numpy(), ratio)
        body["reliability"] = _reliability(label, own["probability"].to_numpy(), ratio)
    return body


def retrieval_body(
    description: str, own: pd.DataFrame, rivals: Mapping[str, Rival]
) -> dict[str, Any]:
    """What evaluation.json holds of retrieval; resampled by gene."""
    draws = metrics.Resampling.of(own["gene"].to_numpy())
    mine = rank_figures(own["rank"].to_numpy(), draws)
    theirs = {name: rank_figures(rival.values, draws) for name, rival in rivals.items()}
    best = max(theirs, key=lambda name: theirs[name]["mrr"][0]) if theirs else None
    ranks = {"entry": own["rank"].to_numpy()} | {n: r.values for n, r in rivals.items()}
    return {
        "kind": "retrieval",
        "description": description,
        "positives": len(own),
        "resampled_by": "gene",
        "metrics": records(mine),
        "ladder": {
            name: {"title": rivals[name].title, "metrics": records(figures)}
            for name, figures in theirs.items()
        },
        "best": best,
        "difference": difference(mine, theirs[best]) if best else {},
        "ranks": {n: [float((r <= k).mean()) for k in RANKS] for n, r in ranks.items()},
    }


Figures = dict[str, tuple[float, metrics.Resampled]]


def pair_figures(
    label: metrics.Labels, score: metrics.Scores, draws: metrics.Resampling
) -> Figures:
    return {name: figure(label, score, draws) for name, figure in metrics.PAIR_FIGURES.items()}


def rank_figures(rank: Float[np.ndarray, "edges"], draws: metrics.Resampling) -> Figures:
    def means(values: Float[np.ndarray, "edges"]) -> metrics.Resampled:
        total = np.bincount(draws.group, values, draws.weights.shape[1])
        count = np.bincount(draws.group, minlength=draws.weights.shape[1])
        return (draws.weights @ total) / (draws.weights @ count)

    kinds = metrics.reciprocal_ranks(rank)
    return {name: (float(values.mean()), means(values)) for name, values in kinds.items()}


def records(figures: Figures) -> dict[str, dict[str, float]]:
    """Figures with intervals; one that no group has both labels for is left out."""
    kept = {name: pair for name, pair in figures.items() if np.isfinite(pair[0])}
    return {name: metrics.record(*pair) for name, pair in kept.items()}


def difference(mine: Figures, theirs: Figures) -> dict[str, dict[str, float]]:
    """Mine minus theirs, resample by resample."""
    return records(
        {n: (mine[n][0] - theirs[n][0], mine[n][1] - theirs[n][1]) for n in mine if n in theirs}
    )


def _curves(
    label: metrics.Labels, scores: Mapping[str, Float[np.ndarray, "pairs"]], best: str | None
) -> dict[str, dict[str, list[list[float]]]]:
    """ROC and precision-recall curves of the entry, its best baseline and the degree count."""
    shown = [name for name in ("entry", best, "degree") if name in scores]
    roc, pr = {}, {}
    for name in dict.fromkeys(shown):
        fpr, tpr, _ = roc_curve(label, scores[name])
        precision, recall, _ = precision_recall_curve(label, scores[name])
        roc[name] = _thinned(fpr, tpr)
        pr[name] = _thinned(recall[::-1], precision[::-1])
    return {"roc": roc, "pr": pr}


def _thinned(x: np.ndarray, y: np.ndarray) -> list[list[float]]:
    """At most CURVE_POINTS points of a curve, its ends kept."""
    rows = np.unique(np.linspace(0, len(x) - 1, min(CURVE_POINTS, len(x))).round().astype(int))
    return [[round(float(a), 4), round(float(b), 4)] for a, b in zip(x[rows], y[rows], strict=True)]


def _reliability(
    label: metrics.Labels, probability: metrics.Scores, ratio: float
) -> list[list[float | int]]:
    """Mean probability, share of positives and pairs in each bin of equal width that has any."""
    corrected = metrics.at_ratio(probability, ratio)
    bins = np.minimum((corrected * metrics.BINS).astype(int), metrics.BINS - 1)
    rows = [bins == number for number in range(metrics.BINS)]
    return [
        [float(corrected[row].mean()), float(label[row].mean()), int(row.sum())]
        for row in rows
        if row.any()
    ]


def _by_degree(
    label: metrics.Labels,
    score: metrics.Scores,
    draws: metrics.Resampling,
    degree: Int64[np.ndarray, "pairs"],
) -> list[dict[str, Any]]:
    """AUROC among the pairs of genes with so many training edges."""
    found = []
    for low, high in DEGREE_BINS:
        rows = (degree >= low) & (degree <= (high if high is not None else degree.max()))
        if not 0 < label[rows].sum() < rows.sum():
            continue
        part = metrics.Resampling.of(draws.group[rows])
        figure = metrics.record(*metrics.auroc(label[rows], score[rows], part))
        counts = {"positives": int(label[rows].sum()), "negatives": int((~label[rows]).sum())}
        found.append({"low": low, "high": high, **counts, "auroc": figure})
    return found


def _by_family(label: metrics.Labels, score: metrics.Scores, tf: pd.Series) -> list[dict[str, Any]]:
    """AUROC among the pairs of regulators whose symbols share a stem (SOX, STAT, ...)."""
    stem = tf.map(lambda name: _STEM.match(name)[0] if _STEM.match(name) else name).to_numpy()
    found = []
    for family in np.unique(stem):
        rows = stem == family
        positives = int(label[rows].sum())
        if positives < FAMILY_POSITIVES or positives == rows.sum():
            continue
        draws = metrics.Resampling.of(tf.to_numpy()[rows])
        figure = metrics.record(*metrics.auroc(label[rows], score[rows], draws))
        tfs = int(tf[rows].nunique())
        found.append({"family": family, "tfs": tfs, "positives": positives, "auroc": figure})
    return sorted(found, key=lambda row: -row["positives"])


def asked_degrees(asked: Labelled, in_degree: Int64[np.ndarray, "genes"]) -> np.ndarray:
    """Training edges of each pair's gene."""
    return in_degree[asked.pairs[:, 1]]
