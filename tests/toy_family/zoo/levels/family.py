"""What the zoo must know of the toy family."""

from zoo.entry import OpenEntry, StateRules
from zoo.levels.scorer import LevelScorer
from zoo.scorer import Offer

OFFER = Offer(
    methods=("levels",),
    instead="It predicts levels: type .levels(['G1'])",
    ways=".levels in Python",
)


def scorer(opened: OpenEntry) -> LevelScorer:
    """What answers for an opened entry."""
    return LevelScorer(opened)


def rules() -> StateRules:
    """What entries have beside their graphs: nothing."""
    return StateRules(
        totals=lambda vocabulary: {"genes_total": len(vocabulary)},
        shapes=lambda manifest, there: {},
        looks=lambda opened, path: (),
    )
