"""Rivals without a network: do the names fit together, and how often was each one listed."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pairs import Benchmark, Labelled
from prior import Prior

Logits = Float[np.ndarray, "pairs"]


def namespace_rule(prior: Prior, parts: Benchmark) -> Logits:
    """Call a pair an edge where both names are of one kind; nothing is fitted."""
    return np.where(prior.kinds(parts.test.pairs)[:, 2], 1.0, -1.0)


def degree_product(prior: Prior, parts: Benchmark) -> Logits:
    """Training edges of the regulator times those of the gene, cut at the training median."""
    train, test = (counts(prior, parts.train, of)[:, :2].sum(1) for of in (parts.train, parts.test))
    return test - np.median(train)


def degree_logistic(prior: Prior, parts: Benchmark) -> Logits:
    """Logistic regression on four counts and the kinds of the two names."""
    train, test = (
        np.hstack([counts(prior, parts.train, of), prior.kinds(of.pairs)])
        for of in (parts.train, parts.test)
    )
    fitted = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    return fitted.fit(train, parts.train.label).decision_function(test)


BASELINES: dict[str, Callable[[Prior, Benchmark], Logits]] = {
    each.__name__: each for each in (namespace_rule, degree_product, degree_logistic)
}


def counts(prior: Prior, train: Labelled, of: Labelled) -> Float[np.ndarray, "pairs 4"]:
    """log(1 + count) of edges at the regulator and the gene, then of non-edges at both.

    All are of training pairs; a training pair does not count itself.
    """
    columns = []
    for listed in (True, False):
        rows = train.pairs[train.label == listed]
        for side, size in enumerate((len(prior.tfs), len(prior.genes))):
            count = np.bincount(rows[:, side], minlength=size)[of.pairs[:, side]]
            columns.append(count - (of.label == listed) if of is train else count)
    return np.log1p(np.stack(columns, 1).astype(np.float64))
