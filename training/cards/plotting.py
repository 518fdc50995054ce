"""How figures of cards look: read on white and on black, and the same bytes each time.

The ground is transparent, words are outlines in a mid grey, colours are of middle lightness.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

GREY = "#7a818a"
BLUE = "#2f7fe0"
COLOURS = ("#d9662b", "#8f63d6", "#1f9a6b", "#c9508a", "#9a8220", "#2b95a8", "#a86b4c", "#6f9a2b")
"""Of the baselines, in the order that they are drawn."""
SALT = "regzoo"
WIDTH, HEIGHT = 8.0, 3.4
STYLE = {
    "svg.hashsalt": SALT,
    "svg.fonttype": "path",
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.color": GREY,
    "axes.labelcolor": GREY,
    "axes.edgecolor": GREY,
    "axes.titlesize": 9.0,
    "axes.titlecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": GREY,
    "ytick.color": GREY,
    "grid.color": GREY,
    "grid.alpha": 0.25,
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "lines.linewidth": 1.6,
}


def rendered(make: Callable[[], Figure], kind: str = "svg", **options: Any) -> bytes:
    """The figure that `make` draws; `kind` png and its `options` are for looking at it."""
    with _style():
        figure = make()
        stream = io.BytesIO()
        metadata = {"Date": None, "Creator": None} if kind == "svg" else None
        figure.savefig(stream, format=kind, metadata=metadata, **{"transparent": True} | options)
    return stream.getvalue()


@contextmanager
def _style() -> Iterator[None]:
    """Our style over matplotlib's defaults, whatever a person's own settings are."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(STYLE)
        yield


def canvas(columns: int, height: float = HEIGHT, width: float = WIDTH) -> tuple[Figure, list[Axes]]:
    """A figure with so many panels side by side."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, list(figure.subplots(1, columns, squeeze=False)[0])
