"""What a card says of one lane of the parity gate beside its figures."""

from collections.abc import Mapping
from typing import Any


def remark(lane: Mapping[str, Any]) -> str:
    """Why it is not certified, or the machine if it ran on another one than the export."""
    if "gpu" not in lane:
        return lane.get("reason", "")
    where = f"{lane['gpu']}, onnxruntime {lane['packages']['onnxruntime']}"
    return f"{where}, {lane['runtime']}" if "runtime" in lane else where
