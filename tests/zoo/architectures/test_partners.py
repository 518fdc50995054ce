"""What the partners of an entity are like: a sum over training edges, without those of a batch."""

import numpy as np
import pytest
import torch

from zoo.architectures import cross_encoder, late_interaction, two_tower
from zoo.architectures._pairs import Partners

TOTAL, OTHERS, DIM = 5, 6, 3
OWN = np.array([0, 0, 0, 1, 2, 2])
OTHER = np.array([1, 2, 5, 2, 0, 3])


def partners(own: np.ndarray = OWN, other: np.ndarray = OTHER) -> Partners:
    generator = torch.Generator().manual_seed(4)
    components = torch.randn(OTHERS, DIM, generator=generator)
    made = Partners(TOTAL, OTHERS, DIM)
    made.write(components, torch.from_numpy(own), torch.from_numpy(other))
    return made


def naive(made: Partners, edges: list[tuple[int, int]]) -> np.ndarray:
    rows = np.zeros((TOTAL, DIM))
    for entity in range(TOTAL):
        of = [made.components[other].numpy() for own, other in edges if own == entity]
        rows[entity] = sum(of, np.zeros(DIM)) / np.sqrt(len(of) + 3)
    return rows


EDGES = list(zip(OWN.tolist(), OTHER.tolist(), strict=True))


def test_they_are_a_sum_over_edges_shrunk_where_there_are_few():
    made = partners().eval()
    np.testing.assert_allclose(made(torch.arange(TOTAL)), naive(made, EDGES), atol=1e-6)
    assert (made(torch.tensor([3, 4])) == 0).all(), "entities without an edge"


@pytest.mark.parametrize("batch", [[0], [1, 3], [0, 1, 2], list(range(6))])
def test_in_training_the_edges_of_a_batch_are_left_out(batch):
    made = partners().train()
    made.left_out = torch.from_numpy(OWN[batch]), torch.from_numpy(OTHER[batch])
    rest = [edge for number, edge in enumerate(EDGES) if number not in batch]
    np.testing.assert_allclose(made(torch.arange(TOTAL)), naive(made, rest), atol=1e-6)
    without = np.delete(OWN, batch), np.delete(OTHER, batch)
    expected = partners(*without).eval()(torch.arange(TOTAL))
    np.testing.assert_allclose(made(torch.arange(TOTAL)), expected, atol=1e-6)
    # In evaluation all training edges count.
    np.testing.assert_allclose(made.eval()(torch.arange(TOTAL)), naive(made, EDGES), atol=1e-6)


@pytest.mark.parametrize("module", [cross_encoder, late_interaction, two_tower])
def test_an_entity_taken_for_unknown_has_no_partners(module, random):
    model, _ = random(module, partner_dim=DIM)
    unknown = model.tf.identity.unknown
    model.tf.identity.row[:] = torch.tensor([unknown, 0, 1, 2, 3, 0, 1])
    index = torch.arange(7)
    with torch.no_grad():
        before = model.tf(index)[0]
        model.tf.partners.sums += 1.0
        changed = ((model.tf(index)[0] - before).abs() > 1e-9).any(-1)
    assert changed.tolist() == [False] + 6 * [True]
