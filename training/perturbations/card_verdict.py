"""What a reader must know of a perturbation entry, in words chosen by its figures."""

from collections.abc import Callable, Iterator

from contracts.perturbations.kinds import KINDS
from training.cards import markdown as md
from training.perturbations import card_text as text
from training.perturbations.answers import CIRCULAR
from training.perturbations.shipped import Body, Record, Shipped, best, gap, rivals
from training.perturbations.words import QUANTITIES, figure, sentence, titles, where

BASELINES = ("multiplicative", "ridge")
"""Architectures that are there to be compared with."""
HELD_OUT = ("one_new", "both_new", "unseen")
TRIPLES = ("random", "query_disjoint")
"""Protocols whose triples are spoken of first."""
INTERACTIONS = ("epsilon", "tau", "epsilon_selected", "emap_s")
FITNESS = ("fitness", "fitness_derived")
CHANGING = tuple(kind for kind in KINDS if kind != "present")


def first_sentence(shipped: Shipped) -> str:
    """The difference to the best rival on unselected epsilon, and what it means."""
    protocol, body = next(iter(shipped.headlined), ("", None))
    rival = best(body) if body else None
    if body is None or rival is None:
        return text.UNKNOWN.format(entry=shipped.entry)
    found = gap(body)
    words = _worded(found, text.BEATS, text.NO_GAIN, text.WORSE) if found else text.NO_INTERACTION
    return words.format(
        entry=shipped.entry,
        count=len(rivals(body)),
        rival=figure(rival, "pearson"),
        source=body["source"],
        **_said(protocol, body),
    )


def trust(shipped: Shipped) -> str:
    """Whether to trust it: harder questions, triples, fitness, and advice."""
    said = [text.IS_BASELINE] if shipped.manifest.architecture in BASELINES else []
    for protocol, body in shipped.headlined[1:]:
        if gap(body):
            said.append(text.HARDER.format(**_said(protocol, body)))
    for protocol, body in shipped.asked("tau"):
        if protocol in TRIPLES and "pearson" in body["metrics"]:
            said.append(text.TAU.format(source=body["source"], **_said(protocol, body)))
    said += [_fitness(protocol, body) for protocol, body in shipped.asked("fitness")[:1]]
    if shipped.asked("epsilon_selected"):
        said.append(text.NOT_SELECTED)
    return " ".join([*said, text.ADVICE])


def _fitness(protocol: str, body: Body) -> str:
    product, rival = (figure(row, "pearson") for row in (multiplicative(body), best(body)))
    said = _said(protocol, body)
    return text.FITNESS.format(source=body["source"], product=product, rival=rival, **said)


def multiplicative(body: Body) -> Body | None:
    """The row of the multiplicative model."""
    return body.get("ladder", {}).get("multiplicative")


def warnings(shipped: Shipped) -> list[str]:
    """When not to use it: new genes, other kinds, larger sets, and never."""
    known = shipped.known
    unseen = [kind for kind in CHANGING if kind not in known.kinds]
    said = list(dict.fromkeys(_held_out(shipped, protocol) for protocol in HELD_OUT))
    said.append(_unseen_genes(shipped))
    if known.unmeasured:
        numbers = {"unmeasured": md.count(known.unmeasured), "genes": md.count(known.genes)}
        said.append(text.UNMEASURED.format(**numbers))
    if unseen:
        seen = " or ".join(known.kinds) or "not perturbed"
        said.append(text.KINDS.format(seen=seen, unseen=" and ".join(unseen)))
    return [*said, text.ORDERS, text.NEVER]


def _held_out(shipped: Shipped, protocol: str) -> str:
    body = shipped.question(protocol)
    if body is None:
        return text.NOT_KNOWN.format(where=where(protocol))
    found = gap(body)
    if found is None:
        own = any("pearson" in each["metrics"] for _, each in shipped.headlined)
        words = text.THE_SAME_HERE if own else text.THE_SAME
    else:
        words = _worded(found, text.HELPS, text.FAILS, text.FAILS_WORSE)
    return words.format(**_said(protocol, body))


def _unseen_genes(shipped: Shipped) -> str:
    unseen, genes = (md.count(n) for n in (shipped.known.unseen_genes, shipped.known.genes))
    return text.UNSEEN_GENES.format(unseen=unseen, genes=genes)


def failures(shipped: Shipped) -> list[str]:
    """Sentences about what fails: those that the figures ask for, then those true of all."""
    found = (said for check in CHECKS for said in check(shipped))
    return [*dict.fromkeys(found), _unseen_genes(shipped), *text.STANDING]


def _held_out_genes(shipped: Shipped) -> Iterator[str]:
    for protocol in HELD_OUT:
        body = shipped.question(protocol)
        found = gap(body) if body else None
        if found is None or found["low"] <= 0:
            yield _held_out(shipped, protocol)


def _no_skill(shipped: Shipped) -> Iterator[str]:
    """Questions in which the correlation may be zero, all in one sentence."""
    asked = [*shipped.headlined, *shipped.asked(*INTERACTIONS)]
    found = [
        text.NO_SKILL.format(**_about(body), **_said(protocol, body))
        for protocol, body in asked
        if body["metrics"].get("pearson", {"low": 1})["low"] <= 0
    ]
    if found:
        yield text.CHANCE.format(listed="; ".join(found))


def _not_better(shipped: Shipped) -> Iterator[str]:
    """Questions beside the headline in which the best rival does better.

    Of fitness, what the multiplicative model does better stands apart.
    """
    for protocol, body in shipped.asked(*INTERACTIONS, *FITNESS):
        found, name = gap(body), body["best"].get("pearson", "")
        told = body["quantity"] in FITNESS and name.startswith(CIRCULAR)
        if found and found["high"] < 0 and not told:
            said = _said(protocol, body) | {"title": titles(body)[name]}
            yield text.NOT_BETTER.format(**_about(body), **said)


def _below(shipped: Shipped) -> Iterator[str]:
    """Questions about fitness in which the multiplicative model does better."""
    for protocol, body in shipped.asked(*FITNESS):
        product = multiplicative(body)
        if product and product["difference"].get("pearson", {"high": 0})["high"] < 0:
            about = _about(body)
            yield text.BELOW.format(
                **about, gap=figure(product, "pearson", "difference"), where=where(protocol)
            )


CHECKS: tuple[Callable[[Shipped], Iterator[str]], ...] = (
    _held_out_genes, _no_skill, _not_better, _below,
)  # fmt: skip


def _about(body: Body) -> dict[str, str]:
    return {"quantity": sentence(QUANTITIES[body["quantity"]]), "source": body["source"]}


def _said(protocol: str, body: Body) -> dict[str, str]:
    """What most sentences need: where, the entry's figure, and its difference to which rival."""
    rival = best(body)
    return {
        "where": where(protocol),
        "own": figure(body, "pearson"),
        "title": rival["title"] if rival else "",
        "gap": figure(rival, "pearson", "difference"),
    }


def _worded(found: Record, better: str, unsure: str, worse: str) -> str:
    """The words for an interval above zero, around it, or below."""
    return better if found["low"] > 0 else worse if found["high"] < 0 else unsure
