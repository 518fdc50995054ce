"""A bilinear form between the principal components of both genes' expression."""

import numpy as np
from jaxtyping import Float64
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression

from training.data.pairs import PairData
from training.pairs.baselines import DEGREE_PRESERVING, UNIFORM, Context, Score, knows

TITLE = "Bilinear form on expression"
KINDS = (UNIFORM, DEGREE_PRESERVING)
COMPONENTS, RIDGE = 32, 1e-3


def suits(data: PairData) -> bool:
    """Only where expression is all there is; boosting learns from the same, in less time."""
    return not knows(data)


def fit(context: Context, negatives: str) -> Score:
    """Ridge logistic regression on all products of a component of one side and one of the other.

    The constant 1 is a further component, so each side's own terms are among the products.
    """
    parts = components(context)
    tf = parts[context.tf_rows]
    pairs, label = context.training(negatives)
    products = tf[pairs[:, 0]][:, :, None] * parts[pairs[:, 1]][:, None, :]
    model = LogisticRegression(C=RIDGE, class_weight="balanced", max_iter=1000)
    model.fit(products.reshape(len(pairs), -1), label)
    weight = model.coef_.reshape(tf.shape[1], parts.shape[1])
    towards = tf @ weight
    return lambda pairs: np.einsum("pc,pc->p", towards[pairs[:, 0]], parts[pairs[:, 1]])


def components(context: Context) -> Float64[np.ndarray, "genes components"]:
    """Whitened principal components over the genes with a training edge, then a 1."""
    listed = context.features[context.listed_genes].astype(np.float64)
    count = min(COMPONENTS, *listed.shape)
    model = PCA(count, whiten=True, random_state=context.seed).fit(listed)
    found = model.transform(context.features.astype(np.float64))
    return np.concatenate([found, np.ones((len(found), 1))], axis=1)
