"""What is told of a protocol of pairs beside its figures: decisions, curves, bins."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
from jaxtyping import Float
from sklearn.metrics import precision_recall_curve, roc_auc_score, roc_curve

from training.family import Ground, Notes
from training.pairs.batches import Degrees
from training.pairs.questions import LOGIT, PROBABILITY, RANK, UNIFORM
from training.scoring import decisions
from training.scoring.bootstrap import Bootstrap, interval
from training.scoring.measures import AUROC
from training.scoring.observe import measured
from training.scoring.question import Question
from training.scoring.table import ENTRY, Series

Values = Float[np.ndarray, "pairs"]
Lines = list[list[float | int | str | None]]

CURVE_POINTS = 100
RANKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
DEGREE_BINS = ((0, 0), (1, 2), (3, 5), (6, 10), (11, None))
FAMILY_POSITIVES = 20
FIFTHS = 5
FIGURE = ("auroc", "auroc_low", "auroc_high")
NO_FACTOR = "not a DNA-binding factor"


def notes(
    ground: Ground,
    question: Question,
    table: pd.DataFrame,
    answers: Mapping[str, Values],
    best: str | None,
) -> Notes:
    """Decisions where the probability is asked, and the series that cards draw."""

    def series(kind: str, columns: Sequence[str], rows: Lines, model: str = ENTRY) -> list[Series]:
        place = {"protocol": question.protocol, "question": question.name, "model": model}
        return [Series(**place, kind=kind, columns=list(columns), rows=rows)] if rows else []

    component = question.about.component
    values, found = {}, []
    if component == RANK:
        for name, ranks in answers.items():
            shares = [[first, float((ranks <= first).mean())] for first in RANKS]
            found += series("ranks", ("rank", "share"), shares, name)
        return Notes(series=found)
    if component == LOGIT:
        columns = ("regulator", "positives", "negatives", "auroc")
        lines = per_regulator(table).to_numpy(object).tolist()
        return Notes(series=series("regulator", columns, lines), facts={"component": PROBABILITY})
    plain = component == PROBABILITY or not np.ptp(table["pair_specific"])
    shown = [name for name in dict.fromkeys((ENTRY, best, "degree")) if name in answers]
    for kind, columns, curve in CURVES:
        for name in shown:
            found += series(kind, columns, _curve(curve, question, answers[name]), name)
    if component == PROBABILITY:
        label, probability = question.label, table["probability"].to_numpy()
        uniform = question.about.negatives == UNIFORM
        ratio = (~label).sum() / label.sum() if uniform else 1.0
        values = decisions.decisions(label, probability, ratio)
        lines = decisions.reliability(label, probability, ratio)
        found += series("reliability", ("probability", "share", "pairs"), lines)
    if "uncertainty" in table:
        columns = ("uncertainty", "pairs", "auroc", "accuracy", "brier")
        found += series("uncertainty", columns, by_uncertainty(question, table))
    columns = ("low", "high", "positives", "negatives", *FIGURE)
    found += series("degree", columns, by_degree(ground, question, table))
    found += series(
        "family", ("family", "tfs", "positives", *FIGURE), by_family(ground, question, table)
    )
    facts = {"component": PROBABILITY if plain else component} | _example(ground)
    return Notes(values, found, facts)


def _example(ground: Ground) -> dict[str, str]:
    """The transcription factor with most training edges, where the data know which are factors."""
    train = ground.split.positives(ground.data, "train")
    degree = Degrees.count(ground.data, train).tf
    factors = np.isin(ground.data.vocabulary.regulators, [*ground.data.families])
    best = np.take(ground.data.vocabulary.regulators, np.argmax(np.where(factors, degree, -1)))
    return {"example": str(best)} if factors.any() else {}


def _pr(label: np.ndarray, score: Values) -> tuple[np.ndarray, np.ndarray]:
    precision, recall, _ = precision_recall_curve(label, score)
    return recall[::-1], precision[::-1]


CURVES = (
    ("roc", ("false_positive_rate", "true_positive_rate"), lambda *of: roc_curve(*of)[:2]),
    ("pr", ("recall", "precision"), _pr),
)
"""Kind, columns, and how a curve is made of labels and scores."""


def _curve(curve: Callable, question: Question, values: Values) -> Lines:
    """At most CURVE_POINTS points of a curve, its ends kept; of a rotation the folds' mean."""
    if question.folds:
        x = np.linspace(0, 1, CURVE_POINTS)
        folds = [values[question.fold == number] for number in range(len(question.folds))]
        drawn = [curve(part.label, own) for part, own in zip(question.folds, folds, strict=True)]
        y = np.mean([np.interp(x, *each) for each in drawn], axis=0)
    else:
        x, y = curve(question.label, values)
        rows = np.unique(np.linspace(0, len(x) - 1, min(CURVE_POINTS, len(x))).round().astype(int))
        x, y = x[rows], y[rows]
    return [[round(float(a), 4), round(float(b), 4)] for a, b in zip(x, y, strict=True)]


