"""Linear, vectors of the readouts themselves."""

from training.expression.baselines import linear_on

TITLE = "Linear, vectors of the readouts themselves"
fit = linear_on("readouts")
