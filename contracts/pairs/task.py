"""The tasks of regulator-gene pairs: for each role of an entry, the contract its graph keeps."""

from types import MappingProxyType

import numpy as np

from contracts.task import Task
from contracts.tensors import Arrays, Axis, Contract, Invariant, Tensor, numbers, whole

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


def _entity(side: str, axis: Axis) -> Tensor:
    names = {"tf": "regulator in the regulator list", "gene": "target in the gene list"}
    return whole(side, axis, f"position of the {names[side]}", below=f"{side}s_total")


def _popularity(side: str, axis: Axis) -> Tensor:
    names = {"tf": "a regulator has with any target", "gene": "a target has with any regulator"}
    return numbers(f"{side}_popularity", axis, about=f"logit {names[side]}")


def _part(side: str, axis: Axis) -> Contract:
    hidden = f"this side's share of what the hidden units of a pair see, {side} by {side}"
    factor = f"what the other side's factor is multiplied with, {side} by {side}"
    return Contract(
        inputs=(_entity(side, axis),),
        outputs=(
            numbers(f"{side}_hidden", axis, _HIDDEN, about=hidden),
            numbers(f"{side}_factor", axis, _FACTOR, about=factor),
            _popularity(side, axis),
        ),
    )


def _tower(side: str, axis: Axis) -> Contract:
    vector = f"{side}_vector"
    return Contract(
        inputs=(_entity(side, axis),),
        outputs=(numbers(vector, axis, _DIM), _popularity(side, axis)),
        invariants=(_same_norm(vector),),
    )


_SIGN = MappingProxyType(
    {
        "sign": Contract(
            inputs=(_entity("tf", _PAIRS), _entity("gene", _PAIRS)),
            outputs=(
                numbers(
                    "activates",
                    _PAIRS,
                    about="probability that the regulator activates the target, if it regulates it",
                    minimum=0,
                    maximum=1,
                ),
            ),
        )
    }
)
_PROBABILITY = "that the regulator regulates the target"
_SPECIFIC = "logit of this pair beyond both popularities"
PAIR_SCORE = Task(
    name="pair_score",
    family=FAMILY,
    description="The probability that a transcription factor regulates a gene, pair by pair.",
    graphs=MappingProxyType(
        {
            "score": Contract(
                inputs=(_entity("tf", _PAIRS), _entity("gene", _PAIRS)),
                outputs=(
                    numbers("probability", _PAIRS, about=_PROBABILITY, minimum=0, maximum=1),
                    numbers("pair_specific", _PAIRS, about=_SPECIFIC),
                    _popularity("tf", _PAIRS),
                    _popularity("gene", _PAIRS),
                    numbers(
                        "uncertainty",
                        _PAIRS,
                        about="standard deviation of the logit over the members of an ensemble",
                        minimum=0,
                        optional=True,
                    ),
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
    parts=MappingProxyType({"tf_part": _part("tf", _TFS), "gene_part": _part("gene", _GENES)}),
    extras=_SIGN,
)

PAIR_EMBED = Task(
    name="pair_embed",
    family=FAMILY,
    description=(
        "A vector and a popularity for each regulator and each target; the dot product of two "
        "vectors is the pair-specific logit, and probability = "
        "sigmoid(dot + tf_popularity + gene_popularity). Vectors of an ensemble are those of its "
        "members side by side."
    ),
    graphs=MappingProxyType({"tf_tower": _tower("tf", _TFS), "gene_tower": _tower("gene", _GENES)}),
    extras=_SIGN,
)
