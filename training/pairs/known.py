"""The edges that resources list, as entries ship them, and the signs of their effects."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from training.data.pairs import PairData
from training.pairs.sign import SignTables, fit, has_signs
from training.pairs.split import Split
from zoo.pairs.known import FILE


def write(data: PairData, folder: Path) -> None:
    """Write known.safetensors: sorted pair codes with what is known of each.

    `pair` is regulator * genes + gene; `resources` has one bit a resource, in the order of the
    file's metadata; `references` counts articles; `sign` has bits (1 activation, 2 repression) of
    the first resource that says one.
    """
    edges, pairs = data.edges, data.pairs
    code = pairs[:, 0] * len(data.vocabulary.genes) + pairs[:, 1]
    order = np.argsort(code)
    bits = edges[list(data.resources)].to_numpy() @ (1 << np.arange(len(data.resources)))
    signed = [edges[name] for each in data.resources if (name := f"{each}_sign") in edges]
    sign = np.select([each > 0 for each in signed], signed, 0)
    table = {
        "pair": code.astype(np.int32),
        "resources": bits.astype(np.uint8),
        "references": edges["references"].to_numpy().clip(max=65_535).astype(np.uint16),
        "sign": sign.astype(np.uint8),
    }
    ordered = {name: np.ascontiguousarray(values[order]) for name, values in table.items()}
    save_file(ordered, folder / FILE, metadata={"resources": ",".join(data.resources.values())})


def signs(data: PairData, split: Split) -> SignTables | None:
    """Tables of signs learned from the training edges; none where data know none."""
    return fit(data, split.rows(data, "train")) if has_signs(data) else None
