import numpy as np
import pytest

from contracts.errors import InvalidOption
from contracts.sets.kinds import ABSENT, KINDS, PRESENT, pack
from zoo.perturbations.evidence import Evidence
from zoo.sets.members import Sets


@pytest.fixture
def evidence() -> Evidence:
    """Genes A and B were seen, and deletions alone; only A was measured by itself."""
    kinds = np.zeros(len(KINDS), np.int32)
    kinds[ABSENT] = 9
    state = {"gene_records": np.array([4, 1, 0]), "kind_records": kinds}
    return Evidence.of({**state, "single_measured": np.array([1, 0, 0])})


def sets_of(*sets: list[tuple[int, int]]) -> Sets:
    members = np.array([member for one in sets for member in one], np.int64).reshape(-1, 2)
    order = np.array([len(one) for one in sets], np.int64)
    return Sets(pack(members[:, 0], members[:, 1]), order)


def test_a_set_is_told_by_how_many_of_its_members_are_known(evidence: Evidence):
    sets = sets_of([(0, ABSENT), (1, ABSENT)], [(0, ABSENT), (2, ABSENT)], [(2, ABSENT)], [])
    assert evidence.support(sets) == ["all_seen", "some_seen", "unseen", "all_seen"]
    assert evidence.basis(sets) == ["partly_measured", "partly_measured", "estimated", "measured"]


def test_what_is_present_needs_no_record_and_other_kinds_do(evidence: Evidence):
    assert evidence.trained_kinds.tolist() == [
        one in (ABSENT, PRESENT) for one in range(len(KINDS))
    ]


def test_a_screen_may_be_of_measured_genes_alone(evidence: Evidence):
    assert evidence.wanted(False) is None
    assert evidence.wanted(True).tolist() == [True, False, False]
    with pytest.raises(InvalidOption, match="measured_only"):
        evidence.wanted("yes")
