"""What a dataset of regulator-gene edges is, whatever its source."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float32, Int64, UInt8

from contracts.errors import ArtefactError
from contracts.genes.vocabulary import Vocabulary
from training.data.files import LowCoverage

LEVELS = 255
CLIP = 6.0
"""Standard deviations beyond which what is known of a gene is cut off."""


@dataclass(frozen=True)
class Profile:
    """Expression of every gene in 8 bits: value = code * scale + offset, standardised per feature.

    Codes are spread evenly from 0 to the largest log1p value of a feature; 256 levels are finer
    than
    the measurement and make the table four times smaller. A gene that was not measured has the code
    of the feature's mean, which is 0 after standardising.
    """

    features: tuple[str, ...]
    codes: UInt8[np.ndarray, "genes features"]
    scale: Float32[np.ndarray, "features"]
    offset: Float32[np.ndarray, "features"]
    measured: np.ndarray

    @classmethod
    def from_log(cls, table: pd.DataFrame) -> "Profile":
        """Encode a genes x features table of log1p values, NaN where a gene was not measured.

        Codes are spread from 0 to the largest value.
        """
        if np.nanmin(table.to_numpy()) < 0:
            lowest = table.min().idxmin()
            raise ArtefactError(f"{lowest} has values under 0: it is not log1p of an expression.")
        return cls.standardised(table, low=0.0)

    @classmethod
    def standardised(cls, table: pd.DataFrame, low: float | None = None) -> "Profile":
        """Encode a genes x features table, NaN where nothing is known; codes begin at `low`.

        Without `low` they are spread from the lowest to the largest value of a feature, of those
        within CLIP standard deviations.
        """
        values = table.to_numpy(np.float64)
        mean, spread, top = np.nanmean(values, 0), np.nanstd(values, 0), np.nanmax(values, 0)
        spread = np.where(spread > 0, spread, 1.0)
        if low is None:
            lowest = np.maximum(np.nanmin(values, 0), mean - CLIP * spread)
            top = np.minimum(top, mean + CLIP * spread)
        else:
            lowest = np.full_like(mean, low)
        step = np.where(top > lowest, (top - lowest) / LEVELS, 1.0)
        filled = np.where(np.isnan(values), mean, values)
        return cls(
            features=tuple(table.columns),
            codes=np.rint((filled - lowest) / step).clip(0, LEVELS).astype(np.uint8),
            scale=(step / spread).astype(np.float32),
            offset=((lowest - mean) / spread).astype(np.float32),
            measured=~np.isnan(values),
        )

    def only(self, there: Bool[np.ndarray, "features"]) -> "Profile":
        """Some of the features."""
        names = tuple(name for name, one in zip(self.features, there, strict=True) if one)
        parts = {
            name: getattr(self, name)[..., there]
            for name in ("codes", "scale", "offset", "measured")
        }
        return Profile(features=names, **parts)

    def beside(self, other: "Profile") -> "Profile":
        """The features of both."""
        parts = {
            name: np.concatenate([getattr(self, name), getattr(other, name)], axis=-1)
            for name in ("codes", "scale", "offset", "measured")
        }
        return Profile(features=self.features + other.features, **parts)


@dataclass(frozen=True)
class Given:
    """A part that a data set brings itself: positions (regulator, gene) of both labels."""

    positives: Int64[np.ndarray, "positives 2"]
    negatives: Int64[np.ndarray, "negatives 2"]


@dataclass(frozen=True)
class Published:
    """What others report of `model` on a data set's own split: the range of a figure."""

    model: str
    figure: str
    low: float
    high: float


@dataclass(frozen=True)
class PairData:
    """Edges between regulators and genes, with what is known of both.

    `edges` has the columns tf, gene (approved symbols), tf_index (position among the regulators),
    gene_index (position among the genes), one boolean column a source, and `core`: whether the edge
    belongs to the benchmark (others may serve training, and are never drawn as negatives). It is
    sorted by tf and gene, without duplicates. `core_sources` are the benchmark's own sources.
    `cells` is the log expression of every gene in single cells (0 where it was not measured).
    `given` holds the parts train, valid and test of a benchmark that comes already split, and
    `external` names a module with edges of another data set to ask the entries about. `published`
    are figures that others report for the same split, to be shown beside ours and not measured.
    `memberships` are sorted keys (regulator * genes + gene) of the pairs of other tables, by name.
    `resources` are the columns of `edges` that say which resource lists a pair, with the names that
    people know; such data also have the columns `references` (a count of PMIDs), and one
    `<resource>_sign` of bits (1 activation, 2 repression) for each resource that says it.
    `families` has the DNA-binding family of each regulator that is a transcription factor.
    `roles` says how each regulator is known to act [regulators, roles], where anything is known.
    """

    name: str
    vocabulary: Vocabulary
    edges: pd.DataFrame
    core_sources: tuple[str, ...]
    profile: Profile
    cells: Float32[np.ndarray, "genes cells"]
    coverage: dict[str, float]
    digests: dict[str, str]
    licences: dict[str, str]
    description: str
    given: dict[str, Given] | None = None
    external: str | None = None
    published: tuple[Published, ...] = ()
    memberships: Mapping[str, Int64[np.ndarray, "pairs"]] = field(default_factory=dict)
    resources: Mapping[str, str] = field(default_factory=dict)
    families: Mapping[str, str] = field(default_factory=dict)
    roles: pd.DataFrame | None = None

    @cached_property
    def digest(self) -> str:
        """sha256 of the benchmark's edge table and of the gene order."""
        digest = hashlib.sha256(self.vocabulary.digest.encode())
        digest.update(np.ascontiguousarray(self.pairs).astype("<i8").tobytes())
        digest.update(self.edges["core"].to_numpy().tobytes())
        return digest.hexdigest()

    @property
    def pairs(self) -> Int64[np.ndarray, "edges 2"]:
        """Positions (regulator, gene) of every edge."""
        return self.edges[["tf_index", "gene_index"]].to_numpy(np.int64)

    @property
    def stratum(self) -> Int64[np.ndarray, "edges"]:
        """A number for each combination of the benchmark's sources that an edge is listed in."""
        flags = self.edges[list(self.core_sources)].to_numpy(np.int64)
        return flags @ (1 << np.arange(flags.shape[1]))

    @property
    def tf_positions(self) -> Int64[np.ndarray, "tfs"]:
        """Position of every regulator among the genes, for its row of the profile."""
        return self.vocabulary.gene_index(self.vocabulary.regulators)


def require_coverage(what: str, kept: float, floor: float) -> float:
    """Return `kept`, the share of rows that a join kept; raise LowCoverage under `floor`."""
    if kept < floor:
        raise LowCoverage(
            f"Only {kept:.1%} of {what} were matched, under the floor of {floor:.0%}. "
            "The identifiers are probably of another namespace: resolve them before the join."
        )
    return kept
