"""The small network on pairs, told besides how each gene interacts in the training records.

It gets the very features that the CLS-transformer's tokens are made of: what it lacks is the cell.
"""

from training.perturbations.baselines import Context, Rung
from training.perturbations.baselines.pair_mlp import trained_on
from training.perturbations.features import gene_features

TITLE = "MLP on gene embeddings and interaction profiles"


def fit(context: Context) -> Rung:
    """Train it as `pair_mlp` is trained."""
    return trained_on(context, gene_features(context.data, context.train).standardised)
