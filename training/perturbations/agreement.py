"""How far each regularised attention head agrees with its network."""

import numpy as np
import torch
from jaxtyping import Float
from sklearn.metrics import roc_auc_score
from torch import Tensor

from training.data.perturbations import PerturbationData
from training.losses.graph import graph_kl
from zoo.architectures.cls_transformer import Model

ROWS = 512
"""Genes of each network whose rows of attention are looked at."""


@torch.no_grad()
def agreement(
    model: Model,
    data: PerturbationData,
    features: Float[Tensor, "genes features"],
    places: dict[str, tuple[int, int]],
    seed: int = 0,
) -> dict[str, dict[str, float]]:
    """For each network the agreement of the head at its place in `places`, in evaluation.

    `auroc`: how well the attention of a gene tells its neighbours from the other genes of the
    network, mean over genes (0.5 is chance). `kl`: the mean of KL(A~_i || alpha_i), and `uniform`
    the same for attention that is spread evenly over the network's genes.
    """
    model.eval()
    genes = len(data.vocabulary)
    _, inputs = model.encode(torch.arange(genes), features)
    found = {}
    for name, (layer, head) in places.items():
        rows = sample_rows(data, name, np.random.default_rng(seed), ROWS)
        adjacency, valid = network_rows(data, name, rows)
        logits = model.encoder.layers[layer].logits(inputs[layer], torch.from_numpy(rows) + 1, head)
        aurocs = [
            roc_auc_score(edges[seen], row[seen])
            for edges, row, seen in zip(
                adjacency.numpy() > 0, logits[:, 1:].numpy(), valid.numpy(), strict=True
            )
            if 0 < edges[seen].sum() < seen.sum()
        ]
        even = torch.zeros_like(logits)
        found[name] = {
            "auroc": float(np.mean(aurocs)),
            "kl": float(graph_kl(logits, adjacency, valid)) / len(rows),
            "uniform_kl": float(graph_kl(even, adjacency, valid)) / len(rows),
            "genes": len(rows),
        }
    return found


def sample_rows(
    data: PerturbationData, network: str, rng: np.random.Generator, count: int
) -> np.ndarray:
    """Genes of the vocabulary that have an edge to another one of it, drawn without repeats."""
    genes = len(data.vocabulary)
    degree = np.diff(data.networks[network].among(genes).indptr)
    candidates = np.flatnonzero(degree)
    return rng.choice(candidates, min(count, len(candidates)), replace=False)


def network_rows(
    data: PerturbationData, network: str, rows: np.ndarray, columns: np.ndarray | None = None
) -> tuple[Tensor, Tensor]:
    """Adjacency rows as numbers, and the mask R: entries between genes that the network covers.

    `columns` keeps some genes only; None means the vocabulary.
    """
    own = data.networks[network]
    genes = len(data.vocabulary)
    adjacency = own.among(genes)[rows].toarray()
    covered = own.covered[:genes]
    valid = covered[rows][:, None] & covered[None, :]
    if columns is not None:
        adjacency, valid = adjacency[:, columns], valid[:, columns]
    return torch.from_numpy(adjacency.astype(np.float32)), torch.from_numpy(valid)
