"""What a claim of the study comes to: the claim, what our runs show, and a verdict."""

from dataclasses import dataclass

from training.reproduce.results import Spread

REPRODUCED, NOT = "reproduced", "not reproduced"
UNDECIDED, NOT_RUN = "undecided", "not run"
EXPLAINED = "explained by {cause}"


@dataclass(frozen=True)
class Finding:
    """A claim, what we saw, and what follows."""

    claim: str
    seen: str
    verdict: str


def points(value: float) -> str:
    """A difference of shares in percentage points, with its sign."""
    return f"{100 * value:+.1f} points"


def around(spread: Spread, percent: bool = False) -> str:
    """A mean difference with its interval, or with the note that there is none."""
    scale, form, unit = (100, "+.1f", " points") if percent else (1, "+.3f", "")
    mean, low, high = (f"{scale * v:{form}}" for v in (spread.mean, spread.low, spread.high))
    if len(spread.values) < 2:
        return f"{mean}{unit} (one seed, no interval)"
    return f"{mean} [{low}, {high}]{unit}"
