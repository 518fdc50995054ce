"""Sets as people hand them over."""

import numpy as np
import pandas as pd
import pytest

from contracts.errors import (
    AmbiguousGene,
    ContractViolation,
    EmptyInput,
    InvalidInput,
    InvalidOption,
    UnknownGene,
    UnsupportedKind,
)
from contracts.genes.vocabulary import Skipped, Vocabulary
from tests import tiny_cells
from zoo.sets.located import Located, sets_of

VOCABULARY = Vocabulary.from_records(tiny_cells.RECORDS)
HO, URA3, ADE2 = 2, 3, 9


def find(sets: object, on_unknown: object = "raise", limit: int = 6) -> Located:
    return sets_of(sets, VOCABULARY, limit, on_unknown)


def codes(sets: object) -> list[list[int]]:
    found = find(sets).sets
    return [found.matrix(np.array([row]))[0].tolist() for row in range(len(found.order))]


@pytest.mark.parametrize(
    "one",
    [
        ["ADE2", "URA3"],
        ("YEL021W", "YOR128C"),
        {"ade2", " URA3 "},
        frozenset({"ADE2", "URA3"}),
        np.array(["ADE2", "URA3"]),
        np.array(["ADE2", "URA3"], dtype=object),
        [np.str_("ADE2"), "URA3"],
        {"ADE2": "absent", "URA3": "deletion"},
        {"ADE2": "deleted", "URA3": "Deleted"},
        [("ADE2", "Deletion"), "URA3"],
        [["ADE2", "absent"], ("URA3", "absent")],
        {("ADE2", "absent"), "URA3"},
    ],
)
def test_every_form_of_a_set_gives_the_same_codes(one: object):
    assert codes([one, one]) == [[4 * URA3, 4 * ADE2]] * 2


def test_kinds_are_in_the_codes_and_sets_stay_in_order():
    sets = [{"HO": "overexpression"}, [], {"ADE2": "added", "HO": "present"}]
    assert codes(sets) == [[4 * HO + 3], [], [4 * HO + 1, 4 * ADE2 + 2]]
    assert codes(iter(sets)) == codes(sets)
    assert codes(np.array([["HO", "ADE2"], ["ADE2", "HO"]])) == [[4 * HO, 4 * ADE2]] * 2


def test_sets_with_names_that_cannot_be_used_are_left_out_when_asked():
    sets = [["ADE2"], ["HO", "QQQQ", "RRRR"], [], ["TWIN", "HO"], ["HO"]]
    found = find(sets, "skip")
    assert found.kept.tolist() == [0, 2, 4]
    assert found.skipped == (
        Skipped(1, "QQQQ", "unknown-gene"),
        Skipped(3, "TWIN", "ambiguous-gene"),
    )
    assert (found.sets.code.tolist(), found.sets.order.tolist()) == ([36, 8], [1, 0, 1])
    assert find([["QQQQ"]], "skip").sets.order.tolist() == []


@pytest.mark.parametrize(
    ("one", "name", "reason"),
    [
        (["ADE2", "YOR128C"], "ADE2+YOR128C", "gene-twice"),
        (["HO", "ADE2", "URA3"], "HO+ADE2+URA3", "too-many-genes"),
        ({"HO": "added"}, "HO:added", "unsupported-kind"),
        ({"HO": "gone"}, "gone", "unknown-kind"),
        (["HO", "ADE2,URA3"], "HO+ADE2,URA3", "not-a-set"),
        ("HO", "HO", "not-a-set"),
        (None, "", "no-name"),
        (float("nan"), "", "no-name"),
        (["HO", None], "", "no-name"),
        (["HO", " "], "", "no-name"),
    ],
)
def test_whatever_is_wrong_with_a_set_it_is_left_out_when_asked(one, name, reason):
    kinds = np.array([True, True, False, False])
    found = sets_of([["HO"], one, []], VOCABULARY, 2, "skip", kinds)
    assert found.kept.tolist() == [0, 2]
    assert found.skipped == (Skipped(1, name, reason),)
    with pytest.raises(InvalidInput):
        sets_of([["HO"], one, []], VOCABULARY, 2, "raise", kinds)


def test_a_kind_that_training_has_not_seen_is_raised_by_the_name_that_was_typed():
    with pytest.raises(UnsupportedKind, match=r"'ade2:added'.*no gene .* is added.*: absent, pres"):
        sets_of([{"ade2": "added"}], VOCABULARY, 2, kinds=np.array([True, True, False, False]))


