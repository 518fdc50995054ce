"""Accuracy of predicted classes, of many weightings of the same rows at once.

The balanced accuracy is the mean over classes of the share of their rows that is right; which
class a wrong row was given does not matter, be it among the classes asked or not.
"""

import numpy as np
from jaxtyping import Float
from sklearn.metrics import recall_score

Codes = np.ndarray
"""Classes of rows by number."""
Weights = Float[np.ndarray, "resamples rows"]
Figures = Float[np.ndarray, "resamples"]


def accuracy(label: Codes, predicted: Codes, weights: Weights) -> Figures:
    """Share of the rows that is right."""
    return weights @ (label == predicted) / weights.sum(1)


def balanced_accuracy(label: Codes, predicted: Codes, weights: Weights) -> Figures:
    """Mean share that is right, over the classes that have weight."""
    member = (label[:, None] == np.unique(label)).astype(np.float64)
    total = weights @ member
    right = weights @ (member * (label == predicted)[:, None])
    share = np.divide(right, total, out=np.full_like(total, np.nan), where=total > 0)
    return np.nanmean(share, axis=1)


def balanced_accuracy_score(label: Codes, predicted: Codes) -> float:
    """The balanced accuracy of all rows, as scikit-learn has it."""
    return float(recall_score(label, predicted, labels=np.unique(label), average="macro"))
