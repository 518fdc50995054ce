"""Sets as people type them, against what they mean."""

import pytest

from contracts.errors import InvalidOption
from contracts.genes.vocabulary import GeneRecord, Vocabulary
from tests import tiny_cells
from zoo.sets.notation import check_names, joined, read_set

VOCABULARY = Vocabulary.from_records(
    [*tiny_cells.RECORDS, GeneRecord("YBR208C", aliases=("DUR1,2",))]
)


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


@pytest.mark.parametrize("text", ["ADE2+wildtype", "wildtype:added", "Wildtype|ADE2"])
def test_the_wildtype_has_no_other_members(text: str):
    with pytest.raises(InvalidOption, match="expected wildtype alone, or genes without it"):
        read_set(text)


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("ADE2,YBR001C", [("ADE2", "absent"), ("YBR001C", "absent")]),
        ("ADE2  HO; zzz", [(name, "absent") for name in ("ADE2", "HO", "zzz")]),
        ("zzz/HO:added", [("zzz", "absent"), ("HO", "added")]),
        ("ADE2 deleted", [("ADE2", "deleted")]),
        ("ADE2", []),
        ("zzzz", []),
        ("zzz,yyy", []),
        ("DUR1,2", []),
        ("dur1,3", []),
        ("YAL002W-A", []),
    ],
)
def test_what_was_typed_as_one_name(name: str, members: list[tuple[str, str]]):
    assert list(joined(name, VOCABULARY)) == members


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("ADE2,YBR001C", "ADE2+YBR001C"),
        ("HO+ADE2 YBR001C:added", "HO+ADE2+YBR001C:added"),
        ("ADE2 overexpressed|HO:added", "ADE2:overexpressed+HO:added"),
    ],
)
def test_several_names_in_one_say_how_the_set_is_typed(text: str, typed: str):
    with pytest.raises(InvalidOption) as told:
        check_names(text, read_set(text), VOCABULARY)
    assert str(told.value).endswith(f"expected genes joined by '+': {typed}.")
    check_names(typed, read_set(typed), VOCABULARY)
    check_names("DUR1,2+zzz", read_set("DUR1,2+zzz"), VOCABULARY)


def test_what_a_gene_without_a_kind_means_is_for_the_entry_to_say():
    assert read_set("ADE2+HO:deleted", 3) == (("ADE2", "overexpressed"), ("HO", "deleted"))
    assert joined("ADE2,HO deleted", VOCABULARY, 3) == (
        ("ADE2", "overexpressed"),
        ("HO", "deleted"),
    )
    with pytest.raises(InvalidOption, match=r"joined by '\+': HO\+ADE2\+URA3:absent"):
        check_names("HO,ADE2+URA3:absent", read_set("HO,ADE2+URA3:absent", 3), VOCABULARY, 3)
