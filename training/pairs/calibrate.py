"""Probabilities from logits and degrees: one logistic regression on validation pairs."""

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn

from contracts.errors import ZooError
from training.data.pairs import PairData
from training.pairs.batches import Degrees, scores
from training.pairs.split import Split

PART = "valid"


class NotCalibrated(ZooError):
    """A fitted weight has a sign that would turn the score upside down."""

    code = "not-calibrated"


Calibration = dict[str, float]
"""Weights of the pair logit (where there is one) and of both log degrees, and the intercept."""


def calibrate(model: nn.Module, data: PairData, split: Split, degrees: Degrees) -> Calibration:
    """Fit the weights of the pair logit and of both log degrees, and write them into the model.

    Validation edges against as many uniform pairs: a probability of the entry is therefore that of
    a listed edge where half of the pairs are listed. A benchmark that comes split is calibrated on
    its own validation pairs, at their own share of edges. Returns the four numbers. Raises
    NotCalibrated where the pair logit gets a weight that is not positive.
    """
    positives = split.positives(data, PART)
    kind = "uniform" if f"{PART}/uniform" in split.negatives else "given"
    pairs = np.concatenate([positives, split.negatives[f"{PART}/{kind}"]])
    label = np.arange(len(pairs)) < len(positives)
    logit = scores(model, pairs)
    columns = {
        "specific_weight": logit,
        "tf_weight": degrees.log_tf[pairs[:, 0]],
        "gene_weight": degrees.log_gene[pairs[:, 1]],
    }
    if not np.ptp(logit):
        del columns["specific_weight"]
    fitted = LogisticRegression(C=np.inf).fit(np.stack(list(columns.values()), 1), label)
    numbers = dict(zip(columns, map(float, fitted.coef_[0]), strict=True))
    numbers["intercept"] = float(fitted.intercept_[0])
    if numbers.get("specific_weight", 1.0) <= 0:
        raise NotCalibrated(
            f"The pair logit got the weight {numbers['specific_weight']:.3g} on validation pairs, "
            "so the network has learned nothing that holds there. Train longer, or check the data."
        )
    write(model, numbers)
    return numbers


def write(model: nn.Module, numbers: Calibration) -> None:
    """Write the numbers into the model's popularity terms."""
    for name, value in numbers.items():
        getattr(model.popularity, name).copy_(torch.tensor(value))


def mean(calibrations: Sequence[Calibration]) -> Calibration:
    """The mean of the numbers of several models, for one that has nothing held out."""
    return {n: float(np.mean([each[n] for each in calibrations])) for n in calibrations[0]}
