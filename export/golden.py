"""Golden vectors: inputs with the outputs that an entry must give on any machine."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
from jaxtyping import Int64
from safetensors.numpy import load_file, save_file

from contracts import tasks
from export.lanes import Run

VECTORS, PAIRS = "vectors.safetensors", "pairs.safetensors"
RANDOM = 256


def write(
    run: Run, task: str, roles: Collection[str], sizes: dict[str, int], source: Path, folder: Path
) -> None:
    """Write `vectors.safetensors` for the graphs of `roles`.

    `run` is the reference lane, `source` the run folder. Cases: `random` pairs; `real` ones,
    benchmark pairs of the run without their labels; `edge`: first and last positions, entities
    without a training edge, and a pair that stands twice.
    """
    state = load_file(source / "state.safetensors")
    rng = np.random.default_rng(0)
    tfs, genes = sizes["tfs_total"], sizes["genes_total"]
    cases = {
        "random": np.stack([rng.integers(tfs, size=RANDOM), rng.integers(genes, size=RANDOM)]),
        "real": load_file(source / PAIRS)["pairs"].T.astype(np.int64),
        "edge": _edge(state["tf_edges"], state["gene_edges"]),
    }
    tensors: dict[str, np.ndarray] = {}
    own = tasks.get(task)
    for role, contract in own.of(roles).items():
        for case, (tf, gene) in cases.items():
            if role in own.parts and case == "random":
                continue  # their outputs are wide
            columns = {"tf": np.ascontiguousarray(tf), "gene": np.ascontiguousarray(gene)}
            inputs = {t.name: columns[t.name] for t in contract.inputs}
            outputs = run(role, inputs)
            tensors |= {f"{role}/{case}/in/{name}": value for name, value in inputs.items()}
            for tensor in contract.outputs:
                value = outputs[tensor.name].astype(tensor.dtype)
                tensors[f"{role}/{case}/out/{tensor.name}"] = value
    save_file(tensors, folder / VECTORS)


def _edge(
    tf_edges: Int64[np.ndarray, "tfs"] | np.ndarray, gene_edges: np.ndarray
) -> Int64[np.ndarray, "2 pairs"]:
    """First and last of either side, the most and the least connected, and one pair twice."""
    tf, gene = (
        [0, len(edges) - 1, int(np.argmax(edges)), int(np.argmin(edges))]
        for edges in (tf_edges, gene_edges)
    )
    grid = np.array([(t, g) for t in tf for g in gene], np.int64)
    return np.concatenate([grid, grid[-1:]]).T
