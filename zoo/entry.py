"""An entry opened: its manifest, its genes, what was computed once, and its graphs ready to run."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from contracts import genes
from contracts.errors import CorruptArtefact, InvalidManifest
from contracts.genes import Vocabulary
from contracts.manifest import FILENAME, Manifest
from zoo.files import read_tensors
from zoo.runtime import Graph, open_graph

STATE = "state.safetensors"

State = Mapping[str, Shaped[np.ndarray, "..."]]


@dataclass(frozen=True)
class OpenEntry:
    """All that a scorer needs; `state` holds the tensors of state.safetensors by name."""

    manifest: Manifest
    vocabulary: Vocabulary
    state: State
    graphs: Mapping[str, Graph]
    backend: str
    threads: int = 1


def open_parts(
    folder: Path, manifest: Manifest, backend: str, device: str, threads: int
) -> OpenEntry:
    """Open what an entry's folder holds; see zoo.runtime.open_graph for the options.

    Raises:
        InvalidManifest: its sizes are not those of the vocabulary.
        CorruptArtefact: state.safetensors lacks a tensor, or has it in another shape.
    """
    graphs = {
        role: open_graph(folder, manifest, role, backend, device, threads)
        for role in manifest.graphs
    }
    vocabulary = Vocabulary.load(folder / genes.FILENAME)
    for size, got in (
        ("tfs_total", len(vocabulary.regulators)),
        ("genes_total", len(vocabulary)),
    ):
        if manifest.sizes[size] != got:
            reason = f"{size} is {manifest.sizes[size]}, but the vocabulary has {got}"
            raise InvalidManifest(folder / FILENAME, reason)
    return OpenEntry(
        manifest, vocabulary, read_state(folder / STATE, manifest), graphs, backend, threads
    )


def read_state(path: Path, manifest: Manifest) -> State:
    """The tensors of state.safetensors; raises CorruptArtefact for a missing or misshapen one."""
    state = read_tensors(path)
    tfs, all_genes = manifest.sizes["tfs_total"], manifest.sizes["genes_total"]
    shapes = {"tf_edges": (tfs,), "gene_edges": (all_genes,)}
    if "tf_vectors" in state or "gene_vectors" in state:
        dim = manifest.sizes["dim"]
        shapes |= {"tf_vectors": (tfs, dim), "gene_vectors": (all_genes, dim)}
        shapes |= {"tf_popularity": (tfs,), "gene_popularity": (all_genes,)}
    if "tf_part" in manifest.graphs:
        hidden, factor = manifest.sizes["hidden"], manifest.sizes["factor"]
        shapes |= {"product_weight": (factor, hidden), "output_weight": (hidden,)}
        shapes |= {"output_bias": (1,)}
    for name, shape in shapes.items():
        got = state[name].shape if name in state else None
        if got != shape:
            found = "no such tensor" if got is None else f"shape {list(got)}"
            raise CorruptArtefact(path, f"{name} of shape {list(shape)}", found)
    return state
