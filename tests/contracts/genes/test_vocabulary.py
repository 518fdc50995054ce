import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import (
    AmbiguousGene,
    ContractViolation,
    InvalidInput,
    NotARegulator,
    UnknownGene,
)
from contracts.genes.vocabulary import REASONS, GeneRecord, Vocabulary


def test_genes_and_regulators_are_sorted_and_regulators_are_genes(vocabulary, records):
    assert list(vocabulary.genes) == sorted(record.symbol for record in records)
    assert vocabulary.regulators == ("NEUROD1", "POU5F1", "SOX2")
    assert len(vocabulary) == len(records)
    assert "SOX2" in vocabulary
    assert "sox2" not in vocabulary
    assert repr(vocabulary) == "Vocabulary(12 genes, 3 regulators)"


@pytest.mark.parametrize(
    ("query", "status", "symbol", "via"),
    [
        ("GFAP", "exact", "GFAP", "symbol"),
        (" GFAP\t", "exact", "GFAP", "symbol"),
        ("gfap", "exact", "GFAP", "case"),
        ("C1ORF112", "exact", "C1orf112", "case"),
        ("OTF3", "alias", "POU5F1", "previous"),
        ("otf3", "alias", "POU5F1", "previous"),
        ("Oct4", "alias", "POU5F1", "alias"),
        ("ENSG00000131095", "alias", "GFAP", "ensembl"),
        ("ENSG00000131095.12", "alias", "GFAP", "ensembl"),
        ("ensg00000131095.12", "alias", "GFAP", "ensembl"),
        ("ENSG00000131095.12_PAR_Y", "alias", "GFAP", "ensembl"),
        ("P14136", "alias", "GFAP", "uniprot"),
        ("p14136 ", "alias", "GFAP", "uniprot"),
        ("HGNC:4235", "alias", "GFAP", "hgnc_id"),
        ("hgnc:4235", "alias", "GFAP", "hgnc_id"),
    ],
)
def test_resolve_finds_the_gene_by(vocabulary, query, status, symbol, via):
    match = vocabulary.resolve(query)
    assert (match.query, match.status, match.symbol, match.via) == (query, status, symbol, via)
    assert match.candidates == match.near == ()
    assert vocabulary.gene_index([query])[0] == vocabulary.genes.index(symbol)


def test_an_approved_symbol_wins_over_somebody_elses_alias(vocabulary):
    assert vocabulary.resolve("CAT").symbol == "CAT"
    assert vocabulary.resolve("cat").symbol == "CAT"
    assert vocabulary.resolve("ACGNAT").symbol == "GLYAT"


@pytest.mark.parametrize(
    ("query", "candidates"),
    [
        ("SEPT2", ("SEPTIN2", "SEPTIN6")),
        ("p68431", ("H3C1", "H3C2")),
        ("TWIN", ("C1orf112", "SOX2")),
    ],
)
def test_a_name_of_two_genes_is_refused_with_both(vocabulary, query, candidates):
    match = vocabulary.resolve(query)
    assert (match.status, match.symbol, match.candidates) == ("ambiguous", None, candidates)
    for index in (vocabulary.gene_index, vocabulary.regulator_index):
        with pytest.raises(AmbiguousGene, match=f"symbols: {', '.join(candidates)}") as caught:
            index(["GFAP" if index == vocabulary.gene_index else "SOX2", query])
        assert caught.value.candidates == list(candidates)


def test_symbols_that_differ_by_case_alone_are_told_apart():
    vocabulary = Vocabulary.from_records([GeneRecord("Abc"), GeneRecord("ABC")])
    assert vocabulary.resolve(" Abc ").symbol == "Abc"
    assert vocabulary.resolve("ABC").symbol == "ABC"
    assert vocabulary.resolve("abc").candidates == ("ABC", "Abc")


def test_a_stored_ensembl_version_does_not_matter():
    vocabulary = Vocabulary.from_records([GeneRecord("A", ensembl=("ENSG00000000001.3",))])
    assert vocabulary.gene_index(["ENSG00000000001", "ENSG00000000001.9"]).tolist() == [0, 0]


