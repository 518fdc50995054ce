"""The figure of cards of expression: how far each model is from each measured perturbation."""

import numpy as np
from matplotlib.axes import Axes

from training.cards.plotting import BLUE, COLOURS, GREY
from training.expression.references import ERRORS, NOISE
from training.scoring.table import ENTRY, Evaluation, Series

SHOWN = 5
"""Baselines that are drawn, the best first."""


def _errors(ax: Axes, evaluation: Evaluation, panel: list[Series]) -> None:
    """Distances by perturbation: the entry, the best baselines, and the noise as a bar."""
    series = panel[0]
    names, *columns = zip(*series.rows, strict=True)
    distances = dict(zip(series.columns[1:], columns, strict=True))
    places = np.arange(len(names))
    best = evaluation.baselines(series.protocol, "l2", series.question)
    if NOISE in distances:
        ax.bar(places, distances[NOISE], 0.8, color=GREY, alpha=0.25, label="noise of the truth")
    for number, model in enumerate(list(best)[:SHOWN]):
        title, colour = evaluation.about.models[model].title, COLOURS[number % len(COLOURS)]
        ax.plot(places, distances[model], "o", ms=4, color=colour, alpha=0.8, label=title)
    ax.plot(places, distances[ENTRY], "D", ms=5, color=BLUE, label=evaluation.about.entry)
    ax.set_xticks(places, names, rotation=90, fontsize=7)
    ax.set(ylabel="L2 distance from the measured change", ylim=(0, None))
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.35), ncols=2, fontsize=7)


FIGURES = {ERRORS: (_errors, 1)}
"""See training.cards.figures.DRAWN."""
