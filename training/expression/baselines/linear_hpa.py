"""Linear, vectors of expression in tissues (HPA)."""

from training.expression.baselines import linear_on

TITLE = "Linear, vectors of expression in tissues (HPA)"
fit = linear_on("hpa")
