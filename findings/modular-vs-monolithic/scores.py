"""Accuracy, F1 and AUROC of a test set, with the study's kind of interval: pairs drawn again."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float
from sklearn.metrics import roc_auc_score

from gradients import probability
from training.scoring.bootstrap import Bootstrap, interval

Labels = Bool[np.ndarray, "pairs"]
Scores = Float[np.ndarray, "pairs"]
Weights = Float[np.ndarray, "pairs"]


def accuracy(label: Labels, logit: Scores, weight: Weights | None = None) -> float:
    """The share of pairs on the right side of probability one half."""
    return float(np.average((logit >= 0) == label, weights=weight))


def f1(label: Labels, logit: Scores, weight: Weights | None = None) -> float:
    """The harmonic mean of precision and recall at one half; 0 where nothing is called."""
    weight = np.ones(len(label)) if weight is None else weight
    called = logit >= 0
    right = weight[called & label].sum()
    return float(2 * right / max(weight[called].sum() + weight[label].sum(), 1e-12))


def auroc(label: Labels, score: Scores, weight: Weights | None = None) -> float:
    """How often a positive scores above a negative, ties half."""
    return float(roc_auc_score(label, score, sample_weight=weight))


def auroc_of_probability(label: Labels, logit: Scores, weight: Weights | None = None) -> float:
    """AUROC as the study took it: of the rounded probability, so that saturated pairs tie."""
    p = probability(torch.from_numpy(np.asarray(logit, np.float32))).numpy()
    return auroc(label, p, weight)


FIGURES = {"accuracy": accuracy, "f1": f1, "auroc": auroc_of_probability, "auroc_logit": auroc}


def evaluate(label: Labels, logit: Scores, resamples: int) -> dict[str, dict[str, float]]:
    """Every figure with its interval over resampled pairs."""
    draws = Bootstrap.of(np.arange(len(label)), resamples=resamples)
    logit = np.asarray(logit, np.float64)
    found = {}
    for name, figure in FIGURES.items():
        low, high = interval(_resampled(figure, label, logit, draws))
        found[name] = {"value": figure(label, logit), "low": low, "high": high}
    return found


def _resampled(
    figure: Callable[..., float], label: Labels, logit: Scores, draws: Bootstrap
) -> Float[np.ndarray, "resamples"]:
    """The figure of every resample; NaN for one that lacks positives or negatives."""
    values = np.full(len(draws.counts), np.nan)
    for row in range(len(values)):
        weight = draws.weights(slice(row, row + 1))[0]
        drawn = weight > 0
        if label[drawn].any() and not label[drawn].all():
            values[row] = figure(label[drawn], logit[drawn], weight[drawn])
    return values


def corrected(logit: Scores, ratio: int) -> Scores:
    """The logit for a test set of 1:1 after training with `ratio` negatives for each positive.

    By Bayes' rule the odds grow by the ratio of the priors.
    """
    return logit + np.float32(math.log(ratio))


def evaluate_corrected(label: Labels, logit: Scores, ratio: int) -> dict[str, Any]:
    """Accuracy and F1 after the correction; the order of the pairs does not change."""
    shifted = corrected(logit, ratio)
    return {"accuracy": accuracy(label, shifted), "f1": f1(label, shifted)}
