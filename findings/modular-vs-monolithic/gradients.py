"""What was wrong with the study's hand-written gradients, each as a switch.

1. `double_sigmoid`: the gradient of cross-entropy to the logit, p - y, is multiplied by p (1 - p)
   once more. What is left is the gradient of half the squared error of the probability: nothing
   comes back from a pair that is wrong with certainty.
2. `replaced_gradient`: the hidden layer was called with its two arguments exchanged. Instead of
   the incoming gradient where the activation is positive, it passes down the activation where the
   incoming gradient is positive; sign and size of the error are gone.
3. `tight_clip`: the total norm is cut to 1.0, not to 5.0.
"""

import torch
from jaxtyping import Bool, Float
from pydantic import BaseModel, ConfigDict
from torch import Tensor
from torch.nn import functional

CLIP, TIGHT_CLIP = 5.0, 1.0


class Failures(BaseModel):
    """Which of the three are switched on; none of them is the corrected network."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    double_sigmoid: bool = False
    replaced_gradient: bool = False
    tight_clip: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The ones that are on."""
        return tuple(name for name, on in self if on)

    @property
    def clip(self) -> float:
        """The largest total gradient norm that is let through."""
        return TIGHT_CLIP if self.tight_clip else CLIP

    def loss(self, logit: Float[Tensor, "pairs"], label: Bool[Tensor, "pairs"]) -> Tensor:
        """Mean binary cross-entropy, with the gradient that the switches ask for."""
        fixed, y = logit.detach(), label.to(logit.dtype)
        p = probability(fixed)
        slope = (p - y) / len(p)
        if self.double_sigmoid:
            slope = slope * p * (1 - p)
        value = functional.binary_cross_entropy_with_logits(fixed, y)
        return value + (slope * (logit - fixed)).sum()

    def relu(self, x: Float[Tensor, "pairs width"]) -> Float[Tensor, "pairs width"]:
        """The rectified `x`, with the gradient that the switches ask for."""
        activation = functional.relu(x)
        if not (self.replaced_gradient and x.requires_grad):
            return activation
        activation = activation.detach()
        exchanged = x + (activation - x).detach()
        exchanged.register_hook(lambda gradient: activation * (gradient > 0))
        return exchanged


def probability(logit: Float[Tensor, "pairs"]) -> Float[Tensor, "pairs"]:
    """Evaluate 1 / (1 + exp(-logit)) in single precision, as the study's code did.

    It is exactly 1 above a logit of about 17 and exactly 0 below about -89.
    """
    return 1 / (1 + torch.exp(-logit.float()))
