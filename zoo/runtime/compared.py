"""Numbers held against those that were recorded: equal but for rounding."""

from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from contracts.errors import CorruptArtefact

# Another processor adds in another order; a wrong graph is off by far more.
RELATIVE, ABSOLUTE = 1e-4, 1e-5


def difference(
    name: str, got: Shaped[np.ndarray, "..."], expected: Shaped[np.ndarray, "..."], path: Path
) -> float:
    """The largest difference; raises CorruptArtefact where it is more than rounding."""
    if got.shape != expected.shape:
        raise CorruptArtefact(path, f"{name} {list(got.shape)}", f"{name} {list(expected.shape)}")
    worst = float(np.abs(got - expected).max(initial=0))
    if not np.allclose(got, expected, rtol=RELATIVE, atol=ABSOLUTE):
        raise CorruptArtefact(path, f"{name} as the graph gives it", f"{name} off by {worst:.2g}")
    return worst
