"""One cell without two genes, by the exported graph and by torch, on the published size of graph.

Run it with `make bench` or `python benchmarks/exported_encoding.py`; it reads the graph of yeast in
ZOO_DATA, adds random genes and edges up to the size of the published design's graph, and measures
nothing without it. All on one thread. torch takes the two genes out of the graph and encodes what
is left (`encoded_alone`); the exported graph answers the same pair. Weights are random.
"""

import os
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from encoded_alone import full
from measure import alternate, session
from page import save
from perturbed_encoding import AGREES, Cell, drawn
from torch import Tensor

from contracts import tasks
from contracts.sets.kinds import ABSENT
from export import family as families
from export.to_onnx import trace
from zoo.architectures.hetero_cell.model import TASK, Model
from zoo.architectures.hetero_cell.served import Served

SECONDS, PAIRS = 10.0, 4
DESIGNS = {
    "published": {"depth": 3},
    "published, one layer": {"depth": 1},
    "shipped": {
        "depth": 1,
        "pool": "attention",
        "heads": 1,
        "hidden": 256,
        "members": True,
        "residual": True,
        "gain": 5000.0,
    },
}


def eager(model: Model, wildtype: Tensor, alone: Tensor | None, pair: Tensor) -> Tensor:
    """Every output of one pair: the graph without the two genes, and the head."""
    z = wildtype - full(model, model.cell, pair)
    told = model.told(z[None], None if alone is None else alone[pair], torch.zeros_like(pair))
    return model.head(told)[0]


@torch.no_grad()
def compared(cell: Cell, design: str, folder: Path) -> dict:
    """Both ways of one design; each answers another pair at every call."""
    changed = dict(DESIGNS[design])
    name = "metabolism to genes" if design == "shipped" else "published"
    model = cell.model(name, changed.pop("depth"), **changed)
    model = model.freeze(cell.graph, torch.ones(cell.genes))
    head, path = Served(model, model.cell), folder / f"{design}.onnx"
    contract, sizes = tasks.get(TASK).contracts["head"], {"genes_total": cell.genes}
    example = families.of(TASK).example(contract, sizes | {"members_limit": 64})
    onnx.save(trace(head, contract, example, sizes), path)
    exported, pairs = session(str(path), 1), drawn(cell, PAIRS)
    wildtype, alone = model.wildtype(model.cell).z, None
    if model.config.members:
        alone = head.alone(torch.arange(cell.genes))
    asked = [
        {
            "member": pair.numpy(),
            "kind": np.full(2, ABSENT),
            "set": np.zeros(2, np.int64),
            "order": np.array([2]),
        }
        for pair in pairs
    ]
    found = [float(exported.run(None, one)[0][0]) for one in asked]
    truth = [float(eager(model, wildtype, alone, pair)[head.sources[0]]) for pair in pairs]
    apart = max(abs(a - b) for a, b in zip(found, truth, strict=True))
    if not apart <= AGREES * max(1.0, model.config.gain):
        sys.exit(f"The ways differ by {apart:.2g}.")
    spent = alternate(
        {
            "torch": lambda: [eager(model, wildtype, alone, pair) for pair in pairs],
            "exported": lambda: [exported.run(None, one) for one in asked],
        },
        SECONDS,
    )
    return {
        "design": design,
        "layers": model.config.layers,
        "apart": apart,
        "torch_ms": 1000 * spent["torch"] / len(pairs),
        "exported_ms": 1000 * spent["exported"] / len(pairs),
        "times": spent["torch"] / spent["exported"],
        "megabytes": path.stat().st_size / 1e6,
    }


def main() -> None:
    """Measure, print a table, write results/exported_encoding.json."""
    if not os.environ.get("ZOO_DATA"):
        print("ZOO_DATA is not set: the exported graph was not measured, its results stay.")
        return
    torch.set_num_threads(1)
    cell = Cell.yeast(Path(os.environ["ZOO_DATA"])).grown()
    sizes = dict(zip(cell._fields[1:], cell[1:], strict=True))
    sizes |= {name: getattr(cell.graph, name).shape[1] for name in ("physical", "regulatory")}
    with tempfile.TemporaryDirectory() as folder:
        found = [compared(cell, design, Path(folder)) for design in DESIGNS]
    versions = {"torch": torch.__version__, "onnxruntime": onnxruntime.__version__}
    save("exported_encoding", {"cell": sizes, "models": found} | versions)


if __name__ == "__main__":
    main()