def by_degree(ground: Ground, question: Question, table: pd.DataFrame) -> Lines:
    """AUROC among the pairs of genes with so many training edges."""
    degree = np.concatenate(
        [
            Degrees.count(each.data, each.split.positives(each.data, "train")).gene[part.rows[:, 1]]
            for each, part in zip(
                ground.folds or (ground,), question.folds or (question,), strict=True
            )
        ]
    )
    found: Lines = []
    for low, high in DEGREE_BINS:
        rows = (degree >= low) & (degree <= (np.inf if high is None else high))
        rows &= _comparable(question, rows)
        positives = int(question.label[rows].sum())
        if 0 < positives < rows.sum():
            counts = positives, int(rows.sum()) - positives
            found.append([low, high, *counts, *_auroc(question, table, rows)])
    return found


def by_uncertainty(question: Question, table: pd.DataFrame) -> Lines:
    """Mean uncertainty, pairs, AUROC, accuracy and Brier score of the pairs in fifths of it."""
    found: Lines = []
    probability, spread = (table[name].to_numpy() for name in ("probability", "uncertainty"))
    for order in np.array_split(np.argsort(spread, kind="stable"), FIFTHS):
        rows = np.isin(np.arange(len(spread)), order)
        rows &= _comparable(question, rows)
        if rows.any():
            decided = decisions.decisions(question.label[rows], probability[rows])
            auroc, *_ = _auroc(question, table, rows)
            figures = auroc, decided["accuracy"], decided["brier"]
            found.append([float(spread[rows].mean()), int(rows.sum()), *figures])
    return found


def by_family(ground: Ground, question: Question, table: pd.DataFrame) -> Lines:
    """AUROC among the pairs of regulators of one DNA-binding family, where the data know any."""
    if not ground.data.families:
        return []
    families = table["tf"].map(ground.data.families).fillna(NO_FACTOR).to_numpy(str)
    found: Lines = []
    for family in np.unique(families):
        rows = (families == family) & _comparable(question, families == family)
        positives = int(question.label[rows].sum())
        if FAMILY_POSITIVES <= positives < rows.sum():
            counts = int(table["tf"][rows].nunique()), positives
            found.append([str(family), *counts, *_auroc(question, table, rows)])
    return sorted(found, key=lambda line: -line[2])


def _auroc(question: Question, table: pd.DataFrame, rows: np.ndarray) -> tuple[float, float, float]:
    """AUROC among some rows, with its interval."""
    score = table["score"].to_numpy()[rows]
    draws = Bootstrap.of(question.units[rows])
    ((value, drawn),) = measured(AUROC, question, [score], draws, rows)
    return float(value), *interval(drawn)


def _comparable(question: Question, rows: np.ndarray) -> np.ndarray:
    """The rows of the folds in which some `rows` have both labels."""
    fold, label = question.fold, question.label
    sides = [np.bincount(fold[rows & each], minlength=fold[-1] + 1) for each in (label, ~label)]
    return (np.minimum(*sides) > 0)[fold]


def per_regulator(table: pd.DataFrame) -> pd.DataFrame:
    """tf, positives, negatives and auroc of every regulator that has both labels."""
    rows = [
        (tf, int(label.sum()), int((~label).sum()), float(roc_auc_score(label, part["score"])))
        for tf, part in table.groupby("tf")
        if 0 < (label := part["label"].to_numpy(bool)).sum() < len(label)
    ]
    return pd.DataFrame(rows, columns=["tf", "positives", "negatives", "auroc"])
