"""What `zoo.load` gives for cells: vectors of raw counts, and labels from species to species."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float32

from contracts.errors import InvalidOption, LowCoverage
from contracts.genes.faults import checked
from zoo.cells.counts import counts_of
from zoo.cells.state import COVERAGE_FLOOR, TRANSFER, standard
from zoo.cells.statistics import GeneStatistics, Moments
from zoo.cells.transfer import Prototypes, labels_of
from zoo.matrices import cells as matrices
from zoo.matrices.cells import CellMatrix
from zoo.matrices.genes import Coverage, GeneColumns, require_coverage
from zoo.results import frame
from zoo.scorer import Scorer

if TYPE_CHECKING:
    import pandas as pd

Counts = Float32[np.ndarray, "cells genes"]
Vectors = Float32[np.ndarray, "cells dim"]
Standardise = str | GeneStatistics
"""`entry`, `data`, or statistics of other cells."""


class CellEmbedder(Scorer):
    """An entry that makes vectors of the cells of several species in one space."""

    def _knows(self) -> str:
        return ", ".join(f"{len(v)} {name} genes" for name, v in self.vocabularies.items())

    @property
    def species(self) -> tuple[str, ...]:
        """The species whose cells it knows."""
        return tuple(self.vocabularies)

    @property
    def dim(self) -> int:
        """The length of a vector."""
        return self.manifest.sizes["dim"]

    @property
    def coverage_floor(self) -> float:
        """The share of the entry's genes that a matrix must have."""
        return round(float(self._opened.state[COVERAGE_FLOOR][0]), 6)

    @property
    def temperature(self) -> float:
        """What cosines are divided by to be confidences."""
        return float(self._opened.state[TRANSFER][0])

    @property
    def threshold(self) -> float:
        """The confidence under which a cell stays unassigned, if nothing else is said."""
        return round(float(self._opened.state[TRANSFER][1]), 6)

    def embed(
        self,
        cells: Any,
        species: str,
        layer: str | None = None,
        genes: Any = None,
        standardise: Standardise = "entry",
    ) -> Vectors:
        """Unit vectors of cells, float32 [cells, dim].

        Args:
            cells: raw counts, a row a cell: an AnnData (in memory, backed or a view), a DataFrame
                with genes as columns, or a scipy or numpy matrix.
            species: "human" or "mouse".
            layer: the layer of an AnnData that has raw counts; None takes X.
            genes: names of the columns, where a matrix has none; of an AnnData also a column of
                var. Symbols, former ones, aliases or Ensembl ids; unknown ones change nothing.
            standardise: "entry" takes cells as those of training were taken, so that a vector
                depends on its cell alone. "data" first brings each gene to the mean and deviation
                that it has in training, over these very cells: at least 20, all of a sample
                together. What `statistics` gave for other cells does the same over those.

        Raises:
            LowCoverage: too few of the entry's genes are there; the message has the likely cause.
            NotCounts: broken, negative or missing numbers. EmptyCell: a cell without counts.
            RepeatedGene: two columns that are one gene. EmptyInput: no cells.
            InvalidOption, ContractViolation: anything else that cannot be used as given.
        """
        matrix = matrices.read(cells, layer, genes)
        return self._embedded(matrix, self.columns_of(matrix, species), standardise)

    def embed_into(
        self,
        adata: Any,
        key: str = "X_saturn",
        *,
        species: str,
        layer: str | None = None,
        genes: Any = None,
        standardise: Standardise = "entry",
    ) -> None:
        """Write vectors to `adata.obsm[key]` and what made them to `adata.uns[key]`.

        See `embed` for the options and errors. A view is refused: it has no place for them.
        """
        if not matrices.is_anndata(adata):
            raise InvalidOption("adata", type(adata).__name__, "an AnnData; or use embed")
        if adata.is_view:
            raise InvalidOption("adata", "a view", "an AnnData of its own: adata.copy()")
        matrix = matrices.read(adata, layer, genes)
        columns = self.columns_of(matrix, species)
        adata.obsm[key] = self._embedded(matrix, columns, standardise)
        adata.uns[key] = self.about(columns)

    def about(self, columns: GeneColumns) -> dict[str, Any]:
        """What made vectors, for `uns`: entry, version, species and coverage."""
        about = {"entry": self.entry, "version": self.manifest.version}
        return about | {"species": columns.species, "coverage": columns.coverage.share}

    def statistics(
        self, cells: Any, species: str, layer: str | None = None, genes: Any = None
    ) -> GeneStatistics:
        """Mean and deviation of every gene's level over at least 20 cells, for `standardise`."""
        matrix = matrices.read(cells, layer, genes)
        columns = self.columns_of(matrix, species)
        return self.statistics_of(counts_of(matrix, columns), columns)

    def coverage(self, genes: Iterable[str], species: str) -> Coverage:
        """Which of the entry's genes some names lead to, however few."""
        names = checked(genes, "genes", missing=True)
        self._check_species(species)
        return GeneColumns.of(names, species, self.vocabularies[species]).coverage

    def transfer_labels(
        self,
        reference: Any,
        labels: Any,
        query: Any,
        species: tuple[str, str],
        layer: str | None = None,
        standardise: Standardise | tuple[Standardise, Standardise] = "entry",
        threshold: float | None = None,
    ) -> "pd.DataFrame":
        """Label the cells of `query` with the types of `reference`, of another species or its own.

        Args:
            reference, query: as `embed` takes cells; matrices without names go as DataFrames.
            labels: a column of the reference's obs, or a label for each of its cells.
            species: that of the reference and that of the query.
            layer: the layer of both that has raw counts.
            standardise: as in `embed`, for both or for each.
            threshold: the confidence under which a cell is `unassigned`; None is the entry's.

        Returns:
            A row a cell of the query: cell, label, confidence and second, the next type.
            Confidence is a softmax over the types, calibrated on cells that training did not see.

        Raises:
            InvalidOption: labels of one type, or a threshold outside 0 to 1. What `embed` raises.
        """
        if not isinstance(species, tuple | list) or len(species) != 2:
            raise InvalidOption("species", species, "that of the reference and that of the query")
        ways = standardise if isinstance(standardise, tuple) else (standardise, standardise)
        is_number = isinstance(threshold, int | float | np.number)
        if threshold is not None and not (is_number and 0 <= threshold <= 1):
            raise InvalidOption("threshold", threshold, "a number from 0 to 1")
        sides = [matrices.read(cells, layer) for cells in (reference, query)]
        types = labels_of(reference, labels, sides[0].names)
        columns = [
            self._columns_of_side(*each)
            for each in zip(sides, species, ("reference", "query"), strict=True)
        ]
        prototypes = Prototypes.of(self._embedded(sides[0], columns[0], ways[0]), types)
        vectors = self._embedded(sides[1], columns[1], ways[1])
        least = self.threshold if threshold is None else float(threshold)
        assigned = prototypes.assign(vectors, self.temperature, least)
        return frame({"cell": list(sides[1].names), **vars(assigned)})

    def columns_of(self, matrix: CellMatrix, species: str) -> GeneColumns:
        """The entry's genes among the columns of a matrix; raises as `embed` does."""
        self._check_species(species)
        columns = GeneColumns.of(matrix.genes, species, self.vocabularies[species])
        named = {"genes": matrix.genes, "cells": matrix.names, **matrix.others}
        require_coverage(columns, self.coverage_floor, self.vocabularies, named)
        return columns

    def _columns_of_side(self, matrix: CellMatrix, species: str, side: str) -> GeneColumns:
        try:
            return self.columns_of(matrix, species)
        except LowCoverage as error:
            cause = f"It is that of the {side}. {error.cause}"
            raise LowCoverage(species, error.found, error.total, error.floor, cause) from None

    def statistics_of(self, chunks: Iterable[Counts], columns: GeneColumns) -> GeneStatistics:
        """Mean and deviation over cells that come chunk by chunk, of any size."""
        moments = Moments(len(columns.symbols))
        for counts in chunks:
            moments.add(counts)
        return moments.statistics(columns.species, columns.present)

    def vectors_of(
        self, chunks: Iterable[Counts], columns: GeneColumns, statistics: GeneStatistics
    ) -> Iterator[Vectors]:
        """Vectors of cells that come chunk by chunk; those of a cell depend on it alone."""
        own = standard(self._opened.state, columns.species)
        inputs = own.inputs(statistics, columns.present)
        graph = self._opened.graphs[columns.species]
        for counts in chunks:
            yield graph.run({"counts": counts, **inputs})["vector"]

    def statistics_for(
        self, columns: GeneColumns, standardise: Standardise
    ) -> GeneStatistics | None:
        """What `standardise` stands for; None where it is the cells' own statistics."""
        trained = standard(self._opened.state, columns.species).trained
        if isinstance(standardise, GeneStatistics):
            return standardise.like(trained)
        if standardise not in ("entry", "data"):
            raise InvalidOption("standardise", standardise, "'entry', 'data' or GeneStatistics")
        return trained if standardise == "entry" else None

    def _embedded(
        self, matrix: CellMatrix, columns: GeneColumns, standardise: Standardise
    ) -> Vectors:
        statistics = self.statistics_for(columns, standardise)
        if statistics is None:
            statistics = self.statistics_of(counts_of(matrix, columns), columns)
        vectors = np.empty((len(matrix), self.dim), np.float32)
        start = 0
        for chunk in self.vectors_of(counts_of(matrix, columns), columns, statistics):
            vectors[start : start + len(chunk)] = chunk
            start += len(chunk)
        return vectors

    def _check_species(self, species: object) -> None:
        if species not in self.vocabularies:
            raise InvalidOption("species", species, f"one of {', '.join(self.vocabularies)}")
