"""The product of both degrees, which is preferential attachment."""

from training.pairs.baselines import Context, Score

TITLE = "Product of both degrees"
KINDS = ()


def fit(context: Context, negatives: str) -> Score:
    """Score pairs by the sum of both log degrees."""
    tf = context.degrees.log_tf.astype("float64")
    gene = context.degrees.log_gene.astype("float64")
    return lambda pairs: tf[pairs[:, 0]] + gene[pairs[:, 1]]
