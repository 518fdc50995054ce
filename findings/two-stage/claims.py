"""The seed's six claims: which differences each stands on, and the rules of the verdicts.

A verdict is never typed: it follows from intervals by the rules below, which were written before
the trainings were run, but for `counts_only`, which is compared with since the first of them. The
sentences stand in the page's template.
"""

from collections.abc import Callable
from typing import NamedTuple

from compared import Compared
from results import REUSED, SHIPPED
from training.finding import Spread

SUPPORTED, NOT, UNDECIDED = "supported", "not supported", "undecided"
LEAST = 0.02
"""The least difference in balanced accuracy that matters."""
LEAST_COSINE, LEAST_ZINB, LEAST_RANK, LEAST_AGREEMENT = 0.1, 0.01, 0.05, 0.02
"""The same of a cosine of gradients, of counts and of ranks (shares), and of a correlation."""


class Test(NamedTuple):
    """A difference that a claim says to be above 0, or not below; and what follows from it."""

    name: str
    spread: Spread
    least: float
    verdict: str


class Claim(NamedTuple):
    """A claim's differences, those that were not measured, and the verdict over all of them."""

    name: str
    tests: list[Test]
    missing: list[str]

    @property
    def verdict(self) -> str:
        """Supported if all differences are; not supported if one is not; else undecided."""
        verdicts = [each.verdict for each in self.tests]
        if NOT in verdicts:
            return NOT
        whole = set(verdicts) == {SUPPORTED} and not self.missing
        return SUPPORTED if whole else UNDECIDED


def above(spread: Spread, least: float) -> str:
    """Not supported where the interval ends below `least`; supported where it is above 0."""
    if spread.high < least:
        return NOT
    return SUPPORTED if spread.low > 0 else UNDECIDED


def no_worse(spread: Spread, least: float) -> str:
    """Supported where the interval begins above -`least`; not, where it ends below that."""
    if spread.low > -least:
        return SUPPORTED
    return NOT if spread.high < -least else UNDECIDED


def differs(spread: Spread, least: float) -> str:
    """Not supported where the interval is within `least` of 0; supported where it leaves 0 out."""
    if max(-spread.low, spread.high) < least:
        return NOT
    return SUPPORTED if spread.low > 0 or spread.high < 0 else UNDECIDED


def claims(found: Compared) -> list[Claim]:
    """All claims that have some of the differences they stand on."""
    frozen = "frozen" if "frozen" in found.variants else SHIPPED
    moving = "unfrozen" if "unfrozen" in found.variants else SHIPPED

    def gap(one: str, other: str, figure: str = "balanced_accuracy") -> Spread | None:
        return found.difference(one, other, figure)

    def share(one: str, other: str, figure: str) -> Spread | None:
        return found.difference(one, other, figure, relative=True)

    every: dict[str, list[tuple[str, Spread | None, float, Callable[[Spread, float], str]]]] = {
        "conflict": [
            ("opposed", _turned(found.spread("joint", "cosine")), LEAST_COSINE, above),
            ("two_stages", gap(SHIPPED, "joint"), LEAST, above),
        ],
        "stabilisation": [
            ("learned", gap(SHIPPED, "fixed"), LEAST, above),
            ("frozen", gap(frozen, moving), LEAST, above),
        ],
        "convergence": [
            ("counts", share("joint", "counts_only", "held_out_zinb"), LEAST_ZINB, above),
        ],
        "collapse": [
            ("rank", _turned(share("stage2_only", SHIPPED, "rank_end")), LEAST_RANK, above),
            ("regularised", share("regularised", SHIPPED, "rank_end"), LEAST_RANK, above),
            ("weighting", gap("joint_tenth", "joint"), LEAST, differs),
        ],
        "transferability": [
            ("reused", gap(REUSED, SHIPPED), LEAST, no_worse),
            ("needed", gap(REUSED, "stage2_only"), LEAST, above),
        ],
        "refinement": [
            ("seeded", gap(SHIPPED, "random"), LEAST, above),
            ("refined", gap(SHIPPED, "fixed"), LEAST, above),
            ("maintained", found.change(SHIPPED, "agreement"), LEAST_AGREEMENT, no_worse),
            ("coherent", gap(SHIPPED, "joint", "agreement_end"), LEAST_AGREEMENT, above),
        ],
    }
    return [
        Claim(
            name,
            [Test(title, s, least, rule(s, least)) for title, s, least, rule in tests if s],
            [title for title, s, _, _ in tests if s is None],
        )
        for name, tests in every.items()
        if any(s is not None for _, s, _, _ in tests)
    ]


def _turned(spread: Spread | None) -> Spread | None:
    """The same with the other sign."""
    return spread and spread._replace(value=-spread.value, low=-spread.high, high=-spread.low)
