"""Losses that hold a model against networks of genes, a few rows of the adjacency at a time."""

import warnings

import torch
from jaxtyping import Bool, Float, Int64
from scipy.sparse import csr_array
from torch import Tensor


def adjacency_rows(
    adjacency: csr_array, rows: Int64[Tensor, "rows"]
) -> Float[Tensor, "rows genes"]:
    """Rows of a network, 1 where there is an edge."""
    return torch.from_numpy((adjacency[rows.cpu().numpy()] != 0).toarray()).float()


def neighbours(adjacency: csr_array) -> Tensor:
    """A network for a GNN in which a gene hears the columns of its row, as a sparse CSR tensor.

    Message passing over it is several times as fast on a CPU as over a list of edges.
    """
    adjacency, ones = adjacency.sorted_indices(), torch.ones(adjacency.nnz)
    parts = (torch.from_numpy(part).long() for part in (adjacency.indptr, adjacency.indices))
    with warnings.catch_warnings():
        # torch says so of every CSR tensor; tests hold the layers on it against plain edges.
        warnings.filterwarnings("ignore", "Sparse CSR tensor support is in beta", UserWarning)
        return torch.sparse_csr_tensor(*parts, ones, adjacency.shape, check_invariants=True)


def graph_kl(
    logits: Float[Tensor, "rows tokens"],
    adjacency: Float[Tensor, "rows genes"],
    valid: Bool[Tensor, "rows genes"],
) -> Float[Tensor, ""]:
    """Sum over rows of KL(A~_i || alpha_i): a head's attention against a network's edges.

    `logits` are some rows of an attention head before softmax; their first column is CLS and is
    dropped, so tokens = 1 + genes. alpha_i is softmax over the columns that are `valid` for row i,
    which is the attention renormalised over them; A~_i is the adjacency over the same columns,
    summing to 1. A row without such an edge adds 0. Divide by the number of rows for a mean.
    """
    edges = adjacency * valid
    total = edges.sum(1, keepdim=True)
    target = edges / torch.where(total > 0, total, 1.0)
    lowest = torch.finfo(logits.dtype).min
    log_alpha = torch.where(valid, logits[:, 1:], lowest).log_softmax(1)
    log_alpha = torch.where(target > 0, log_alpha, 0.0)
    return (torch.xlogy(target, target) - target * log_alpha).sum()


def reconstruction_loss(
    predicted: Float[Tensor, "rows genes"],
    adjacency: Float[Tensor, "rows genes"],
    zero_weight: float,
) -> Float[Tensor, ""]:
    """Mean squared error of adjacency rows, the entries without an edge at `zero_weight`.

    What DANGO is pre-trained on (Zhang 2020, https://doi.org/10.1101/2020.11.26.400739). A missing
    edge may be one nobody has found yet: DANGO weighs them 0.1 in networks that a later release
    filled by more than 1 %, and 1 in the others.
    """
    weight = zero_weight + (1 - zero_weight) * (adjacency != 0).to(adjacency.dtype)
    return (weight * (predicted - adjacency).square()).mean()
