"""What a person sends to have cells embedded or labelled, and gets back."""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, FiniteFloat, Tag

from contracts.wire import Name, Strict

Species = Literal["human", "mouse"]
"""The species whose cells can be compared: those of contracts.cells.species."""
Standardise = Literal["entry", "data"]
"""Cells are taken as those of training were, or genes first brought to their levels in training."""
Count = Annotated[FiniteFloat, Field(strict=True)]
Position = Annotated[int, Field(strict=True, ge=0)]
Share = Annotated[FiniteFloat, Field(ge=0, le=1)]


class SparseCounts(Strict):
    """Counts by cells as scipy's CSR matrices keep them.

    Cell i has `data[indptr[i]:indptr[i + 1]]`, of the genes at these places of `indices`.
    """

    indptr: Annotated[list[Position], Field(min_length=2)]
    indices: list[Position]
    data: list[Count]


def _form(counts: Any) -> str:
    return "sparse" if isinstance(counts, dict | SparseCounts) else "rows"


Counts = Annotated[
    Annotated[SparseCounts, Tag("sparse")]
    | Annotated[list[list[Count]], Field(min_length=1), Tag("rows")],
    Discriminator(_form),
]
"""A row of counts for each cell, or the same as three lists."""


class CellGenes(Strict):
    """The species of cells, and the names of the genes that were counted, of any kind."""

    species: Species
    genes: Annotated[list[Name], Field(min_length=1)]


class CellCounts(CellGenes):
    """Raw counts of cells of one species, and optional names of the `cells`."""

    counts: Counts
    cells: list[Name] | None = None


class EmbedCellsMetadata(CellGenes):
    """What an Arrow stream of cells to embed says in its metadata."""

    model: Name
    standardise: Standardise = "entry"


class EmbedCellsRequest(CellCounts, EmbedCellsMetadata):
    """Cells to embed with one entry."""


class GeneCoverage(Strict):
    """How many of the entry's genes are among those sent."""

    share: Share
    found: Position
    genes: Position


class EmbedCellsResponse(Strict):
    """A unit vector for each cell, in the order of the request.

    `cells` are their names, or their numbers from 0.
    """

    model: Name
    version: Name
    cells: list[Name]
    vectors: list[list[FiniteFloat]]
    coverage: GeneCoverage


class LabelledCells(CellCounts):
    """Cells whose types are known: `labels` has one for each."""

    labels: Annotated[list[Name], Field(min_length=1)]


class TransferLabelsRequest(Strict):
    """Cells `query` to label with the types of the cells of `reference`.

    A label is `unassigned` below `threshold` (None: the entry's own).
    """

    model: Name
    reference: LabelledCells
    query: CellCounts
    standardise: Standardise = "entry"
    threshold: Share | None = None


class TransferLabelsMetadata(Strict):
    """What an Arrow stream of cells, with labels and without, says in its metadata."""

    model: Name
    reference_species: Species
    reference_genes: Annotated[list[Name], Field(min_length=1)]
    species: Species
    genes: Annotated[list[Name], Field(min_length=1)]
    standardise: Standardise = "entry"
    threshold: Share | None = None


class TransferredLabel(Strict):
    """The likeliest type of a cell, how sure it is from 0 to 1, and the runner-up."""

    cell: Name
    label: Name
    confidence: Share
    second: Name


class TransferCoverage(Strict):
    """How many of the entry's genes each side has."""

    reference: GeneCoverage
    query: GeneCoverage


class TransferLabelsResponse(Strict):
    """A label for each cell of the query, in the order of the request."""

    model: Name
    version: Name
    labels: list[TransferredLabel]
    coverage: TransferCoverage
