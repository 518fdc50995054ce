"""Golden vectors: inputs with the outputs that an entry must give on any machine."""

from collections.abc import Collection
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from contracts import tasks
from export import family as families
from export.lanes import Run

VECTORS = "vectors.safetensors"


def write(
    run: Run, task: str, roles: Collection[str], sizes: dict[str, int], source: Path, folder: Path
) -> None:
    """Write `vectors.safetensors` for the graphs of `roles`, with the cases of the task's family.

    `run` is the reference lane, `source` the run folder. What the entry carries itself is not
    written again.
    """
    contracts = tasks.get(task).of(roles)
    tensors: dict[str, np.ndarray] = {}
    for case in families.of(task).golden(roles, sizes, source):
        outputs = run(case.role, case.inputs)
        place = f"{case.role}/{case.name}"
        tensors |= {f"{place}/in/{name}": value for name, value in case.inputs.items()}
        for tensor in contracts[case.role].outputs:
            if tensor.optional and tensor.name not in outputs:
                continue
            tensors[f"{place}/out/{tensor.name}"] = outputs[tensor.name].astype(tensor.dtype)
    save_file(tensors, folder / VECTORS)
