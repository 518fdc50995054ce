"""DNA-binding families: of human factors by approved symbol, of mouse genes through orthologs."""

import pytest

from contracts.genes.vocabulary import GeneRecord, Vocabulary
from tests.training.data import mesc_files
from training.data import families
from training.data.files import DataFiles, LowCoverage

ALL = {"SOX2": "HMG/Sox", "POU5F1": families.UNKNOWN, "NANOG": "Homeodomain"}


def test_human_factors_stand_under_approved_symbols_and_others_do_not(tmp_path):
    files = DataFiles.find(mesc_files.write(tmp_path))
    genes = [GeneRecord("SOX2"), GeneRecord("NANOG2", previous=("NANOG",)), GeneRecord("POU5F1")]
    found = families.of_human(files, Vocabulary.from_records([*genes, GeneRecord("ESRRB")]))
    assert found == {"NANOG2" if name == "NANOG" else name: of for name, of in ALL.items()}


def test_another_name_space_is_refused(tmp_path):
    files = DataFiles.find(mesc_files.write(tmp_path))
    with pytest.raises(LowCoverage, match="Lambert"):
        families.of_human(files, Vocabulary.from_records([GeneRecord("SOX2")]))


def test_a_mouse_gene_has_the_family_that_all_its_human_orthologs_share(tmp_path):
    pairs = [("POU5F1", "Pou5f1"), ("ACTB", "Pou5f1"), ("NANOG", "Nanog"), ("SOX2", "Nanog")]
    rows = [f'"{human}","{mouse}","ortholog"' for human, mouse in pairs]
    text = "\n".join(['"human.gene.name","gene.name","human.homology.type"', *rows]) + "\n"
    files = DataFiles.find(mesc_files.write(tmp_path, orthologs_all=text))
    # The mouse's Sox2 has no ortholog here, and is taken for SOX2.
    assert families.of_mouse(files) == {"Sox2": "HMG/Sox", "Pou5f1": families.UNKNOWN}
