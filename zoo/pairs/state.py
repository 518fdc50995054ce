"""What entries for pairs keep: training edges, and what was computed of each side once."""

from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from contracts.genes.vocabulary import Vocabulary
from contracts.manifest import Manifest
from zoo.entry import Look, OpenEntry, StateRules
from zoo.pairs.known import FILE, Known
from zoo.runtime.compared import difference


def _totals(vocabulary: Vocabulary) -> dict[str, int]:
    return {"tfs_total": len(vocabulary.regulators), "genes_total": len(vocabulary)}


def _shapes(manifest: Manifest, there: Iterable[str]) -> dict[str, tuple[int, ...]]:
    tfs, genes = manifest.sizes["tfs_total"], manifest.sizes["genes_total"]
    shapes: dict[str, tuple[int, ...]] = {"tf_edges": (tfs,), "gene_edges": (genes,)}
    if {"tf_vectors", "gene_vectors"} & set(there):
        dim = manifest.sizes["dim"]
        shapes |= {"tf_vectors": (tfs, dim), "gene_vectors": (genes, dim)}
        shapes |= {"tf_popularity": (tfs,), "gene_popularity": (genes,)}
    if "tf_part" in manifest.graphs:
        hidden, factor = manifest.sizes["hidden"], manifest.sizes["factor"]
        width = hidden // manifest.sizes.get("members", 1)
        shapes |= {"product_weight": (factor, width), "output_weight": (hidden,)}
        shapes |= {"output_bias": (1,)}
    return shapes


def _looks(opened: OpenEntry, path: Path) -> Iterator[Look]:
    for side, total in (("tf", "tfs_total"), ("gene", "genes_total")):
        if f"{side}_vectors" in opened.state:
            look = partial(_same_vectors, opened, side, opened.manifest.sizes[total], path)
            yield f"state of {side}_tower", look
    if FILE in opened.manifest.files:
        known = path.with_name(FILE)
        yield "known pairs", lambda: f"{len(Known.read(known, opened.manifest).pairs)} pairs"


def _same_vectors(opened: OpenEntry, side: str, total: int, path: Path) -> str:
    """Compare the vectors the entry carries with those its tower gives."""
    positions = np.arange(total, dtype=np.int64)
    outputs = opened.graphs[f"{side}_tower"].run({side: positions}, verify=True)
    carried = {f"{side}_vector": f"{side}_vectors", f"{side}_popularity": f"{side}_popularity"}
    worst = max(difference(n, outputs[n], opened.state[key], path) for n, key in carried.items())
    return f"{total} rows, largest difference {worst:.2g}"


RULES = StateRules(_totals, _shapes, _looks)
