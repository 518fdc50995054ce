"""The runs that make up the table: which they are, and the file of each."""

from itertools import product

from pydantic import BaseModel, ConfigDict

SEEDS = (42, 123, 456, 789, 1337)
RATIOS = (1, 5, 10, 50)
BASELINES = ("namespace_rule", "degree_product", "degree_logistic")
NETWORKS = ("two_tower", "cross_encoder")
TRAINED = 33_171
"""Pairs of the training part at 1:1."""
CLIP, TIGHT_CLIP = 5.0, 1.0


class Failures(BaseModel):
    """What was wrong with the study's hand-written gradients, each as a switch.

    1. `double_sigmoid`: the gradient of cross-entropy to the logit, p - y, is multiplied by
       p (1 - p) once more. What is left is the gradient of half the squared error of the
       probability: nothing comes back from a pair that is wrong with certainty.
    2. `replaced_gradient`: the hidden layer was called with its two arguments exchanged. Instead of
       the incoming gradient where the activation is positive, it passes down the activation where
       the incoming gradient is positive; sign and size of the error are gone.
    3. `tight_clip`: the total norm is cut to 1.0, not to 5.0.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    double_sigmoid: bool = False
    replaced_gradient: bool = False
    tight_clip: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The ones that are on; none of them is the corrected network."""
        return tuple(name for name, on in self if on)


FAILURES = (
    Failures(double_sigmoid=True),
    Failures(replaced_gradient=True),
    Failures(double_sigmoid=True, replaced_gradient=True, tight_clip=True),
    Failures(tight_clip=True),
)


class Cell(BaseModel):
    """One run: a baseline (no seed) or a network."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    ratio: int = 1
    seed: int | None = None
    failures: Failures = Failures()

    @property
    def name(self) -> str:
        """The name of the result's file."""
        seed = [] if self.seed is None else [f"seed{self.seed}"]
        return "-".join([self.model, f"{self.ratio}to1", *seed, *self.failures.names])


TABLE = [
    *(Cell(model=name) for name in BASELINES),
    *(Cell(model="two_tower", seed=SEEDS[0], failures=each) for each in FAILURES),
    *(Cell(model=n, ratio=r, seed=s) for r, s, n in product(RATIOS, SEEDS, NETWORKS)),
]
"""Every cell."""
