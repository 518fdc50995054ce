"""What a terminal shows of an evaluation or a comparison."""

from collections.abc import Iterator

from training.cards.filters import cell, gap
from training.scoring.table import ENTRY, Evaluation, QuestionInfo
from zoo.cli import console


def beside_best(found: Evaluation) -> None:
    """Print the entry's figures, each beside the baseline that does best.

    Of questions without a name, one baseline leads in all measures: the best in the first.
    """
    rows = []
    for info, measures in _measured(found):
        for measure in measures:
            at = info.protocol, measure, info.question
            best = found.best(*at, by=None if info.question else measures[0])
            name, theirs = best or ("-", None)
            own = cell(found.figure(*at))
            rows.append((info.protocol, _label(*at[1:]), own, name, cell(theirs), gap(theirs)))
    console.say(f"{found.about.entry}, {found.about.stage} split, 95 % intervals")
    columns = ("protocol", "figure", "value", "best baseline", "its value", "difference")
    console.print_table(columns, rows)


def side_by_side(found: Evaluation) -> None:
    """Print every model's figures, and the first's less each."""
    rows = []
    for info, measures in _measured(found):
        for model in found.models(info.protocol, info.question):
            name = found.about.entry if model == ENTRY else model
            for measure in measures:
                figure = found.figure(info.protocol, measure, info.question, model)
                label = _label(measure, info.question)
                rows.append((info.protocol, label, name, cell(figure), gap(figure)))
    console.say(f"{found.about.stage} split, 95 % intervals, paired differences")
    less = f"{found.about.entry} less it"
    console.print_table(("protocol", "figure", "model", "value", less), rows)


def _measured(found: Evaluation) -> Iterator[tuple[QuestionInfo, list[str]]]:
    """Every question with what was measured, in the table's order."""
    for info in found.questions():
        protocol, question = info.protocol, info.question
        measures = found.measures(protocol, question)
        yield info, [m for m in measures if found.is_measured(protocol, m, question)]


def _label(measure: str, question: str) -> str:
    return f"{measure} {question}".strip()
