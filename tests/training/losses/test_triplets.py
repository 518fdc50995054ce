"""Triplets across species against a loop over all triplets of cells."""

from itertools import product

import numpy as np
import pytest
import torch

from training.losses.triplets import CrossSpecies

MARGIN = 0.2


def drawn(seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Vectors in four groups; 0 and 1 have cells of both species, 2 and 3 of one."""
    rng = np.random.default_rng(seed)
    group = np.array([0, 0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 3, 3])
    species = np.array([0] * 7 + [1] * 6)
    centres = rng.normal(size=(4, 5))
    vectors = centres[group] + rng.normal(size=(len(group), 5))
    return torch.tensor(vectors, dtype=torch.float32), torch.tensor(group), torch.tensor(species)


def naive(
    vectors: torch.Tensor, group: torch.Tensor, species: torch.Tensor
) -> dict[tuple[int, int, int], float]:
    """What every semi-hard triplet costs."""
    unit = vectors.numpy().astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    cosine, group, species = unit @ unit.T, group.tolist(), species.tolist()
    both = {g for g in group if len({s for h, s in zip(group, species, strict=True) if h == g}) > 1}
    cost = {}
    for a, p, n in product(range(len(group)), repeat=3):
        if a == p or group[a] != group[p] or group[a] == group[n]:
            continue
        if group[a] in both and species[a] == species[p]:
            continue
        ahead = cosine[a, p] - cosine[a, n]
        if 0 < ahead <= MARGIN:
            cost[a, p, n] = MARGIN - ahead
    return cost


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_mean_over_a_loop_of_all_triplets(seed: int):
    vectors, group, species = drawn(seed)
    expected = naive(vectors, group, species)
    loss = CrossSpecies(MARGIN)
    mined = torch.stack(loss.triplets(vectors, group, species), 1).tolist()
    assert {tuple(each) for each in mined} == set(expected)
    assert len(mined) == len(expected) > 5
    got = loss(vectors, group, species)
    assert got.item() == pytest.approx(np.mean(list(expected.values())), abs=1e-6)


def test_a_positive_is_of_the_other_species_where_the_group_has_cells_there():
    vectors, group, species = drawn()
    anchor, positive, _ = CrossSpecies(MARGIN).triplets(vectors, group, species)
    across = group[anchor] < 2
    assert (species[anchor] != species[positive])[across].all()
    assert (species[anchor] == species[positive])[~across].all()
    assert across.any()
    assert (~across).any()


def test_a_step_brings_the_positive_nearer():
    vectors, group, species = drawn()
    vectors.requires_grad_()
    loss = CrossSpecies(MARGIN)
    before = loss(vectors, group, species)
    before.backward()
    mined = loss.triplets(vectors, group, species)
    with torch.no_grad():
        after = loss.loss(vectors - 1e-3 * vectors.grad, group, mined)
    assert after < before.detach()


def test_without_a_triplet_it_is_0_and_has_a_gradient_of_0():
    vectors, group, species = drawn()
    vectors.requires_grad_()
    loss = CrossSpecies(MARGIN)(vectors, torch.zeros_like(group), species)
    loss.backward()
    assert loss.item() == 0
    assert not vectors.grad.any()
