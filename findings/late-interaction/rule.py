"""Whether late interaction earns a place: who is compared, the rule, and what serving costs."""

from dataclasses import dataclass
from typing import Any

OURS = "late_interaction-brain"
NETWORKS = ("two_tower-brain", "cross_encoder-brain")
DEGREE, BOOSTING = "degree-brain", "spectral_boosting"
SEEDED = ("degree_preserving/auroc", "cold_gene/auroc")
"""Figures of a comparison that the validation of a training monitors, too."""


@dataclass(frozen=True)
class Verdict:
    """Whether the rule is met, against which network, and the two differences that it asks for."""

    rival: str
    earned: bool
    auroc: dict[str, float]
    mrr: dict[str, float]


def judge(valid: dict[str, Any]) -> Verdict:
    """The rule, written down before the comparison was made.

    The rival is the shipped network with the higher degree-preserving validation AUROC. Late
    interaction earns its place where the paired difference to it in that figure has an interval
    above zero; or where that interval includes zero and the paired difference in retrieval MRR has
    one above zero.
    """
    pairs = valid["protocols"]["degree_preserving"]
    rival = max(NETWORKS, key=lambda name: pairs["metrics"][name]["auroc"]["value"])
    auroc = pairs["difference"][rival]["auroc"]
    mrr = valid["protocols"]["retrieval"]["difference"][rival]["mrr"]
    earned = auroc["low"] > 0 or (auroc["high"] >= 0 and mrr["low"] > 0)
    return Verdict(rival, earned, auroc, mrr)


@dataclass(frozen=True)
class Cost:
    """What serving takes: per entity the stored vectors and numbers, per pair the multiply-adds.

    All that belongs to one entity alone is taken as computed once and stored.
    """

    vectors: int
    numbers: int
    multiply_adds: int


def cost(entry: str, config: dict[str, Any]) -> Cost:
    """The cost of a network, from its configuration.

    The cross-encoder stores an entity's encoding and its share of the joint layer's sum. A pair
    then takes the product of the encodings, its share of that layer, and the output. Max-sim takes
    the dot product of each of the regulator's vectors with each of the gene's.
    """
    dim = config["dim"]
    if entry.startswith("cross_encoder-"):
        hidden = config["joint_hidden"]
        return Cost(1, dim + hidden, dim + dim * hidden + hidden)
    vectors = config.get("vectors", 1)
    return Cost(vectors, vectors * dim, vectors * vectors * dim)
