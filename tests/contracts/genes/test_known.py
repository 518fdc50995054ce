"""Names that no vocabulary has: genes of the species, look-alikes, proteins, deletions."""

import pytest

from contracts.errors import NotInVocabulary, UnknownGene
from contracts.genes.vocabulary import GeneRecord, Vocabulary
from contracts.look_alikes import latin

YEAST = Vocabulary.from_records(
    [GeneRecord("YAL002W", aliases=("VPS8",)), GeneRecord("YOR128C", aliases=("ADE2",))]
)
HUMAN = Vocabulary.from_records([GeneRecord("TP53", hgnc_id="HGNC:11998")])


@pytest.mark.parametrize(
    ("vocabulary", "name"), [(YEAST, "CDC28"), (YEAST, "cdc28\u0394"), (HUMAN, "GFAP")]
)
def test_a_gene_of_the_species_is_no_typo(vocabulary: Vocabulary, name: str):
    with pytest.raises(NotInVocabulary, match="is a gene, but this entry does not know it"):
        vocabulary.gene_index([name])


@pytest.mark.parametrize("names", [["CDCX9"], ["CDC28", "CDCX9"]])
def test_a_typo_goes_first(names: list[str]):
    with pytest.raises(UnknownGene, match="'CDCX9' is no gene") as raised:
        YEAST.gene_index(names)
    assert type(raised.value) is UnknownGene


def test_letters_of_other_alphabets_are_named():
    name = "\u0422P53"
    with pytest.raises(UnknownGene, match=r"The letter . \(Cyrillic\) looks like T\. Did .* TP53"):
        HUMAN.gene_index([name])
    assert latin(name) == "TP53"


@pytest.mark.parametrize("name", ["Vps8p", "vps8\u0394", "vps8-\u03940", "YAL002W\u2206"])
def test_proteins_and_deletions_are_their_genes(name: str):
    match = YEAST.resolve(name)
    assert (match.symbol, match.status) == ("YAL002W", "exact" if "YAL" in name else "alias")


def test_only_yeast_has_such_names():
    assert HUMAN.resolve("TP53\u0394").status == "unknown"