@pytest.mark.parametrize("query", ["ENSG00000131095.", "ENSG00000131095.x", "ENSG0000013109.1"])
def test_what_only_looks_like_an_ensembl_id_is_unknown(vocabulary, query):
    assert vocabulary.resolve(query).status == "unknown"


def test_an_unknown_name_has_near_names(vocabulary):
    match = vocabulary.resolve("GFPA")
    assert (match.status, match.symbol, match.near[0]) == ("unknown", None, "GFAP")
    with pytest.raises(UnknownGene, match=r"'GFPA' is no gene .* Did you mean GFAP"):
        vocabulary.gene_index(["MAP2", "GFPA"])


def test_all_unknown_names_are_in_one_error(vocabulary):
    wrong = [f"QQQ{letter}{letter}" for letter in "ABCDEFGH"]
    with pytest.raises(UnknownGene) as caught:
        vocabulary.gene_index(["MAP2", *wrong, *wrong])
    assert list(caught.value.unknown) == wrong
    assert caught.value.name == "QQQAA"
    assert "and 2 more" in str(caught.value)


def test_near_names_are_looked_up_for_the_first_five_unknown_names(vocabulary):
    with pytest.raises(UnknownGene) as caught:
        vocabulary.gene_index([f"GFAP{letter}" for letter in "QRSTUVW"])
    assert [near[:1] for near in caught.value.unknown.values()] == [["GFAP"]] * 5 + [[]] * 2


def test_a_gene_that_is_no_regulator_is_refused_as_one_with_near_regulators(vocabulary):
    wrong = Vocabulary.from_records([GeneRecord("SOX2", True), GeneRecord("SOX1")])
    with pytest.raises(NotARegulator, match=r"'SOX1' is a gene .* Did you mean SOX2") as caught:
        wrong.regulator_index(["SOX2", "SOX1"])
    assert caught.value.near == ["SOX2"]
    with pytest.raises(NotARegulator, match="'gfap' is a gene"):
        vocabulary.regulator_index(["gfap"])


def test_near_names_of_a_regulator_are_regulators(vocabulary):
    with pytest.raises(UnknownGene) as caught:
        vocabulary.regulator_index(["SXO2"])
    assert caught.value.near == ["SOX2"]


def test_the_near_name_of_another_name_comes_with_its_symbol():
    yeast = Vocabulary.from_records(
        [GeneRecord("YOR128C", aliases=("ADE2", "S000005654")), GeneRecord("YEL021W")]
    )
    with pytest.raises(UnknownGene, match=r"Did you mean ADE2 \(YOR128C\)\?") as caught:
        yeast.gene_index(["ADE22", "YOR128W"])
    assert caught.value.unknown == {"ADE22": ["ADE2"], "YOR128W": ["YOR128C"]}
    assert caught.value.symbols == {"ADE2": "YOR128C"}
    assert yeast.resolve("ADE22").near == ("ADE2",)


def test_further_genes_stand_in_order_among_those_there_are(vocabulary):
    more = vocabulary.extended([GeneRecord("ZZZ1"), GeneRecord("AAA1", aliases=("AAA",))])
    assert more.genes == tuple(sorted([*vocabulary.genes, "AAA1", "ZZZ1"]))
    assert more.regulators == vocabulary.regulators
    assert more.genes[more.gene_index(["aaa"])[0]] == "AAA1"
    assert more.resolve("OCT4") == vocabulary.resolve("OCT4")
    assert "AAA1" not in vocabulary


@pytest.mark.parametrize("name", ["SOX2", "gfap", "OCT4", "P68431", "HGNC:4235"])
def test_a_further_gene_has_a_name_of_its_own(vocabulary, name):
    with pytest.raises(ContractViolation, match=f"{name}: got a name of .*no gene has yet"):
        vocabulary.extended([GeneRecord("NEW1"), GeneRecord(name)])


def test_a_further_genes_name_fits_into_the_table(vocabulary):
    with pytest.raises(ContractViolation, match="without surrounding space, tab"):
        vocabulary.extended([GeneRecord("A|B")])
    with pytest.raises(ContractViolation, match="it twice"):
        vocabulary.extended([GeneRecord("NEW1"), GeneRecord("NEW1")])


