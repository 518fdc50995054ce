"""The verdict on a scored pair, in a word or two: what its score rests on. The only rule is here.

The first of these that holds:

- `listed`: some resource lists the pair.
- `little known`: the regulator or the gene has fewer than 3 training edges.
- `mostly popularity`: beside a typical pair, the popularity of both sides adds to the logit, and
  adds more than pair_specific does. A typical pair has the median of each term.
- `predicted`: none of these.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from zoo.pairs.answers import Terms

VERDICTS = ("predicted", "mostly popularity", "little known", "listed")
FEW_EDGES = 3
"""With fewer training edges a regulator or a gene is little known."""

Pairs = Int64[np.ndarray, "pairs"]


@dataclass(frozen=True)
class Typical:
    """Medians over pairs drawn at random: of pair_specific, and of both popularity terms."""

    specific: float
    popularity: float

    @classmethod
    def of(cls, terms: Terms) -> "Typical":
        """The medians of some pairs."""
        popularity = np.median(terms.tf_popularity) + np.median(terms.gene_popularity)
        return cls(float(np.median(terms.pair_specific)), float(popularity))


def verdicts(
    terms: Terms,
    typical: Typical,
    tf_edges: Pairs,
    gene_edges: Pairs,
    listed: Bool[np.ndarray, "pairs"],
) -> Pairs:
    """The verdict on each pair, as a position in VERDICTS."""
    specific = terms.pair_specific - typical.specific
    popularity = terms.tf_popularity + terms.gene_popularity - typical.popularity
    few = np.minimum(tf_edges, gene_edges) < FEW_EDGES
    rules = [listed, few, popularity > np.maximum(specific, 0)]
    return np.select(rules, [3, 2, 1], 0).astype(np.int64)
