"""How many training edges the regulator has."""

from training.pairs.baselines import Context, Score

TITLE = "Out-degree of the regulator"
KINDS = ()


def fit(context: Context, negatives: str) -> Score:
    """Score pairs by the log out-degree."""
    degree = context.degrees.log_tf.astype("float64")
    return lambda pairs: degree[pairs[:, 0]]
