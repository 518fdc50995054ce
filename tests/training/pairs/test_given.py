"""A data set that comes split: its own parts and negatives, in the split, batches and weights."""

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from contracts.errors import ArtefactError
from training.data.pairs import Given, PairData
from training.family import Ground
from training.pairs.batches import Degrees, PairBatches, fill_tables
from training.pairs.calibrate import calibrate
from training.pairs.negatives import KnownEdges, uniform
from training.pairs.questions import offered
from training.pairs.split import make_split
from zoo.architectures import degree


def pair_set(pairs: np.ndarray) -> set[tuple[int, int]]:
    return set(map(tuple, pairs.tolist()))


def degrees(pairs: np.ndarray) -> list[Counter]:
    return [Counter(column.tolist()) for column in pairs.T]


def rows_of(batches: PairBatches, epoch: int) -> list[tuple[int, int, int]]:
    """All rows of one epoch, in the order of training."""
    batches.trainer = SimpleNamespace(current_epoch=epoch)
    rows = [
        torch.stack([tf, gene, label.long()], 1) for tf, gene, label in batches.train_dataloader()
    ]
    return [tuple(row) for row in torch.cat(rows).tolist()]


@pytest.fixture
def came_split(toy_data, toy_split) -> PairData:
    """The toy as a data set that came split, its edges in another order than the table's."""
    known = KnownEdges.of(toy_data.pairs, 520)
    given = {}
    for seed, part in enumerate(("train", "valid", "test")):
        rng = np.random.default_rng(seed)
        positives = rng.permutation(toy_split.positives(toy_data, part))
        pools = (np.arange(120), np.arange(520))
        given[part] = Given(positives, uniform(2 * len(positives), *pools, known, rng))
    return replace(toy_data, given=given)


def test_a_data_set_that_came_split_keeps_its_parts_and_negatives(came_split):
    split = make_split(came_split, 3)
    kinds = ("given", "degree_preserving")
    assert set(split.negatives) == {f"{part}/{k}" for part in came_split.given for k in kinds}
    for part, given in came_split.given.items():
        positives = split.positives(came_split, part)
        assert pair_set(positives) == pair_set(given.positives)
        np.testing.assert_array_equal(split.negatives[f"{part}/given"], given.negatives)
        assert degrees(split.negatives[f"{part}/degree_preserving"]) == degrees(positives)
    rest = pair_set(split.positives(came_split, "unused"))
    taken = [pair_set(given.positives) for given in came_split.given.values()]
    assert rest == pair_set(came_split.pairs) - set().union(*taken)


def test_one_that_cannot_be_rewired_has_its_given_negatives_alone(came_split):
    star = came_split.given["valid"].positives
    star = star[star[:, 0] == star[0, 0]]
    valid = replace(came_split.given["valid"], positives=star)
    split = make_split(replace(came_split, given=came_split.given | {"valid": valid}), 3)
    assert [name for name in split.negatives if name.startswith("valid/")] == ["valid/given"]


def test_a_given_negative_that_is_listed_is_found(came_split):
    train = came_split.given["train"]
    planted = np.concatenate([train.negatives[1:], came_split.given["test"].positives[:1]])
    given = came_split.given | {"train": replace(train, negatives=planted)}
    with pytest.raises(ArtefactError, match="train/given hold a listed edge"):
        make_split(replace(came_split, given=given), 3)


def test_a_data_set_that_came_split_is_rewired_where_it_can_be(came_split):
    split = make_split(came_split, 3)
    batches = PairBatches(came_split, split, batch_size=256, seed=3)
    assert batches.monitored == {"valid": "valid/degree_preserving"}
    rows = rows_of(batches, 0)
    assert len(rows) == 2 * len(came_split.given["train"].positives)
    unlisted = {row[:2] for row in rows if row[2] == 0}
    assert unlisted != set(map(tuple, came_split.given["train"].negatives.tolist()))


def test_one_that_cannot_be_rewired_is_trained_with_its_own_pairs(came_split):
    split = make_split(came_split, 3)
    given = {n: pairs for n, pairs in split.negatives.items() if n.endswith("/given")}
    batches = PairBatches(came_split, replace(split, negatives=given), batch_size=256, seed=3)
    assert batches.monitored == {"valid": "valid/given"}
    train = came_split.given["train"]
    expected = {(*pair, 1) for pair in train.positives.tolist()}
    expected |= {(*pair, 0) for pair in train.negatives.tolist()}
    first, second = rows_of(batches, 0), rows_of(batches, 1)
    assert set(first) == set(second) == expected
    assert len(first) == len(expected)
    assert first != second, "every epoch has an order of its own"
    ((*_, label),) = batches.val_dataloader()[0]
    assert len(label) == 3 * label.sum() == 3 * len(came_split.given["valid"].positives)


@pytest.mark.parametrize("rewired", [True, False])
def test_it_is_asked_its_own_question_and_that_of_rewired_pairs(came_split, rewired):
    split = make_split(came_split, 3)
    kept = {n: pairs for n, pairs in split.negatives.items() if rewired or n.endswith("/given")}
    expected = ("degree_preserving", "given") if rewired else ("given",)
    for stage in ("valid", "test"):
        assert offered(Ground(came_split, replace(split, negatives=kept), stage)) == expected


def test_probabilities_are_those_at_its_own_share_of_edges(came_split):
    split = make_split(came_split, 3)
    counted = Degrees.count(came_split, split.positives(came_split, "train"))
    model = degree.Model(degree.Config(tfs_total=120, genes_total=520))
    fill_tables(model, came_split, counted)
    calibrate(model, came_split, split, counted)
    valid = came_split.given["valid"]
    pairs = np.concatenate([valid.positives, valid.negatives])
    with torch.no_grad():
        probability = model(*torch.from_numpy(pairs).T)[0].numpy()
    assert probability.mean() == pytest.approx(1 / 3, abs=1e-4)
