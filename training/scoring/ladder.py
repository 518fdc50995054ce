"""All baselines of a split, fitted by the same data as the entry that they stand beside.

What they are fitted with and what they answer is the same for every entry of a split, so both are
done once in a process.
"""

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from training.scoring.measures import Values
from training.scoring.question import Ask, Question

if TYPE_CHECKING:
    from training.family import Family, Ground

_fitted: dict[tuple[str, ...], Ask] = {}
_answered: dict[tuple[str, ...], Values] = {}


def fitted(
    family: "Family", ground: "Ground", question: Question, names: Iterable[str] | None = None
) -> dict[str, Ask]:
    """Every rung, or those of `names`, fitted for a question.

    Raises InvalidOption for an unknown rung, StaleSplit for another table's split.
    """
    found = {}
    for name in offered(family, ground, names):
        module = family.rung(name)
        key = (*_key(ground), name, family.fitted_for(module, question))
        if key not in _fitted:
            _fitted[key] = family.fit(module, ground, question)
        found[name] = _fitted[key]
    return found


def climb(
    family: "Family", ground: "Ground", question: Question, names: Iterable[str] | None = None
) -> dict[str, Values]:
    """What every rung, or those of `names`, answers to a question, fitted anew in each fold."""
    if question.folds:
        parts = zip(ground.folds, question.folds, strict=True)
        answers = [climb(family, each, part, names) for each, part in parts]
        return {name: np.concatenate([each[name] for each in answers]) for name in answers[0]}
    wanted = offered(family, ground, names)
    at = (*_key(ground), ground.stage, question.protocol, question.name)
    if lacking := [name for name in wanted if (*at, name) not in _answered]:
        for name, ask in fitted(family, ground, question, lacking).items():
            values = ask(question)
            assert values is not None
            _answered[*at, name] = values
    return {name: _answered[*at, name] for name in wanted}


def offered(family: "Family", ground: "Ground", names: Iterable[str] | None) -> list[str]:
    """Every rung that the data is fit for, or those of `names`."""
    wanted = family.rungs() if names is None else names
    return [name for name in wanted if family.suits(family.rung(name), ground)]


def _key(ground: "Ground") -> tuple[str, ...]:
    """What tells one split from another: the data, and the part of every row."""
    parts = hashlib.sha256(ground.split.part.tobytes()).hexdigest()
    return ground.split.digest, parts
