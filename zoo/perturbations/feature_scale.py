"""From what is measured of a gene, in natural units, to what an encoder is given.

A column is standardised over the genes of the vocabulary; counts are taken as log(1 + n) first.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64

LIMIT = 5.0
"""Standardised features are cut here: a hub has thousands of times the median's degree."""

STATE = "feature_scale"
"""The name that an entry's state has it under."""


Natural = Float64[np.ndarray, "genes features"]
Scaled = Float32[np.ndarray, "genes features"]
Flags = Bool[np.ndarray, "features"]


@dataclass(frozen=True)
class FeatureScale:
    """Mean and deviation of every feature, and whether it is a count, taken as log(1 + n)."""

    mean: Float64[np.ndarray, "features"]
    deviation: Float64[np.ndarray, "features"]
    count: Flags

    @classmethod
    def of(cls, natural: Natural, count: Flags) -> "FeatureScale":
        """The scale of a table; a feature that is the same for all genes has the deviation 1."""
        table = _logged(natural, count)
        spread = table.std(0)
        return cls(table.mean(0), np.where(spread > 0, spread, 1), count)

    @classmethod
    def read(cls, array: Float64[np.ndarray, "features 3"]) -> "FeatureScale":
        """What `array` wrote."""
        mean, deviation, count = np.asarray(array, np.float64).T
        return cls(mean, deviation, count > 0)

    @property
    def array(self) -> Float64[np.ndarray, "features 3"]:
        """As an entry's state has it."""
        return np.stack([self.mean, self.deviation, self.count.astype(np.float64)], axis=1)

    def standardised(self, natural: Natural, limit: float = LIMIT) -> Scaled:
        """Features as the encoder takes them; 0 is average.

        They are rounded to half precision, so that an entry can keep them in half the space.
        """
        scaled = np.clip((_logged(natural, self.count) - self.mean) / self.deviation, -limit, limit)
        return scaled.astype(np.float16).astype(np.float32)

    def natural(self, features: Scaled) -> Natural:
        """What was standardised, as far as half precision and the cut have left it."""
        table = features.astype(np.float64) * self.deviation + self.mean
        counts = np.rint(np.expm1(np.where(self.count, table, 0)))
        return np.where(self.count, np.maximum(counts, 0), table)


def _logged(natural: Natural, count: Flags) -> Natural:
    """Counts as log(1 + n), all else as it is."""
    return np.where(count, np.log1p(np.where(count, natural, 0)), natural)
