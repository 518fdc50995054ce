"""The double deletions of a gene, as a scorer asks for them."""

from collections.abc import Iterator

import numpy as np

from contracts.sets.kinds import ABSENT
from export.family import Arrays
from export.sets import with_segments
from zoo.perturbations.head import BLOCK_SETS


def with_every_partner(gene: int, genes_total: int) -> Iterator[Arrays]:
    """The double deletions of a gene with every other one, in the order of the vocabulary.

    They come in as large blocks as a scorer asks for.
    """
    others = np.delete(np.arange(genes_total), gene)
    for first in range(0, len(others), BLOCK_SETS):
        partner = others[first : first + BLOCK_SETS]
        member = np.stack([np.full(len(partner), gene), partner], 1).reshape(-1)
        yield with_segments(
            member, np.full(len(member), ABSENT), np.full(len(partner), 2, dtype=np.int64)
        )