def test_names_that_cannot_be_used_are_raised():
    with pytest.raises(UnknownGene, match=r"'ADE22' .*ADE2 \(YOR128C\).*as well: 'QQQQ'"):
        find([["ADE22"], ["HO", "QQQQ"]])
    with pytest.raises(AmbiguousGene, match="YAL002W, YBR001C"):
        find([["TWIN"]])
    with pytest.raises(InvalidOption, match="on_unknown=7"):
        find([["HO"]], 7)


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        ("ADE2", r"perturbations: got 'ADE2', expected a list of sets, such as \[\['YAL002W', "),
        ({"ADE2": "absent"}, r"perturbations: got \{'ADE2': 'absent'\}, expected a list of sets"),
        (None, r"perturbations: got None"),
        (["ADE2", "HO"], r"perturbations\[0\]: got 'ADE2', expected a set of genes such as \["),
        ([["HO"], 7], r"perturbations\[1\]: got 7"),
        ([["HO", 7]], r"perturbations\[0\]: got 7, expected a gene such as 'YAL002W', or a gene"),
        ([["HO", ("ADE2",)]], r"perturbations\[0\]: got \('ADE2',\)"),
        ([["HO", (1, "absent")]], r"perturbations\[0\]: got \(1, 'absent'\)"),
        ([["ADE2"], ["HO", " "]], r"perturbations\[1\]: got ' '"),
        ([["ADE2"], {"": "added"}], r"perturbations\[1\]: got ''"),
        ([["HO", "ADE2,URA3"]], r"\[0\]: got 'ADE2,URA3' as one gene, .*itself: 'ADE2', 'URA3'"),
        ([["HO"], ["ADE2:added"]], r"\[1\]: got 'ADE2:added' as one .*: \('ADE2', 'added'\)"),
        ([["wildtype"]], r"\[0\]: got 'wildtype' as a gene, expected \[\] or 'wildtype' in place"),
        ([""], r"\[0\]: got ''"),
        ([[], ["ADE2", "YOR128C"]], r"\[1\]: got YOR128C twice, as 'ADE2' and 'YOR128C'"),
        ([["HO"] * 3], r"\[0\]: got YDL227C twice.*\[0\]: got YDL227C twice"),
        ([[("HO", "added"), ("HO", "present")]], r"\[0\]: got YDL227C twice"),
    ],
)
def test_what_is_no_set_says_what_to_type(sets: object, message: str):
    with pytest.raises(ContractViolation, match=message):
        find(sets)


def test_a_set_larger_than_the_limit_is_refused_and_what_is_present_does_not_count():
    with pytest.raises(ContractViolation, match=r"\[2\]: got 3 genes, expected at most 2, the"):
        find([["HO"], [], ["HO", "ADE2", "URA3"]], limit=2)
    find([{"HO": "present", "ADE2": "added", "URA3": "absent"}], limit=2)


def test_no_sets_is_empty_input():
    for nothing in ([], (), np.empty((0, 2))):
        with pytest.raises(EmptyInput, match=r"perturbations is empty.*\[\['YAL002W', 'YBR001C'"):
            find(nothing)


def test_an_unknown_kind_is_refused():
    with pytest.raises(InvalidOption, match="kind='gone'"):
        find([{"ADE2": "gone"}])


def test_the_word_wildtype_is_the_empty_set():
    assert codes(["wildtype", ["HO"], " WildType "]) == [[], [4 * HO], []]
    assert codes(np.array(["wildtype"])) == [[]]


OVEREXPRESSED = 3


@pytest.mark.parametrize("as_text", [False, True])
def test_a_bare_gene_is_of_the_kind_that_the_entry_has(as_text: bool):
    sets = [["HO", ("ADE2", "Overexpression")], [], {"URA3": "overexpressed"}]
    given = pd.DataFrame({"perturbation": ["HO+ADE2:overexpression", "", "URA3:overexpressed"]})
    kinds = np.arange(4) == OVEREXPRESSED
    found = sets_of(given if as_text else sets, VOCABULARY, 2, kinds=kinds, bare=OVEREXPRESSED).sets
    assert found.code.tolist() == [4 * HO + 3, 4 * ADE2 + 3, 4 * URA3 + 3]


def test_an_entry_of_one_kind_refuses_the_others_and_says_how_to_write_its_own():
    kinds = np.arange(4) == OVEREXPRESSED
    message = r"'HO:deleted'.*knows these kinds: overexpressed\. Type the gene without a kind for"
    with pytest.raises(UnsupportedKind, match=message):
        sets_of([["ADE2", ("HO", "deleted")]], VOCABULARY, 2, kinds=kinds, bare=OVEREXPRESSED)
    with pytest.raises(ContractViolation, match=r"each gene by itself: 'HO', \('ADE2', 'absent'\)"):
        sets_of([["HO,ADE2:absent"]], VOCABULARY, 2, kinds=kinds, bare=OVEREXPRESSED)
