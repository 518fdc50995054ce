"""What the requests and answers of all families share: strict, with one set of field names.

The same names serve Python, `zoo --json` and HTTP. An unknown field, a number for a name or an
empty list is an error. Space around a name is dropped; what is repeated is kept, in order.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(strict=True, strip_whitespace=True, min_length=1)]


class Strict(BaseModel):
    """A request or an answer: frozen, and without fields that it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
