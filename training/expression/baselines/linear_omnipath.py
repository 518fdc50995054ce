"""Linear, vectors of protein interactions (OmniPath)."""

from training.expression.baselines import linear_on

TITLE = "Linear, vectors of protein interactions (OmniPath)"
fit = linear_on("omnipath")
