"""An entry opened: its manifest, its genes, what was computed once, and its graphs ready to run."""

import importlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from contracts.errors import ContractViolation, CorruptArtefact, InvalidManifest
from contracts.genes.vocabulary import FILENAME as VOCABULARY
from contracts.genes.vocabulary import Vocabulary
from contracts.manifest import FILENAME, Manifest
from zoo.runtime.graph import Graph, open_graph
from zoo.store.files import read_tensors

STATE = "state.safetensors"

State = Mapping[str, Shaped[np.ndarray, "..."]]
Look = tuple[str, Callable[[], str]]
"""The name of a check and what makes it: a detail, or an error that the zoo raises."""


@dataclass(frozen=True)
class OpenEntry:
    """All that a scorer needs; `state` holds the tensors of state.safetensors by name.

    `vocabularies` has the genes of each species by its name, or the one there is as `vocabulary`;
    `folder` is where its other files are.
    """

    manifest: Manifest
    vocabularies: Mapping[str, Vocabulary]
    state: State
    graphs: Mapping[str, Graph]
    backend: str
    folder: Path
    threads: int = 1

    @property
    def vocabulary(self) -> Vocabulary:
        """The genes of an entry of one species."""
        (only,) = self.vocabularies.values()
        return only


@dataclass(frozen=True)
class StateRules:
    """What the entries of a task keep beside their graphs.

    `totals` counts what the vocabularies have, by the name of the size that must be equal; `shapes`
    has the shape of every tensor of the state, given the manifest and the names that are there;
    `looks` compares what was computed once with what the graphs give, for zoo.verify;
    `vocabularies` are the files of the genes by what OpenEntry calls them, in the order in which
    `totals` takes them.
    """

    totals: Callable[..., dict[str, int]]
    shapes: Callable[[Manifest, Iterable[str]], dict[str, tuple[int, ...]]]
    looks: Callable[[OpenEntry, Path], Iterable[Look]]
    vocabularies: Mapping[str, str] = field(default_factory=lambda: {"vocabulary": VOCABULARY})


def rules(family: str) -> StateRules:
    """The rules of the state of a family's entries."""
    found: StateRules = importlib.import_module(f"zoo.{family}.family").rules()
    return found


def open_parts(
    folder: Path, manifest: Manifest, backend: str, device: str, threads: int
) -> OpenEntry:
    """Open what an entry's folder holds; see zoo.runtime.graph.open_graph for the options.

    Raises:
        InvalidManifest: its sizes are not those of its vocabularies.
        CorruptArtefact: state.safetensors lacks a tensor, or has it in another shape.
    """
    graphs = {
        role: open_graph(folder, manifest, role, backend, device, threads)
        for role in manifest.graphs
    }
    state_rules = rules(manifest.family)
    vocabularies = {
        name: Vocabulary.load(folder / file) for name, file in state_rules.vocabularies.items()
    }
    for size, got in state_rules.totals(*vocabularies.values()).items():
        if manifest.sizes[size] != got:
            reason = f"{size} is {manifest.sizes[size]}, but the vocabulary has {got}"
            raise InvalidManifest(folder / FILENAME, reason)
    state = read_state(folder / STATE, manifest)
    graphs = {role: _carrying(graph, state, folder / STATE) for role, graph in graphs.items()}
    return OpenEntry(manifest, vocabularies, state, graphs, backend, folder, threads)


def read_state(path: Path, manifest: Manifest) -> State:
    """The tensors of state.safetensors; raises CorruptArtefact for a missing or misshapen one.

    Tensors kept in half precision, which takes half the space, come back in single precision.
    """
    state = {
        name: array.astype(np.float32) if array.dtype == np.float16 else array
        for name, array in read_tensors(path).items()
    }
    for name, shape in rules(manifest.family).shapes(manifest, state).items():
        got = state[name].shape if name in state else None
        if got != shape:
            found = "no such tensor" if got is None else f"shape {list(got)}"
            raise CorruptArtefact(path, f"{name} of shape {list(shape)}", found)
    return state


def _carrying(graph: Graph, state: State, path: Path) -> Graph:
    """The graph with what the state carries for it, in memory of its own: torch may write to it."""
    if not graph.contract.carried:
        return graph
    try:
        return graph.carrying(
            {one.name: np.array(state[one.name]) for one in graph.contract.carried}
        )
    except ContractViolation as error:
        raise CorruptArtefact(path, f"what the graph {graph.role} carries", str(error)) from error
