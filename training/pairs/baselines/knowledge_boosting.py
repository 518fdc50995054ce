"""Gradient boosting on all that the entries learn from: the edges, expression and knowledge.

Trees over all features take twenty times as long as those over expression, so they get principal
components of a side's features, and how well both sides agree in each kind of feature, which trees
can't find in the columns of either side.
"""

import numpy as np
from jaxtyping import Float32
from sklearn.decomposition import PCA

from training.data.pairs import PairData
from training.pairs.baselines import DEGREE_PRESERVING, UNIFORM, Context, Features, Score, knows
from training.pairs.baselines._boosting import Table, both
from training.pairs.baselines._spectral import boosted
from training.pairs.negatives import Pairs

TITLE = "Boosting on all features of the entries"
KINDS = (UNIFORM, DEGREE_PRESERVING)
TREES = 150
COMPONENTS = 64
AS_TF, AS_GENE = "tf-", "gene-"
"""How features are called that tell of a gene as a regulator and as a target."""


def suits(data: PairData) -> bool:
    """Whether there is more than expression to learn from."""
    return knows(data)


def fit(context: Context, negatives: str) -> Score:
    """Fit on spectral factors of the training graph, components of both sides, and agreements."""
    components = principal(context)
    sides = kinds(context.data.profile.features)

    def describe(context: Context, pairs: Pairs) -> Table:
        table = both(context, pairs, components)
        return np.concatenate([table, agreement(context, pairs, sides)], axis=1)

    return boosted(context, negatives, describe, TREES)


def principal(context: Context) -> Features:
    """Principal components of the features of all genes, over those with a training edge."""
    listed = context.features[context.listed_genes]
    model = PCA(min(COMPONENTS, *listed.shape), svd_solver="covariance_eigh").fit(listed)
    return model.transform(context.features).astype(np.float32)


def kinds(features: tuple[str, ...]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Of each kind of features the columns of the regulator, and those of the gene to meet them."""
    found = []
    names = np.array([name.partition(":") for name in features])[:, [0, 2]]
    for kind in dict.fromkeys(names[:, 0]):
        own = np.flatnonzero(names[:, 0] == kind)
        as_tf, as_gene = (own[np.char.startswith(names[own, 1], side)] for side in (AS_TF, AS_GENE))
        paired = len(as_tf) == len(as_gene) > 0
        found.append((as_tf, as_gene) if paired else (own, own))
    return found


def agreement(
    context: Context, pairs: Pairs, sides: list[tuple[np.ndarray, np.ndarray]]
) -> Float32[np.ndarray, "pairs kinds"]:
    """The dot product of both sides' features, kind by kind."""
    tf, gene = context.features[context.tf_rows[pairs[:, 0]]], context.features[pairs[:, 1]]
    columns = [np.einsum("pf,pf->p", tf[:, one], gene[:, other]) for one, other in sides]
    return np.stack(columns, axis=1)
