"""SATURN: cells of several species as vectors, through macrogenes that all of them share.

Rosen et al. 2024, https://doi.org/10.1038/s41592-024-02191-z. A macrogene is a weighted sum of the
genes of a species; the weights begin as scores of a clustering of gene vectors and are learned. An
encoder that all species share makes vectors of macrogenes; a decoder, which serves training alone,
makes counts of vectors. Unlike there, genes are standardised by means and deviations that come with
the cells: what differs between species and laboratories in level and scale is gone before the sum.
"""

import torch
from jaxtyping import Float
from pydantic import PositiveInt
from torch import Tensor, nn
from torch.nn import functional

from contracts.cells.species import SPECIES
from contracts.cells.task import TARGET
from zoo.architectures._pairs import Share, Strict

TASK = "cell_embed"
CLIPPED = 5.0
"""Standardised levels end here: a rare gene is 0 in most cells and far out in a few."""

Counts = Float[Tensor, "cells genes"]
PerGene = Float[Tensor, "genes"]
Weights = Float[Tensor, "genes macrogenes"]
Macrogenes = Float[Tensor, "cells macrogenes"]
Vectors = Float[Tensor, "cells dim"]


class Config(Strict):
    """Sizes.

    A `frozen` model has no weights of macrogenes, which its graphs are given, and no decoder.
    """

    human_genes: PositiveInt
    mouse_genes: PositiveInt
    macrogenes: PositiveInt
    hidden: PositiveInt
    dim: PositiveInt
    dropout: Share = 0.0
    frozen: bool = False

    @property
    def genes(self) -> dict[str, int]:
        """Genes of each species."""
        return {species: getattr(self, f"{species}_genes") for species in SPECIES}


def levels(counts: Counts) -> Counts:
    """log(1 + counts per 10,000) of every gene of a cell."""
    return torch.log1p(counts * (TARGET / counts.sum(1, keepdim=True)))


def standardised(counts: Counts, mean: PerGene, deviation: PerGene) -> Counts:
    """Levels less the mean in deviations, within 5 of 0."""
    return ((levels(counts) - mean) / deviation).clamp(-CLIPPED, CLIPPED)


def block(size: int, hidden: int, dropout: float) -> nn.Module:
    """Linear, LayerNorm, ReLU, Dropout: size * hidden + 3 hidden parameters."""
    return nn.Sequential(
        nn.Linear(size, hidden), nn.LayerNorm(hidden), nn.ReLU(), nn.Dropout(dropout)
    )


class Encoder(nn.Module):
    """Macrogenes to vectors: m = ReLU(LayerNorm(x W)), then two blocks and a linear map."""

    def __init__(self, config: Config):
        super().__init__()
        self.macrogenes = nn.Sequential(
            nn.LayerNorm(config.macrogenes), nn.ReLU(), nn.Dropout(config.dropout)
        )
        self.body = nn.Sequential(
            block(config.macrogenes, config.hidden, config.dropout),
            nn.Linear(config.hidden, config.dim),
        )

    def forward(self, x: Counts, weight: Weights) -> Vectors:
        """Vectors of cells, of any length."""
        return self.body(self.macrogenes(x @ weight))


class Rates(nn.Module):
    """What a decoder says of counts: mean, dispersion and the logit of a dropout."""

    def __init__(self, config: Config, genes: int):
        super().__init__()
        self.level = nn.Parameter(torch.zeros(genes))
        self.log_dispersion = nn.Parameter(torch.zeros(genes))
        self.dropout = nn.Linear(config.hidden, genes)

    def forward(
        self,
        hidden: Float[Tensor, "cells hidden"],
        macrogenes: Macrogenes,
        weight: Weights,
        total: Float[Tensor, "cells"],
    ) -> tuple[Counts, PerGene, Counts]:
        """Mean = total softmax(macrogenes W^T + level); theta; logits of pi."""
        scale = torch.softmax(macrogenes @ weight.T + self.level, 1)
        return total[:, None] * scale, self.log_dispersion.exp(), self.dropout(hidden)


class Decoder(nn.Module):
    """Vectors and the species of their cells to counts, back through the macrogenes."""

    def __init__(self, config: Config):
        super().__init__()
        self.species = nn.Embedding(len(SPECIES), config.dim)
        self.body = block(2 * config.dim, config.hidden, config.dropout)
        self.macrogenes = nn.Linear(config.hidden, config.macrogenes)
        self.rates = nn.ModuleDict(
            {species: Rates(config, genes) for species, genes in config.genes.items()}
        )

    def forward(
        self, vectors: Vectors, species: str, weight: Weights, total: Float[Tensor, "cells"]
    ) -> tuple[Counts, PerGene, Counts]:
        """Mean, dispersion and dropout of every gene; `total` has the counts of each cell."""
        covariate = self.species.weight[SPECIES.index(species)].expand(len(vectors), -1)
        hidden = self.body(torch.cat([vectors, covariate], 1))
        return self.rates[species](hidden, self.macrogenes(hidden), weight, total)


class Embed(nn.Module):
    """The graph of a species: raw counts to unit vectors."""

    def __init__(self, encoder: Encoder):
        super().__init__()
        self.encoder = encoder

    def forward(
        self, counts: Counts, mean: PerGene, deviation: PerGene, weight: Weights
    ) -> tuple[Vectors]:
        """Unit vectors of cells."""
        vectors = self.encoder(standardised(counts, mean, deviation), weight)
        return (functional.normalize(vectors, dim=1),)


class Model(nn.Module):
    """Macrogenes of every species, the encoder, and for training the decoder."""

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        if config.frozen:
            return
        self.log_weight = nn.ParameterDict(
            {species: torch.zeros(n, config.macrogenes) for species, n in config.genes.items()}
        )
        self.decoder = Decoder(config)
        self.spread = nn.Linear(config.dim, config.dim)

    def weight(self, species: str) -> Weights:
        """The weights of a species' genes in the macrogenes: exp(P)."""
        return self.log_weight[species].exp()

    def log_variance(self, vectors: Vectors) -> Vectors:
        """How far vectors may be off, where a variational term wants to know."""
        return self.spread(vectors)

    def graphs(self) -> dict[str, nn.Module]:
        """One graph a species; their weights are given."""
        return {species: Embed(self.encoder) for species in SPECIES}

    def freeze(self) -> "Model":
        """What ships: the encoder."""
        frozen = Model(self.config.model_copy(update={"frozen": True}))
        frozen.encoder.load_state_dict(self.encoder.state_dict())
        return frozen.eval()
