"""What a recipe says of the training loop and of its stages; see training.stages."""

from typing import Annotated, Any

from pydantic import Field, NonNegativeInt, PositiveFloat, PositiveInt

from training.strict import Strict

Weight = Annotated[float, Field(ge=0)]


class Fit(Strict):
    """Numbers of the training loop; epochs end early when the validation figure stops rising.

    With `ema_decay`, validation and the result use an exponential moving average of the weights
    over steps: negatives change every epoch, and the average is less noisy than the last step.
    With `plateau_patience` the learning rate is multiplied by `plateau_factor` whenever the figure
    has not risen for more than so many epochs.
    """

    max_epochs: PositiveInt
    patience: PositiveInt
    batch_size: PositiveInt
    learning_rate: PositiveFloat
    weight_decay: Annotated[float, Field(ge=0)]
    gradient_clip: PositiveFloat
    ema_decay: Annotated[float, Field(ge=0, lt=1)] = 0.0
    plateau_patience: Annotated[int, Field(ge=0)] | None = None
    plateau_factor: Annotated[float, Field(gt=0, lt=1)] = 0.5


class StageFit(Fit):
    """Numbers of the loop in a stage; one of 0 epochs hands on what it began with."""

    max_epochs: NonNegativeInt


class Stage(Strict):
    """One of several trainings that follow one another; see training.stages.

    `losses` names the terms that are minimised, with their weights; `losses_end` has those whose
    weight moves in equal steps over the epochs, with the weight of the last one. Names of `freezes`
    and `hands_on` are of the model's parameters, or of all that stand below one ("encoder" and
    "encoder.first.weight"): what does not move, and what the next stage takes over, all where
    nothing is said; what it does not take is made anew. Without `monitored` nothing is held out:
    all `max_epochs` are run and the weights are those of the last. `fit` and `objective` have what
    is other than in the recipe's [fit] and [objective].
    """

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
    losses: Annotated[dict[str, Weight], Field(min_length=1)]
    losses_end: dict[str, Weight] = Field(default_factory=dict)
    freezes: list[str] = Field(default_factory=list)
    hands_on: list[str] | None = None
    monitored: bool = True
    fit: dict[str, Any] = Field(default_factory=dict)
    objective: dict[str, Any] = Field(default_factory=dict)

    def weights(self, epoch: int, epochs: int) -> dict[str, float]:
        """The weight of every loss in one of so many epochs."""
        share = epoch / max(epochs - 1, 1)
        return {
            name: begin + share * (self.losses_end.get(name, begin) - begin)
            for name, begin in self.losses.items()
        }
