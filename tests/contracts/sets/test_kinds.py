import numpy as np
import pytest

from contracts.errors import InvalidOption
from contracts.sets.kinds import (
    ALIASES,
    KINDS,
    is_kind,
    is_wildtype,
    kind_code,
    kinds_there_are,
    repeated,
    written,
)


def test_kinds_have_their_places():
    assert KINDS == ("absent", "present", "added", "overexpressed")
    assert [kind_code(kind) for kind in KINDS] == [0, 1, 2, 3]


def test_what_people_write_is_one_of_them():
    absent = {"deletion": "absent", "deleted": "absent"}
    assert dict(ALIASES) == absent | {"overexpression": "overexpressed"}
    codes = [kind_code(word) for word in ("deletion", "Deleted", " Overexpression ")]
    assert codes == [0, 0, 3]


@pytest.mark.parametrize("kind", ["deletd", "", "0", 0, None, True, ["absent"]])
def test_an_unknown_kind_says_which_there_are(kind):
    kinds = r"absent \(or deletion, deleted\), present, added, overexpressed \(or overexpression\)"
    with pytest.raises(InvalidOption, match=f"kind=.* one of {kinds}"):
        kind_code(kind)


def test_only_what_is_not_deleted_is_named():
    members = [written("YAL002W", code) for code in range(4)]
    assert members == ["YAL002W", "YAL002W:present", "YAL002W:added", "YAL002W:overexpressed"]


def test_every_word_for_a_kind_is_told():
    told = "absent (or deletion, deleted), present, added, overexpressed (or overexpression)"
    assert kinds_there_are() == told
    assert all(map(is_kind, (*KINDS, *ALIASES, " ADDED ")))
    assert not any(map(is_kind, ("", "deletd", None, 0)))


def test_the_wildtype_has_one_word():
    assert is_wildtype("wildtype")
    assert is_wildtype(" WildType ")
    assert not any(map(is_wildtype, ("", "wt", None, [])))


def test_a_gene_is_repeated_within_its_set_alone():
    sets, genes = np.array([0, 0, 0, 1, 1, 2]), np.array([3, 5, 5, 5, 7, 7])
    assert repeated(sets, genes).tolist() == [1]
    assert repeated(sets[:0], genes[:0]).tolist() == []
