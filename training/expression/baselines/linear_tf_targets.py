"""Linear, vectors of regulators (Marbach 2016)."""

from training.expression.baselines import linear_on

TITLE = "Linear, vectors of regulators (Marbach 2016)"
fit = linear_on("tf_targets")
