"""Samples of perturbation sets: ragged, within the contract, and with what is rare."""

import numpy as np
import pytest

from contracts.perturbations.task import PERTURBATION
from export.perturbations.samples import with_every_partner
from export.sets import edge_sets, flat, random_sets
from zoo.perturbations.head import BLOCK_SETS

SIZES = {"genes_total": 50, "members_limit": 64}


def sets_of(arrays: dict[str, np.ndarray]) -> list[list[tuple[int, int]]]:
    """Members and kinds, set by set, by a loop over the members."""
    found: list[list[tuple[int, int]]] = [[] for _ in arrays["order"]]
    for member, kind, row in zip(arrays["member"], arrays["kind"], arrays["set"], strict=True):
        found[row].append((int(member), int(kind)))
    return found


def test_sets_stand_end_to_end():
    given = [((), ()), ((4, 2), (0, 3)), ((9,), (1,)), ((), ())]
    arrays = flat(given)
    assert sets_of(arrays) == [[], [(4, 0), (2, 3)], [(9, 1)], []]
    assert arrays["order"].tolist() == [0, 2, 1, 0]
    assert {array.dtype for array in arrays.values()} == {np.dtype(np.int64)}


@pytest.mark.parametrize("sizes", [SIZES, {"genes_total": 3, "members_limit": 2}])
@pytest.mark.parametrize("count", [1, 2, 7, 1000])
def test_random_sets_keep_the_contract(sizes, count):
    arrays = random_sets(np.random.default_rng(count), count, sizes)
    PERTURBATION.graphs["head"].check_inputs(arrays, sizes)
    assert len(arrays["order"]) == count
    if count == 1:
        assert arrays["order"][0] > 0
    if count == 1000:
        most = min(5, *sizes.values())
        assert set(arrays["order"].tolist()) == set(range(most + 1))
        assert set(arrays["kind"].tolist()) == {0, 1, 2, 3}
        assert set(arrays["member"].tolist()) == set(range(sizes["genes_total"]))


def test_a_gene_meets_every_other_one_in_order():
    (arrays,) = with_every_partner(3, 6)
    expected = [[(3, 0), (other, 0)] for other in (0, 1, 2, 4, 5)]
    assert sets_of(arrays) == expected
    PERTURBATION.graphs["head"].check_inputs(arrays, {"genes_total": 6, "members_limit": 2})


def test_many_partners_come_in_the_scorers_blocks():
    blocks = list(with_every_partner(3, BLOCK_SETS + 9))
    assert [len(block["order"]) for block in blocks] == [BLOCK_SETS, 8]
    assert [pair for block in blocks for pair in sets_of(block)] == [
        [(3, 0), (other, 0)] for other in range(BLOCK_SETS + 9) if other != 3
    ]


@pytest.mark.parametrize(
    "sizes",
    [SIZES, {"genes_total": 1, "members_limit": 64}, {"genes_total": 9, "members_limit": 4}],
)
def test_edge_sets_keep_the_contract(sizes):
    records = np.arange(sizes["genes_total"])[::-1]
    arrays = edge_sets(records, sizes)
    PERTURBATION.graphs["head"].check_inputs(arrays, sizes)
    assert arrays["order"].max() == min(16, *sizes.values())
    found = sets_of(arrays)
    assert found[0] == found[-1] == []
    assert found[-2] == found[-3]
    assert {(0, kind) for kind in range(4)} <= {
        pair for one in found if len(one) == 1 for pair in one
    }


def test_the_genes_known_best_and_least_are_among_the_edges():
    records = np.full(50, 5)
    records[17], records[23] = 90, 0
    found = sets_of(edge_sets(records, SIZES))
    assert [[(gene, 0)] for gene in (0, 17, 23, 49)] == found[1:5]
    assert [(17, 0), (23, 0)] in found
