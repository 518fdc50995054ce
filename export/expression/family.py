"""Expression responses on the way to an entry: one graph, written node by node."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file
from torch import nn

from contracts.tensors import Contract
from export.expression.parity import ExpressionProbe
from export.expression.samples import edge_responses, random_responses, with_control
from export.family import Arrays, Case, Family, Sizes
from export.sets import with_segments
from zoo.entry import STATE
from zoo.expression.state import CONTROL, GENE_CELLS

RANDOM = 64


class Expression(Family):
    """Ragged sets of genes, and a control whose levels no change goes below."""

    samples = "sets.safetensors"

    def sizes(self, run: dict[str, Any], model: nn.Module) -> dict[str, int]:
        """Genes that can be perturbed, readouts, the largest set, and what was measured."""
        return dict(run["sizes"])

    def example(self, contract: Contract, sizes: Sizes) -> Arrays:
        """Random sets; an architecture that writes its graph itself is not traced with them."""
        return random_responses(np.random.default_rng(0), 3, sizes)

    def golden(self, roles: Collection[str], sizes: Sizes, source: Path) -> Iterator[Case]:
        """`random`, `real` (measured sets in the control cells of training) and `edge`."""
        state, real = load_file(source / STATE), load_file(source / self.samples)
        yield Case("response", "random", random_responses(np.random.default_rng(0), RANDOM, sizes))
        member, order = real["member"], real["order"]
        sets = with_segments(member, np.zeros_like(member), order)
        yield Case("response", "real", with_control(sets, state[CONTROL]))
        yield Case("response", "edge", edge_responses(state[GENE_CELLS], sizes))

    def probe(self, task: str, sizes: Sizes) -> ExpressionProbe:
        """Batches of random sets."""
        return ExpressionProbe.draw(sizes)


FAMILY = Expression()
