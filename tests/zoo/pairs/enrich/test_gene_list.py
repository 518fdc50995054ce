"""Gene lists as people write them, and every way to write one that is none."""

import numpy as np
import pytest

from contracts.errors import (
    AmbiguousGene,
    ContractViolation,
    EmptyInput,
    InvalidOption,
    NothingLeft,
    UnknownGene,
    ZooError,
)
from tests.tiny import GENES, G
from zoo.pairs.enrich.gene_list import GeneList

LIST = ["GFAP", "MAP2", "SOX2"]
MORE = [*LIST, "MBP", "SYN1", "TUBB3"]


def test_names_of_any_kind_count_once_and_nothing_is_changed(dot):
    names = ["sox2", "ENSG00000131095", "MAP2", "ANOP3", "GFAP"]
    got = GeneList.of(dot.vocabulary, names, MORE, {"gfap": 1, "GFAP": 1, "MAP2": -1})
    assert [GENES[gene] for gene in got.genes] == LIST
    assert sorted(GENES[gene] for gene in got.background) == sorted(MORE)
    assert (got.signs.tolist(), got.skipped) == ([1, -1, 0], ())
    assert names == ["sox2", "ENSG00000131095", "MAP2", "ANOP3", "GFAP"]


def test_the_background_is_the_whole_vocabulary_and_signs_are_none(dot):
    got = GeneList.of(dot.vocabulary, np.array(LIST))
    assert got.background.tolist() == list(range(G))
    assert got.signs is None


def test_unknown_names_are_left_out_where_that_is_asked(dot):
    with pytest.warns(UserWarning, match=r"2 of 5 names \(genes\) were left out.*'NOBODY'"):
        got = GeneList.of(dot.vocabulary, [*LIST, "NOBODY", "TWIN"], on_unknown="skip")
    assert [GENES[gene] for gene in got.genes] == LIST
    assert [(one.row, one.reason) for one in got.skipped] == [
        (3, "unknown-gene"),
        (4, "ambiguous-gene"),
    ]
    with pytest.warns(UserWarning, match=r"1 of 7 names \(background\)"):
        GeneList.of(dot.vocabulary, LIST, [*MORE, "NOBODY"], on_unknown="skip")
    with pytest.warns(UserWarning, match=r"1 of 2 names \(signs\)"):
        got = GeneList.of(dot.vocabulary, LIST, signs={"NOBODY": 1, "SOX2": -1}, on_unknown="skip")
    assert got.signs.tolist() == [0, 0, -1]


WRONG = [
    ({"genes": []}, EmptyInput, "genes is empty"),
    ({"genes": "GFAP"}, ContractViolation, "a list, such as"),
    ({"genes": 3}, ContractViolation, "a list of gene names"),
    ({"genes": ["GFAP", None, "MBP"]}, ContractViolation, "genes"),
    ({"genes": ["GFAP", "GFAP", "MBP"]}, NothingLeft, "2 different genes.*at least 3"),
    ({"genes": [*LIST, "GFPA"]}, UnknownGene, "GFAP"),
    ({"genes": [*LIST, "TWIN"]}, AmbiguousGene, "TWIN"),
    ({"background": []}, EmptyInput, "background is empty"),
    ({"background": MORE[1:]}, ContractViolation, "1 genes of the list.*such as GFAP"),
    ({"background": LIST}, ContractViolation, "at least 3 genes that are not in the list"),
    ({"background": [*MORE, "NOBODY"]}, UnknownGene, "NOBODY"),
    ({"signs": [1, -1, 1]}, ContractViolation, "a mapping of names"),
    ({"signs": {"GFAP": 2}}, ContractViolation, "a mapping of names"),
    ({"signs": {}}, EmptyInput, "signs is empty"),
    ({"signs": {"MBP": 1}}, ContractViolation, "'MBP'.*only genes of the list"),
    ({"signs": {"GFAP": 1, "gfap": -1}}, ContractViolation, "one sign a gene"),
    ({"on_unknown": "guess"}, InvalidOption, "'raise' or 'skip'"),
]


@pytest.mark.parametrize(("fields", "kind", "words"), WRONG)
def test_what_is_no_list_is_refused(dot, fields: dict, kind: type[ZooError], words: str):
    with pytest.raises(kind, match=words):
        GeneList.of(dot.vocabulary, **{"genes": LIST, **fields})
