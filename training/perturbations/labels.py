"""Labels as a network sees them: z-scores, a source at a time, and back."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from training.data.perturbations import PerturbationData, Records

EPSILON, TAU = "epsilon", "tau"


@dataclass(frozen=True)
class Labels:
    """The interaction of every record as a z-score of its source, and how to undo it.

    A source has one unit, so this standardises every unit apart and keeps the source as what
    chooses the output of a network. `scale` [sources, 2] has mean and deviation of the training
    records. NaN stays NaN.
    """

    sources: tuple[str, ...]
    source: Int64[np.ndarray, "records"]
    z: Float64[np.ndarray, "records"]
    scale: Float64[np.ndarray, "sources 2"]
    epsilon_source: str
    tau_source: str

    @classmethod
    def of(cls, data: PerturbationData, train: Int64[np.ndarray, "rows"]) -> "Labels":
        """Standardise by the records of `train`.

        Epsilon is given in the headline source's scale, tau in that of the largest source of tau.
        """
        records = data.records
        names, source = np.unique(records.source, return_inverse=True)
        scale = np.zeros((len(names), 2))
        for number in range(len(names)):
            label = records.interaction[train[source[train] == number]]
            scale[number] = np.nanmean(label), np.nanstd(label)
        z = (records.interaction - scale[source, 0]) / scale[source, 1]
        tau = source[train][records.unit[train] == TAU]
        largest = str(names[np.bincount(tau, minlength=len(names)).argmax()])
        every = tuple(str(name) for name in names)
        return cls(every, source.astype(np.int64), z, scale, data.headline_source, largest)


def measured_fitness(records: Records) -> Float64[np.ndarray, "records"]:
    """Fitness where it was measured, NaN elsewhere: derived fitness is the interaction again."""
    return np.where(records.derived, np.nan, records.fitness)
