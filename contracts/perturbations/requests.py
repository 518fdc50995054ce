"""What a person sends to have perturbations scored, and gets back."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, FiniteFloat

from contracts.sets.kinds import is_wildtype
from contracts.sets.requests import Kind, Known, SetSupport, SkippedPerturbation
from contracts.wire import Name, Strict

ExpectationBasis = Literal["measured", "partly_measured", "estimated"]
"""How many absent members had their single mutant measured; "measured" where there are none."""


class PerturbedGene(Strict):
    """A gene, by any name the vocabulary resolves, and what is done to it."""

    gene: Name
    kind: Kind = "deletion"


PerturbedSet = Annotated[
    list[PerturbedGene],
    BeforeValidator(
        lambda one: [] if is_wildtype(one) else one,
        json_schema_input_type=list[PerturbedGene] | Literal["wildtype"],
    ),
]
"""Perturbed genes; none of them, or the word `wildtype` in place of the list, is the wildtype."""


class ScorePerturbationsRequest(Strict):
    """Sets of perturbations to score with one entry; `[]` or `"wildtype"` is the wildtype.

    `on_unknown="skip"` leaves out the sets that cannot be used.
    """

    model: Name
    perturbations: Annotated[list[PerturbedSet], Field(min_length=1)]
    on_unknown: Literal["raise", "skip"] = "raise"


class PerturbedSymbol(Strict):
    """A member of a scored set: its approved symbol, its common name and its kind.

    `name` is the symbol again where the vocabulary has no common name of the gene.
    """

    gene: Name
    name: Name
    kind: Known


class PredictedPerturbation(Strict):
    """A set with its fitness (the wildtype has 1), genetic interaction and expectation.

    Without a measured single mutant, as essential genes have none, a member's part in the
    expectation is the model's own estimate, and `expectation_basis` says so.
    """

    genes: list[PerturbedSymbol]
    fitness: FiniteFloat
    gene_interaction: FiniteFloat
    expectation: Annotated[FiniteFloat, Field(ge=0)]
    expectation_basis: ExpectationBasis
    support: SetSupport


class ScorePerturbationsResponse(Strict):
    """The scores in the order of the request, and what was skipped."""

    model: Name
    version: Name
    scores: list[PredictedPerturbation]
    skipped: list[SkippedPerturbation] = Field(default_factory=list[SkippedPerturbation])
