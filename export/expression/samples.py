"""Sets of perturbed genes with a control, as the graph of expression takes them."""

import numpy as np
from jaxtyping import Float

from export.family import Arrays, Sizes
from export.sets import edge_sets, random_sets

MOST = 5.0
"""Expression of random controls goes up to this; a tenth of the genes are not expressed."""


def with_control(sets: Arrays, control: Float[np.ndarray, "readouts"]) -> Arrays:
    """The sets in the cells of a control; every member is of the entry's own kind."""
    asked = {name: array for name, array in sets.items() if name != "kind"}
    return asked | {"control": control.astype(np.float32)}


def random_responses(rng: np.random.Generator, count: int, sizes: Sizes) -> Arrays:
    """So many random sets in the cells of a random control."""
    level = rng.uniform(0, MOST, sizes["readouts"])
    control = np.where(rng.random(len(level)) < 0.1, 0, level)
    return with_control(random_sets(rng, count, sizes), control)


def edge_responses(cells: np.ndarray, sizes: Sizes) -> Arrays:
    """Ragged sets in cells that express nothing: no change may be negative.

    `cells` are those of training in which each gene was perturbed.
    """
    return with_control(edge_sets(cells, sizes), np.zeros(sizes["readouts"]))
