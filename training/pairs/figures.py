"""Which figures an evaluation has, and the texts that say the same as they show.

Drawing them needs matplotlib and is in `training.pairs.drawing`; the texts need nothing.
"""

from collections.abc import Callable
from typing import Any

from training.cards.markdown import known, number, spoken
from training.pairs.card_text import FIGURES, TITLES
from training.pairs.shipped import HEADLINES, leading

Evaluation = dict[str, Any]

OWN = "entry"
PANELS = 2
RANKS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


def alts(evaluation: Evaluation) -> dict[str, str]:
    """Name of each figure that was measured -> its numbers in words."""
    said = {name: describe(evaluation) for name, describe in ALTS.items()}
    return {name: words for name, words in said.items() if words is not None}


def panels(evaluation: Evaluation, part: str) -> list[str]:
    """The protocols whose curves (`roc` or `pr`) are drawn beside each other."""
    protocols = evaluation["protocols"]
    return [name for name in HEADLINES if protocols.get(name, {}).get("curves", {}).get(part)][
        :PANELS
    ]


def reliability_protocol(evaluation: Evaluation) -> str | None:
    """The protocol whose probabilities are drawn against shares: balanced pairs."""
    asked = (name for name in ("uniform", "given") if name in evaluation["protocols"])
    return next((n for n in asked if evaluation["protocols"][n].get("reliability")), None)


def gains(evaluation: Evaluation) -> list[tuple[str, str, dict[str, float]]]:
    """Protocol, its leading figure, and the difference to the best baseline in it."""
    found = [
        (name, leading(body), body.get("difference", {}).get(leading(body)))
        for name, body in evaluation["protocols"].items()
    ]
    return [(name, metric, gap) for name, metric, gap in found if gap and known(gap["value"])]


def title(evaluation: Evaluation, protocol: str, name: str) -> str:
    """A model as a legend names it: the entry, or a baseline's title."""
    if name == OWN:
        return evaluation["entry"]
    return evaluation["protocols"][protocol]["ladder"].get(name, {}).get("title", name)


def value(evaluation: Evaluation, protocol: str, name: str, metric: str) -> dict[str, float] | None:
    """A figure of the entry or of a baseline."""
    body = evaluation["protocols"][protocol]
    metrics = body["metrics"] if name == OWN else body["ladder"].get(name, {}).get("metrics", {})
    return metrics.get(metric)


def _curves(part: str, metric: str, what: str) -> Callable[[Evaluation], str | None]:
    def described(evaluation: Evaluation) -> str | None:
        said = [
            f"for {TITLES[protocol]}: " + _models(evaluation, protocol, part, metric)
            for protocol in panels(evaluation, part)
        ]
        return f"{what} curves. {FIGURES[metric]} " + "; ".join(said) + "." if said else None

    return described


def _models(evaluation: Evaluation, protocol: str, part: str, metric: str) -> str:
    drawn = evaluation["protocols"][protocol]["curves"][part]
    return ", ".join(
        f"{title(evaluation, protocol, name)} {spoken(value(evaluation, protocol, name, metric))}"
        for name in drawn
    )


def _reliability(evaluation: Evaluation) -> str | None:
    protocol = reliability_protocol(evaluation)
    if protocol is None:
        return None
    bins = evaluation["protocols"][protocol]["reliability"]
    said = ", ".join(f"{number(mean)}: {number(share)}" for mean, share, _ in bins)
    return f"Share of listed pairs by mean probability ({TITLES[protocol]}). {said}."


def _gain(evaluation: Evaluation) -> str | None:
    said = ", ".join(
        f"{TITLES.get(name, name)} {spoken(gap, '+')} {FIGURES[metric]}"
        for name, metric, gap in gains(evaluation)
    )
    return f"Difference to the best baseline by protocol. {said}." if said else None


def _ranks(evaluation: Evaluation) -> str | None:
    ranks = evaluation["protocols"].get("retrieval", {}).get("ranks")
    if not ranks:
        return None
    shown = (RANKS.index(1), RANKS.index(10), RANKS.index(100))
    said = "; ".join(
        f"{title(evaluation, 'retrieval', name)} "
        + ", ".join(number(shares[position]) for position in shown)
        for name, shares in ranks.items()
    )
    return f"Share of held-out regulators among the first 1, 10 and 100. {said}."


ALTS: dict[str, Callable[[Evaluation], str | None]] = {
    "gain": _gain,
    "roc": _curves("roc", "auroc", "ROC"),
    "pr": _curves("pr", "auprc", "Precision-recall"),
    "ranks": _ranks,
    "reliability": _reliability,
}
