"""What is said of pairs besides measures with intervals: decisions, curves, and bins of pairs."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float, Int64
from sklearn.metrics import precision_recall_curve, roc_auc_score, roc_curve

from training.family import Extras
from training.pairs.batches import Degrees
from training.scoring.bootstrap import Draws, interval
from training.scoring.question import Question
from training.scoring.rankings import BINS, Labels, Scores, at_ratio, auroc, decisions
from training.scoring.table import ENTRY, Series
from zoo.results import Terms

CURVE_POINTS = 100
RANKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
DEGREE_BINS = ((0, 0), (1, 2), (3, 5), (6, 10), (11, None))
FAMILY_POSITIVES = 20
_STEM = re.compile(r"[A-Za-z]+")

Rows = list[list[Any]]


def of_pairs(
    question: Question,
    answers: Mapping[str, np.ndarray],
    terms: Terms,
    component: str,
    subject: Any,
) -> Extras:
    """Of labelled pairs: curves, AUROC by degree and family; and decisions by probabilities."""
    label, score, spec = question.label, np.asarray(answers[ENTRY]), question.spec
    found = Extras(facts={"component": component})
    rivals = [name for name in answers if name != ENTRY]
    best = max(rivals, key=lambda name: roc_auc_score(label, answers[name]), default=ENTRY)
    for model in dict.fromkeys(n for n in (ENTRY, best, "degree") if n in answers):
        fpr, tpr, _ = roc_curve(label, answers[model])
        precision, recall, _ = precision_recall_curve(label, answers[model])
        columns = ["false_positive_rate", "true_positive_rate"]
        found.series.append(_series(question, "roc", columns, _thinned(fpr, tpr), model))
        curve = _thinned(recall[::-1], precision[::-1])
        found.series.append(_series(question, "pr", ["recall", "precision"], curve, model))
    if spec.component == "probability":
        ratio = (~label).sum() / label.sum() if spec.negatives == "uniform" else 1.0
        found.figures = decisions(label, terms.probability, ratio)
        bins = _reliability(label, terms.probability, ratio)
        columns = ["probability", "share", "pairs"]
        found.series.append(_series(question, "reliability", columns, bins))
    data, split = subject.data, subject.split
    in_degree = Degrees.count(data, split.positives(data, "train")).gene[question.rows[:, 1]]
    columns = ["low", "high", "positives", "negatives", "auroc", "auroc_low", "auroc_high"]
    bins = _by_degree(label, score, question.units, in_degree)
    found.series.append(_series(question, "degree", columns, bins))
    columns = ["family", "tfs", "positives", "auroc", "auroc_low", "auroc_high"]
    bins = _by_family(label, score, pd.Series(question.units))
    found.series.append(_series(question, "family", columns, bins))
    found.series = [each for each in found.series if each.rows]
    return found


def of_ranks(question: Question, answers: Mapping[str, np.ndarray]) -> Extras:
    """The share of held-out edges up to each of some ranks, for every model."""
    shares = {
        model: [[k, float((rank <= k).mean())] for k in RANKS] for model, rank in answers.items()
    }
    columns = ["rank", "share"]
    return Extras(
        series=[_series(question, "ranks", columns, rows, m) for m, rows in shares.items()]
    )


def of_regulators(question: Question, answers: Mapping[str, np.ndarray]) -> Extras:
    """AUROC of every regulator that has both labels."""
    rows: Rows = []
    for tf in np.unique(question.units):
        part = question.units == tf
        label = question.label[part]
        if 0 < label.sum() < len(label):
            figure = float(roc_auc_score(label, answers[ENTRY][part]))
            rows.append([str(tf), int(label.sum()), int((~label).sum()), figure])
    columns = ["regulator", "positives", "negatives", "auroc"]
    return Extras(series=[_series(question, "regulator", columns, rows)] if rows else [])


def _series(
    question: Question, kind: str, columns: list[str], rows: Rows, model: str = ENTRY
) -> Series:
    return Series(
        protocol=question.protocol,
        question=question.name,
        model=model,
        kind=kind,
        columns=columns,
        rows=rows,
    )


def _thinned(x: np.ndarray, y: np.ndarray) -> Rows:
    """At most CURVE_POINTS points of a curve, its ends included."""
    rows = np.unique(np.linspace(0, len(x) - 1, min(CURVE_POINTS, len(x))).round().astype(int))
    return [[round(float(a), 4), round(float(b), 4)] for a, b in zip(x[rows], y[rows], strict=True)]


def _reliability(label: Labels, probability: Scores, ratio: float) -> Rows:
    """Mean probability, share of positives and pairs in each bin of equal width that has any."""
    corrected = at_ratio(probability, ratio)
    bins = np.minimum((corrected * BINS).astype(int), BINS - 1)
    rows = [bins == number for number in range(BINS)]
    return [
        [float(corrected[row].mean()), float(label[row].mean()), int(row.sum())]
        for row in rows
        if row.any()
    ]


def _auroc(label: Labels, score: Scores, units: np.ndarray) -> list[float]:
    value, drawn = auroc(label, score, Draws.of(units))
    return [value, *interval(drawn)]


def _by_degree(
    label: Labels,
    score: Float[np.ndarray, "pairs"],
    units: np.ndarray,
    degree: Int64[np.ndarray, "pairs"],
) -> Rows:
    """AUROC among the pairs of genes with so many training edges."""
    found: Rows = []
    for low, high in DEGREE_BINS:
        rows = (degree >= low) & (degree <= (high if high is not None else degree.max()))
        positives = int(label[rows].sum())
        if 0 < positives < rows.sum():
            counts = [low, high, positives, int(rows.sum()) - positives]
            found.append([*counts, *_auroc(label[rows], score[rows], units[rows])])
    return found


def _by_family(label: Labels, score: Scores, tf: pd.Series) -> Rows:
    """AUROC among the pairs of regulators whose symbols share a stem (SOX, STAT, ...)."""
    stem = tf.map(lambda name: _STEM.match(name)[0] if _STEM.match(name) else name).to_numpy()
    found: Rows = []
    for family in np.unique(stem):
        rows = stem == family
        positives = int(label[rows].sum())
        if FAMILY_POSITIVES <= positives < rows.sum():
            figure = _auroc(label[rows], score[rows], tf.to_numpy()[rows])
            found.append([str(family), int(tf[rows].nunique()), positives, *figure])
    return sorted(found, key=lambda row: -row[2])
