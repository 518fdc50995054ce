"""The figures of an evaluation as SVG, drawn from its series; looks are in `plotting`."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import zip_longest

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from training.cards.filters import measure as title
from training.cards.plotting import BLUE, COLOURS, GREY, svg
from training.cards.shipped import Shipped, of_family
from training.scoring.table import ENTRY, Evaluation, Series

Panel = list[Series]
"""The series of one kind under one protocol, a model each."""
Draw = Callable[[Axes, Evaluation, Panel], None]


def svgs(shipped: Shipped) -> dict[str, str]:
    """Name of each figure -> its SVG text. Same input, same text."""
    return {name: svg(partial(_drawn, shipped, name)) for name in names(shipped)}


def names(shipped: Shipped) -> list[str]:
    """The figures that the series are enough for."""
    return [kind for kind in _kinds(shipped) if panels(shipped, kind)]


def panels(shipped: Shipped, kind: str) -> list[Panel]:
    """What stands side by side: the first protocols with such series of the headline's question."""
    evaluation, first = shipped.evaluation, of_family(shipped.family).DRAWN
    question = evaluation.about.headline.question if evaluation.about.headline else ""
    found: dict[str, Panel] = {}
    for series in evaluation.series:
        if series.kind == kind and series.question == question and series.rows:
            found.setdefault(series.protocol, []).append(series)
    ordered = sorted(found, key=lambda name: first.index(name) if name in first else len(first))
    return [found[protocol] for protocol in ordered[: _kinds(shipped)[kind][1]]]


def _kinds(shipped: Shipped) -> Mapping[str, tuple[Draw, int]]:
    """The kinds that any family has, and those of the entry's own."""
    return DRAWN | getattr(of_family(shipped.family), "FIGURES", {})


def _drawn(shipped: Shipped, kind: str) -> Figure:
    draw_panel, width = _kinds(shipped)[kind]
    figure = Figure(figsize=(8.0 if width > 1 else 5.6, 4.0), layout="constrained")
    shown = panels(shipped, kind)
    for ax, panel in zip_longest(figure.subplots(1, width, squeeze=False)[0], shown):
        if panel is None:
            ax.set_axis_off()
            continue
        draw_panel(ax, shipped.evaluation, panel)
        ax.set_title(panel[0].protocol.replace("_", " "))
    return figure


def _curve(measure: str, x: str, y: str, ax: Axes, evaluation: Evaluation, panel: Panel) -> None:
    """Curves with chance as a dashed line, and figures in the legend."""
    facts = evaluation.question(panel[0].protocol, panel[0].question).facts
    if panel[0].kind == "roc":
        ax.plot([0, 1], [0, 1], "--", color=GREY, lw=0.8)
    else:
        share = facts["positives"] / (facts["positives"] + facts["negatives"])
        ax.axhline(share, ls="--", color=GREY, lw=0.8)
    for series, label, colour in _coloured(evaluation, panel):
        figure = evaluation.figure(series.protocol, measure, series.question, series.model)
        shown = f"{label}: {figure.value:.3f}" if figure else label
        ax.plot(*zip(*series.rows, strict=True), color=colour, label=shown)
    ax.set(xlim=(0, 1), ylim=(0, 1.01), aspect="equal", xlabel=x, ylabel=y)
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17), title=title(measure))


def _ranks(ax: Axes, evaluation: Evaluation, panel: Panel) -> None:
    """Share of what was held out with at most a rank, over ranks on a logarithmic axis."""
    ticks = [rank for rank, _ in panel[0].rows]
    for series, label, colour in _coloured(evaluation, panel):
        ax.plot(*zip(*series.rows, strict=True), "o-", ms=3, color=colour, label=label)
    ax.set_xscale("log")
    ax.set_xticks(ticks, [f"{rank}" for rank in ticks])
    ax.set_xticks([], minor=True)
    ax.set(xlim=(1, ticks[-1]), ylim=(0, 1.01), ylabel="share")
    ax.set_xlabel("rank of a held-out regulator, at most")
    ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.17))


def _reliability(ax: Axes, evaluation: Evaluation, panel: Panel) -> None:
    """Share of positives by mean probability; the area of a point is its number of pairs."""
    mean, share, pairs = zip(*panel[0].rows, strict=True)
    ax.plot([0, 1], [0, 1], "--", color=GREY, lw=0.8)
    ax.plot(mean, share, color=BLUE, lw=1.0)
    ax.scatter(mean, share, s=[10 + 150 * n / max(pairs) for n in pairs], color=BLUE, alpha=0.75)
    ax.set(xlim=(0, 1), ylim=(0, 1.01), aspect="equal")
    ax.set(xlabel="mean probability (area: number of pairs)", ylabel="share of listed pairs")


def _degree(ax: Axes, evaluation: Evaluation, panel: Panel) -> None:
    """AUROC by the number of training edges of the gene, with intervals."""
    ax.axhline(0.5, ls="--", color=GREY, lw=0.8)
    labels = []
    for place, (low, high, _, _, value, least, most) in enumerate(panel[0].rows):
        ax.plot([place, place], [least, most], color=BLUE, lw=2.0)
        ax.plot(place, value, "o", color=BLUE, ms=6)
        labels.append(f"{low}+" if high is None else f"{low}" if low == high else f"{low}-{high}")
    ax.set_xticks(range(len(labels)), labels)
    ax.set(xlabel="training edges of the gene", ylabel="AUROC")
    ax.margins(x=0.1)


def _bins(ax: Axes, evaluation: Evaluation, panel: Panel) -> None:
    """Mean measurement by mean prediction, with the middle four fifths of the measurements."""
    predicted, label, low, high, _ = zip(*panel[0].rows, strict=True)
    ends = [min(predicted), max(predicted)]
    ax.plot(ends, ends, "--", color=GREY, lw=0.8)
    ax.vlines(predicted, low, high, color=BLUE, lw=1.2, alpha=0.5)
    ax.plot(predicted, label, "o-", color=BLUE, ms=4, lw=1.0)
    ax.set(xlabel="predicted (tenths of the sets)", ylabel="measured")


def _coloured(evaluation: Evaluation, panel: Panel) -> Iterator[tuple[Series, str, str]]:
    """Series, title and colour, one colour a model in all figures; the entry lies on top."""
    models = [name for name in evaluation.about.models if name != ENTRY]
    for series in sorted(panel, key=lambda each: each.model == ENTRY):
        own = series.model == ENTRY
        colour = BLUE if own else COLOURS[models.index(series.model) % len(COLOURS)]
        yield series, evaluation.about.models[series.model].title, colour


DRAWN: dict[str, tuple[Draw, int]] = {
    "roc": (partial(_curve, "auroc", "false positive rate", "true positive rate"), 2),
    "pr": (partial(_curve, "auprc", "recall", "precision"), 2),
    "ranks": (_ranks, 1),
    "reliability": (_reliability, 1),
    "degree": (_degree, 1),
    "bins": (_bins, 2),
}
"""Kinds of series -> how a panel of them is drawn, and how many stand side by side.

The module `card` of a family may have more of them, as FIGURES.
"""
