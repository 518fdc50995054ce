"""A list of genes and the background that it was taken from, checked."""

import reprlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from jaxtyping import Int8, Int64

from contracts.errors import ContractViolation, NothingLeft, Violation
from contracts.genes.vocabulary import PairIndex, Skipped, Vocabulary
from zoo.results import warn_left_out
from zoo.tables.inputs import name_list

FEWEST = 3
"""Genes that a list must have: with fewer nothing can be told from chance."""

OnUnknown = Literal["raise", "skip"]
Positions = Int64[np.ndarray, "genes"]
Background = Int64[np.ndarray, "background"]


@dataclass(frozen=True, eq=False)
class GeneList:
    """Distinct genes, sorted by position, among a background that holds them all.

    `signs` has 1 for a gene that goes up, -1 for one that goes down and 0 for any other; None where
    no sign was given. `skipped` are the names of the list that were left out.
    """

    genes: Positions
    background: Background
    signs: Int8[np.ndarray, "genes"] | None
    skipped: tuple[Skipped, ...]

    @classmethod
    def of(
        cls,
        vocabulary: Vocabulary,
        genes: Iterable[str],
        background: Iterable[str] | None = None,
        signs: Mapping[str, int] | None = None,
        on_unknown: OnUnknown = "raise",
    ) -> "GeneList":
        """The list, as `PairScorer.enrich` takes it; it says which errors there are."""
        query = partial(_query, vocabulary, on_unknown=on_unknown)
        found = query(genes, "genes")
        listed = np.unique(found.gene)
        if len(listed) < FEWEST:
            left_out = f"; {len(found.skipped)} names were left out" if found.skipped else ""
            raise NothingLeft(
                f"The list has {len(listed)} different genes of this entry{left_out}",
                f"Give at least {FEWEST}",
            )
        everyone = np.arange(len(vocabulary))
        if background is not None:
            everyone = np.unique(query(background, "background").gene)
        _check_background(vocabulary, listed, everyone)
        directions = None
        if signs is not None:
            values = _sign_values(signs)
            up_or_down = query(list(signs), "signs")
            directions = _directions(vocabulary, listed, up_or_down.gene, values[up_or_down.kept])
        return cls(listed, everyone, directions, found.skipped)


def _query(vocabulary: Vocabulary, names: Any, what: str, on_unknown: OnUnknown) -> PairIndex:
    """The genes that names lead to; warns of names left out."""
    given = name_list(names, what)
    # Names of genes are one side of pairs, whose regulator here is always right.
    found = vocabulary.resolve_pairs([vocabulary.regulators[0]] * len(given), given, on_unknown)
    warn_left_out(found.skipped, len(found.kept), f"names ({what})", "They do not count.", 6)
    return found


def _check_background(vocabulary: Vocabulary, listed: Positions, everyone: Background) -> None:
    outside = np.setdiff1d(listed, everyone)
    if len(outside):
        got = f"{len(outside)} genes of the list are not in it, such as "
        got += vocabulary.genes[outside[0]]
        expected = "all genes that could have been in the list, and so every gene of it"
        raise ContractViolation([Violation("background", got, expected)])
    others = len(everyone) - len(listed)
    if others < FEWEST:
        expected = f"at least {FEWEST} genes that are not in the list"
        raise ContractViolation([Violation("background", f"{others}", expected)])


def _sign_values(signs: Any) -> Int8[np.ndarray, "names"]:
    if isinstance(signs, Mapping) and all(sign in (1, -1) for sign in signs.values()):
        return np.array(list(signs.values()), np.int8)
    expected = "a mapping of names to 1 (up) or -1 (down), such as {'GFAP': 1, 'MBP': -1}"
    raise ContractViolation([Violation("signs", reprlib.repr(signs), expected)])


def _directions(
    vocabulary: Vocabulary,
    listed: Positions,
    genes: Int64[np.ndarray, "names"],
    values: Int8[np.ndarray, "names"],
) -> Int8[np.ndarray, "genes"]:
    """The sign of every gene of the list, 0 where none was given."""
    directions = np.zeros(len(listed), np.int8)
    for gene, value in zip(genes.tolist(), values.tolist(), strict=True):
        at = int(np.searchsorted(listed, gene))
        got = repr(vocabulary.genes[gene])
        if at == len(listed) or listed[at] != gene:
            raise ContractViolation([Violation("signs", got, "only genes of the list")])
        if directions[at] == -value:
            raise ContractViolation([Violation("signs", f"both for {got}", "one sign a gene")])
        directions[at] = value
    return directions
