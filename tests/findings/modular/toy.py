"""Made-up results of a cell."""

from pathlib import Path
from typing import Any

from tests.findings.scripts import scripts
from training import finding

study = scripts("modular-vs-monolithic")
Cell = study.cells.Cell


def figure(value: float) -> dict[str, float]:
    """A figure with an interval."""
    return {"value": value, "low": value - 0.01, "high": value + 0.01}


def write(folder: Path, cell: Cell, result: dict[str, Any]) -> None:
    """Put a result into the cell's file."""
    finding.save(folder / f"{cell.name}.json", result)


def result(cell: Cell, last: float, restored: float, **other: Any) -> dict[str, Any]:
    """What a cell's file would hold, with one number for all figures of a variant."""
    names = ("accuracy", "f1", "auroc", "auroc_logit")

    def variant(value: float) -> dict[str, Any]:
        body: dict[str, Any] = {name: figure(value) for name in names}
        return body | {"corrected": {"accuracy": value, "f1": value}, "saturated": 0.25}

    epoch = {"epoch": 1, "train_accuracy": 0.9, "valid_accuracy": 0.8, "valid_auroc": 0.8}
    epoch |= {"norm_median": 0.5, "norm_first": 0.5, "norm_max": 2.0, "clipped": 0.1}
    found = {
        "cell": cell.name,
        "expression_coverage": {"tfs": 0, "tfs_total": 12, "genes": 0, "genes_total": 60},
        "seconds": 360.0,
        "pairs": {"train": 33171, "valid": 7108, "test": 7109},
        "test_negatives": 100,
        "test_negatives_in_train": 3,
        "variants": {"last": variant(last), "restored": variant(restored)},
        "history": [epoch],
        "epochs": 1,
    }
    if cell.seed is None:
        found["variants"] = {"fitted": variant(last)}
    return found | other
