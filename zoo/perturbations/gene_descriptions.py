"""What people say of genes that training did not know: a name, and features in natural units."""

import difflib
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float64

from contracts.errors import ContractViolation, EmptyInput, Violation
from contracts.genes.vocabulary import Vocabulary
from contracts.sets.kinds import JOINT, MEMBER, is_wildtype
from zoo.perturbations.feature_scale import FeatureScale
from zoo.sets.notation import PLUS

Features = Float64[np.ndarray, "features"]

SINGLE, KNOWN = "single_fitness", "single_fitness_known"
"""Fitness of the single mutant, and 1 where it was measured: features that bear on each other."""

FITTEST = 2.0
"""Fitness above this is no growth relative to the wildtype, but a percentage or a z-score."""

_LARGEST = float(np.finfo(np.float32).max)
_EXAMPLE = "{'XYZ1': {'single_fitness': 0.8}}"
# What would be read as another set, or as none, where sets are written in one word.
_MARKS = (PLUS, MEMBER, JOINT)


def described(
    genes: Any, vocabulary: Vocabulary, names: Sequence[str], scale: FeatureScale
) -> dict[str, Features]:
    """Each new name's features in natural units.

    Raises EmptyInput, or ContractViolation with all that is wrong.
    """
    if not isinstance(genes, Mapping):
        raise ContractViolation([Violation("genes", reprlib.repr(genes), f"a dict: {_EXAMPLE}")])
    if not genes:
        raise EmptyInput("genes", _EXAMPLE)
    wrong: list[Violation] = []
    new: dict[str, Features] = {}
    for name, given in genes.items():
        where = f"genes[{reprlib.repr(name)}]"
        clash = _clash(name, vocabulary, new)
        if clash:
            wrong.append(Violation(where, clash, "a name that no gene has yet"))
            continue
        values, faults = _vector(given, names, scale)
        wrong += [Violation(where, got, expected) for got, expected in faults]
        new[name.strip()] = values
    if wrong:
        raise ContractViolation(wrong)
    return new


def _clash(name: Any, vocabulary: Vocabulary, new: Mapping[str, Any]) -> str | None:
    """What is wrong with a name for a new gene."""
    if not isinstance(name, str) or not name.strip():
        return f"{reprlib.repr(name)} ({type(name).__name__})"
    if is_wildtype(name):
        return "the word for the cell that nothing was done to"
    marks = [mark for mark in _MARKS if mark in name]
    if marks:
        return f"{name!r}, and {marks[0]!r} divides the genes of a set or a gene from its kind"
    match = vocabulary.resolve(name)
    if match.status != "unknown":
        return f"a name of {', '.join(match.candidates or (match.symbol or '',))}"
    twin = next((other for other in new if other.upper() == name.strip().upper()), None)
    return None if twin is None else f"{twin!r} again"


def _vector(
    given: Any, names: Sequence[str], scale: FeatureScale
) -> tuple[Features, list[tuple[str, str]]]:
    """The features in order, and what was got and expected where they cannot be read."""
    width = len(scale.mean)
    values = np.zeros(width)
    if isinstance(given, Mapping):
        place = {name: number for number, name in enumerate(names)}
        unknown = [key for key in given if key not in place]
        if unknown:
            return values, [(f"a feature {key!r}", _like(key, names)) for key in unknown]
        told = {place[key]: value for key, value in given.items()}
    elif isinstance(given, Iterable) and not isinstance(given, str | bytes):
        vector = list(given)
        if len(vector) != width:
            return values, [(f"{len(vector)} features", f"all {width} in order, or a dict of some")]
        told = dict(enumerate(vector))
    else:
        return values, [(reprlib.repr(given), "a dict of feature to value, or all values in order")]
    faults = []
    for number, value in told.items():
        name = names[number] if number < len(names) else f"feature {number}"
        expected = _expected(name, value, bool(scale.count[number]))
        if expected is None:
            values[number] = value
        else:
            faults.append((f"{name} = {value!r}", expected))
    if not faults and KNOWN in names:
        faults += _fill(values, set(told), names, scale)
    return values, faults


def _expected(name: str, value: Any, count: bool) -> str | None:
    """What is expected instead of a value; None where it will do."""
    if not _is_finite(value):
        return "finite numbers; leave out what is not known"
    if count and value < 0:
        return "a number of 0 or more, as it was counted"
    if name == SINGLE and not 0 <= value <= FITTEST:
        return f"growth relative to the wildtype, which has 1: from 0 to {FITTEST:g}"
    if name == KNOWN and value not in (0, 1):
        return f"1 where {SINGLE} was measured, else 0"
    return None


def _fill(
    values: Features, told: set[int], names: Sequence[str], scale: FeatureScale
) -> list[tuple[str, str]]:
    """Let a single fitness count as measured where it is told, and as unknown where it is not."""
    single, known = names.index(SINGLE), names.index(KNOWN)
    if known not in told:
        values[known] = single in told
    elif values[known] and single not in told:
        return [(f"{KNOWN} = 1 without {SINGLE}", f"{SINGLE}, too")]
    if not values[known]:
        values[single] = scale.mean[single]
    return []


def _is_finite(value: Any) -> bool:
    """Whether it is a number that float32 holds; NaN is not."""
    number = isinstance(value, int | float | np.integer | np.floating)
    return number and not isinstance(value, bool) and bool(abs(value) <= _LARGEST)


def _like(key: Any, names: Sequence[str]) -> str:
    if not names:
        return "all features in order: this entry does not name them"
    near = difflib.get_close_matches(str(key)[:60], names, n=3)
    return f"one of {', '.join(near or names[:5])}{'' if near else ', ... (see .features)'}"
