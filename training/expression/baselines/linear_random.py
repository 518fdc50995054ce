"""Linear, random vectors."""

from training.expression.baselines import linear_on

TITLE = "Linear, random vectors"
fit = linear_on("random")
