"""What is told of a protocol of pairs beside its figures: decisions, curves, bins."""

import re
from collections.abc import Iterator, Mapping

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
from training.scoring.question import Question
from training.scoring.table import ENTRY, Series

Values = Float[np.ndarray, "pairs"]
Lines = list[list[float | int | str | None]]

CURVE_POINTS = 100
RANKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
DEGREE_BINS = ((0, 0), (1, 2), (3, 5), (6, 10), (11, None))
FAMILY_POSITIVES = 20
FIGURE = ("auroc", "auroc_low", "auroc_high")
_STEM = re.compile(r"[A-Za-z]+")


def notes(
    ground: Ground,
    question: Question,
    table: pd.DataFrame,
    answers: Mapping[str, Values],
    best: str | None,
) -> Notes:
    """Decisions where the probability is asked, and the series that cards draw."""
    component = question.about.component
    if component == RANK:
        found = [
            _series(question, "ranks", ("rank", "share"), _shares(ranks), name)
            for name, ranks in answers.items()
        ]
        return Notes(series=found)
    if component == LOGIT:
        columns = ("regulator", "positives", "negatives", "auroc")
        lines = per_regulator(table).to_numpy(object).tolist()
        return Notes(
            series=_there(_series(question, "regulator", columns, lines)),
            facts={"component": PROBABILITY},
        )
    plain = component == PROBABILITY or not np.ptp(table["pair_specific"])
    values, series = {}, list(_curves(question, answers, best))
    if component == PROBABILITY:
        label, probability = question.label, table["probability"].to_numpy()
        uniform = question.about.negatives == UNIFORM
        ratio = (~label).sum() / label.sum() if uniform else 1.0
        values = decisions.decisions(label, probability, ratio)
        lines = decisions.reliability(label, probability, ratio)
        series.append(_series(question, "reliability", ("probability", "share", "pairs"), lines))
    columns = ("low", "high", "positives", "negatives", *FIGURE)
    series.append(_series(question, "degree", columns, by_degree(ground, question, table)))
    columns = ("family", "tfs", "positives", *FIGURE)
    series.append(_series(question, "family", columns, by_family(question, table)))
    facts = {"component": PROBABILITY if plain else component}
    return Notes(values, _there(*series), facts)


def _series(
    question: Question, kind: str, columns: tuple[str, ...], rows: Lines, model: str = ENTRY
) -> Series:
    return Series(
        protocol=question.protocol,
        question=question.name,
        model=model,
        kind=kind,
        columns=list(columns),
        rows=rows,
    )


def _there(*series: Series) -> list[Series]:
    return [each for each in series if each.rows]


def _shares(ranks: Values) -> Lines:
    """The share of edges whose regulator is among the first so many."""
    return [[first, float((ranks <= first).mean())] for first in RANKS]


def _curves(
    question: Question, answers: Mapping[str, Values], best: str | None
) -> Iterator[Series]:
    """ROC and precision-recall curves of the entry, its best baseline and the degree count."""
    shown = [name for name in dict.fromkeys((ENTRY, best, "degree")) if name in answers]
    for name in shown:
        fpr, tpr, _ = roc_curve(question.label, answers[name])
        columns = ("false_positive_rate", "true_positive_rate")
        yield _series(question, "roc", columns, _thinned(fpr, tpr), name)
    for name in shown:
        precision, recall, _ = precision_recall_curve(question.label, answers[name])
        columns = ("recall", "precision")
        yield _series(question, "pr", columns, _thinned(recall[::-1], precision[::-1]), name)


def _thinned(x: np.ndarray, y: np.ndarray) -> Lines:
    """At most CURVE_POINTS points of a curve, its ends kept."""
    rows = np.unique(np.linspace(0, len(x) - 1, min(CURVE_POINTS, len(x))).round().astype(int))
    return [[round(float(a), 4), round(float(b), 4)] for a, b in zip(x[rows], y[rows], strict=True)]


def by_degree(ground: Ground, question: Question, table: pd.DataFrame) -> Lines:
    """AUROC among the pairs of genes with so many training edges."""
    train = ground.split.positives(ground.data, "train")
    degree = Degrees.count(ground.data, train).gene[question.rows[:, 1]]
    found: Lines = []
    for low, high in DEGREE_BINS:
        rows = (degree >= low) & (degree <= (high if high is not None else degree.max()))
        positives = int(question.label[rows].sum())
        if 0 < positives < rows.sum():
            line = [low, high, positives, int(rows.sum()) - positives]
            found.append([*line, *_auroc(question, table, rows)])
    return found


def by_family(question: Question, table: pd.DataFrame) -> Lines:
    """AUROC among the pairs of regulators whose symbols share a stem (SOX, STAT, ...)."""
    stems = table["tf"].map(lambda name: m[0] if (m := _STEM.match(name)) else name).to_numpy()
    found: Lines = []
    for stem in np.unique(stems):
        rows = stems == stem
        positives = int(question.label[rows].sum())
        if FAMILY_POSITIVES <= positives < rows.sum():
            line = [str(stem), int(table["tf"][rows].nunique()), positives]
            found.append([*line, *_auroc(question, table, rows)])
    return sorted(found, key=lambda line: -line[2])


def _auroc(question: Question, table: pd.DataFrame, rows: np.ndarray) -> tuple[float, float, float]:
    """AUROC among some rows, with its interval."""
    draws = Bootstrap.of(question.units[rows])
    score = table["score"].to_numpy()[rows]
    ((value, drawn),) = AUROC.of(question.label[rows], [score], draws)
    return value, *interval(drawn)


def per_regulator(table: pd.DataFrame) -> pd.DataFrame:
    """tf, positives, negatives and auroc of every regulator that has both labels."""
    rows = []
    for tf, part in table.groupby("tf"):
        label = part["label"].to_numpy(bool)
        counts = {"tf": tf, "positives": int(label.sum()), "negatives": int((~label).sum())}
        if 0 < label.sum() < len(label):
            rows.append(counts | {"auroc": float(roc_auc_score(label, part["score"]))})
    return pd.DataFrame(rows, columns=["tf", "positives", "negatives", "auroc"])
