"""What perturbation entries keep: training records, and the wildtype cell encoded once."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from contracts import tasks
from contracts.genes.vocabulary import Vocabulary
from contracts.manifest import Manifest
from contracts.sets.kinds import KINDS
from contracts.tensors import Tensor
from zoo.entry import Look, OpenEntry, StateRules
from zoo.perturbations.explain import nodes_of
from zoo.perturbations.feature_scale import STATE as FEATURE_SCALE
from zoo.runtime.compared import difference

# An encoded entry knows every gene of its vocabulary, and one token more for new ones.
_SIZE_OF = {"genes": "genes_total"}


def _totals(vocabulary: Vocabulary) -> dict[str, int]:
    return {"genes_total": len(vocabulary)}


def _shapes(manifest: Manifest, there: Iterable[str]) -> dict[str, tuple[int, ...]]:
    genes = manifest.sizes["genes_total"]
    shapes: dict[str, tuple[int, ...]] = {
        "gene_records": (genes,),
        "kind_records": (len(KINDS),),
        "single_measured": (genes,),
    }
    carried = tasks.get(manifest.task).graphs["head"].carried
    if carried:
        features = manifest.sizes["features"]
        shapes |= {"features": (genes, features), FEATURE_SCALE: (features, 3)}
    return shapes | {tensor.name: _shape(tensor, manifest) for tensor in carried}


def _shape(tensor: Tensor, manifest: Manifest) -> tuple[int, ...]:
    return tuple(manifest.sizes[_SIZE_OF.get(axis.name, axis.name)] for axis in tensor.axes)


def _looks(opened: OpenEntry, path: Path) -> Iterator[Look]:
    if "encode" in opened.graphs:
        yield "state of encode", partial(_same_cell, opened, path)
    if "explain" in opened.graphs:
        yield "names of nodes", partial(_named, opened)


def _named(opened: OpenEntry) -> str:
    """Read the names of what is explained."""
    nodes = nodes_of(opened)
    return f"{len(nodes.reactions)} reactions, {len(nodes.metabolites)} metabolites"


def _same_cell(opened: OpenEntry, path: Path) -> str:
    """Compare the cell the entry carries with the one its encoder gives."""
    genes = np.arange(opened.manifest.sizes["genes_total"], dtype=np.int64)
    inputs = {"token": genes, "features": np.asarray(opened.state["features"])}
    outputs = opened.graphs["encode"].run(inputs, verify=True)
    worst = max(difference(n, got, opened.state[n], path) for n, got in outputs.items())
    return f"{len(genes)} genes, largest difference {worst:.2g}"


RULES = StateRules(_totals, _shapes, _looks)
