from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.genes.near import MOST, near_genes, near_names

GENES = [
    "GFAP",
    "GFER",
    "GFI1",
    "GPAM",
    "SOX1",
    "SOX2",
    "SOX11",
    "SAXO2",
    "MAP2",
    "MAPT",
    "NEUROD1",
]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("GFPA", "GFAP"), ("SXO2", "SOX2"), ("neurod", "NEUROD1"), ("MAP", "MAP2"), ("gfapp", "GFAP")],
)
def test_a_mistyped_name_is_near_the_one_meant(typed, meant):
    assert meant in near_names(typed, GENES)[:3]


def test_two_swapped_letters_cost_less_than_another_letter():
    names = ["GSX2", "MSX2", "SCO2", "SGO2", "SIX2", "SOX2", "SXO1B"]
    assert near_names("SXO2", names)[0] == "SOX2"


def test_nothing_is_near_what_is_like_nothing():
    assert near_names("Q" * 1000, GENES) == ()
    assert near_names("QQQQ", GENES) == ()
    assert near_names("GFAP", []) == ()


def test_what_is_longer_than_any_name_is_not_searched_for():
    class Names(list):
        """Names that may not be looked at."""

        def __iter__(self):
            pytest.fail("the names were searched")

    assert near_names("S" * 61, Names(GENES)) == ()
    assert near_names("SO" + "X" * 58, ["SO" + "X" * 57]) == ("SO" + "X" * 57,)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("2-Sep", ("SEPTIN2",)),
        ("Sep-02", ("SEPTIN2",)),
        (" 1-MAR ", ("MARCHF1", "MTARC1")),
        ("Mar-11", ("MARCHF11",)),
        ("1-Dec", ("DELEC1",)),
        ("9-Sep", ()),
    ],
)
def test_a_date_is_near_the_symbols_a_spreadsheet_makes_it_of(typed, meant):
    names = ["DELEC1", "MARCHF1", "MARCHF11", "MTARC1", "SEPTIN2", "SEPHS2"]
    assert near_names(typed, names) == meant


def test_a_date_like_name_that_is_none_is_searched_for_as_usual():
    assert near_names("SEP1-2", ["SEP1", "GFAP"]) == ("SEP1",)


def test_ties_are_in_order_of_name():
    assert near_names("TBX", ["TBX3", "TBX1", "TBX2"]) == ("TBX1", "TBX2", "TBX3")


@given(st.text("ABC12", max_size=5), st.lists(st.text("ABC12", min_size=1, max_size=6)))
def test_near_names_are_few_known_and_at_least_as_like_as_difflib_asks(name, names):
    near = near_names(name, names)
    assert len(near) <= MOST
    assert set(near) <= set(names)
    for found in near:
        assert SequenceMatcher(None, found, name, autojunk=False).ratio() >= 0.6


@given(st.text("ABC12", min_size=1, max_size=6), st.lists(st.text("ABC12", min_size=1, max_size=6)))
def test_the_name_itself_is_the_nearest(name, names):
    assert near_names(name.lower(), [*names, name])[0] == name


ORFS = ("YAL002W", "YBR001C", "YEL021W", "YOR128C", "YOR128W")
COMMON = {"ADE2": ("YOR128C",), "ADE22X": ("YBR001C", "YEL021W"), "VPS8": ("YAL002W",)}
COMMON |= {"S000005654": ("YOR128C",), "ADA2": ("YDR448W",), "ADE-2": ("YOR128C",)}


def near_in_yeast(name):
    return near_genes(name, ORFS, COMMON, COMMON.__getitem__)


def test_a_common_name_is_near_with_the_symbol_it_stands_for():
    assert near_in_yeast("ADE22") == {"ADE2": "YOR128C"}
    assert near_in_yeast("vsp8") == {"VPS8": "YAL002W"}


def test_a_symbol_is_near_by_itself():
    assert next(iter(near_in_yeast("YOR182C").items())) == ("YOR128C", "YOR128C")
    assert near_in_yeast("QQQQ") == {}


def test_other_names_go_first_only_where_they_are_nearer_than_every_symbol():
    others = {"OCT4": ("POU5F1",), "GFA": ("GFER",)}
    found = near_genes("GFPA", GENES, others, others.__getitem__)
    assert found == {name: name for name in near_names("GFPA", GENES)}
    found = near_genes("OCT44", ["CCT4", "POU5F1"], others, others.__getitem__)
    assert list(found.items()) == [("OCT4", "POU5F1"), ("CCT4", "CCT4")]


def test_a_gene_is_listed_once_and_no_more_than_five_are():
    symbols = [f"SOX{number}" for number in range(9)]
    others = {f"SOXX{number}": (f"SOX{number}",) for number in range(9)}
    found = near_genes("SOXXX", symbols, others, others.__getitem__)
    assert len(found) == len(set(found.values())) == MOST
