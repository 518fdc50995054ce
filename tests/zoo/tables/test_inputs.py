"""Pairs and names as people hand them over."""

import numpy as np
import pandas as pd
import pytest

from contracts.errors import ContractViolation, EmptyInput, InvalidOption
from zoo.tables.inputs import check_k, name_list, pair_columns

PAIRS = [("SOX2", "GFAP"), ("SOX2", "GFAP"), ("NEUROD1", "MAP2")]
COLUMNS = ["SOX2", "SOX2", "NEUROD1"], ["GFAP", "GFAP", "MAP2"]


@pytest.mark.parametrize(
    "pairs",
    [
        PAIRS,
        tuple(PAIRS),
        [list(pair) for pair in PAIRS],
        iter(PAIRS),
        np.array(PAIRS),
        np.array(PAIRS, dtype=object),
        pd.DataFrame(PAIRS, columns=["tf", "gene"]),
        pd.DataFrame(PAIRS, columns=["Regulator", "Target"]),
        pd.DataFrame({"x": [1, 2, 3], "gene": COLUMNS[1], "tf": COLUMNS[0]}, index=[5, 6, 5]),
    ],
)
def test_every_form_of_pairs_gives_two_columns_with_duplicates_in_order(pairs: object):
    assert pair_columns(pairs) == COLUMNS


@pytest.mark.parametrize(
    "pairs",
    [[], (), np.empty((0, 2)), np.array([]), pd.DataFrame({"tf": [], "gene": []})],
)
def test_no_pairs_is_empty_input(pairs: object):
    with pytest.raises(EmptyInput, match=r"pairs is empty.*\[\('SOX2', 'GFAP'\)\]"):
        pair_columns(pairs)


@pytest.mark.parametrize(
    ("pairs", "message"),
    [
        ("SOX2:GFAP", r"pairs: got 'SOX2:GFAP', expected a list of \(tf, gene\)"),
        ({"SOX2": "GFAP"}, r"expected a list of \(tf, gene\) such as \[\('SOX2', 'GFAP'\)\]"),
        (7, r"pairs: got 7, expected a list"),
        (None, r"pairs: got None, expected a list"),
        ([("SOX2", "GFAP"), "SOX2:MBP"], r"pairs\[1\]: got 'SOX2:MBP', expected \(tf, gene\)"),
        (["AB"], r"pairs\[0\]: got 'AB'"),
        ([("SOX2", "GFAP", 1)], r"pairs\[0\]: .*expected \(tf, gene\), as in \('SOX2', 'GFAP'\)"),
        (np.array(["SOX2", "GFAP"]), r"shape \(2,\), expected an array \[pairs, 2\]"),
        (np.array([["a", "b", "c"]]), r"shape \(1, 3\)"),
        (
            pd.DataFrame({"TF": ["SOX2"], "name": ["GFAP"]}),
            r"columns TF, name, expected one column 'tf' and one 'gene'.*rename",
        ),
        (pd.DataFrame([["a", "b", "c"]], columns=["tf", "gene", "tf"]), r"columns tf, gene, tf"),
    ],
)
def test_what_is_no_list_of_pairs_says_what_to_type(pairs: object, message: str):
    with pytest.raises(ContractViolation, match=message):
        pair_columns(pairs)


def test_names_are_listed_in_order():
    assert name_list(("b", "a", "b"), "genes") == ["b", "a", "b"]
    assert name_list(np.array(["b", "a"]), "genes") == ["b", "a"]
    assert name_list(pd.Series(["b", "a"], index=[3, 1]), "genes") == ["b", "a"]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ("GFAP", r"genes: got 'GFAP', expected a list, such as \['GFAP'\]"),
        (None, r"genes: got None, expected a list of gene names"),
        ({"GFAP": 1}, r"expected a list of gene names"),
    ],
)
def test_what_is_no_list_of_names(names: object, message: str):
    with pytest.raises(ContractViolation, match=message):
        name_list(names, "genes")


@pytest.mark.parametrize(("what", "example"), [("tfs", "SOX2"), ("genes", "GFAP")])
def test_no_names_is_empty_input(what: str, example: str):
    with pytest.raises(EmptyInput, match=rf"{what} is empty.*\['{example}'\]"):
        name_list([], what)


@pytest.mark.parametrize("k", [0, -1, 7, 2.0, "3", True, None])
def test_k_is_a_whole_number_up_to_what_there_is(k: object):
    with pytest.raises(InvalidOption, match=r"k=.*whole number from 1 to 6, all regulators"):
        check_k(k, 6, "regulators")


def test_k_may_be_numpys():
    assert check_k(np.int64(6), 6, "regulators") == 6
