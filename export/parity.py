"""Parity of the exported graphs with torch in float64: the gate to packaging.

Values are compared, at batch sizes other than the export's, and decisions: what stands first. What
that is for a task, its family says.
"""

import importlib.metadata
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from jaxtyping import Float
from torch import nn

from contracts.errors import DeviceUnavailable, ZooError
from contracts.manifest import Manifest
from export import family as families
from export.lanes import onnx_lane, torch_lane

TOLERANCE = 1e-5
BATCHES = (1, 2, 7, 256, 1000, 4096)
TOP = 10
NOT_CERTIFIED = "not certified"


class ParityFailed(ZooError):
    """An exported graph gives other numbers or another ranking than torch in float64."""

    code = "parity-failed"


def certify(model: nn.Module, folder: Path, manifest: Manifest) -> dict:
    """Compare every lane with torch in float64; returns what stands in parity.json.

    Raises ParityFailed naming the lane and the figure. A lane whose device is not on this machine
    is recorded as not certified.
    """
    family, task = families.of(manifest.task), manifest.task
    probe = family.probe(task, manifest.sizes)
    reference = family.fed(task, torch_lane(model, task, torch.float64), folder)
    truth = probe.ask(reference)
    lanes = {
        "torch_f32": lambda: torch_lane(model, task, torch.float32),
        "ort_cpu": lambda: onnx_lane(folder, manifest, "cpu"),
        **family.more_lanes(model, folder, manifest),
        "ort_cuda": lambda: onnx_lane(folder, manifest, "cuda"),
    }
    report: dict = {"reference": "torch_f64", "tolerance": TOLERANCE, "batches": list(BATCHES)}
    report |= probe.about() | {"lanes": {}}
    for name, open_lane in lanes.items():
        try:
            lane = family.fed(task, open_lane(), folder)
        except DeviceUnavailable as missing:
            report["lanes"][name] = {"status": NOT_CERTIFIED, "reason": str(missing)}
            continue
        report["lanes"][name] = probe.compare(name, truth, probe.ask(lane))
    report["lanes"] |= family.algebra(model, task, folder, reference, probe)
    report["packages"] = {n: importlib.metadata.version(n) for n in ("torch", "onnx", "numpy")}
    report["packages"]["onnxruntime"] = onnxruntime.__version__
    return report


def near(
    lane: str,
    name: str,
    off: Iterable[float],
    tolerance: float = TOLERANCE,
    reference: str = "torch in float64",
) -> float:
    """The largest of some differences in `name`. Raises ParityFailed where it is too large."""
    worst = float(np.max([*off]))
    if not worst <= tolerance:
        raise ParityFailed(
            f"{lane} differs from {reference} by {worst:.3g} in {name}, and at most {tolerance:g} "
            "is allowed. The entry was not packaged."
        )
    return worst


def check_order(
    lane: str,
    what: str,
    truth: Float[np.ndarray, "genes candidates"],
    got: Float[np.ndarray, "genes candidates"],
    unit: float,
) -> None:
    """Raise ParityFailed where the best of `what` stand in another order; see swapped."""
    if exchanged := swapped(truth, got, unit):
        raise ParityFailed(
            f"{lane} ranks the {TOP} {what} of {exchanged} of {len(truth)} genes in another order "
            "than torch in float64. The entry was not packaged."
        )


def swapped(
    truth: Float[np.ndarray, "queries candidates"],
    got: Float[np.ndarray, "queries candidates"],
    unit: float,
) -> int:
    """Queries whose ten best differ in order; equal scores stand in the order of the vocabulary.

    The highest score is the best. A lane's order counts as equal where it exchanges only scores
    that float32 cannot tell apart: within 4 units in the last place of `unit`, the magnitude of
    the numbers that a score is made of.
    """
    best = np.argsort(-truth, axis=1, kind="stable")[:, :TOP]
    mine = np.argsort(-got, axis=1, kind="stable")[:, :TOP]
    gap = np.take_along_axis(truth, best, 1) - np.take_along_axis(truth, mine, 1)
    resolution = 4 * np.finfo(np.float32).eps * unit
    return int((np.abs(gap) > resolution).any(axis=1).sum())
