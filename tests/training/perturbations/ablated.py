"""What an entry may ship of its ablations: figures that were made up."""

import copy
from typing import Any


def run(name: str, group: str, monitor: float, **changed: Any) -> dict[str, Any]:
    """One training; its two parts are 0.1 apart."""
    best = {"epoch": 3, "valid": monitor - 0.05, "one_new_valid": monitor + 0.05}
    return {
        "name": name,
        "group": group,
        "changed": {f"model.{key}": value for key, value in changed.items()},
        "parameters": 12_345,
        "epochs": 14,
        "best": best | {"monitor": monitor, "distance_genes_0": 2.5, "distance_genes_1": 1.25},
    }


RUNS = (
    run("full", "relations", 0.5),
    run("no_physical", "relations", 0.47, physical=False),
    run("no_regulatory", "relations", 0.49, regulatory=False),
    run("no_members", "head", 0.515, members=False),
    run("layers_1", "depth", 0.4, metabolism=False, layers=1),
    run("layers_2", "depth", 0.3, metabolism=False, layers=2),
    run("seed_1", "seed", 0.52),
    run("seed_2", "seed", 0.505),
)


def ablations(without: str = "") -> dict[str, Any]:
    """All of them, or those of other groups than one."""
    runs = [each for each in copy.deepcopy(RUNS) if each["group"] != without]
    return {"made_with": {"device": "an abacus", "epochs": 40, "note": "Made up."}, "runs": runs}
