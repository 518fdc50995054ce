"""Linear, vectors of GO terms."""

from training.expression.baselines import linear_on

TITLE = "Linear, vectors of GO terms"
fit = linear_on("go")
