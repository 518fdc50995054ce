"""What is known of how a regulator acts: terms of the Gene Ontology, and the KRAB domain."""

import pandas as pd

from contracts.genes.vocabulary import Vocabulary
from training.data import families, hgnc
from training.data.files import DataFiles

TERMS = {
    "repressor": ("mf", "GO:0001227"),
    "activator": ("mf", "GO:0001228"),
    "corepressor": ("mf", "GO:0003714"),
    "coactivator": ("mf", "GO:0003713"),
    "lowers transcription": ("bp", "GO:0045892"),
    "raises transcription": ("bp", "GO:0045893"),
    "lowers transcription by polymerase II": ("bp", "GO:0000122"),
    "raises transcription by polymerase II": ("bp", "GO:0045944"),
}
"""Aspect and term of each role. The literature behind them is partly that behind curated edges."""
KRAB = "Is C2H2 ZF(KRAB)?"


def of_regulators(files: DataFiles, human: Vocabulary, vocabulary: Vocabulary) -> pd.DataFrame:
    """Which regulator of `vocabulary` has which role [regulators, roles]; `human` has all genes."""
    regulators = pd.Index(vocabulary.regulators)
    tables = {
        aspect: files.table(f"tf_knowledge/human_go_{aspect}.tsv.gz")
        for aspect, _ in TERMS.values()
    }
    roles = pd.DataFrame(index=regulators)
    for role, (aspect, term) in TERMS.items():
        table = tables[aspect]
        symbols = table["symbol"][(table["go"] == term) & (table["evidence"] != "ND")]
        roles[role] = regulators.isin(hgnc.resolve(human, symbols))
    factors = files.table(families.FILE)
    symbols = factors["HGNC symbol"][factors[KRAB].astype(str).str.upper() == "TRUE"]
    return roles.assign(KRAB=regulators.isin(hgnc.resolve(human, symbols)))
