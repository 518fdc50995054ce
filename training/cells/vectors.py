"""Vectors of the genes of all species in one space: what macrogenes are made of.

Genes whose proteins are alike in sequence or function lie near each other there. In Rosen et al.
2024 they are embeddings of a protein language model. Without those, three kinds are made from the
annotation of a data set, and any others can be read from a file.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float, Float32, Int64
from scipy import sparse

from contracts.errors import InvalidOption
from contracts.genes.vocabulary import Vocabulary
from training.data.cells import CellData
from training.data.pairs import require_coverage
from training.data.vectors import factors, reading
from training.data.vectors.factors import DIM
from zoo.store.files import sha256

FLOOR = 0.5
"""The least share of a species' genes that a file must have vectors of."""
SHOWN = 12
"""Digits of a file's digest that are shown."""
BLOCK = 2048
"""Genes whose similarities are looked at together."""

OfSpecies = Mapping[str, Float32[np.ndarray, "_ dim"]]


@dataclass(frozen=True, eq=False)
class GeneVectors:
    """Vectors of length 1 for the genes of every species, in the order of the data.

    `about` says what they are; a gene that is not `known` has none.
    """

    about: str
    vectors: OfSpecies
    known: Mapping[str, Bool[np.ndarray, "_"]]

    @classmethod
    def of(cls, about: str, vectors: Mapping[str, Float[np.ndarray, "_ dim"]]) -> "GeneVectors":
        """Bring vectors to length 1; a gene with a vector of zeros has none."""
        length = {species: np.linalg.norm(each, axis=1) for species, each in vectors.items()}
        unit = {
            species: (each / np.maximum(length[species], 1e-12)[:, None]).astype(np.float32)
            for species, each in vectors.items()
        }
        return cls(about, unit, {species: each > 1e-9 for species, each in length.items()})

    def partners(self, one: str, other: str) -> Int64[np.ndarray, "pairs 2"]:
        """Genes of two species that are each other's nearest, as positions in the data."""
        rows, columns = (np.flatnonzero(self.known[species]) for species in (one, other))
        first, second = self.vectors[one][rows], self.vectors[other][columns]
        nearest, best = np.zeros(len(rows), np.int64), np.full(len(columns), -np.inf, np.float32)
        back = np.zeros(len(columns), np.int64)
        for start in range(0, len(rows), BLOCK):
            similarity = first[start : start + BLOCK] @ second.T
            nearest[start : start + BLOCK] = similarity.argmax(axis=1)
            top = similarity.argmax(axis=0)
            value = similarity[top, np.arange(len(columns))]
            better = value > best
            back[better], best[better] = top[better] + start, value[better]
        mutual = np.flatnonzero(back[nearest] == np.arange(len(rows)))
        return np.stack([rows[mutual], columns[nearest[mutual]]], axis=1)


def orthologs(data: CellData, seed: int) -> GeneVectors:
    """A vector drawn by chance for every pair of one-to-one orthologs, and for every other gene."""
    rng = np.random.default_rng(seed)
    shared = rng.normal(size=(len(data.orthologs), DIM))
    vectors = {}
    for species, one in data.species.items():
        vectors[species] = rng.normal(size=(len(one.genes), DIM))
        vectors[species][data.orthologs[species]] = shared
    return GeneVectors.of(
        "Each pair of one-to-one orthologs (Ensembl) has one vector, drawn by chance. The vectors "
        "know which genes correspond, and nothing of their proteins.",
        vectors,
    )


def terms(data: CellData, seed: int) -> GeneVectors:
    """GO terms by experiment, weighted by how rare they are, in so many singular vectors."""
    each = {species: one.terms for species, one in data.species.items()}
    vectors = factors.of_annotation(sparse.vstack(list(each.values())).tocsr(), seed)
    parts = np.split(vectors, np.cumsum([one.shape[0] for one in each.values()])[:-1])
    return GeneVectors.of(
        "The vectors are singular vectors of GO terms with experimental evidence. They know what "
        "genes do, and nothing of orthology.",
        dict(zip(each, parts, strict=True)),
    )


def random(data: CellData, seed: int) -> GeneVectors:
    """A vector drawn by chance for every gene: a control."""
    rng = np.random.default_rng(seed)
    return GeneVectors.of(
        "Each gene of each species has a vector drawn by chance: a control that knows nothing.",
        {species: rng.normal(size=(len(one.genes), DIM)) for species, one in data.species.items()},
    )


KINDS: dict[str, Callable[[CellData, int], GeneVectors]] = {
    made.__name__: made for made in (orthologs, terms, random)
}


def make(kind: str, data: CellData, seed: int) -> GeneVectors:
    """Vectors of one of KINDS. Raises InvalidOption for another kind."""
    if kind not in KINDS:
        expected = f"one of {', '.join(KINDS)}, or a file that --gene-vectors names"
        raise InvalidOption("gene_vectors", kind, expected)
    return KINDS[kind](data, seed)


def read(path: Path, data: CellData) -> GeneVectors:
    """Vectors from a file (see training.data.vectors.reading).

    Names are symbols, former ones or Ensembl ids of either species; a table may have a column
    `species`. Raises BadTable for a file that cannot be used, LowCoverage for one with too few
    genes.
    """
    rows, vectors = reading.read(path), {}
    for name, one in data.species.items():
        there = np.flatnonzero(rows.species == name) if rows.species is not None else None
        there = np.arange(len(rows.names)) if there is None else there
        place = {gene.symbol: number for number, gene in enumerate(one.records)}
        symbols = Vocabulary.from_records(one.records).symbols(rows.names[row] for row in there)
        vectors[name] = np.zeros((len(one.genes), rows.matrix.shape[1]), np.float32)
        for row, symbol in zip(there.tolist(), symbols, strict=True):
            if symbol is not None:
                vectors[name][place[symbol]] = rows.matrix[row]
        share = float((np.abs(vectors[name]).sum(axis=1) > 0).mean())
        require_coverage(f"the genes of {name} in {path.name}", share, FLOOR)
    digest = sha256(path)[:SHOWN]
    about = f"Vectors of {rows.matrix.shape[1]} numbers from {path.name} (SHA-256 {digest}...)."
    return GeneVectors.of(about, vectors)
