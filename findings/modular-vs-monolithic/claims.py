"""The study's claims: for each the figures of our runs, and a verdict worked out from them.

A verdict is never typed: it follows from the results by the rules in the functions below. Where
the runs that it needs are missing it is "not run"; with one seed, "undecided". The sentences stand
in the page's template; `CLAIMS` has the names by which it knows the claims.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from cells import FAILURES, NETWORKS, SEEDS, Failures
from published import GRADIENT_NORM, PUBLISHED, gap, loss
from results import Results
from training.finding import Spread

REPRODUCED, NOT, EXPLAINED = "reproduced", "not reproduced", "explained"
UNDECIDED, NOT_RUN = "undecided", "not run"
# Training accuracy up to here counts as "about 50 %".
COLLAPSE = 0.55


class Finding(NamedTuple):
    """A verdict, what explains a difference, and the figures that the page prints beside it."""

    verdict: str = NOT_RUN
    causes: tuple[str, ...] = ()
    seen: Mapping[str, Any] | None = None


def gap_verdict(
    as_it_was: Spread, reported: float, causes: Mapping[str, Spread | None]
) -> tuple[str, tuple[str, ...]]:
    """Whether a difference was seen, and which changes take away at least half of it.

    `causes` are the differences after one change each, by what was changed. An interval that
    holds both zero and the reported difference decides nothing.
    """
    if as_it_was.low <= 0:
        return (UNDECIDED if as_it_was.high >= reported else NOT), ()
    halved = tuple(c for c, s in causes.items() if s is not None and s.value <= as_it_was.value / 2)
    return (EXPLAINED if halved else REPRODUCED), halved


def higher(results: Results, figure: str, **changes: str) -> Finding:
    """The gap in a figure at 1:1, as the study took it, in the best epoch and after `changes`."""
    last = results.gap(f"last.{figure}")
    if last is None:
        return Finding()
    changes = {"best_epoch": f"restored.{figure}", **changes}
    changed = {cause: results.gap(name) for cause, name in changes.items()}
    return Finding(*gap_verdict(last, gap(figure), changed), {"last": last, **changed})


def imbalance(results: Results, ratio: int) -> Finding:
    """The claim that the two towers lose more than the cross-encoder at `ratio`:1.

    Reproduced where the towers lose more; explained where the correction halves their loss.
    """
    towers, cross = (results.loss(model, ratio, "last") for model in NETWORKS)
    if towers is None or cross is None:
        return Finding()
    mended = [results.loss(model, ratio, "restored", "corrected.") for model in NETWORKS]
    seen = {"last": (towers, cross), "mended": mended}
    if towers.low <= max(cross.value, 0):
        reached = towers.high >= loss("two_tower", ratio)
        return Finding(UNDECIDED if reached else NOT, (), seen)
    if mended[0].value <= towers.value / 2:
        return Finding(EXPLAINED, ("prior", "best_epoch"), seen)
    return Finding(REPRODUCED, (), seen)


def collapse(results: Results, failures: Failures) -> Finding:
    """The claim that a gradient failure by itself takes training to about one half."""
    broken = results.failure(failures)
    if broken is None:
        return Finding()
    return Finding(REPRODUCED if broken["train_accuracy"] <= COLLAPSE else NOT, (), broken)


def norm(results: Results) -> Finding:
    """The claim that gradients explode unless they are clipped."""
    sound, tight = results.failure(), results.failure(Failures(tight_clip=True))
    replaced = results.failure(Failures(replaced_gradient=True))
    if sound is None:
        return Finding()
    change = None if tight is None else tight["last.accuracy"] - sound["last.accuracy"]
    seen = {"sound": sound, "replaced": replaced, "change": change}
    if sound["norm_max"] >= GRADIENT_NORM / 2:
        return Finding(REPRODUCED, (), seen)
    if replaced is not None and replaced["norm_max"] >= GRADIENT_NORM / 2:
        return Finding(EXPLAINED, ("replaced_gradient",), seen)
    return Finding(NOT, (), seen)


def corrected_network(results: Results) -> Finding:
    """The claim that the published two towers had sound gradients."""
    sound, twice = results.failure(), results.failure(Failures(double_sigmoid=True))
    cross = results.one("cross_encoder", seed=SEEDS[0])
    if sound is None or twice is None:
        return Finding()
    above = None if cross is None else cross["last.auroc"] - twice["last.auroc"]
    aim = PUBLISHED["two_tower", 1]["auroc"]
    closer = abs(twice["last.auroc"] - aim) < abs(sound["last.auroc"] - aim)
    seen = {"sound": sound, "twice": twice, "above": above}
    return Finding(NOT if closer else REPRODUCED, (), seen)


def expression(results: Results) -> Finding:
    """The claim that the cross-encoder gains from co-expression."""
    rule = results.one("namespace_rule")
    if rule is None:
        return Finding()
    absent = not (rule["expression_coverage.tfs"] and rule["expression_coverage.genes"])
    return Finding(NOT if absent else UNDECIDED, (), rule)


def inductive_bias(results: Results) -> Finding:
    """The claim that the gap shows how well each network models regulation."""
    degree, rule = results.one("degree_logistic"), results.one("namespace_rule")
    tops = [results.spread(model, 1, "restored.auroc_logit") for model in NETWORKS]
    if degree is None or rule is None or None in tops:
        return Finding()
    seen = {"degree": degree, "tops": tops, "rule": rule}
    if degree["fitted.auroc.low"] > max(top.value for top in tops):
        return Finding(EXPLAINED, ("degrees",), seen)
    return Finding(UNDECIDED, (), seen)


CLAIMS: dict[str, Callable[[Results], Finding]] = {
    "higher_auroc": partial(higher, figure="auroc", ties="last.auroc_logit"),
    "higher_accuracy": partial(higher, figure="accuracy"),
    "imbalance_5": partial(imbalance, ratio=5),
    "imbalance_10": partial(imbalance, ratio=10),
    **{"+".join(f.names): partial(collapse, failures=f) for f in FAILURES},
    "norm": norm,
    "corrected_network": corrected_network,
    "expression": expression,
    "inductive_bias": inductive_bias,
}
