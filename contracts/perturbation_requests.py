"""What a person sends to have perturbations scored, and gets back; see contracts.requests."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from contracts.requests import Name, Strict

Known = Literal["absent", "present", "added", "overexpressed"]
Kind = Literal[Known, "deletion", "overexpression"]
"""A kind, or what people write for it."""

SetSupport = Literal["all_seen", "some_seen", "unseen"]
"""How many members of a set had training records, for their gene and for their kind."""


class PerturbedGene(Strict):
    """A gene, by any name the vocabulary resolves, and what is done to it."""

    gene: Name
    kind: Kind = "deletion"


class ScorePerturbationsRequest(Strict):
    """Sets of perturbations to score with one entry; an empty set is the wildtype.

    `on_unknown="skip"` leaves out the sets with a name that cannot be resolved.
    """

    model: Name
    perturbations: Annotated[list[list[PerturbedGene]], Field(min_length=1)]
    on_unknown: Literal["raise", "skip"] = "raise"


class PerturbedSymbol(Strict):
    """A member of a scored set: its approved symbol and its kind."""

    gene: Name
    kind: Known


class PredictedPerturbation(Strict):
    """A set with its fitness (the wildtype has 1), genetic interaction and expectation."""

    genes: list[PerturbedSymbol]
    fitness: FiniteFloat
    gene_interaction: FiniteFloat
    expectation: Annotated[FiniteFloat, Field(ge=0)]
    support: SetSupport


class SkippedPerturbation(Strict):
    """A set of the request (from 0) left out, the name at fault and the code of its error."""

    row: Annotated[int, Field(strict=True, ge=0)]
    name: Name
    reason: Literal["unknown-gene", "ambiguous-gene"]


class ScorePerturbationsResponse(Strict):
    """The scores in the order of the request, and what was skipped."""

    model: Name
    version: Name
    scores: list[PredictedPerturbation]
    skipped: list[SkippedPerturbation] = Field(default_factory=list[SkippedPerturbation])
