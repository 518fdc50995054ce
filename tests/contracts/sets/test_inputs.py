"""How drawn members become sets that keep every relation."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from contracts.perturbations.task import PERTURBATION
from contracts.sets.inputs import RELATIONS, settle

HEAD = PERTURBATION.graphs["head"]


def drawn(rows, sets):
    """Members as (set, gene, kind), and some orders that nobody counted."""
    number, member, kind = np.array(rows, np.int64).reshape(-1, 3).T
    return {"set": number, "member": member, "kind": kind, "order": np.full(sets, 7)}


def test_members_stay_with_their_set_and_keep_their_gene_where_they_can():
    rows = [(5, 3, 0), (2, 3, 2), (2, 1, 1)]
    settled = settle(drawn(rows, sets=3), {"genes_total": 4, "members_limit": 2})
    assert settled["order"].tolist() == [1, 0, 2]  # no room for the third in set 2
    assert (settled["member"].tolist(), settled["set"].tolist()) == ([1, 3, 0], [0, 2, 2])
    assert settled["kind"].tolist() == [1, 0, 2]


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(0, 3)), max_size=9),
    st.integers(0, 4),
    st.integers(1, 5),
)
def test_what_is_settled_keeps_every_relation(rows, sets, limit):
    sizes = {"genes_total": 4, "members_limit": limit}
    settled = settle(drawn(rows, sets), sizes)
    HEAD.check_inputs(settled, sizes)
    assert len(settled["order"]) == sets
    assert len(settled["member"]) == min(len(rows), sets * min(limit, 4))
    for relation in RELATIONS:
        spoilt = relation.spoil(settled)
        if spoilt is not None:
            assert [one.name for one in RELATIONS if one.holds(spoilt)] == [relation.name]


def test_nothing_is_spoilt_where_nothing_can_be():
    nothing = settle(drawn([], 0), {"genes_total": 4, "members_limit": 2})
    assert [relation.spoil(nothing) for relation in RELATIONS] == [None] * 3
