"""The study's claims: for each the figures of our runs, and a verdict worked out from them.

A verdict is never typed: it follows from the results by the rules in the functions below. Where
the runs that it needs are missing it is "not run"; with one seed, "undecided". The sentences stand
in the page's template; `CLAIMS` has the names by which it knows the claims.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from cells import FAILURES, SEEDS, Cell
from gradients import Failures
from published import GRADIENT_NORM, PUBLISHED, gap, loss
from results import Results, Spread, figured

REPRODUCED, NOT, EXPLAINED = "reproduced", "not reproduced", "explained"
UNDECIDED, NOT_RUN = "undecided", "not run"
# Training accuracy up to here counts as "about 50 %".
COLLAPSE = 0.55


@dataclass(frozen=True)
class Finding:
    """A verdict, what explains a difference, and the figures that the page prints beside it."""

    verdict: str = NOT_RUN
    causes: tuple[str, ...] = ()
    seen: Mapping[str, Any] = field(default_factory=dict)


def gap_verdict(
    as_it_was: Spread, reported: float, causes: Mapping[str, Spread | None]
) -> tuple[str, tuple[str, ...]]:
    """Whether a difference was seen, and which changes take away at least half of it.

    `causes` are the differences after one change each, by what was changed. An interval that
    holds both zero and the reported difference decides nothing.
    """
    if as_it_was.low <= 0:
        return (UNDECIDED if as_it_was.high >= reported else NOT), ()
    halved = tuple(c for c, s in causes.items() if s is not None and s.mean <= as_it_was.mean / 2)
    return (EXPLAINED if halved else REPRODUCED), halved


def higher_auroc(results: Results) -> Finding:
    """The gap in AUROC at 1:1, as the study took it and after either change."""
    last, best = results.gap("last", "auroc"), results.gap("restored", "auroc")
    if last is None:
        return Finding()
    logit = results.gap("last", "auroc_logit")
    verdict = gap_verdict(last, gap("auroc"), {"best_epoch": best, "ties": logit})
    return Finding(*verdict, {"last": last, "best": best, "logit": logit})


def higher_accuracy(results: Results) -> Finding:
    """The gap in accuracy at 1:1."""
    last, best = results.gap("last", "accuracy"), results.gap("restored", "accuracy")
    if last is None:
        return Finding()
    verdict = gap_verdict(last, gap("accuracy"), {"best_epoch": best})
    return Finding(*verdict, {"last": last, "best": best})


def imbalance(results: Results, ratio: int) -> Finding:
    """The claim that the two towers lose more than the cross-encoder at `ratio`:1.

    Reproduced where the towers lose more; explained where the correction halves their loss.
    """
    models = ("two_tower", "cross_encoder")
    towers, cross = (results.loss(m, ratio, "last", "accuracy") for m in models)
    if towers is None or cross is None:
        return Finding()
    mended = [results.loss(m, ratio, "restored", "corrected/accuracy") for m in models]
    seen = {"last": (towers, cross), "mended": mended}
    if towers.low <= max(cross.mean, 0):
        reached = towers.high >= loss("two_tower", ratio)
        return Finding(UNDECIDED if reached else NOT, (), seen)
    if mended[0].mean <= towers.mean / 2:
        return Finding(EXPLAINED, ("prior", "best_epoch"), seen)
    return Finding(REPRODUCED, (), seen)


def collapse(results: Results, failures: Failures) -> Finding:
    """The claim that a gradient failure by itself takes training to about one half."""
    broken = results.failure(failures)
    if broken is None:
        return Finding()
    end = broken["history"][-1]
    seen = {"end": end, "epochs": broken["epochs"], "test": figured(broken, "last", "accuracy")}
    return Finding(REPRODUCED if end["train_accuracy"] <= COLLAPSE else NOT, (), seen)


def norm(results: Results) -> Finding:
    """The claim that gradients explode unless they are clipped."""
    sound = results.one(Cell(model="two_tower", seed=SEEDS[0]))
    if sound is None:
        return Finding()
    tight = results.failure(Failures(tight_clip=True))
    replaced = results.failure(Failures(replaced_gradient=True))
    accuracy = [figured(run, "last", "accuracy") if run else None for run in (tight, sound)]
    seen = {
        "largest": _largest(sound),
        "clipped": sum(epoch["clipped"] for epoch in sound["history"]) / len(sound["history"]),
        "change": accuracy[0] - accuracy[1] if tight else None,
        "replaced": _largest(replaced) if replaced else None,
    }
    if seen["largest"] >= GRADIENT_NORM / 2:
        return Finding(REPRODUCED, (), seen)
    if seen["replaced"] is not None and seen["replaced"] >= GRADIENT_NORM / 2:
        return Finding(EXPLAINED, ("replaced_gradient",), seen)
    return Finding(NOT, (), seen)


def _largest(result: dict[str, Any]) -> float:
    """The largest gradient norm of any batch."""
    return max(epoch["norm_max"] for epoch in result["history"])


def corrected_network(results: Results) -> Finding:
    """The claim that the published two towers had sound gradients."""
    sound = results.one(Cell(model="two_tower", seed=SEEDS[0]))
    twice = results.failure(Failures(double_sigmoid=True))
    cross = results.one(Cell(model="cross_encoder", seed=SEEDS[0]))
    if sound is None or twice is None:
        return Finding()
    aim = PUBLISHED["two_tower", 1]
    seen: dict[str, Any] = {
        name: {f: figured(run, "last", f) - aim[f] for f in ("accuracy", "auroc")}
        | {"saturated": figured(run, "last", "saturated")}
        for name, run in (("sound", sound), ("twice", twice))
    }
    between = [figured(run, "last", "auroc") for run in (cross, twice) if run]
    seen["above"] = between[0] - between[1] if cross else None
    closer = abs(seen["twice"]["auroc"]) < abs(seen["sound"]["auroc"])
    return Finding(NOT if closer else REPRODUCED, (), seen)


def expression(results: Results) -> Finding:
    """The claim that the cross-encoder gains from co-expression."""
    rule = results.one(Cell(model="namespace_rule"))
    if rule is None:
        return Finding()
    coverage = rule["expression_coverage"]
    absent = coverage["tfs"] == 0 or coverage["genes"] == 0
    return Finding(NOT if absent else UNDECIDED, (), coverage)


def inductive_bias(results: Results) -> Finding:
    """The claim that the gap shows how well each network models regulation."""
    degree, rule = (results.one(Cell(model=m)) for m in ("degree_logistic", "namespace_rule"))
    models = ("two_tower", "cross_encoder")
    tops = [results.spread(m, 1, "restored", "auroc_logit") for m in models]
    if degree is None or rule is None or None in tops:
        return Finding()
    auroc = degree["variants"]["fitted"]["auroc"]
    seen = {"degree": auroc, "tops": tops, "rule": figured(rule, "fitted", "auroc")}
    if auroc["low"] > max(top.mean for top in tops):
        return Finding(EXPLAINED, ("degrees",), seen)
    return Finding(UNDECIDED, (), seen)


CLAIMS: dict[str, Callable[[Results], Finding]] = {
    "higher_auroc": higher_auroc,
    "higher_accuracy": higher_accuracy,
    "imbalance_5": partial(imbalance, ratio=5),
    "imbalance_10": partial(imbalance, ratio=10),
    **{"+".join(f.names): partial(collapse, failures=f) for f in FAILURES},
    "norm": norm,
    "corrected_network": corrected_network,
    "expression": expression,
    "inductive_bias": inductive_bias,
}
