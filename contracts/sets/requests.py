"""What requests about sets of perturbed genes share, whatever family answers them."""

from typing import Annotated, Literal

from pydantic import Field

from contracts.wire import Name, Strict

Known = Literal["absent", "present", "added", "overexpressed"]
Kind = Literal[Known, "deletion", "deleted", "overexpression"]
"""A kind, or what people write for it."""

SetSupport = Literal["all_seen", "some_seen", "unseen"]
"""How many members of a set had training records, for their gene and for their kind."""


class SkippedPerturbation(Strict):
    """A set of the request (from 0) left out, the name or set at fault and why."""

    row: Annotated[int, Field(strict=True, ge=0)]
    name: Name
    reason: Literal[
        "unknown-gene",
        "ambiguous-gene",
        "not-a-set",
        "gene-twice",
        "too-many-genes",
        "unsupported-kind",
    ]
