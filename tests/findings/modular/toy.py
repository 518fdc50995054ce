"""A prior small enough to train on in a second, with something to learn, and made-up results."""

from typing import Any

import numpy as np
import torch

from tests.findings.scripts import scripts

study = scripts("modular-vs-monolithic")
Cell = study.cells.Cell
Prior = study.prior.Prior


ACCESSIONS = [f"P{n:04d}5" for n in range(100)]


def prior() -> Prior:
    """30 regulators, 151 genes, three kinds; a regulator is listed with genes of its kind."""
    tfs = ["SOX2", "SPI1", *ACCESSIONS[:28]]
    targets = {
        tf: [f"G{gene}" for gene in range(150) if gene % 3 == row % 3 and (gene + row) % 4]
        for row, tf in enumerate(tfs)
    }
    targets["SOX2"].append(ACCESSIONS[-1])
    return Prior.of(targets)


def index(rows: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Two columns of positions as contiguous tensors."""
    return torch.from_numpy(rows[:, 0].copy()), torch.from_numpy(rows[:, 1].copy())


def figure(value: float) -> dict[str, float]:
    """A figure with an interval."""
    return {"value": value, "low": value - 0.01, "high": value + 0.01}


def result(cell: Cell, last: float, restored: float, **other: Any) -> dict[str, Any]:
    """What a cell's file would hold, with one number for all figures of a variant."""
    names = ("accuracy", "f1", "auroc", "auroc_logit")

    def variant(value: float) -> dict[str, Any]:
        body: dict[str, Any] = {name: figure(value) for name in names}
        return body | {"corrected": {"accuracy": value, "f1": value}, "saturated": 0.25}

    epoch = {"epoch": 1, "train_accuracy": 0.9, "valid_accuracy": 0.8, "valid_auroc": 0.8}
    epoch |= {"norm_median": 0.5, "norm_first": 0.5, "norm_max": 2.0, "clipped": 0.1}
    settings = cell.settings()
    found = {
        "cell": cell.name,
        "smoke": False,
        "settings": settings.model_dump() if settings else None,
        "expression_coverage": {"tfs": 0, "tfs_total": 12, "genes": 0, "genes_total": 60},
        "seconds": 360.0,
        "pairs": {"train": 33171, "valid": 7108, "test": 7109},
        "test_negatives": 100,
        "test_negatives_in_train": 3,
        "variants": {"last": variant(last), "restored": variant(restored)},
        "history": [epoch],
        "epochs": 1,
    }
    if settings is None:
        found["variants"] = {"fitted": variant(last)}
    return found | other
