"""How figures of cards look: read on white and on black, and the same bytes each time.

The ground is transparent, words are outlines in a mid grey, colours are of middle lightness.
"""

import io
from collections.abc import Callable

import matplotlib.style
from matplotlib.figure import Figure

GREY = "#7a818a"
BLUE = "#2f7fe0"
COLOURS = ("#d9662b", "#8f63d6", "#1f9a6b", "#c9508a", "#9a8220", "#2b95a8", "#a86b4c", "#6f9a2b")
"""Of the rivals, in the order that they are drawn."""
STYLE = {
    "svg.hashsalt": "regzoo",
    "svg.fonttype": "path",
    "font.family": ["DejaVu Sans"],
    "font.size": 9.0,
    "text.color": GREY,
    "axes.labelcolor": GREY,
    "axes.edgecolor": GREY,
    "axes.titlesize": 9.0,
    "axes.titlecolor": GREY,
    "axes.grid": True,
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


def svg(make: Callable[[], Figure]) -> str:
    """The figure that `make` draws in our style, whatever a person's own settings are."""
    with matplotlib.style.context(STYLE, after_reset=True):
        stream = io.BytesIO()
        metadata = {"Date": None, "Creator": None}
        make().savefig(stream, format="svg", metadata=metadata, transparent=True)
    return stream.getvalue().decode()
