"""Whether a regulator activates a gene or represses it, as far as is known."""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float, Int64

from zoo.pairs.known import Known

if TYPE_CHECKING:
    from zoo.pairs.scorer import PairScorer

Positions = Int64[np.ndarray, "pairs"]


def effects(
    model: "PairScorer", known: Known | None, tf: Positions, gene: Positions
) -> Float[np.ndarray, "pairs"]:
    """From 1, activation, to -1, repression, pair by pair; 0 where nothing is known.

    It is 1 or -1 where resources say which, else what the entry's model of signs says: twice the
    probability of an activation, less 1.
    """
    effect = np.zeros(len(tf))
    if "activates" in model.evidence.names and len(tf):
        effect = 2.0 * model.evidence.activates(tf, gene) - 1
    if known is None:
        return effect
    said = np.append(known.effects, 0)[known.pairs.find(tf, gene)]
    return np.where(said == 0, effect, said)
