"""Rows that a terminal shows of an evaluation or a comparison."""

from collections.abc import Iterator

from training.scoring.table import ENTRY, Evaluation, Figure


def beside_best(found: Evaluation) -> Iterator[tuple[str, ...]]:
    """All figures of the entry that have an interval, each beside the baseline that does best.

    Of questions without a name, one baseline leads in all measures: the best in the first.
    """
    for info in found.questions():
        measures = _measured(found, info.protocol, info.question)
        for measure in measures:
            at = info.protocol, measure, info.question
            best = found.best(*at, by=None if info.question else measures[0])
            name, theirs = best or ("-", None)
            own = found.figure(*at)
            yield info.protocol, _label(*at[1:]), shown(own), name, shown(theirs), gap(theirs)


def side_by_side(found: Evaluation) -> Iterator[tuple[str, ...]]:
    """Every model's figures, and the first's less each."""
    for info in found.questions():
        for model in found.models(info.protocol, info.question):
            name = found.about.entry if model == ENTRY else model
            for measure in _measured(found, info.protocol, info.question):
                figure = found.figure(info.protocol, measure, info.question, model)
                label = _label(measure, info.question)
                yield info.protocol, label, name, shown(figure), gap(figure, signed=True)


def _measured(found: Evaluation, protocol: str, question: str) -> list[str]:
    """Measures with an interval, in the table's order."""
    named = {m: found.figure(protocol, m, question) for m in found.measures(protocol, question)}
    return [measure for measure, figure in named.items() if figure and figure.low == figure.low]


def _label(measure: str, question: str) -> str:
    return f"{measure} {question}".strip()


def shown(figure: Figure | None) -> str:
    """A figure as 0.763 [0.741, 0.784]."""
    if figure is None:
        return "-"
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def gap(figure: Figure | None, signed: bool = False) -> str:
    """What the entry is ahead of a model, in the same way; with `signed` as +0.012 [...]."""
    if figure is None or figure.gap != figure.gap:
        return "-"
    sign = "+" if signed else ""
    values = (figure.gap, figure.gap_low, figure.gap_high)
    value, low, high = (f"{each:{sign}.3f}" for each in values)
    return f"{value} [{low}, {high}]"
