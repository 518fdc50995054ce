"""Screens against itertools and a plain sort."""

from itertools import combinations
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import (
    ContractViolation,
    EmptyInput,
    InvalidOption,
    NothingLeft,
    UnknownGene,
)
from contracts.genes.vocabulary import Vocabulary
from tests import tiny_cells
from zoo.perturbations import screening
from zoo.perturbations.composition import Composed
from zoo.perturbations.screening import MOST_SETS, Screen, best_sets, ranking

VOCABULARY = Vocabulary.from_records(tiny_cells.RECORDS)


@given(st.integers(0, 9), st.integers(0, 3), st.data())
def test_combinations_are_those_of_itertools(total: int, size: int, data: st.DataObject):
    expected = list(combinations(range(total), size))
    start = data.draw(st.integers(0, len(expected)))
    stop = data.draw(st.integers(start, len(expected)))
    got = screening._combinations(total, size, start, stop)
    assert [tuple(row) for row in got.tolist()] == expected[start:stop]


def test_the_last_of_many_combinations():
    total = comb(40_000, 3)
    got = screening._combinations(40_000, 3, total - 1, total)
    assert got.tolist() == [[39_997, 39_998, 39_999]]
    middle = comb(39_999, 2)
    assert screening._combinations(40_000, 3, middle, middle + 1).tolist() == [[1, 2, 3]]


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("fixed", [(), (4,), (7, 2), (0, 11, 5)])
@pytest.mark.parametrize("among", [None, (1, 2, 7, 8, 8)])
def test_a_screen_has_every_set_once(order: int, fixed: tuple[int, ...], among):
    free = sorted(set(range(12) if among is None else among) - set(fixed))
    expected = {
        tuple(sorted((*fixed, *others))) for others in combinations(free, order - len(fixed))
    } if order >= len(fixed) else set()  # fmt: skip
    names = None if among is None else [tiny_cells.GENES[position] for position in among]
    given_names = [tiny_cells.GENES[position] for position in fixed]
    if order < len(fixed) or (order, fixed, among) == (3, (), None):
        with pytest.raises(InvalidOption):
            Screen.of(VOCABULARY, order, given_names, names)
        return
    screen = Screen.of(VOCABULARY, np.int64(order), given_names, names)
    assert screen.total == len(expected)
    rows = [tuple(row) for row in screen.block(0, screen.total).tolist()]
    assert len(rows) == len(set(rows))
    assert set(rows) == expected


@given(
    st.lists(st.integers(-3, 3), min_size=66, max_size=66),
    st.integers(1, 70),
    st.sampled_from([1, 7, 66]),
)
def test_the_first_are_those_of_a_plain_sort(values: list[int], top: int, block: int):
    screen = Screen.of(VOCABULARY, 2)
    table = np.full((12, 12), np.nan)
    table[np.triu_indices(12, 1)] = values
    done: list[int] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(screening, "BLOCK_SETS", block)
        got = best_sets(screen, top, lambda genes: table[genes[:, 0], genes[:, 1]], done.append)
    pairs = sorted(combinations(range(12), 2), key=lambda pair: (table[pair], pair))
    assert [tuple(row) for row in got.tolist()] == pairs[:top]
    assert sum(done) == 66
    assert max(done) <= block


def test_memory_is_bounded_by_the_block(monkeypatch: pytest.MonkeyPatch):
    """Of sets that are all alike, no more than a block beyond the first are ever held."""
    monkeypatch.setattr(screening, "BLOCK_SETS", 10)
    held = screening._Held(3, 2)
    for start in range(0, 60, 10):
        genes = np.arange(start, start + 10)[:, None].repeat(2, 1)
        held.add(np.zeros(10), genes)
        assert len(held.values) <= 2 * 3 + 10
    assert held.first()[:, 0].tolist() == [0, 1, 2]


def test_rankings():
    composed = Composed(np.array([0.5, 0.75]), np.array([-2.0, 1.0]), np.array([1.0, 0.0]))
    assert ranking("gene_interaction", "lowest", 3).of(composed).tolist() == [-2, 1]
    assert ranking("gene_interaction", "highest", 3).of(composed).tolist() == [2, -1]
    assert ranking("gene_interaction", "strongest", 3).of(composed).tolist() == [-2, -1]
    assert ranking("fitness", "highest", np.int64(3)).of(composed).tolist() == [-0.5, -0.75]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("speed", "lowest", 3), "by='speed' .* one of gene_interaction, fitness, expectation"),
        (("fitness", "up", 3), "direction='up' .* one of lowest, highest, strongest"),
        (("fitness", "strongest", 3), "direction='strongest' .* lowest or highest with by="),
        ((["fitness"], "lowest", 3), "by=.* one of gene_interaction"),
        (("fitness", ["up"], 3), "direction=.* one of lowest"),
        (("fitness", "lowest", 0), "top=0 .* at least 1"),
        (("fitness", "lowest", True), "top=True"),
        (("fitness", "lowest", 2.0), "top=2.0"),
    ],
)
def test_an_option_that_is_none_is_refused(options: tuple[object, ...], message: str):
    with pytest.raises(InvalidOption, match=message):
        ranking(*options)


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"order": 4}, InvalidOption, "order=4 .* 1, 2 or 3"),
        ({"order": True}, InvalidOption, "order=True"),
        ({"order": 2.0}, InvalidOption, "order=2.0 .* a whole number"),
        ({"order": None}, InvalidOption, "order=None"),
        ({"order": "2"}, InvalidOption, "order='2'"),
        ({"order": 3}, InvalidOption, r"fewer sets than its 220: type given=\['YOR128C'\]"),
        ({"order": 1, "given": ["HO", "ADE2"]}, InvalidOption, "at most 1 genes with order=1"),
        ({"given": "ADE2"}, ContractViolation, r"given: got 'ADE2', expected a list"),
        ({"given": ["ADE2", "YOR128C"]}, ContractViolation, "YOR128C, YOR128C, .*each gene once"),
        ({"given": None}, ContractViolation, "given: got None"),
        ({"given": ["QQQQ"]}, UnknownGene, "'QQQQ'"),
        ({"given": ["HO,ADE2"]}, ContractViolation, "given: got 'HO,ADE2', .*itself: 'HO', 'ADE2'"),
        ({"among": ["HO\tADE2"]}, ContractViolation, "among: got .*each gene by itself: 'HO'"),
        ({"among": ["QQQQ", "HO"]}, UnknownGene, "'QQQQ'"),
        ({"among": []}, EmptyInput, r"among is empty.*\['VPS8'\]"),
        ({"among": ["HO", "YDL227C"]}, NothingLeft, "no set of 2 genes out of 0 given .* 1 others"),
        ({"given": ["HO"], "among": ["HO"]}, NothingLeft, "1 given genes and 0 others"),
    ],
)
def test_a_screen_that_cannot_be_is_refused(options, kind: type[Exception], message: str):
    with pytest.raises(kind, match=message):
        Screen.of(VOCABULARY, **{"order": 2, **options})


def test_more_sets_than_anybody_waits_for_are_refused():
    screen = Screen(3, np.array([], np.int64), np.arange(6000))
    assert screen.total > MOST_SETS
    with pytest.raises(InvalidOption, match="35,982,002,000"):
        screening._check_number(screen, unbounded=False)
    screening._check_number(Screen(3, np.array([6000]), np.arange(6000)), unbounded=False)
