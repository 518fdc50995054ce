"""Two rivals without a network: do the names fit together, and how often was each one listed."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pairs import Benchmark, Labelled, Rows
from prior import Prior

Logits = Float[np.ndarray, "pairs"]
Features = Float[np.ndarray, "pairs features"]


def namespace_rule(prior: Prior, parts: Benchmark) -> Logits:
    """Call a pair an edge where both names are of one kind; nothing is fitted."""
    return np.where(prior.same_namespace(parts.test.pairs), 1.0, -1.0)


def degree_product(prior: Prior, parts: Benchmark) -> Logits:
    """Training edges of the regulator times those of the gene, cut at the training median."""
    train = _counts(parts.train, parts.train.pairs, prior, parts.train.label)[:, :2].sum(1)
    test = _counts(parts.train, parts.test.pairs, prior)[:, :2].sum(1)
    return test - np.median(train)


def degree_logistic(prior: Prior, parts: Benchmark) -> Logits:
    """Logistic regression on four counts and the kinds of the two names.

    The counts are of training edges and training non-edges at either end; a training pair does not
    count itself.
    """
    train, test = parts.train, parts.test
    fitted = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    own = _counts(train, train.pairs, prior, train.label)
    fitted.fit(np.hstack([own, _kinds(train.pairs, prior)]), train.label)
    features = np.hstack([_counts(train, test.pairs, prior), _kinds(test.pairs, prior)])
    return fitted.decision_function(features)


BASELINES: dict[str, Callable[[Prior, Benchmark], Logits]] = {
    "namespace_rule": namespace_rule,
    "degree_product": degree_product,
    "degree_logistic": degree_logistic,
}


def _counts(
    train: Labelled, pairs: Rows, prior: Prior, own: Bool[np.ndarray, "pairs"] | None = None
) -> Features:
    """log(1 + count) of edges at the regulator and the gene, then of non-edges at both.

    `own` are the labels of `pairs` where these are the training pairs themselves.
    """
    columns = []
    for listed in (True, False):
        rows = train.pairs[train.label == listed]
        for side, size in enumerate((len(prior.tfs), len(prior.genes))):
            count = np.bincount(rows[:, side], minlength=size)[pairs[:, side]]
            columns.append(count if own is None else count - (own == listed))
    return np.log1p(np.stack(columns, 1).astype(np.float64))


def _kinds(pairs: Rows, prior: Prior) -> Features:
    """Accession at the regulator, at the gene, and whether they agree."""
    tf = prior.tf_is_accession[pairs[:, 0]]
    gene = prior.gene_is_accession[pairs[:, 1]]
    return np.stack([tf, gene, tf == gene], 1).astype(np.float64)
