"""What a person sends to have a gene list explained by regulators, and gets back."""

from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from contracts.pairs.requests import Count, Probability, Rank
from contracts.wire import Name, Strict

Names = Annotated[list[Name], Field(min_length=1)]
AtLeast0 = Annotated[FiniteFloat, Field(ge=0)]


class EnrichRequest(Strict):
    """A list of genes whose `k` best regulators are wanted.

    `background` has all genes that could have been in the list (null: the whole vocabulary);
    `signs` has 1 for genes that go up and -1 for those that go down, by name.
    `on_unknown="skip"` leaves out names that cannot be resolved.
    """

    model: Name
    genes: Names
    background: Names | None = None
    signs: dict[Name, Literal[1, -1]] | None = None
    k: Rank = 20
    on_unknown: Literal["raise", "skip"] = "raise"


class EnrichedRegulator(Strict):
    """One regulator of a gene list.

    `score` joins the evidence, 1 at most. `p_value` and `q_value` (Benjamini-Hochberg) are of
    chance alone. `listed` counts genes of the list that a resource lists with it, where chance has
    `expected`; `predicted` others with a high pair-specific logit; `known_share` is the listed
    part. `activity` is 1 where its genes go as it sends them, -1 the other way. `genes` are those
    of both counts. Null: the entry lists no edges, or nothing is known.
    """

    rank: Rank
    tf: Name
    score: Probability
    p_value: Probability
    q_value: Probability
    listed: Count | None = None
    expected: AtLeast0 | None = None
    predicted: Count
    known_share: Probability | None = None
    activity: Annotated[FiniteFloat, Field(ge=-1, le=1)] | None = None
    tf_edges: Count
    genes: list[Name]


class SkippedName(Strict):
    """A name of the list left out: where it stood, from 0, and the code of its error."""

    row: Count
    name: Name
    reason: Literal["unknown-gene", "ambiguous-gene"]


class EnrichResponse(Strict):
    """The regulators, best first; `genes` and `background` count different genes."""

    model: Name
    version: Name
    genes: Count
    background: Count
    skipped: list[SkippedName] = []  # noqa: RUF012 (pydantic copies it)
    regulators: list[EnrichedRegulator]
