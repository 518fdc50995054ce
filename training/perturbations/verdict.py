"""How often an entry is certain to do better or worse than its best rival, in one paragraph."""

from collections import Counter
from collections.abc import Iterable

from training.cards import markdown as md
from training.perturbations.card_verdict import INTERACTIONS
from training.perturbations.shipped import Body, Shipped, best, gap

COUNTED = """\
{kind}: of {total} questions it is certain to beat the best rival on {better}{over}, and the best
rival is certain to beat it on {worse}{under}."""


def counted(shipped: Shipped) -> str:
    """The questions about interactions, and those about measured fitness, by Pearson correlation.

    A question that every prediction is the same for is not counted.
    """
    interactions = [*shipped.headlined, *shipped.asked(*INTERACTIONS)]
    kinds = {"Interactions": interactions, "Measured fitness": shipped.asked("fitness")}
    said = (_said(kind, [body for _, body in asked]) for kind, asked in kinds.items())
    return " ".join([f"`{shipped.entry}`.", *said])


def _said(kind: str, asked: Iterable[Body]) -> str:
    found = [(body, gap(body)) for body in asked]
    gaps = [(body, record) for body, record in found if record]
    better = [body for body, record in gaps if record["low"] > 0]
    worse = [body for body, record in gaps if record["high"] < 0]
    return COUNTED.format(
        kind=kind,
        total=md.count(len(gaps)),
        better=md.count(len(better)),
        over=_rivals(better),
        worse=md.count(len(worse)),
        under=_rivals(worse),
    )


def _rivals(asked: Iterable[Body]) -> str:
    """The rivals in these questions, the one of most questions first, in brackets."""
    times = Counter(rival["title"] for body in asked if (rival := best(body)))
    listed = ", ".join(f"{title}: {count}" for title, count in times.most_common())
    return f" ({listed})" if listed else ""
