"""The figures of a perturbation entry's card as SVG; `training.cards.plotting` has their looks."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.cards import plotting
from training.cards.plotting import BLUE, COLOURS, GREY, HEIGHT, canvas, rendered, sentence
from training.perturbations import figures
from training.perturbations.figures import Bins, Evaluation
from training.perturbations.words import SHORT, where

SPREAD = 0.7
"""Share of a protocol's place that its models are spread over."""


def svgs(evaluation: Evaluation) -> dict[str, str]:
    """Name of each figure that was measured -> its SVG text."""
    return {
        name: rendered(lambda draw=DRAWERS[name]: draw(evaluation)).decode()
        for name in figures.alts(evaluation)
    }


def _gain(evaluation: Evaluation) -> Figure:
    """Differences to the best rival."""
    return plotting.gains([(sentence(words), gap) for words, gap in figures.gains(evaluation)])


def _pearson(evaluation: Evaluation) -> Figure:
    """Correlations of all models under each protocol, with intervals; the entry is filled."""
    models = figures.models(evaluation)
    protocols = [name for name, _ in figures.headline(evaluation)]
    figure, (ax,) = canvas(1, HEIGHT + 0.4)
    ax.axhline(0, color=GREY, lw=0.8)
    for number, (title, found) in enumerate(models.items()):
        own = title == evaluation["entry"]
        colour = BLUE if own else COLOURS[number % len(COLOURS)]
        shift = SPREAD * (number / max(len(models) - 1, 1) - 0.5)
        for protocol, record in found:
            place = protocols.index(protocol) + shift
            ax.plot([place, place], [record["low"], record["high"]], color=colour, lw=1.6)
            ax.plot(place, record["value"], "o", color=colour, mfc=colour if own else "none", ms=5)
        ax.plot([], [], "o", color=colour, mfc=colour if own else "none", label=title)
    ax.set_xticks(range(len(protocols)), [SHORT[name] for name in protocols])
    ax.set_ylabel("Pearson correlation with epsilon")
    ax.grid(True, axis="y")
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure


def _binned(evaluation: Evaluation) -> Figure:
    """Mean measurement by mean prediction, with the middle four fifths of the measurements."""
    shown = figures.binned(evaluation)
    figure, axes = canvas(figures.PANELS, HEIGHT)
    for spare in axes[len(shown) :]:
        spare.set_axis_off()
    for ax, (protocol, bins) in zip(axes, shown, strict=False):
        _panel(ax, bins)
        ax.set(title=sentence(where(protocol)))
    return figure


def _panel(ax: Axes, bins: Bins) -> None:
    predicted, label, low, high, _ = zip(*bins, strict=True)
    ends = [min(predicted), max(predicted)]
    ax.plot(ends, ends, "--", color=GREY, lw=0.8)
    ax.vlines(predicted, low, high, color=BLUE, lw=1.2, alpha=0.5)
    ax.plot(predicted, label, "o-", color=BLUE, ms=4, lw=1.0)
    ax.set(xlabel="predicted epsilon (tenths of the sets)", ylabel="measured epsilon")
    ax.grid(True)


DRAWERS: dict[str, Callable[[Evaluation], Figure]] = {
    "gain": _gain,
    "pearson": _pearson,
    "binned": _binned,
}
