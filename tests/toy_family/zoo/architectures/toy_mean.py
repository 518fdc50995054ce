"""A table of levels, one a gene."""

import torch
from torch import Tensor, nn

from zoo.architectures._pairs import Strict

TASK = "level"


class Config(Strict):
    """The number of genes."""

    genes_total: int


class Model(nn.Module):
    """The level of each gene is the number at its place."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self.table = nn.Parameter(torch.zeros(config.genes_total))

    def forward(self, gene: Tensor) -> tuple[Tensor]:
        """Look the genes up."""
        return (self.table[gene],)

    def graphs(self) -> dict[str, nn.Module]:
        """One graph."""
        return {"level": self}
