"""Folds hold each training edge once, out of the edges that its features may be made from."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from contracts.errors import InvalidOption
from training.pairs.baselines import DEGREE_PRESERVING, UNIFORM, Context
from training.pairs.family import FAMILY

KINDS = (UNIFORM, DEGREE_PRESERVING)


def as_set(pairs: np.ndarray) -> set[tuple[int, int]]:
    return set(map(tuple, pairs.tolist()))


@pytest.mark.parametrize("kind", KINDS)
def test_folds_part_the_training_edges(context: Context, kind: str):
    train, held = as_set(context.train), []
    for fold in context.folds(kind):
        own = as_set(fold.pairs[fold.label])
        assert own.isdisjoint(as_set(fold.edges))
        assert own | as_set(fold.edges) == train
        assert (~fold.label).sum() == fold.label.sum()
        assert as_set(fold.pairs[~fold.label]).isdisjoint(as_set(context.data.pairs))
        held += own
    assert len(held) == len(train)
    assert set(held) == train


def test_a_fold_has_each_entity_as_often_in_both_labels(context: Context):
    for fold in context.folds(DEGREE_PRESERVING):
        for side in (0, 1):
            column = fold.pairs[:, side]
            assert Counter(column[fold.label]) == Counter(column[~fold.label])


def test_negatives_that_a_benchmark_brings_are_all_used_once(context: Context):
    brought = context.split.negatives["valid/uniform"]
    split = replace(context.split, negatives=context.split.negatives | {"train/given": brought})
    own = Context.of(context.data, split)
    pairs, label = own.training(UNIFORM)
    assert Counter(map(tuple, pairs[~label].tolist())) == Counter(map(tuple, brought.tolist()))
    rewired, label = own.training(DEGREE_PRESERVING)
    assert as_set(rewired[~label]) != as_set(brought)


def test_unknown_names_say_what_there_is(context: Context):
    with pytest.raises(InvalidOption, match="tf_degree"):
        FAMILY.rung("_boosting")
    with pytest.raises(InvalidOption, match="degree_preserving"):
        context.folds("hard")
