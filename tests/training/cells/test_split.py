"""Cells are split by donor, and folds stay inside of the training donors."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import recall_score

from contracts.errors import ZooError
from tests.training.cells import planted
from training.cells.split import CellSplit, make_split
from training.cells.validation import figures, folds
from training.data.cells import CellData
from training.split import StaleSplit


@pytest.fixture(scope="module")
def data() -> CellData:
    return planted.data()


def test_donors_are_in_one_part(data: CellData):
    split = make_split(data)
    donors = {
        part: {
            d
            for s, one in data.species.items()
            for d in one.donors.iloc[split.cells(data, s, part)]
        }
        for part in CellSplit.PARTS
    }
    assert donors == {
        "train": {"human1", "human2", "mouse1"},
        "test": {"human3", "human4", "mouse2"},
    }
    every = np.concatenate([one.donors for one in data.species.values()])
    assert set(every[split.rows(data, "test")]) == donors["test"]
    assert split.about["cells_digest"] == data.digest
    assert sum(split.about["split"].values()) == len(every)


def test_a_saved_split_is_held_against_the_data(data: CellData, tmp_path: Path):
    split = make_split(data, seed=3)
    split.save(tmp_path / "split.safetensors")
    loaded = CellSplit.load(tmp_path / "split.safetensors")
    assert isinstance(loaded, CellSplit)
    np.testing.assert_array_equal(loaded.part, split.part)
    assert loaded.seed == 3
    with pytest.raises(StaleSplit, match="cells"):
        loaded.cells(planted.data(seed=1), "human", "train")


def test_a_donor_without_a_part_is_refused(data: CellData):
    human = data.species["human"]
    for donors, message in (
        (human.donors.where(human.labels != "D", "human9"), "no part for human9 of human"),
        (human.donors.replace("human4", "human2"), "donor='human4'"),
    ):
        changed = data.species | {"human": replace(human, donors=donors)}
        with pytest.raises(ZooError, match=message):
            make_split(replace(data, species=changed))


def test_folds_halve_the_training_part(data: CellData):
    split = make_split(data)
    one, other = folds(data, split)
    for species, cells in data.species.items():
        train = split.cells(data, species, "train")
        np.testing.assert_array_equal(one.train[species], other.valid[species])
        np.testing.assert_array_equal(one.valid[species], other.train[species])
        both = np.concatenate([one.train[species], one.valid[species]])
        np.testing.assert_array_equal(np.sort(both), train)
        if species == "human":
            assert set(cells.donors.iloc[one.train[species]]) == {"human1"}


def test_halves_of_a_donor_are_even_type_by_type_and_drawn_by_the_seed(data: CellData):
    labels = data.species["mouse"].labels
    (one, _), again, other = (folds(data, make_split(data, seed)) for seed in (0, 0, 1))
    halves = [Counter(labels.iloc[rows["mouse"]]) for rows in (one.train, one.valid)]
    assert all(abs(halves[0][label] - halves[1][label]) <= 1 for label in set(labels))
    np.testing.assert_array_equal(again[0].train["mouse"], one.train["mouse"])
    assert not np.array_equal(other[0].train["mouse"], one.train["mouse"])


def test_figures_of_a_fold_are_those_of_scikit_learn(data: CellData):
    split, rng = make_split(data), np.random.default_rng(0)
    fold = folds(data, split)[0]
    spot = dict(zip(data.types, rng.normal(size=(len(data.types), 6)), strict=True))
    train, valid = (
        {
            species: np.array(
                [spot[label] + rng.normal(0, 0.8, 6) for label in cells.labels.iloc[rows[species]]],
                np.float32,
            )
            for species, cells in data.species.items()
        }
        for rows in (fold.train, fold.valid)
    )
    found = figures(data, split, fold, train, valid)
    assert set(found) == {"human_to_mouse", "mouse_to_human"}
    for protocol, figure in found.items():
        reference, query = protocol.split("_to_")
        known, own = (
            data.species[species].labels.iloc[rows[species]].to_numpy()
            for species, rows in ((reference, fold.train), (query, fold.valid))
        )
        unit = {
            name: mean / np.linalg.norm(mean)
            for name in set(known)
            for mean in [train[reference][known == name].mean(0)]
        }
        given = np.array([max(unit, key=lambda name: unit[name] @ cell) for cell in valid[query]])
        asked = np.isin(own, ["A", "B"])
        expected = recall_score(own[asked], given[asked], labels=["A", "B"], average="macro")
        assert figure == pytest.approx(expected)
        assert 0.3 < figure < 1
