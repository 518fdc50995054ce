import pandas as pd
import pytest

from contracts.errors import (
    AmbiguousGene,
    ContractViolation,
    InvalidOption,
    NotARegulator,
    UnknownGene,
)
from contracts.genes.vocabulary import Skipped


def test_pairs_keep_their_order_and_their_duplicates(vocabulary):
    pairs = vocabulary.resolve_pairs(["SOX2", "OCT4", "SOX2"], ["GFAP", "MAP2", "GFAP"])
    assert [vocabulary.regulators[i] for i in pairs.tf] == ["SOX2", "POU5F1", "SOX2"]
    assert [vocabulary.genes[i] for i in pairs.gene] == ["GFAP", "MAP2", "GFAP"]
    assert pairs.kept.tolist() == [0, 1, 2]
    assert pairs.skipped == ()


def test_skipped_rows_are_reported_once_each_with_the_reason(vocabulary):
    tfs = ["SOX2", "XXXX", "GFAP", "SOX2", "TWIN", "YYYY"]
    genes = ["GFAP", "GFAP", "MAP2", "ZZZZ", "GFAP", "ZZZZ"]
    pairs = vocabulary.resolve_pairs(tfs, genes, on_unknown="skip")
    assert pairs.kept.tolist() == [0]
    assert pairs.skipped == (
        Skipped(1, "XXXX", "unknown-gene"),
        Skipped(2, "GFAP", "not-a-regulator"),
        Skipped(3, "ZZZZ", "unknown-gene"),
        Skipped(4, "TWIN", "ambiguous-gene"),
        Skipped(5, "YYYY", "unknown-gene"),
    )


def test_missing_names_are_left_out_as_well(vocabulary):
    names = [None, float("nan"), " ", pd.NA, "SOX2"]
    pairs = vocabulary.resolve_pairs(names, ["GFAP"] * len(names), on_unknown="skip")
    assert pairs.kept.tolist() == [4]
    assert pairs.skipped == tuple(Skipped(row, "", "no-name") for row in range(4))


def test_pairs_raise_with_the_unknown_names_of_both_columns(vocabulary):
    with pytest.raises(UnknownGene) as caught:
        vocabulary.resolve_pairs(["SOX2", "XXXX"], ["ZZZZ", "GFAP"])
    assert list(caught.value.unknown) == ["XXXX", "ZZZZ"]
    with pytest.raises(NotARegulator, match="GFAP"):
        vocabulary.resolve_pairs(["GFAP"], ["MAP2"])
    with pytest.raises(AmbiguousGene, match="SEPT2"):
        vocabulary.resolve_pairs(["SOX2"], ["SEPT2"])


def test_a_pair_the_wrong_way_round_is_seen_by_its_own_row(vocabulary):
    with pytest.raises(NotARegulator, match=r"wrong way round.*'OCT4', then 'GFAP'") as caught:
        vocabulary.resolve_pairs(["SOX2", "GFAP"], ["MAP2", "OCT4"])
    assert caught.value.target == "OCT4"
    with pytest.raises(NotARegulator) as caught:
        vocabulary.resolve_pairs(["SOX2", "GFAP"], ["SOX2", "MAP2"])
    assert caught.value.target is None
    with pytest.raises(NotARegulator) as caught:
        vocabulary.regulator_index(["GFAP"])
    assert caught.value.target is None


def test_pairs_of_unequal_length_or_with_no_names_are_refused_even_when_skipping(vocabulary):
    with pytest.raises(ContractViolation, match="genes: got 2 names, expected 1, one for each tf"):
        vocabulary.resolve_pairs(["SOX2"], ["GFAP", "MAP2"], on_unknown="skip")
    with pytest.raises(ContractViolation, match=r"genes\[0\]: got nan"):
        vocabulary.resolve_pairs(["SOX2"], [float("nan")])
    with pytest.raises(ContractViolation, match=r"genes\[0\]: got 7"):
        vocabulary.resolve_pairs(["SOX2"], [7], on_unknown="skip")
    with pytest.raises(InvalidOption, match="'raise' or 'skip'"):
        vocabulary.resolve_pairs(["SOX2"], ["GFAP"], on_unknown="ignore")
