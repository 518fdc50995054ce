"""From a split to a model's inputs: batches rewired afresh each epoch, and tables."""

from collections.abc import Iterator
from dataclasses import dataclass

import lightning
import numpy as np
import torch
from jaxtyping import Float32, Int64
from sklearn.decomposition import PCA
from torch import Tensor, nn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

from contracts.errors import InvalidOption
from training.data.pairs import PairData, Profile
from training.pairs.negatives import KnownEdges, Pairs, degree_preserving
from training.pairs.split import Split

MONITORED = ("valid", "cold_gene_valid", "cold_tf_valid")
NEGATIVES = ("degree_preserving", "given")
"""Kinds of negatives to train with and to monitor; the first that a split has."""
SIZES = ("tfs_total", "genes_total", "tfs_known", "genes_known", "features")
"""What the data gives to the Config of a model of pairs."""


def monitored(split: Split) -> dict[str, str]:
    """Each part that validation looks at -> the name of its negatives."""
    kinds = {part: [f"{part}/{kind}" for kind in NEGATIVES] for part in MONITORED}
    found = {part: [n for n in names if n in split.negatives] for part, names in kinds.items()}
    return {part: names[0] for part, names in found.items() if names}


@dataclass(frozen=True)
class Degrees:
    """Training edges, and their number for every regulator and gene."""

    edges: Int64[np.ndarray, "edges 2"]
    tf: Int64[np.ndarray, "tfs"]
    gene: Int64[np.ndarray, "genes"]

    @classmethod
    def count(cls, data: PairData, train: Pairs) -> "Degrees":
        """Count the training edges."""
        vocabulary = data.vocabulary
        return cls(
            train,
            np.bincount(train[:, 0], minlength=len(vocabulary.regulators)),
            np.bincount(train[:, 1], minlength=len(vocabulary.genes)),
        )

    @property
    def log_tf(self) -> Float32[np.ndarray, "tfs"]:
        """ln(out-degree + 1/2)."""
        return np.log(self.tf + 0.5).astype(np.float32)

    @property
    def log_gene(self) -> Float32[np.ndarray, "genes"]:
        """ln(in-degree + 1/2)."""
        return np.log(self.gene + 0.5).astype(np.float32)


def sizes(data: PairData, degrees: Degrees) -> dict[str, int]:
    """Sizes of a pair model that come from the data."""
    tfs, genes = degrees.tf, degrees.gene
    known = int((tfs > 0).sum()), int((genes > 0).sum())
    values = (len(tfs), len(genes), *known, len(data.profile.features))
    return dict(zip(SIZES, values, strict=True))


def fill_tables(model: nn.Module, data: PairData, degrees: Degrees) -> None:
    """Write profiles, identity rows, partners and log degrees into the model's buffers."""
    model.popularity.tf_log_degree.copy_(torch.from_numpy(degrees.log_tf))
    model.popularity.gene_log_degree.copy_(torch.from_numpy(degrees.log_gene))
    positions = {"tf": data.tf_positions, "gene": np.arange(len(degrees.gene))}
    for side, counts in (("tf", degrees.tf), ("gene", degrees.gene)):
        if not hasattr(model, side):
            continue
        entity = getattr(model, side)
        entity.profile.codes.copy_(torch.from_numpy(data.profile.codes[positions[side]]))
        entity.profile.scale.copy_(torch.from_numpy(data.profile.scale))
        entity.profile.offset.copy_(torch.from_numpy(data.profile.offset))
        known = np.flatnonzero(counts)
        entity.identity.row[torch.from_numpy(known)] = torch.arange(len(known), dtype=torch.int32)
    if hasattr(model, "tf") and hasattr(model.tf, "partners"):
        own = components(data.profile, model.tf.partners.components.shape[1])
        tf, gene = torch.from_numpy(degrees.edges).T
        model.tf.partners.write(own, tf, gene)
        model.gene.partners.write(own[torch.from_numpy(data.tf_positions)], gene, tf)


def components(profile: Profile, count: int) -> Float32[Tensor, "genes components"]:
    """Principal components of the profiles of all genes, of one scale together.

    Raises InvalidOption for more components than the profiles have numbers.
    """
    if count > len(profile.features):
        expected = f"at most {len(profile.features)}, the numbers that are known of each gene"
        raise InvalidOption("partner_dim", count, expected)
    values = profile.codes * profile.scale + profile.offset
    found = PCA(count, svd_solver="randomized", random_state=0).fit_transform(values)
    return torch.from_numpy((found / found.std()).astype(np.float32))


class PairBatches(lightning.LightningDataModule):
    """Training and validation batches of (regulator, gene, label).

    Each epoch draws new degree-preserving negatives inside the training part, from the run's seed
    and the epoch's number alone, so that a resumed run sees what an undisturbed one would. A data
    set that can't be rewired is trained with the negatives that it brings.
    """

    def __init__(self, data: PairData, split: Split, batch_size: int, seed: int):
        super().__init__()
        self.split, self.batch_size, self.seed = split, batch_size, seed
        self.monitored = monitored(split)
        self.positives = {n: split.positives(data, n) for n in ("train", *self.monitored)}
        self.known = KnownEdges.of(data.pairs, len(data.vocabulary.genes))
        rewirable = data.given is None or "train/degree_preserving" in split.negatives
        self.fixed = None if rewirable else split.negatives["train/given"]

    @property
    def steps(self) -> int:
        """Steps of an epoch, over listed and unlisted pairs."""
        train = len(self.positives["train"])
        unlisted = train if self.fixed is None else len(self.fixed)
        return -(-(train + unlisted) // self.batch_size)

    def train_dataloader(self) -> DataLoader:
        """This epoch's pairs, shuffled."""
        epoch = self.trainer.current_epoch if self.trainer else 0
        rng = np.random.default_rng([self.seed, epoch])
        train = self.positives["train"]
        generator = torch.Generator().manual_seed(int(rng.integers(2**31)))
        fixed = self.fixed
        negatives = degree_preserving(train, self.known, rng) if fixed is None else fixed
        return self._loader(train, negatives, generator)

    def val_dataloader(self) -> list[DataLoader]:
        """One loader for each monitored part, with its fixed negatives."""
        return [
            self._loader(self.positives[part], self.split.negatives[negatives])
            for part, negatives in self.monitored.items()
        ]

    def _loader(
        self,
        positives: Int64[np.ndarray, "positives 2"],
        negatives: Int64[np.ndarray, "negatives 2"],
        generator: torch.Generator | None = None,
    ) -> DataLoader:
        pairs = torch.from_numpy(np.concatenate([positives, negatives]))
        label = torch.cat([torch.ones(len(positives)), torch.zeros(len(negatives))])
        data = TensorDataset(pairs[:, 0], pairs[:, 1], label)
        order = RandomSampler(data, generator=generator) if generator else range(len(data))
        size = self.batch_size if generator else len(data)
        return DataLoader(data, sampler=BatchSampler(order, size, False), batch_size=None)


def scores(model: nn.Module, pairs: Pairs, block: int = 65_536) -> Float32[np.ndarray, "pairs"]:
    """The uncalibrated pair logits of a model in evaluation, in blocks."""

    def blocks() -> Iterator[Tensor]:
        for start in range(0, len(pairs), block):
            part = torch.from_numpy(pairs[start : start + block])
            yield model.pair_logit(part[:, 0], part[:, 1])

    model.eval()
    with torch.no_grad():
        return torch.cat(list(blocks())).numpy()
