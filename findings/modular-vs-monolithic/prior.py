"""The edges of the seed study as it had them: two resources merged without mapping their ids.

DoRothEA's part is in UniProt accessions, TRRUST's in symbols, so one gene may stand twice under two
names and the name alone says which resource a node came from.
"""

import gzip
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Int64

from contracts.errors import CorruptArtefact
from training.data.files import DataFiles

FILE = "brain/raw/merged_priors.json.gz"
TFS, GENES, EDGES = 1164, 7664, 23694
CELL_TYPES = 11
ACCESSION = r"[OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9](?:[A-Z][A-Z0-9]{2}[0-9]){1,2}"
ENSEMBL = r"ENSG[0-9]{11}"


def matches(pattern: str, names: tuple[str, ...]) -> Bool[np.ndarray, "names"]:
    """Which names a pattern describes, from end to end."""
    return np.array([re.fullmatch(pattern, name) is not None for name in names])


@dataclass(frozen=True)
class Prior:
    """Regulators and targets, sorted by name, and the edges as positions in the two lists."""

    tfs: tuple[str, ...]
    genes: tuple[str, ...]
    edges: Int64[np.ndarray, "edges 2"]

    @classmethod
    def of(cls, targets: dict[str, list[str]]) -> "Prior":
        """Index a mapping of regulator to targets, which is how the study's file is laid out."""
        tfs = tuple(sorted(targets))
        genes = tuple(sorted({gene for listed in targets.values() for gene in listed}))
        at = {gene: place for place, gene in enumerate(genes)}
        edges = [(row, at[gene]) for row, tf in enumerate(tfs) for gene in sorted(targets[tf])]
        return cls(tfs, genes, np.array(edges, np.int64).reshape(-1, 2))

    @cached_property
    def accessions(self) -> tuple[Bool[np.ndarray, "tfs"], Bool[np.ndarray, "genes"]]:
        """Which regulators, and which targets, are named by a UniProt accession."""
        return matches(ACCESSION, self.tfs), matches(ACCESSION, self.genes)

    def kinds(self, pairs: Int64[np.ndarray, "pairs 2"]) -> Bool[np.ndarray, "pairs 3"]:
        """Of each pair: accession at the regulator, at the gene, and whether they agree."""
        tf, gene = (named[pairs[:, side]] for side, named in enumerate(self.accessions))
        return np.stack([tf, gene, tf == gene], 1)

    def expression_coverage(self) -> dict[str, int]:
        """How many names are Ensembl gene ids, the ids of the study's expression table.

        Only such a name could have found its expression there; every other one got eleven zeros.
        """
        counts = {}
        for side, names in (("tfs", self.tfs), ("genes", self.genes)):
            counts |= {side: int(matches(ENSEMBL, names).sum()), f"{side}_total": len(names)}
        return counts


def load(root: Path | None = None) -> Prior:
    """Read the study's prior from the data folder.

    Raises MissingData as DataFiles does, and CorruptArtefact where the counts are not the study's.
    """
    path = DataFiles.find(root).path(FILE)
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        prior = Prior.of(json.load(stream))
    counts = (len(prior.tfs), len(prior.genes), len(np.unique(prior.edges, axis=0)))
    if counts != (TFS, GENES, EDGES):
        sizes = "{:,} regulators, {:,} genes and {:,} edges"
        raise CorruptArtefact(path, sizes.format(TFS, GENES, EDGES), sizes.format(*counts))
    return prior
