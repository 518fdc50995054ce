"""Batches of cells: every cell once an epoch, or as many of each type; the same when resumed."""

from collections import Counter

import numpy as np
import pytest

from training.cells.batches import CellBatches

LABELS = {
    "human": np.array(["A"] * 20 + ["B"] * 7 + ["rare"] * 3),
    "mouse": np.array(["B"] * 10 + ["C"] * 2),
}


def test_batches_have_as_many_cells_of_each_species():
    batches = CellBatches(LABELS, 12, 0, seed=1)
    drawn = list(batches.drawn(0))
    assert len(drawn) == batches.steps == 5
    assert all({s: len(cells) for s, cells in one.items()} == dict.fromkeys(LABELS, 6)
               for one in drawn)  # fmt: skip


def test_as_they_come_each_cell_is_seen_once_an_epoch_and_those_of_fewer_again():
    drawn = list(CellBatches(LABELS, 12, 0, seed=1).drawn(0))
    human = np.concatenate([one["human"] for one in drawn])
    assert sorted(human) == list(range(30))
    mouse = Counter(np.concatenate([one["mouse"] for one in drawn]).tolist())
    assert set(mouse) == set(range(12))
    assert set(mouse.values()) == {2, 3}


def test_steps_are_enough_for_all_cells_where_they_do_not_divide():
    batches = CellBatches(LABELS, 14, 0, seed=1)
    assert batches.steps == 5
    assert set(np.concatenate([one["human"] for one in batches.drawn(3)])) == set(range(30))


def test_of_type_takes_as_many_cells_of_each_type():
    batches = CellBatches(LABELS, 12, 4, seed=1)
    drawn = list(batches.drawn(0))
    assert len(drawn) == 5
    for one in drawn:
        for species, labels in LABELS.items():
            types = labels[one[species]]
            assert Counter(types.tolist()) == dict.fromkeys(np.unique(labels).tolist(), 4)
            for name in np.unique(labels):
                cells = one[species][types == name]
                enough = (labels == name).sum() >= 4
                assert len(set(cells.tolist())) == 4 if enough else len(set(cells.tolist())) <= 3


@pytest.mark.parametrize("of_type", [0, 4])
def test_an_epoch_follows_from_the_seed_and_its_number(of_type: int):
    def drawn(seed: int, epoch: int) -> list[list[int]]:
        batches = CellBatches(LABELS, 12, of_type, seed)
        return [cells.tolist() for one in batches.drawn(epoch) for cells in one.values()]

    assert drawn(1, 5) == drawn(1, 5)
    assert drawn(1, 5) != drawn(1, 6)
    assert drawn(1, 5) != drawn(2, 5)


def test_a_loader_gives_what_is_drawn_and_knows_its_length():
    batches = CellBatches(LABELS, 12, 0, seed=1)
    loader = batches.train_dataloader()
    got = [one["human"].tolist() for one in loader]
    assert got == [one["human"].tolist() for one in batches.drawn(0)]
    assert len(loader.dataset) == 5
