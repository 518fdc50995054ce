"""The tasks of regulator-gene pairs: for each role of an entry, the contract its graph keeps."""

from types import MappingProxyType

import numpy as np

from contracts.task import Task
from contracts.tensors import Arrays, Axis, Contract, Invariant, Tensor

FAMILY = "pairs"
SIGMOID_TOLERANCE = 1e-5
NORM_TOLERANCE = 1e-4


def _probability_is_sigmoid(arrays: Arrays) -> str | None:
    parts = ("pair_specific", "tf_popularity", "gene_popularity")
    logit = sum((arrays[name].astype(np.float64) for name in parts), np.float64(0))
    expected = 0.5 * (1 + np.tanh(logit / 2))  # the sigmoid, in a form that cannot overflow
    worst = float(np.abs(arrays["probability"] - expected).max(initial=0))
    return f"a difference of {worst:.2g}" if worst > SIGMOID_TOLERANCE else None


def _same_norm(name: str) -> Invariant:
    def holds(arrays: Arrays) -> str | None:
        norms = np.linalg.norm(arrays[name].astype(np.float64), axis=1)
        if norms.size == 0 or np.ptp(norms) <= NORM_TOLERANCE * norms.max():
            return None
        return f"norms from {norms.min():.6g} to {norms.max():.6g}"

    return Invariant(
        f"{name}_norm",
        f"the same L2 norm in every row of {name}, within {NORM_TOLERANCE} of it",
        holds,
    )


_PAIRS, _TFS, _GENES, _DIM = Axis("pairs"), Axis("tfs"), Axis("genes"), Axis("dim")
_HIDDEN, _FACTOR = Axis("hidden"), Axis("factor")


def _tf(axis: Axis) -> Tensor:
    description = "position of the regulator in the regulator list"
    return Tensor("tf", "int64", (axis,), below="tfs_total", description=description)


def _gene(axis: Axis) -> Tensor:
    description = "position of the target in the gene list"
    return Tensor("gene", "int64", (axis,), below="genes_total", description=description)


def _tf_popularity(axis: Axis) -> Tensor:
    description = "logit a regulator has with any target"
    return Tensor("tf_popularity", "float32", (axis,), description=description)


def _gene_popularity(axis: Axis) -> Tensor:
    description = "logit a target has with any regulator"
    return Tensor("gene_popularity", "float32", (axis,), description=description)


def _part(side: str, axis: Axis) -> tuple[Tensor, Tensor]:
    hidden = f"this side's share of what the hidden units of a pair see, {side} by {side}"
    factor = f"what the other side's factor is multiplied with, {side} by {side}"
    return (
        Tensor(f"{side}_hidden", "float32", (axis, _HIDDEN), description=hidden),
        Tensor(f"{side}_factor", "float32", (axis, _FACTOR), description=factor),
    )


PAIR_SCORE = Task(
    name="pair_score",
    family=FAMILY,
    description="The probability that a transcription factor regulates a gene, pair by pair.",
    graphs=MappingProxyType(
        {
            "score": Contract(
                inputs=(_tf(_PAIRS), _gene(_PAIRS)),
                outputs=(
                    Tensor(
                        "probability",
                        "float32",
                        (_PAIRS,),
                        minimum=0,
                        maximum=1,
                        description="that the regulator regulates the target",
                    ),
                    Tensor(
                        "pair_specific",
                        "float32",
                        (_PAIRS,),
                        description="logit of this pair beyond both popularities",
                    ),
                    _tf_popularity(_PAIRS),
                    _gene_popularity(_PAIRS),
                ),
                invariants=(
                    Invariant(
                        "probability_is_sigmoid",
                        "probability = sigmoid(pair_specific + tf_popularity + gene_popularity) "
                        f"within {SIGMOID_TOLERANCE}",
                        _probability_is_sigmoid,
                    ),
                ),
            )
        }
    ),
    # pair_specific = relu(tf_hidden + gene_hidden + (tf_factor * gene_factor) @ product_weight)
    # @ output_weight + output_bias, with the last three in the entry's state.
    parts=MappingProxyType(
        {
            "tf_part": Contract(
                inputs=(_tf(_TFS),), outputs=(*_part("tf", _TFS), _tf_popularity(_TFS))
            ),
            "gene_part": Contract(
                inputs=(_gene(_GENES),), outputs=(*_part("gene", _GENES), _gene_popularity(_GENES))
            ),
        }
    ),
)

PAIR_EMBED = Task(
    name="pair_embed",
    family=FAMILY,
    description=(
        "A vector and a popularity for each regulator and each target; the dot product of two "
        "vectors is the pair-specific logit, and probability = "
        "sigmoid(dot + tf_popularity + gene_popularity)."
    ),
    graphs=MappingProxyType(
        {
            "tf_tower": Contract(
                inputs=(_tf(_TFS),),
                outputs=(Tensor("tf_vector", "float32", (_TFS, _DIM)), _tf_popularity(_TFS)),
                invariants=(_same_norm("tf_vector"),),
            ),
            "gene_tower": Contract(
                inputs=(_gene(_GENES),),
                outputs=(
                    Tensor("gene_vector", "float32", (_GENES, _DIM)),
                    _gene_popularity(_GENES),
                ),
                invariants=(_same_norm("gene_vector"),),
            ),
        }
    ),
)