def test_a_regulators_index_is_its_place_among_regulators(vocabulary):
    index = vocabulary.regulator_index(["SOX2", "oct4", "SOX2", "ENSG00000181449.1"])
    assert index.tolist() == [2, 1, 2, 2]
    assert index.dtype == np.int64
    assert [vocabulary.regulators[i] for i in index] == ["SOX2", "POU5F1", "SOX2", "SOX2"]


@pytest.mark.parametrize(
    ("names", "where", "got"),
    [
        (["GFAP", ""], "genes[1]", "''"),
        (["GFAP", "  "], "genes[1]", "'  '"),
        ([float("nan")], "genes[0]", "nan (float)"),
        ([None], "genes[0]", "None (NoneType)"),
        ([7], "genes[0]", "7 (int)"),
        ([b"GFAP"], "genes[0]", "b'GFAP' (bytes)"),
        ([["GFAP"]], "genes[0]", "['GFAP'] (list)"),
        ("GFAP", "genes", "'GFAP'"),
        (5, "genes", "5 (int)"),
        (None, "genes", "None (NoneType)"),
    ],
)
def test_what_is_no_name_is_refused_and_shown(vocabulary, names, where, got):
    with pytest.raises(ContractViolation) as caught:
        vocabulary.gene_index(names)
    (violation,) = caught.value.violations
    assert violation.where == where
    assert got in violation.got
    assert "'GFAP'" in violation.expected


def test_every_wrong_name_is_reported_at_once(vocabulary):
    with pytest.raises(ContractViolation) as caught:
        vocabulary.regulator_index(["SOX2", "", None, "SOX2", float("nan")])
    assert [v.where for v in caught.value.violations] == ["tfs[1]", "tfs[2]", "tfs[4]"]


@pytest.mark.parametrize("query", [None, float("nan"), 3, "", " "])
def test_resolve_refuses_what_is_no_name(vocabulary, query):
    with pytest.raises(InvalidInput, match="expected a gene name"):
        vocabulary.resolve(query)


def test_numpy_strings_and_arrays_are_names_too(vocabulary):
    for names in (np.array(["GFAP", "map2"]), np.array(["GFAP", "map2"], dtype=object)):
        assert (
            vocabulary.gene_index(names).tolist()
            == vocabulary.gene_index(["GFAP", "MAP2"]).tolist()
        )


def test_no_names_give_an_empty_index(vocabulary):
    index = vocabulary.gene_index([])
    assert (index.shape, index.dtype) == ((0,), np.dtype(np.int64))
    pairs = vocabulary.resolve_pairs([], [], on_unknown="skip")
    assert (pairs.tf.dtype, pairs.kept.shape, pairs.skipped) == (np.int64, (0,), ())


def naive_symbols(records: list[GeneRecord], query: str) -> set[str]:
    """The rule of precedence, by looking at every record."""
    name = query.strip()
    if exact := {record.symbol for record in records if record.symbol == name}:
        return exact
    folded = name.upper()
    if cased := {record.symbol for record in records if record.symbol.upper() == folded}:
        return cased
    return {
        record.symbol
        for record in records
        for other in (*record.previous, *record.aliases, *record.uniprot, record.hgnc_id)
        if other.upper() == folded
    }


NAMES = st.text("abAB1", min_size=1, max_size=3)


@st.composite
def drawn_records(draw: st.DrawFn) -> list[GeneRecord]:
    symbols = draw(st.lists(NAMES, min_size=1, max_size=6, unique=True))
    others = st.lists(NAMES, max_size=3).map(tuple)
    return [
        GeneRecord(symbol, draw(st.booleans()), draw(NAMES), (), *(draw(others) for _ in range(3)))
        for symbol in symbols
    ]


