"""Parity of the exported graphs with torch in float64: the gate to packaging.

Two things are compared: every probability, at batch sizes other than the export's, and the
decisions, the ten best regulators of sampled genes in their order.
"""

import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from contracts import tasks
from contracts.errors import DeviceUnavailable, ZooError
from contracts.manifest import Manifest
from export.lanes import Run, onnx_lane, pair_logits, parts_lane, sigmoid, torch_lane

TOLERANCE = 1e-5
BATCHES = (1, 2, 7, 256, 1000, 4096)
GENES = 200
TOP = 10
NOT_CERTIFIED = "not certified"


class ParityFailed(ZooError):
    """An exported graph gives other numbers or another ranking than torch in float64."""

    code = "parity-failed"


@dataclass(frozen=True)
class Sample:
    """What is compared: batches of random pairs, and genes against all regulators."""

    batches: tuple[np.ndarray, ...]
    genes: np.ndarray
    tfs_total: int

    @classmethod
    def draw(cls, sizes: dict[str, int], seed: int = 0) -> "Sample":
        """A fixed sample of an entry with these sizes."""
        rng = np.random.default_rng(seed)
        tfs, genes = sizes["tfs_total"], sizes["genes_total"]
        batches = tuple(
            np.stack([rng.integers(tfs, size=n), rng.integers(genes, size=n)]) for n in BATCHES
        )
        return cls(batches, rng.choice(genes, min(GENES, genes), replace=False), tfs)


def certify(model: nn.Module, folder: Path, manifest: Manifest) -> dict:
    """Compare every lane with torch in float64; returns what stands in parity.json.

    Raises ParityFailed naming the lane and the figure. A lane whose device is not on this machine
    is recorded as not certified.
    """
    sample = Sample.draw(manifest.sizes)
    reference = torch_lane(model, manifest.task, torch.float64)
    truth = _answers(manifest.task, reference, sample)
    with_parts = bool(tasks.get(manifest.task).parts.keys() & manifest.graphs)
    lanes = {
        "torch_f32": lambda: torch_lane(model, manifest.task, torch.float32),
        "ort_cpu": lambda: onnx_lane(folder, manifest, "cpu"),
        **({"ort_cpu_parts": lambda: parts_lane(folder, manifest)} if with_parts else {}),
        "ort_cuda": lambda: onnx_lane(folder, manifest, "cuda"),
    }
    report: dict = {"reference": "torch_f64", "tolerance": TOLERANCE, "batches": list(BATCHES)}
    report |= {"ranked_genes": len(sample.genes), "top": TOP, "lanes": {}}
    for name, open_lane in lanes.items():
        try:
            lane = open_lane()
        except DeviceUnavailable as missing:
            report["lanes"][name] = {"status": NOT_CERTIFIED, "reason": str(missing)}
            continue
        report["lanes"][name] = _compare(name, truth, _answers(manifest.task, lane, sample))
    report["packages"] = {n: importlib.metadata.version(n) for n in ("torch", "onnx", "numpy")}
    report["packages"]["onnxruntime"] = _onnxruntime_version()
    return report


def _onnxruntime_version() -> str:
    import onnxruntime

    return onnxruntime.__version__


def _answers(task: str, run: Run, sample: Sample) -> tuple[list[np.ndarray], np.ndarray]:
    """Logits of every batch, and logits [genes, tfs] of the sampled genes."""
    batches = [pair_logits(task, run, *batch) for batch in sample.batches]
    everyone = np.arange(sample.tfs_total)
    ranked = [
        pair_logits(task, run, everyone, np.full(sample.tfs_total, gene)) for gene in sample.genes
    ]
    return batches, np.stack(ranked)


def _compare(
    name: str,
    truth: tuple[list[np.ndarray], np.ndarray],
    got: tuple[list[np.ndarray], np.ndarray],
) -> dict:
    """Figures of one lane. Raises ParityFailed."""
    pairs = zip([*truth[0], truth[1]], [*got[0], got[1]], strict=True)
    worst = float(np.max([np.abs(sigmoid(a) - sigmoid(b)).max() for a, b in pairs]))
    if not worst <= TOLERANCE:
        raise ParityFailed(
            f"{name} differs from torch in float64 by {worst:.3g} in probability, and at most "
            f"{TOLERANCE:g} is allowed. The entry was not packaged."
        )
    swapped = _swapped(truth[1], got[1])
    if swapped:
        raise ParityFailed(
            f"{name} ranks the {TOP} best regulators of {swapped} of {len(truth[1])} genes in "
            "another order than torch in float64. The entry was not packaged."
        )
    return {
        "status": "certified",
        "max_abs_probability": worst,
        "max_abs_logit": float(np.abs(truth[1] - got[1]).max()),
        "top_order_equal": True,
    }


def _swapped(truth: np.ndarray, got: np.ndarray) -> int:
    """Genes whose ten best differ in order; equal logits stand in the order of the vocabulary.

    A lane's order counts as equal where it exchanges only logits that float32 cannot tell apart.
    """
    best = np.argsort(-truth, axis=1, kind="stable")[:, :TOP]
    mine = np.argsort(-got, axis=1, kind="stable")[:, :TOP]
    gap = np.take_along_axis(truth, best, 1) - np.take_along_axis(truth, mine, 1)
    resolution = 4 * np.finfo(np.float32).eps * np.abs(truth).max()
    return int((np.abs(gap) > resolution).any(axis=1).sum())
