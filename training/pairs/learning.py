"""What a training of pairs does at a step, and the figure that it is judged by."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from sklearn.metrics import roc_auc_score
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits

from training.stages.learning import Staged
from training.stages.stage import Fit

LOSSES = ("cross_entropy",)


class PairTraining(Staged):
    """Binary cross-entropy on pair logits; AUROC of the held-out `parts`, in the loaders' order."""

    def __init__(self, model: nn.Module, fit: Fit, seed: int, parts: Sequence[str]):
        super().__init__(fit, seed, parts)
        self.model = model

    def on_train_batch_start(self, batch: list[Tensor], index: int) -> None:
        """Seed dropout by the epoch, so that a resumed run equals an undisturbed one."""
        super().on_train_batch_start(batch, index)
        if index == 0 and self.current_epoch > 0:
            # Lightning starts the loader a second time, which takes one number, but not where
            # it resumes: so that number is taken here, whatever the loader did.
            torch.empty((), dtype=torch.int64).random_()

    def terms(self, batch: list[Tensor], _: int) -> dict[str, Float[Tensor, ""]]:
        """The loss of one batch."""
        tf, gene, label = batch
        listed = label > 0
        for side, edges in (("tf", (tf, gene)), ("gene", (gene, tf))):
            partners = getattr(getattr(self.model, side), "partners", None)
            if partners is not None:
                partners.left_out = tuple(each[listed] for each in edges)
        loss = binary_cross_entropy_with_logits(self.model.pair_logit(tf, gene), label)
        return {LOSSES[0]: loss}

    def validation_step(self, batch: list[Tensor], _: int, dataloader_idx: int = 0) -> None:
        """Keep the logits of a held-out part (each is one batch)."""
        tf, gene, label = batch
        self.held_out[dataloader_idx] = (self.model.pair_logit(tf, gene), label)

    def figure(
        self, prediction: Float[Tensor, "held_out"], label: Float[Tensor, "held_out"]
    ) -> float:
        """Area under the ROC curve."""
        return float(roc_auc_score(label, prediction))
