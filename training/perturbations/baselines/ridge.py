"""Every gene adds its own weight: ridge regression on which genes are deleted, source by source."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64, Int64
from scipy.sparse import csr_array
from sklearn.linear_model import Ridge

from training.data.perturbations import Records
from training.perturbations.baselines import (
    Context,
    Members,
    Rung,
    Values,
    composed,
    labelled,
    orders,
)

Labels = tuple[Int64[np.ndarray, "_ 3"], Float64[np.ndarray, "_"]]
"""Sets, and what is known of each."""

TITLE = "Ridge on genes"
ALPHAS = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0)


def fit(context: Context) -> Rung:
    """One regression a source; its penalty is the one with the least error on validation."""
    valid = context.part("valid")
    models = {source: best(context, source, labelled(valid, source)) for source in context.sources}

    def interaction(members: Members, source: str) -> Values:
        return models[source].predict(table(members, context.genes))

    return composed(context, interaction)


def table(members: Members, genes: int) -> csr_array:
    """1 for each gene of a set, float64 [sets, genes]."""
    there = members >= 0
    starts = np.concatenate([[0], np.cumsum(orders(members))])
    return csr_array((np.ones(there.sum()), members[there], starts), (len(members), genes))


def best(context: Context, source: str, valid: Records) -> Ridge:
    """The regression of one source whose penalty has the least error on `valid`."""
    own = labelled(context.train, source)
    train, held = ((each.members, each.interaction) for each in (own, valid))
    return chosen(train, held, context.genes, ALPHAS)


def chosen(train: Labels, valid: Labels, genes: int, alphas: Sequence[float]) -> Ridge:
    """The regression whose penalty, of `alphas`, has the least error on `valid`.

    Without a label to choose with it is the middle one.
    """
    inputs, asked = (table(members, genes) for members, _ in (train, valid))
    models = [Ridge(alpha, solver="sparse_cg").fit(inputs, train[1]) for alpha in alphas]
    if not len(valid[1]):
        return models[len(models) // 2]
    errors = [np.mean((model.predict(asked) - valid[1]) ** 2) for model in models]
    return models[int(np.argmin(errors))]
