"""Whether Marbach 2016 lists the pair: a motif of the regulator in an active region of the gene."""

from training.data.pairs import PairData
from training.pairs.baselines import Context, Score
from training.pairs.negatives import KnownEdges

TITLE = "Listed by Marbach 2016"
KINDS = ()
NAME = "marbach"


def suits(data: PairData) -> bool:
    """Whether the data set brings these pairs."""
    return NAME in data.memberships


def fit(context: Context, negatives: str) -> Score:
    """Score pairs by 1 where they are listed, else 0."""
    keys, genes = context.data.memberships[NAME], len(context.data.vocabulary.genes)
    listed = KnownEdges(keys, genes)
    return lambda pairs: listed.contains(pairs).astype("float64")
