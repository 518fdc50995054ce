"""The graph that gives interaction and expectation of sets, asked block by block."""

import numpy as np
from jaxtyping import Float64, Int64

from contracts.sets.kinds import unpack
from zoo.entry import OpenEntry
from zoo.perturbations.new_genes import carried
from zoo.runtime.graph import Graph

BLOCK_SETS = 1 << 9
"""Sets that go through a graph at once: what is between its layers stays in the cache.

The attention of 1,024 sets over all genes does not (benchmarks/README.md).
"""

Values = Float64[np.ndarray, "sets"]


def head_of(opened: OpenEntry) -> Graph:
    """The head; what it needs of the cell is what this session's own encoder gives.

    The onnx backend on the CPU takes what the entry carries, any other encodes here.
    """
    graphs, head = opened.graphs, opened.graphs["head"]
    if "encode" not in graphs or (opened.backend, head.device) == ("onnx", "cpu"):
        return head
    return head.carrying(carried(opened, graphs["encode"]))


def terms(head: Graph, codes: Int64[np.ndarray, "sets order"]) -> tuple[Values, Values]:
    """Interaction and expectation as the graph gives them, for sets of one order.

    Codes are those of contracts.sets.kinds.pack.
    """
    total, order = codes.shape
    out = np.empty((2, total))
    for start in range(0, total, BLOCK_SETS):
        rows = slice(start, min(start + BLOCK_SETS, total))
        size = rows.stop - start
        gene, kind = unpack(codes[rows].ravel())
        number = np.repeat(np.arange(size), order)
        inputs = {"member": gene, "kind": kind, "set": number, "order": np.full(size, order)}
        outputs = head.run(inputs)
        out[0, rows], out[1, rows] = outputs["gene_interaction"], outputs["expectation"]
    return out[0], out[1]
