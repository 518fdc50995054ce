"""Linear, vectors of two_tower-brain."""

from training.expression.baselines import linear_on

TITLE = "Linear, vectors of two_tower-brain"
fit = linear_on("two_tower")
