"""What a person sends to have changes of expression predicted, and gets back."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, FiniteFloat

from contracts.sets.kinds import is_wildtype
from contracts.sets.requests import Kind, SetSupport, SkippedPerturbation
from contracts.wire import Name, Strict

Support = Literal["measured", SetSupport]
"""`measured`: the change of this very set was measured; else how many members training has seen."""

Expression = Annotated[FiniteFloat, Field(strict=True, ge=0)]
Control = Annotated[dict[Name, Expression], Field(min_length=1)]
"""Mean expression of genes in unperturbed cells, in the entry's unit."""
Top = Annotated[int, Field(ge=1)]


class RespondingGene(Strict):
    """A gene, by any name the vocabulary resolves; its `kind`, if said, must be the entry's."""

    gene: Name
    kind: Kind | None = None


RespondingSet = Annotated[
    list[RespondingGene],
    BeforeValidator(
        lambda one: [] if is_wildtype(one) else one,
        json_schema_input_type=list[RespondingGene] | Literal["wildtype"],
    ),
]
"""Perturbed genes; none of them, or the word `wildtype` in place of the list, changes nothing."""


class PredictExpressionMetadata(Strict):
    """What an Arrow stream of sets says in its metadata.

    `control` are unperturbed cells, those of training if left out. `top` lists only so many genes
    of each set, the most changed first. `on_unknown="skip"` leaves out sets that cannot be used.
    """

    model: Name
    control: Control | None = None
    top: Top | None = None
    on_unknown: Literal["raise", "skip"] = "raise"


class PredictExpressionRequest(PredictExpressionMetadata):
    """Sets of perturbed genes whose change of expression one entry predicts."""

    perturbations: Annotated[list[RespondingSet], Field(min_length=1)]


class PredictedExpression(Strict):
    """The change of expression of each gene of `gene`, when all of `genes` are perturbed.

    `low` and `high` are the 95% interval of the true change. `measured` has the change that
    training measured of this very set, and is empty where it was not measured.
    """

    genes: list[Name]
    support: Support
    gene: list[Name]
    change: list[FiniteFloat]
    low: list[FiniteFloat]
    high: list[FiniteFloat]
    measured: list[FiniteFloat] = Field(default_factory=list[FiniteFloat])


class PredictExpressionResponse(Strict):
    """The changes in the order of the request, in the entry's `unit`, and what was skipped.

    All genes were perturbed as `kind` says. `doubts` are sentences about the control.
    """

    model: Name
    version: Name
    kind: Name
    unit: Name
    predictions: list[PredictedExpression]
    skipped: list[SkippedPerturbation] = Field(default_factory=list[SkippedPerturbation])
    doubts: list[str] = Field(default_factory=list[str])
