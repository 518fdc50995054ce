"""Accuracy, F1 and AUROC of a test set, with the study's kind of interval: pairs drawn again.

A figure takes weights [resamples, pairs] and gives a value for every row of them.
"""

import math

import numpy as np
import torch
from jaxtyping import Bool, Float

from gradients import probability
from training.scoring import ranking
from training.scoring.bootstrap import Bootstrap, interval

Labels = Bool[np.ndarray, "pairs"]
Scores = Float[np.ndarray, "pairs"]
Weights = Float[np.ndarray, "resamples pairs"]
Figures = Float[np.ndarray, "resamples"]


def accuracy(label: Labels, logit: Scores, weights: Weights) -> Figures:
    """The share of pairs on the right side of probability one half."""
    return weights @ ((logit >= 0) == label) / weights.sum(1)


def f1(label: Labels, logit: Scores, weights: Weights) -> Figures:
    """The harmonic mean of precision and recall at one half; 0 where nothing is called."""
    called = logit >= 0
    both = weights @ called + weights @ label
    return 2 * (weights @ (called & label)) / np.maximum(both, 1e-12)


def rounded(logit: Scores) -> Float[np.ndarray, "pairs"]:
    """The probability as the study ranked by it: saturated pairs tie."""
    return probability(torch.from_numpy(np.asarray(logit, np.float32))).numpy()


def auroc(label: Labels, logit: Scores, weights: Weights) -> Figures:
    """How often the rounded probability of a positive is above a negative's, ties half."""
    return ranking.auroc(label, rounded(logit), weights)


FIGURES = {"accuracy": accuracy, "f1": f1, "auroc": auroc, "auroc_logit": ranking.auroc}


def evaluate(label: Labels, logit: Scores, resamples: int) -> dict[str, dict[str, float]]:
    """Every figure with its interval over resampled pairs."""
    draws = Bootstrap.of(np.arange(len(label)), resamples=resamples)
    once, found = np.ones((1, len(label))), {}
    for name, figure in FIGURES.items():
        values = np.concatenate([figure(label, logit, weights) for weights in draws.chunks()])
        low, high = interval(values)
        found[name] = {"value": float(figure(label, logit, once)[0]), "low": low, "high": high}
    return found


def evaluate_corrected(label: Labels, logit: Scores, ratio: int) -> dict[str, float]:
    """Accuracy and F1 after training with `ratio` negatives for each positive, corrected for it.

    By Bayes' rule the odds grow by the ratio of the priors; the order of the pairs does not change.
    """
    shifted, once = logit + np.float32(math.log(ratio)), np.ones((1, len(label)))
    return {each.__name__: float(each(label, shifted, once)[0]) for each in (accuracy, f1)}


def saturated(logit: Scores) -> float:
    """The share of pairs whose probability is exactly 0 or 1 in single precision."""
    return float(np.isin(rounded(logit), (0, 1)).mean())
