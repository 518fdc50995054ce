"""What follows from a table, by rules: verdicts are never typed."""

from collections.abc import Sequence

import pandas as pd

from cited import LINEAR, MEAN
from training.data.published import NORMAN_L2

SUPPORTED, NOT, UNDECIDED = "supported", "not supported", "undecided"
PRETRAINED = ("GEARS", "scFoundation", "scGPT")
"""Models of the article whose gene vectors its linear model was given."""
SIMPLE = ("additive", "no change")


def ahead(rows: pd.DataFrame) -> list[str]:
    """Methods whose correlation is clearly above that of the reference: the interval is above 0."""
    return sorted(rows.loc[rows["gap_low"] > 0, "method"])


def behind(rows: pd.DataFrame) -> list[str]:
    """Methods that are clearly below it."""
    return sorted(rows.loc[rows["gap_high"] < 0, "method"])


def additive_first() -> str:
    """The published L2 of additive is below that of every deep model; there are no intervals."""
    deep = [value for name, value in NORMAN_L2.items() if name not in SIMPLE]
    return SUPPORTED if NORMAN_L2["additive"] < min(deep) else NOT


def linear_first(scores: pd.DataFrame, screen: str = "Norman") -> str:
    """The linear model is clearly ahead of all of PRETRAINED, over both numbers of genes."""
    rows = scores[(scores["screen"] == screen) & (scores["reference"] == LINEAR)]
    rows = rows[rows["method"].isin(PRETRAINED)]
    if (rows["gap_high"] < 0).all():
        return SUPPORTED
    return NOT if (rows["gap_low"] > 0).all() else UNDECIDED


def mean_first(scores: pd.DataFrame, screen: str) -> str:
    """No method is clearly ahead of the training mean in a screen, over either number of genes."""
    rows = scores[(scores["screen"] == screen) & (scores["reference"] == MEAN)]
    return NOT if ahead(rows) else SUPPORTED


def random_as_good(to_random: pd.DataFrame, to_mean: pd.DataFrame, learned: Sequence[str]) -> str:
    """No learned vectors are clearly better than random ones and than the mean, which needs none.

    `to_random` and `to_mean` have differences of L2. Undecided where an interval allows a
    difference to random of more than a tenth of random's own error.
    """
    random, mean = (rows.set_index("model") for rows in (to_random, to_mean))
    better = (random["gap_high"] < 0) & (mean["gap_high"] < 0)
    if better[list(learned)].any():
        return NOT
    least = -float(random.loc["linear_random", "l2"]) / 10
    return SUPPORTED if (random.loc[list(learned), "gap_low"] > least).all() else UNDECIDED


def interaction_seen(rows: pd.DataFrame, level: float = 0.05) -> list[str]:
    """Doubles whose additive error is larger than chance without an interaction makes it."""
    return sorted(rows.loc[rows["chance"] < level, "double"])


def singles_needed(gap: float, deviation: float) -> float:
    """How many unseen perturbations would tell such a difference from 0 in 80 % of studies.

    (1.96 + 0.84)^2 sd^2 / gap^2, for a two-sided test at 5 %.
    """
    return 7.85 * (deviation / gap) ** 2 if gap else float("inf")
