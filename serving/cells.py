"""The endpoints of cells; a body is JSON, or an Arrow stream with a row a cell.

The columns of a stream are `cell` (string; may be left out), `indices` (list<int32>), `counts`
(list<float32>) and, for /transfer_labels, `label` (string), which is null in the cells to label.
Its schema's metadata are EmbedCellsMetadata or TransferLabelsMetadata, with lists as JSON.
"""

from typing import Any

from contracts.cells.requests import (
    CellCounts,
    EmbedCellsMetadata,
    EmbedCellsRequest,
    EmbedCellsResponse,
    GeneCoverage,
    SparseCounts,
    TransferCoverage,
    TransferLabelsMetadata,
    TransferLabelsRequest,
    TransferLabelsResponse,
    TransferredLabel,
)
from serving.endpoint import MORE, Server, endpoint
from serving.limits import check_items
from zoo.cells import sent
from zoo.cells.scorer import CellEmbedder
from zoo.matrices.cells import CellMatrix
from zoo.scorer import require
from zoo.tables import streams

_EXAMPLE = {"species": "human", "genes": ["INS", "GCG", MORE], "counts": [[5, 0, MORE], MORE]}


def _model(server: Server, name: str, wanted: str) -> CellEmbedder:
    return require(server.models.get(name), "cells", wanted)


def _matrix(cells: CellCounts, server: Server) -> CellMatrix:
    """The counts of a request; raises Problem for too many cells."""
    counts, most = cells.counts, server.settings.max_cells
    if isinstance(counts, SparseCounts):
        check_items("cells", len(counts.indptr) - 1, most)
        parts = counts.indptr, counts.indices, counts.data
        return sent.of_parts(*parts, cells.genes, cells.cells)
    check_items("cells", len(counts), most)
    return sent.of_rows(counts, cells.genes, cells.cells)


def _coverage(model: CellEmbedder, matrix: CellMatrix, species: str) -> GeneCoverage:
    """How many of the entry's genes there are; raises LowCoverage where they are too few."""
    there = model.columns_of(matrix, species).coverage
    found = len(there.found)
    return GeneCoverage(share=there.share, found=found, genes=found + len(there.missing))


def _embed_stream(request: EmbedCellsMetadata, table: Any, server: Server) -> Any:
    check_items("cells", table.num_rows, server.settings.max_cells)
    model = _model(server, request.model, "POST /embed_cells")
    matrix = sent.of_table(table, request.genes)
    coverage = _coverage(model, matrix, request.species)
    vectors = model.embed(matrix, request.species, standardise=request.standardise)
    about = {"model": model.entry, "version": model.manifest.version}
    answer = sent.vectors_table(matrix.names, vectors)
    return streams.with_metadata(answer, {**about, "coverage": coverage.model_dump()})


@endpoint(_embed_stream, model="saturn-pancreas", **_EXAMPLE, standardise="entry")
def embed_cells(request: EmbedCellsRequest, server: Server) -> EmbedCellsResponse:
    """A vector of each cell, in one space for the cells of all species."""
    matrix = _matrix(request, server)
    model = _model(server, request.model, "POST /embed_cells")
    coverage = _coverage(model, matrix, request.species)
    vectors = model.embed(matrix, request.species, standardise=request.standardise)
    return EmbedCellsResponse(
        model=model.entry,
        version=model.manifest.version,
        cells=list(matrix.names),
        vectors=vectors.tolist(),
        coverage=coverage,
    )


def _transfer_stream(request: TransferLabelsMetadata, table: Any, server: Server) -> Any:
    check_items("cells", table.num_rows, server.settings.max_cells)
    model = _model(server, request.model, "POST /transfer_labels")
    known, labels, others = sent.divided(table)
    reference = sent.of_table(known, request.reference_genes)
    query = sent.of_table(others, request.genes)
    species = (request.reference_species, request.species)
    answer, coverage = _transferred(model, reference, labels, query, species, request)
    about = {"model": model.entry, "version": model.manifest.version}
    return streams.with_metadata(
        streams.from_frame(answer), {**about, "coverage": coverage.model_dump()}
    )


@endpoint(
    _transfer_stream,
    model="saturn-pancreas",
    reference={**_EXAMPLE, "labels": ["B cell", MORE]},
    query={"species": "mouse", "genes": ["Ins2", "Gcg", MORE], "counts": [[7, 0, MORE], MORE]},
    standardise="entry",
)
def transfer_labels(request: TransferLabelsRequest, server: Server) -> TransferLabelsResponse:
    """The likeliest type of each cell of the query, among those of the reference."""
    reference, query = (_matrix(side, server) for side in (request.reference, request.query))
    model = _model(server, request.model, "POST /transfer_labels")
    species = (request.reference.species, request.query.species)
    labels = request.reference.labels
    answer, coverage = _transferred(model, reference, labels, query, species, request)
    return TransferLabelsResponse(
        model=model.entry,
        version=model.manifest.version,
        labels=[TransferredLabel(**row) for row in answer.to_dict("records")],
        coverage=coverage,
    )


def _transferred(
    model: CellEmbedder,
    reference: CellMatrix,
    labels: list[str],
    query: CellMatrix,
    species: tuple[str, str],
    request: TransferLabelsRequest | TransferLabelsMetadata,
) -> tuple[Any, TransferCoverage]:
    """The table of labels, and the coverage of both sides."""
    coverage = TransferCoverage(
        reference=_coverage(model, reference, species[0]),
        query=_coverage(model, query, species[1]),
    )
    table = model.transfer_labels(
        reference,
        labels,
        query,
        species,
        standardise=request.standardise,
        threshold=request.threshold,
    )
    return table, coverage
