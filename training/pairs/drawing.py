"""The figures of a card as SVG; how they look is in `training.cards.plotting`."""

from collections.abc import Callable, Iterator
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator, ScalarFormatter

from training.cards.plotting import (
    BLUE,
    COLOURS,
    GREY,
    HEIGHT,
    WIDTH,
    canvas,
    gains,
    rendered,
    sentence,
)
from training.pairs import figures
from training.pairs.card_text import FIGURES, TITLES
from training.pairs.figures import OWN, RANKS, Evaluation


def svgs(evaluation: Evaluation) -> dict[str, str]:
    """Name of each figure that was measured -> its SVG text."""
    return {name: draw(evaluation, name).decode() for name in figures.alts(evaluation)}


def draw(evaluation: Evaluation, name: str, kind: str = "svg", **options: Any) -> bytes:
    """One figure; `kind` png and its `options` are for looking at it. Same input, same bytes."""
    return rendered(lambda: DRAWERS[name](evaluation), kind, **options)


def _curves(part: str, metric: str, labels: tuple[str, str]) -> Callable[[Evaluation], Figure]:
    def drawn(evaluation: Evaluation) -> Figure:
        protocols = figures.panels(evaluation, part)
        figure, axes = canvas(figures.PANELS, HEIGHT + 0.6)
        for spare in axes[len(protocols) :]:
            spare.set_axis_off()
        for ax, protocol in zip(axes, protocols, strict=False):
            _panel(ax, evaluation, protocol, part, metric)
            ax.set(xlabel=labels[0], ylabel=labels[1], title=sentence(TITLES[protocol]))
        return figure

    return drawn


def _panel(ax: Axes, evaluation: Evaluation, protocol: str, part: str, metric: str) -> None:
    """One protocol's curves, with chance as a dashed line, and figures in the legend."""
    body = evaluation["protocols"][protocol]
    if part == "roc":
        ax.plot([0, 1], [0, 1], "--", color=GREY, lw=0.8)
    else:
        ax.axhline(
            body["positives"] / (body["positives"] + body["negatives"]), ls="--", color=GREY, lw=0.8
        )
    for (name, points), colour in _coloured(evaluation, body["curves"][part]):
        own = figures.value(evaluation, protocol, name, metric)
        label = figures.title(evaluation, protocol, name)
        x, y = zip(*points, strict=True)
        ax.plot(x, y, color=colour, label=f"{label}: {own['value']:.3f}" if own else label)
    ax.set(xlim=(0, 1), ylim=(0, 1.01), aspect="equal")
    ax.grid(True)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), title=FIGURES[metric])


def _reliability(evaluation: Evaluation) -> Figure:
    """Share of positives by mean probability; the area of a point is its number of pairs."""
    protocol = figures.reliability_protocol(evaluation)
    assert protocol is not None
    mean, share, pairs = zip(*evaluation["protocols"][protocol]["reliability"], strict=True)
    figure, (ax,) = canvas(1, HEIGHT + 0.2, WIDTH / 2)
    ax.plot([0, 1], [0, 1], "--", color=GREY, lw=0.8)
    ax.plot(mean, share, color=BLUE, lw=1.0)
    ax.scatter(mean, share, s=[10 + 150 * n / max(pairs) for n in pairs], color=BLUE, alpha=0.75)
    ax.set(xlim=(0, 1), ylim=(0, 1.01), aspect="equal", title=sentence(TITLES[protocol]))
    ax.set(xlabel="mean probability (area: number of pairs)", ylabel="share of listed pairs")
    ax.grid(True)
    return figure


def _gain(evaluation: Evaluation) -> Figure:
    """The difference to the best baseline under each protocol, filled where it is certain."""
    return gains(
        [
            (f"{sentence(TITLES.get(name, name))} ({FIGURES[metric]})", gap)
            for name, metric, gap in figures.gains(evaluation)
        ]
    )


def _ranks(evaluation: Evaluation) -> Figure:
    """Share of held-out regulators with at most a rank, over ranks on a logarithmic axis."""
    body = evaluation["protocols"]["retrieval"]
    figure, (ax,) = canvas(1)
    for (name, shares), colour in _coloured(evaluation, body["ranks"]):
        label = figures.title(evaluation, "retrieval", name)
        ax.plot(RANKS[: len(shares)], shares, "o-", ms=3, color=colour, label=label)
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(RANKS))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.set(xlim=(1, RANKS[-1]), ylim=(0, 1.01), xlabel="rank of a held-out regulator, at most")
    ax.set_ylabel("share")
    ax.grid(True)
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
    return figure


def _coloured(
    evaluation: Evaluation, models: dict[str, Any]
) -> Iterator[tuple[tuple[str, Any], str]]:
    """Each model with its colour, one in all figures; the entry comes last, to lie on top."""
    every = {name for body in evaluation["protocols"].values() for name in _drawn(body)} - {OWN}
    for number, name in enumerate(sorted(every)):
        if name in models:
            yield (name, models[name]), COLOURS[number % len(COLOURS)]
    if OWN in models:
        yield (OWN, models[OWN]), BLUE


def _drawn(body: dict[str, Any]) -> set[str]:
    """Names of the models that a protocol has curves or ranks of."""
    curves = body.get("curves", {})
    return {*curves.get("roc", {}), *curves.get("pr", {}), *body.get("ranks", {})}


DRAWERS: dict[str, Callable[[Evaluation], Figure]] = {
    "gain": _gain,
    "roc": _curves("roc", "auroc", ("false positive rate", "true positive rate")),
    "pr": _curves("pr", "auprc", ("recall", "precision")),
    "ranks": _ranks,
    "reliability": _reliability,
}
