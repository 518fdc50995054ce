"""What the zoo must know of entries for perturbed cells; found by the name of this folder."""

from zoo.entry import OpenEntry, StateRules
from zoo.scorer import Offer, Scorer

OFFER = Offer(
    methods=("predict", "predicted", "screen", "with_genes", "features_of", "explain", "explained"),
    instead="It predicts sets of perturbed genes: type .predict([['YAL002W', 'YBR001C']])",
    ways="zoo predict, .predict in Python, or POST /score_perturbations",
)


def scorer(opened: OpenEntry) -> Scorer:
    """What answers for an opened entry."""
    from zoo.perturbations.scorer import PerturbationScorer

    return PerturbationScorer(opened)


def rules() -> StateRules:
    """What entries keep beside their graphs."""
    from zoo.perturbations.state import RULES

    return RULES
