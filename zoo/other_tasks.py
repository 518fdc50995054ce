"""The methods that an entry of another task would have: refused, saying what to type instead."""

from collections.abc import Callable
from typing import Any, NoReturn

from contracts.errors import Unsupported

_OF_PAIRS = (
    "It predicts sets of perturbed genes: type .predict([['YAL002W', 'YBR001C']]), or load an "
    "entry of `zoo search --task 'pair_*'`."
)
_OF_PERTURBATIONS = (
    "It scores pairs of a regulator and a gene: type .score([('SOX2', 'GFAP')]), or load an entry "
    "of `zoo search --task 'perturbation*'`."
)


def _refused(method: str, instead: str) -> Callable[..., NoReturn]:
    def refuse(self: Any, *_: object, **__: object) -> NoReturn:
        raise Unsupported(self.entry, method, instead)

    refuse.__name__ = method
    refuse.__doc__ = f"Raise Unsupported: entries of this task do not offer {method}."
    return refuse


class WithoutPairs:
    """What entries for regulator-gene pairs offer and perturbation entries do not."""

    score = _refused("score", _OF_PAIRS)
    scored = _refused("scored", _OF_PAIRS)
    details = _refused("details", _OF_PAIRS)
    score_matrix = _refused("score_matrix", _OF_PAIRS)
    regulators = _refused("regulators", _OF_PAIRS)
    targets = _refused("targets", _OF_PAIRS)
    support = _refused("support", _OF_PAIRS)
    embed_tfs = _refused("embed_tfs", _OF_PAIRS)
    embed_genes = _refused("embed_genes", _OF_PAIRS)


class WithoutPerturbations:
    """What perturbation entries offer and entries for regulator-gene pairs do not."""

    predict = _refused("predict", _OF_PERTURBATIONS)
    predicted = _refused("predicted", _OF_PERTURBATIONS)
    screen = _refused("screen", _OF_PERTURBATIONS)
    with_genes = _refused("with_genes", _OF_PERTURBATIONS)
    features_of = _refused("features_of", _OF_PERTURBATIONS)
    explain = _refused("explain", _OF_PERTURBATIONS)
    explained = _refused("explained", _OF_PERTURBATIONS)
