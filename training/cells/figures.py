"""Figures of cards for cells: which types are taken for which, and where cells lie on a map."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap

from training.cards.plotting import BLUE, COLOURS, GREY
from training.scoring.table import Evaluation, Series

SHARES = LinearSegmentedColormap.from_list("shares", [f"{BLUE}00", BLUE])
PRINTED = 0.005
"""Smaller shares of a type are not printed."""
DARK = 0.4
"""Larger ones are printed in white."""


def _confusion(ax: Axes, evaluation: Evaluation, panel: list[Series]) -> None:
    """Share of each type's cells by the type that they were given."""
    table = pd.DataFrame(panel[0].rows, columns=panel[0].columns)
    counts = table.pivot_table(index="type", columns="predicted", values="cells", fill_value=0)
    given = [*counts.index, *sorted(set(counts.columns) - set(counts.index))]
    shares = counts.reindex(columns=given, fill_value=0).div(counts.sum(axis=1), axis=0).to_numpy()
    ax.imshow(shares, cmap=SHARES, vmin=0, vmax=1)
    for row, column in np.argwhere(shares >= PRINTED):
        value = f"{shares[row, column]:.2f}".removeprefix("0")
        colour = "white" if shares[row, column] > DARK else GREY
        ax.text(column, row, value, ha="center", va="center", fontsize=6, color=colour)
    ax.set_xticks(range(len(given)), given, rotation=90, fontsize=7)
    ax.set_yticks(range(len(counts)), counts.index, fontsize=7)
    ax.set(xlabel="predicted", ylabel="type")
    ax.grid(visible=False)


def _map(ax: Axes, evaluation: Evaluation, panel: list[Series]) -> None:
    """Cells on two principal components, the same axes for all species, a colour a type."""
    series = panel[0]
    everything = [row for each in _alike(evaluation, series) for row in each.rows]
    names = sorted({row[2] for row in everything})
    shown = pd.DataFrame(series.rows, columns=series.columns)
    colours = (BLUE, *COLOURS)
    for number, name in enumerate(names):
        x, y = shown.loc[shown["type"] == name, ["x", "y"]].to_numpy().T
        ax.plot(x, y, "o", ms=2.5, color=colours[number % len(colours)], alpha=0.6, label=name)
    for axis, place in (("x", 0), ("y", 1)):
        values = [row[place] for row in everything]
        margin = 0.05 * (max(values) - min(values))
        ax.set(**{f"{axis}lim": (min(values) - margin, max(values) + margin)})
    info = evaluation.question(series.protocol, series.question)
    ax.set(xlabel=f"cells of {info.facts['query']}", xticklabels=[], yticklabels=[])
    ax.tick_params(length=0, color=GREY)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), ncols=2, markerscale=2, fontsize=7)


def _alike(evaluation: Evaluation, series: Series) -> Iterator[Series]:
    """The series of the same kind of all protocols."""
    return (each for each in evaluation.series if each.kind == series.kind)


FIGURES = {"confusion": (_confusion, 2), "map": (_map, 2)}
"""See training.cards.figures.DRAWN."""
