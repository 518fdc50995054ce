"""Sets as people type them, against what they mean."""

import pytest

from contracts.errors import InvalidOption
from zoo.notation import read_set


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("YAL002W+YBR001C", [("YAL002W", "absent"), ("YBR001C", "absent")]),
        ("YAL002W|YBR001C:added", [("YAL002W", "absent"), ("YBR001C", "added")]),
        (" ADE2 : overexpression + ADE3", [("ADE2", "overexpression"), ("ADE3", "absent")]),
        ("ADE2+ADE2", [("ADE2", "absent")] * 2),
        ("DUR1,2|MF(ALPHA)1|IMP2'", [(n, "absent") for n in ("DUR1,2", "MF(ALPHA)1", "IMP2'")]),
        ("HGNC:4235:added+HGNC:1", [("HGNC:4235", "added"), ("HGNC:1", "absent")]),
        ("sgd:S000002143", [("sgd:S000002143", "absent")]),
        ("wildtype", []),
        (" WildType ", []),
        ("", []),
        ("ADE2:deleted", [("ADE2", "deleted")]),
    ],
)
def test_what_a_set_means(text: str, members: list[tuple[str, str]]):
    assert list(read_set(text)) == members


@pytest.mark.parametrize(
    "text", ["ADE2+", "+", "ADE2++ADE3", ":added", "ADE2:", "ADE2:added:twice", "|", "HGNC::added"]
)
def test_another_notation_is_refused_with_one_that_is(text: str):
    with pytest.raises(InvalidOption, match=r"expected genes joined by '\+'.*or wildtype") as told:
        read_set(text)
    assert told.value.got == text
