"""How cards print a row of the evaluation table: its value, its interval, and the entry's gap."""

import math
from collections.abc import Mapping

from training.cards.render import NONE, figure
from training.scoring.table import Figure

SMALL = ("mse",)
"""Measures with three significant digits, where the others have three decimals."""
TITLES = {
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "auroc_per_tf": "AUROC per regulator",
    "auprc_per_tf": "AUPRC per regulator",
    "mrr": "MRR",
    "pearson": "Pearson correlation",
    "spearman": "Spearman correlation",
    "balanced_accuracy": "balanced accuracy",
    "l2": "L2 distance",
    "pearson_change": "Pearson correlation of the change",
    "centroid_accuracy": "centroid accuracy",
    "top20_recall": "recall of the 20 most changed genes",
    "coverage95": "truths within the 95% interval",
    "synergy_auprc": "AUPRC of synergy",
    "buffering_auprc": "AUPRC of buffering",
    "precision": "precision among the lowest 5%",
    "mse": "MSE",
}
"""How pages write a measure; any other one stands by its own name."""


def number(value: float | None, measure: str = "", sign: str = "") -> str:
    """0.763, or 0.00512 of a small measure."""
    return figure(value, f"{sign}.3g" if measure in SMALL else f"{sign}.3f")


def signed(value: float | None, measure: str = "") -> str:
    """+0.058."""
    return number(value, measure, "+")


def cell(row: Figure | None, measure: str = "") -> str:
    """0.763 [0.741, 0.784], or the value alone where it has no interval."""
    return NONE if row is None else _between(row.value, row.low, row.high, measure)


def gap(row: Figure | None, measure: str = "") -> str:
    """How far the entry is ahead of a rival: +0.058 [+0.031, +0.085]."""
    return NONE if row is None else _between(row.gap, row.gap_low, row.gap_high, measure, "+")


def _between(value: float, low: float, high: float, measure: str, sign: str = "") -> str:
    shown = number(value, measure, sign)
    if not (math.isfinite(value) and math.isfinite(low)):
        return shown
    return f"{shown} [{number(low, measure, sign)}, {number(high, measure, sign)}]"


def measure(name: str) -> str:
    """How pages write a measure."""
    return TITLES.get(name, name)


def setting(value: object) -> str:
    """A value of a recipe as TOML has it, but for quotes."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def settings(values: Mapping[str, object], prefix: str = "") -> str:
    """Values of a recipe by key, in one line."""
    return ", ".join(f"`{prefix}{key}` = {setting(value)}" for key, value in values.items())


FILTERS = {each.__name__: each for each in (number, signed, cell, gap, measure, setting, settings)}
