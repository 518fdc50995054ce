"""Losses over network rows against loops over their entries."""

import math

import numpy as np
import pytest
import torch
from scipy.sparse import csr_array
from scipy.special import rel_entr
from torch.autograd import gradcheck

from training.losses.graph import (
    adjacency_rows,
    graph_kl,
    neighbours,
    reconstruction_loss,
)
from zoo.architectures import dango

ROWS, GENES = 5, 7
ODD = [1e30, -1e30, 3e38, -3e38]


def drawn(*shape: int, seed: int = 0) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64)


def case() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Logits, adjacency and mask; row 0 has no edge, row 1 none that is valid, row 2 no column."""
    adjacency = (drawn(ROWS, GENES, seed=1) > 0.2).double()
    valid = drawn(ROWS, GENES, seed=2) > -0.8
    adjacency[0] = 0
    adjacency[1] = torch.eye(GENES)[3]
    valid[1, 3] = False
    valid[2] = False
    return 2 * drawn(ROWS, 1 + GENES), adjacency, valid


def naive_kl(logits: torch.Tensor, adjacency: torch.Tensor, valid: torch.Tensor) -> float:
    """Attention over all tokens, CLS dropped, the rest renormalised; then the sum by scipy."""
    total = 0.0
    for row in range(len(logits)):
        attention = [math.exp(logit) for logit in logits[row].tolist()]
        attention = [a / sum(attention) for a in attention][1:]
        columns = [c for c in range(len(attention)) if valid[row, c]]
        edges = sum(adjacency[row, c].item() for c in columns)
        for column in columns if edges else ():
            alpha = attention[column] / sum(attention[c] for c in columns)
            total += rel_entr(adjacency[row, column].item() / edges, alpha)
    return total


def test_graph_kl_is_that_of_whole_attention_rows_renormalised():
    logits, adjacency, valid = case()
    expected = naive_kl(logits, adjacency, valid)
    assert expected > 1
    assert graph_kl(logits, adjacency, valid).item() == pytest.approx(expected, rel=1e-12)


def test_graph_kl_has_the_gradient_of_finite_differences():
    logits, adjacency, valid = case()
    assert gradcheck(lambda x: graph_kl(x, adjacency, valid), logits.requires_grad_())


@pytest.mark.parametrize("row", [0, 1, 2])
def test_a_row_without_an_edge_adds_nothing(row):
    logits, adjacency, valid = case()
    logits.requires_grad_()
    value = graph_kl(*(part[row : row + 1] for part in (logits, adjacency, valid)))
    value.backward()
    assert value.item() == 0
    assert (logits.grad == 0).all()


@pytest.mark.parametrize("odd", ODD)
def test_cls_and_masked_columns_change_nothing(odd):
    logits, adjacency, valid = case()
    expected = graph_kl(logits, adjacency, valid)
    other = logits.clone()
    other[:, 0] = odd
    other[:, 1:][~valid] = odd
    other.requires_grad_()
    edges = torch.where(valid, adjacency, 1.0)
    value = graph_kl(other, edges, valid)
    value.backward()
    assert value.item() == expected.item()
    assert (other.grad[:, 0] == 0).all()
    assert (other.grad[:, 1:][~valid] == 0).all()


def test_graph_kl_does_not_depend_on_the_order_of_rows_or_columns_or_on_a_row_s_level():
    logits, adjacency, valid = case()
    expected = graph_kl(logits, adjacency, valid).item()
    row, column = torch.tensor([2, 4, 0, 1, 3]), torch.tensor([6, 1, 3, 0, 5, 2, 4])
    shifted = logits + drawn(ROWS, 1, seed=5)
    whole = torch.cat([torch.zeros(1, dtype=torch.int64), 1 + column])
    got = graph_kl(shifted[row][:, whole], adjacency[row][:, column], valid[row][:, column])
    assert got.item() == pytest.approx(expected, rel=1e-12)


def test_attention_on_the_edges_and_nowhere_else_has_nothing_left_to_gain():
    _, adjacency, valid = case()
    logits = torch.where(adjacency > 0, 0.0, -1e4)
    padded = torch.cat([drawn(ROWS, 1), logits], 1)
    assert graph_kl(padded, adjacency, valid).item() == pytest.approx(0, abs=1e-12)


def test_graph_kl_is_finite_in_float32_for_logits_that_are_not_of_this_world():
    logits = torch.tensor([[0, *ODD, 0, 0, 0]]).requires_grad_()
    value = graph_kl(logits, torch.ones(1, GENES), torch.ones(1, GENES, dtype=torch.bool))
    value.backward()
    assert value > 1e36
    assert logits.grad.isfinite().all()


def test_reconstruction_weighs_entries_without_an_edge():
    predicted, adjacency = drawn(4, 6), (drawn(4, 6, seed=1) > 0.5).double()
    expected = 0.0
    for row in range(4):
        for column in range(6):
            weight = 1 if adjacency[row, column] else 0.1
            expected += weight * (predicted[row, column] - adjacency[row, column]).item() ** 2 / 24
    got = reconstruction_loss(predicted, adjacency, 0.1)
    assert got.item() == pytest.approx(expected, rel=1e-13)
    loss = lambda p: reconstruction_loss(p, adjacency, 0.1)  # noqa: E731
    assert gradcheck(loss, predicted.requires_grad_())


def network(genes: int) -> csr_array:
    """A directed network in which gene 0 hears nobody."""
    dense = drawn(genes, genes).numpy() > 0.6
    dense[0] = False
    np.fill_diagonal(dense, False)
    return csr_array(dense)


def test_rows_and_neighbours_are_those_of_the_adjacency():
    adjacency = network(9)
    rows = torch.tensor([4, 0, 4])
    assert adjacency_rows(adjacency, rows).tolist() == adjacency.toarray()[rows].tolist()
    assert neighbours(adjacency).to_dense().tolist() == adjacency.toarray().tolist()


def test_pre_training_brings_a_network_s_rows_back():
    torch.manual_seed(0)
    adjacency, rows = network(12), torch.arange(12)
    config = dango.Config(
        genes_total=12,
        networks=("physical",),
        sources=("e",),
        epsilon_source="e",
        tau_source="e",
        dim=16,
    )
    model, edges = dango.Model(config), neighbours(adjacency)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(300):
        optimiser.zero_grad()
        predicted = model.reconstruction("physical", edges, rows)
        losses.append(reconstruction_loss(predicted, adjacency_rows(adjacency, rows), 0.5))
        losses[-1].backward()
        optimiser.step()
    assert losses[-1] < losses[0] / 4
    with torch.no_grad():
        told = model.reconstruction("physical", edges, rows) > 0.5
    assert (told.numpy() == adjacency.toarray()).mean() > 0.95
