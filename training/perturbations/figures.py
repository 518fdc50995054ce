"""Which figures a perturbation evaluation has, and the texts that say the same as they show.

Drawing them needs matplotlib and is in `training.perturbations.drawing`.
"""

from collections.abc import Callable
from typing import Any

from training.cards.markdown import number, spoken
from training.perturbations.shipped import Body, Record, gap, protocols, rivals
from training.perturbations.words import QUANTITIES, SHORT, where

Evaluation = dict[str, Any]

Bins = list[list[float | int]]
"""Mean prediction and label, two percentiles of the label, and the sets of each bin."""

PANELS = 2
SHOWN = ("epsilon", "tau", "fitness")
"""Quantities whose difference to the best rival is drawn: measured, and not selected."""


def alts(evaluation: Evaluation) -> dict[str, str]:
    """Name of each figure that was measured -> its numbers in words."""
    said = {name: describe(evaluation) for name, describe in ALTS.items()}
    return {name: words for name, words in said.items() if words is not None}


def headline(evaluation: Evaluation) -> list[tuple[str, Body]]:
    """Protocols with the first question's figures."""
    name = evaluation["headline"]
    asked = [(p, each["questions"].get(name)) for p, each in protocols(evaluation).items()]
    return [(protocol, body) for protocol, body in asked if body is not None]


def gains(evaluation: Evaluation) -> list[tuple[str, Record]]:
    """What is asked, in words, and the difference in Pearson correlation to the best rival."""
    first = headline(evaluation)
    others = [
        (protocol, body)
        for quantity in SHOWN
        for protocol, each in protocols(evaluation).items()
        for name, body in each["questions"].items()
        if body["quantity"] == quantity and name != evaluation["headline"]
    ]
    found = [(_asked(protocol, body), gap(body)) for protocol, body in first + others]
    return [(words, record) for words, record in found if record]


def _asked(protocol: str, body: Body) -> str:
    return f"{QUANTITIES[body['quantity']]} of {body['source']}, {SHORT[protocol]}"


def models(evaluation: Evaluation) -> dict[str, list[tuple[str, Record]]]:
    """Title of every model -> protocol and Pearson correlation on the first question."""
    found: dict[str, list[tuple[str, Record]]] = {evaluation["entry"]: []}
    for protocol, body in headline(evaluation):
        own = [(evaluation["entry"], body["metrics"])]
        others = [(each["title"], each["metrics"]) for each in rivals(body).values()]
        for title, metrics in own + others:
            if "pearson" in metrics:
                found.setdefault(title, []).append((protocol, metrics["pearson"]))
    return {title: each for title, each in found.items() if each}


def binned(evaluation: Evaluation) -> list[tuple[str, Bins]]:
    """The protocols whose predictions are drawn against measurements."""
    asked = [(protocol, body["binned"]) for protocol, body in headline(evaluation)]
    return [(protocol, bins) for protocol, bins in asked if bins][:PANELS]


def _gain(evaluation: Evaluation) -> str | None:
    said = "; ".join(f"{words} {spoken(record, '+')}" for words, record in gains(evaluation))
    return f"Difference in Pearson correlation to the best rival. {said}." if said else None


def _pearson(evaluation: Evaluation) -> str | None:
    said = "; ".join(
        f"{title}: " + ", ".join(f"{SHORT[protocol]} {spoken(record)}" for protocol, record in each)
        for title, each in models(evaluation).items()
    )
    name = evaluation["headline"]
    return f"Pearson correlation with {name} by protocol. {said}." if said else None


def _binned(evaluation: Evaluation) -> str | None:
    said = "; ".join(
        f"on {where(protocol)}: "
        + ", ".join(f"{number(predicted)}: {number(label)}" for predicted, label, *_ in bins)
        for protocol, bins in binned(evaluation)
    )
    return f"Mean measured epsilon by mean prediction, {said}." if said else None


ALTS: dict[str, Callable[[Evaluation], str | None]] = {
    "gain": _gain,
    "pearson": _pearson,
    "binned": _binned,
}
