"""What is asked of vectors of cells: the type of a cell, from labelled cells of the other species.

The reference are the training donors of one species with their types, the query the test donors of
the other one. Every type of the reference may be given, whether it is asked about or not.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from contracts.cells.species import SPECIES
from contracts.errors import InvalidOption
from training.cells.split import TEST, TRAIN, CellSplit
from training.data.cells import CellData
from training.family import Ground
from training.scoring.measures import ACCURACY, BALANCED_ACCURACY
from training.scoring.question import Question

LEAST = 8
"""Test cells that a type has in every species to be asked about in the headline."""
ALL_TYPES = "all_types"
"""The question of every type that reference and query share."""
ASKS = {
    "": "types of cells of {query} donors that training did not see, from labelled cells of the "
    f"{{reference}} training donors; the types with {LEAST} or more test cells in each species",
    ALL_TYPES: "the same for every type that the reference has, however few test cells it has",
}


@dataclass(frozen=True, eq=False)
class Transfer:
    """Labels of reference cells for query cells: species, and positions among its cells.

    `rows` are the places of the cells that are asked about among the query: all of the query is
    standardised together.
    """

    species: tuple[str, str]
    reference: Int64[np.ndarray, "reference"]
    query: Int64[np.ndarray, "query"]
    rows: Int64[np.ndarray, "rows"]


def name_of(reference: str, query: str) -> str:
    """The protocol of a direction: human_to_mouse, say."""
    return f"{reference}_to_{query}"


DIRECTIONS = {
    name_of(one, other): (one, other) for one in SPECIES for other in SPECIES if one != other
}
PROTOCOLS = tuple(DIRECTIONS)


def offered(ground: Ground) -> tuple[str, ...]:
    """Both directions; raises InvalidOption for another stage than the test.

    Every training donor has trained the entry, so that nothing is left to validate it on.
    """
    if ground.stage != "test":
        raise InvalidOption("--stage", ground.stage, "test: all other donors were trained on")
    return PROTOCOLS


def labels(data: CellData, species: str) -> Int64[np.ndarray, "cells"]:
    """The type of every cell as its position in `data.types`."""
    place = {name: code for code, name in enumerate(data.types)}
    return data.species[species].labels.map(place).to_numpy(np.int64)


def frequent(data: CellData, split: CellSplit) -> Int64[np.ndarray, "types"]:
    """The types with enough test cells in every species."""
    counts = [
        np.bincount(labels(data, s)[split.cells(data, s, "test")], minlength=len(data.types))
        for s in data.species
    ]
    return np.flatnonzero(np.min(counts, axis=0) >= LEAST)


def questions(ground: Ground, protocol: str) -> Iterator[Question]:
    """The frequent types, then all types that reference and query share."""
    data, split = ground.data, ground.split
    reference, query = DIRECTIONS[protocol]
    known = split.cells(data, reference, "train")
    cells = split.cells(data, query, "test")
    code = labels(data, query)[cells]
    shared = np.intersect1d(labels(data, reference)[known], code)
    for name, types in (("", np.intersect1d(frequent(data, split), shared)), (ALL_TYPES, shared)):
        rows = np.flatnonzero(np.isin(code, types))
        yield Question(
            protocol,
            name,
            ASKS[name].format(reference=reference, query=query),
            cells[rows],
            code[rows],
            rows,
            "cell",
            (BALANCED_ACCURACY, ACCURACY),
            Transfer((reference, query), known, cells, rows),
            strata=code[rows],
            facts={
                "cells": len(rows),
                "types": [data.types[each] for each in types.tolist()],
                "reference": ", ".join(TRAIN[reference]),
                "reference_cells": len(known),
                "query": ", ".join(TEST[query]),
            },
            column="code",
        )