@given(drawn_records(), st.lists(NAMES, max_size=8))
def test_resolving_agrees_with_a_naive_search(records, queries):
    vocabulary = Vocabulary.from_records(records)
    regulators = {record.symbol for record in records if record.regulator}
    for query in queries:
        expected = naive_symbols(records, query)
        match = vocabulary.resolve(query)
        found = set(match.candidates) | ({match.symbol} if match.symbol else set())
        assert found == expected
        assert (match.via is None) == (not expected)
    pairs = vocabulary.resolve_pairs(queries, queries, on_unknown="skip")
    expected = [naive_symbols(records, query) for query in queries]
    usable = [row for row, found in enumerate(expected) if len(found) == 1 and found <= regulators]
    assert pairs.kept.tolist() == usable
    left_out = [skipped.row for skipped in pairs.skipped]
    assert sorted(usable + left_out) == list(range(len(queries)))
    for row, tf, gene in zip(pairs.kept, pairs.tf, pairs.gene, strict=True):
        assert {vocabulary.regulators[tf]} == naive_symbols(records, queries[row])
        assert vocabulary.regulators[tf] == vocabulary.genes[gene]


def test_twenty_thousand_names_of_any_kind_resolve_to_their_own_gene():
    records = [
        GeneRecord(
            f"GENE{i}",
            i % 15 == 0,
            f"HGNC:{i}",
            (f"ENSG{i:011d}",),
            (f"P{i:05d}",),
            (f"OLD{i}",),
            (f"ALIAS{i}", f"OTHER{i}"),
        )
        for i in range(20_000)
    ]
    vocabulary = Vocabulary.from_records(records)
    kinds = {
        "symbol": [record.symbol for record in records],
        "case": [record.symbol.lower() for record in records],
        "alias": [record.aliases[0] for record in records],
        "ensembl": [f"{record.ensembl[0]}.7" for record in records],
    }
    for kind, names in kinds.items():
        resolved = [vocabulary.genes[position] for position in vocabulary.gene_index(names)]
        assert resolved == [record.symbol for record in records], kind


def test_symbols_gives_one_answer_a_name_and_none_where_there_is_no_single_one(vocabulary):
    names = ["GFAP", "gfap", "nothing-of-this-name"]
    assert vocabulary.symbols(names) == ["GFAP", "GFAP", None]


def test_where_names_lead_row_by_row(vocabulary):
    """Positions, and the number of the fault where there is none."""
    names = ["SOX2", " gfap ", "SXO2", "GFAP"]
    genes = vocabulary.locate_genes(names)
    assert [vocabulary.genes[at] for at in genes[[0, 1, 3]]] == ["SOX2", "GFAP", "GFAP"]
    assert REASONS[genes[2]] == "unknown-gene"
    tfs = vocabulary.locate_tfs(names)
    assert vocabulary.regulators[tfs[0]] == "SOX2"
    reasons = [REASONS[at] for at in tfs[1:]]
    assert reasons == ["not-a-regulator", "unknown-gene", "not-a-regulator"]
    for locate in (vocabulary.locate_genes, vocabulary.locate_tfs):
        with pytest.raises(ContractViolation):
            locate(["SOX2", ""])


def yeast(*rows: tuple[str, tuple[str, ...]]) -> Vocabulary:
    return Vocabulary.from_records(GeneRecord(symbol, aliases=names) for symbol, names in rows)


def test_a_common_name_is_the_first_alias_that_is_no_id():
    vocabulary = yeast(
        ("YAL002W", ("VPS8", "S000000002")),
        ("YAL004W", ("S000002136",)),
        ("YAL005C", ()),
        ("YBR208C", ("S000000412", "DUR1,2", "DUR80")),
    )
    assert vocabulary.common_names == ("VPS8", "YAL004W", "YAL005C", "DUR1,2")


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        ([GeneRecord("GFAP", hgnc_id="HGNC:4235")], "Give an HGNC symbol, an alias, an Ensembl"),
        ([GeneRecord("Gfap"), GeneRecord("Sox2")], "Give an approved symbol or another name"),
        (
            [GeneRecord("YAL004W"), GeneRecord("YOR128C", aliases=("ADE2",)), GeneRecord("MINE")],
            "Give a systematic name such as YOR128C, a common name such as ADE2, or an SGD id.",
        ),
    ],
)
def test_an_unknown_name_is_told_what_names_look_like_here(records: list, expected: str):
    with pytest.raises(UnknownGene) as told:
        Vocabulary.from_records(records).gene_index(["qqqqqqqq"])
    assert expected in str(told.value)
    others = {"HGNC", "systematic"} - {word for word in ("HGNC", "systematic") if word in expected}
    assert not any(word in str(told.value) for word in others)
