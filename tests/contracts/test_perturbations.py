import pytest

from contracts.errors import InvalidOption
from contracts.perturbations import ALIASES, KINDS, kind_code, written


def test_kinds_have_their_places():
    assert KINDS == ("absent", "present", "added", "overexpressed")
    assert [kind_code(kind) for kind in KINDS] == [0, 1, 2, 3]


def test_what_people_write_is_one_of_them():
    assert dict(ALIASES) == {"deletion": "absent", "overexpression": "overexpressed"}
    assert (kind_code("deletion"), kind_code(" Overexpression ")) == (0, 3)


@pytest.mark.parametrize("kind", ["deleted", "", "0", 0, None, True, ["absent"]])
def test_an_unknown_kind_says_which_there_are(kind):
    kinds = r"absent \(or deletion\), present, added, overexpressed \(or overexpression\)"
    with pytest.raises(InvalidOption, match=f"kind=.* one of {kinds}"):
        kind_code(kind)


def test_only_what_is_not_deleted_is_named():
    members = [written("YAL002W", code) for code in range(4)]
    assert members == ["YAL002W", "YAL002W:present", "YAL002W:added", "YAL002W:overexpressed"]
