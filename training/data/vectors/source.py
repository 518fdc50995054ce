"""Gene vectors of one source, under approved human symbols."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Float32

from contracts.genes.vocabulary import Vocabulary
from training.data import gene_records
from training.data.files import DataFiles


@dataclass(frozen=True, eq=False)
class VectorSource:
    """Vectors of genes, a row a symbol; every symbol stands once.

    `about` says in sentences what the vectors are made of; `licence` is that of the source.
    """

    name: str
    about: str
    licence: str
    symbols: tuple[str, ...]
    matrix: Float32[np.ndarray, "genes dim"]

    @classmethod
    def of_rows(
        cls,
        name: str,
        about: str,
        licence: str,
        symbols: Iterable[str],
        matrix: Float[np.ndarray, "genes dim"],
    ) -> "VectorSource":
        """Of rows sorted by symbol here; a gene whose vector is all zeros is left out."""
        listed = np.array(list(symbols), object)
        rows = np.flatnonzero((matrix != 0).any(axis=1))
        rows = rows[np.argsort(listed[rows], kind="stable")]
        return cls(name, about, licence, tuple(listed[rows]), matrix[rows].astype(np.float32))

    @cached_property
    def _place(self) -> dict[str, int]:
        return {symbol: row for row, symbol in enumerate(self.symbols)}

    def known(self, symbols: Sequence[str]) -> Bool[np.ndarray, "genes"]:
        """Which of these genes have a vector."""
        return np.array([symbol in self._place for symbol in symbols], bool)

    def rows(self, symbols: Sequence[str]) -> Float32[np.ndarray, "genes dim"]:
        """The vectors of these genes, in order: NaN for a gene without."""
        found = np.full((len(symbols), self.matrix.shape[1]), np.nan, np.float32)
        known = self.known(symbols)
        places = [self._place[s] for s, there in zip(symbols, known, strict=True) if there]
        found[known] = self.matrix[places]
        return found


def human(files: DataFiles) -> Vocabulary:
    """All approved human genes with their names, for names of any table."""
    return gene_records.approved(files)[1]
