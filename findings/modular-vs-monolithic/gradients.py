"""What was wrong with the study's hand-written gradients, each as a switch.

1. `double_sigmoid`: the gradient of cross-entropy to the logit, p - y, is multiplied by p (1 - p)
   once more. What is left is the gradient of half the squared error of the probability: nothing
   comes back from a pair that is wrong with certainty.
2. `replaced_gradient`: the hidden layer was called with its two arguments exchanged. Instead of
   the incoming gradient where the activation is positive, it passes down the activation where the
   incoming gradient is positive; sign and size of the error are gone.
3. `tight_clip`: the total norm is cut to 1.0, not to 5.0.
"""

from typing import Any

import torch
from jaxtyping import Bool, Float
from pydantic import BaseModel, ConfigDict
from torch import Tensor
from torch.nn import functional

CLIP, TIGHT_CLIP = 5.0, 1.0

FAILURE_NAMES = {
    "double_sigmoid": "second sigmoid derivative",
    "replaced_gradient": "gradient replaced by the activation",
    "tight_clip": "clipping at 1.0",
}


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
        return _CrossEntropy.apply(logit, label.to(logit.dtype), self.double_sigmoid)

    def relu(self, x: Float[Tensor, "pairs width"]) -> Float[Tensor, "pairs width"]:
        """The rectified `x`, with the gradient that the switches ask for."""
        return _ExchangedRelu.apply(x) if self.replaced_gradient else functional.relu(x)


def probability(logit: Float[Tensor, "pairs"]) -> Float[Tensor, "pairs"]:
    """Evaluate 1 / (1 + exp(-logit)) in single precision, as the study's code did.

    It is exactly 1 above a logit of about 17 and exactly 0 below about -89.
    """
    return 1 / (1 + torch.exp(-logit.float()))


class _CrossEntropy(torch.autograd.Function):
    """Cross-entropy whose backward pass is written out: (p - y) / pairs."""

    @staticmethod
    def forward(ctx: Any, logit: Tensor, label: Tensor, twice: bool) -> Tensor:
        p = probability(logit)
        ctx.save_for_backward(p, label)
        ctx.twice = twice
        return functional.binary_cross_entropy_with_logits(logit, label)

    @staticmethod
    def backward(ctx: Any, *grad: Any) -> tuple[Tensor, None, None]:
        p, label = ctx.saved_tensors
        slope = (p - label) / len(p)
        return grad[0] * (slope * p * (1 - p) if ctx.twice else slope), None, None


class _ExchangedRelu(torch.autograd.Function):
    """A rectifier whose backward pass takes the activation for the gradient."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        out = functional.relu(x)
        ctx.save_for_backward(out)
        return out

    @staticmethod
    def backward(ctx: Any, *grad: Any) -> Tensor:
        (out,) = ctx.saved_tensors
        return out * (grad[0] > 0)
