"""The kinds of scorers, and what to ask instead where one of another kind was named."""

from typing import Any, TypeVar

from contracts.errors import Unsupported
from zoo.loading import load
from zoo.pairs.scorer import PairScorer
from zoo.perturbations.scorer import PerturbationScorer

AnyScorer = PairScorer | PerturbationScorer

_Kind = TypeVar("_Kind", PairScorer, PerturbationScorer)

_WAYS: dict[type, str] = {
    PairScorer: "zoo score, .score in Python, or POST /score_pairs",
    PerturbationScorer: "zoo predict, .predict in Python, or POST /score_perturbations",
}


def pair_scorer(model: object, asked: str) -> PairScorer:
    """The model, which must score pairs; `asked` is the command or endpoint that needs one.

    Raises Unsupported, saying what to ask of the model instead.
    """
    return _checked(model, PairScorer, asked)


def perturbation_scorer(model: object, asked: str) -> PerturbationScorer:
    """The model, which must predict perturbations, as `pair_scorer` does for pairs."""
    return _checked(model, PerturbationScorer, asked)


def load_pairs(entry: str, asked: str, **options: Any) -> PairScorer:
    """Load an entry for `asked`; raises what zoo.load raises, or Unsupported."""
    return pair_scorer(load(entry, **options), asked)


def load_perturbations(entry: str, asked: str, **options: Any) -> PerturbationScorer:
    """Load an entry for `asked`; raises what zoo.load raises, or Unsupported."""
    return perturbation_scorer(load(entry, **options), asked)


def _checked(model: Any, kind: type[_Kind], asked: str) -> _Kind:
    if isinstance(model, kind):
        return model
    way = next(way for other, way in _WAYS.items() if isinstance(model, other))
    instead = f"It is an entry of task {model.manifest.task}: use {way}."
    raise Unsupported(model.entry, asked, instead)
