"""What a fold holds out, and how batches are pooled."""

import numpy as np
import pytest

from tests.training.expression import toy
from training.expression.folds import FOLDS, offered, pooled


@pytest.fixture(scope="module")
def data():
    return toy.data(replicate="batch", guide="guide")


def names(data, profiles):
    return {data.set_name(genes) for genes in profiles.sets}


def test_each_pair_is_left_out_and_all_else_trains(data):
    folds = list(FOLDS["double"](data))
    assert [names(data, fold.test) for fold in folds] == [{pair} for pair in toy.PAIRS]
    everything = set(data.set_names)
    assert all(names(data, f.train) == everything - names(data, f.test) for f in folds)


def test_a_gene_is_left_out_with_all_its_sets(data):
    folds = list(FOLDS["single"](data))
    assert [names(data, fold.test) for fold in folds] == [{gene} for gene in toy.SINGLES]
    for fold in folds:
        (gene,) = names(data, fold.test)
        assert all(gene not in name.split("+") for name in names(data, fold.train))


def test_each_perturbation_is_left_out_alone(data):
    folds = list(FOLDS["left_out"](data))
    assert len(folds) == len(data.profiles)
    assert all(len(fold.train) == len(data.profiles) - 1 for fold in folds)


@pytest.mark.parametrize(("kind", "batches"), [("replicate", 3), ("guide", 2)])
def test_no_cell_of_a_batch_trains_for_it(data, kind, batches):
    folds = list(FOLDS[kind](data))
    assert len(folds) == batches
    for fold in folds:
        own = data.batches[kind][fold.batch]
        assert fold.test is own
        assert fold.train.cells.sum() == data.profiles.cells.sum() - own.cells.sum()
        assert fold.train.control_cells == data.profiles.control_cells - own.control_cells


def test_pooled_changes_are_means_within_batches(data):
    parts = list(data.batches["replicate"].values())
    found = pooled(parts)
    for row, genes in enumerate(found.sets):
        weight = np.array([part.cells[part.place[genes]] for part in parts], float)
        changes = [part.mean[part.place[genes]] - part.control for part in parts]
        expected = np.average(changes, axis=0, weights=weight)
        np.testing.assert_allclose(found.change[row], expected)
        errors = [part.error[part.place[genes]] for part in parts]
        np.testing.assert_allclose(
            found.error[row], (weight / weight.sum()) ** 2 @ np.array(errors)
        )


def test_a_shift_of_a_whole_batch_changes_nothing(data):
    parts = list(data.batches["replicate"].values())
    shifted = [*parts]
    first = parts[0]
    shifted[0] = type(first)(
        first.sets,
        first.mean + 5,
        first.error,
        first.cells,
        first.control + 5,
        first.control_error,
        first.control_cells,
    )
    np.testing.assert_allclose(pooled(shifted).change, pooled(parts).change)


def test_protocols_are_those_that_mean_something(data):
    assert offered(data) == ("double", "single", "left_out", "replicate", "guide")
    assert offered(toy.data()) == ("double", "single", "left_out")
    table = toy.cells()
    alone = table[~table.obs["condition"].str.contains("+", regex=False)].copy()
    assert offered(toy.data(alone, replicate="batch")) == ("single", "replicate")
