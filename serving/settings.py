"""What a server may be told from outside: environment variables ZOO_SERVE_*, all optional.

Each field of `Settings` is one variable, in capitals: `max_pairs` is ZOO_SERVE_MAX_PAIRS. A
variable that is no field is refused, so that a typo never passes for a setting.
"""

import os
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, PositiveInt, ValidationError
from pydantic_core import PydanticCustomError

from contracts.errors import InvalidOption
from contracts.wire import Strict

PREFIX = "ZOO_SERVE_"

_EXPECTED = {"int_parsing": "a whole number"}
"""What to say in place of pydantic's own words."""


def _address(host: str) -> str:
    """Give the address itself: BentoML binds no names."""
    try:
        return str(ip_address("127.0.0.1" if host == "localhost" else host))
    except ValueError:
        raise PydanticCustomError("address", "an IPv4 or IPv6 address, or localhost") from None


def _entries(names: object) -> object:
    """Split the comma-separated form that a variable holds."""
    if not isinstance(names, str):
        return names
    return tuple(name for part in names.split(",") if (name := part.strip()))


class Settings(Strict):
    """Limits and addresses of one server; frozen, and read once when the service is imported."""

    host: Annotated[str, AfterValidator(_address)] = "127.0.0.1"
    """IP address to bind. The default is reached from this machine only."""
    port: int = Field(default=3000, ge=1, le=65535)
    max_body_bytes: PositiveInt = 4 * 1024 * 1024
    """Largest request body, in bytes."""
    max_pairs: PositiveInt = 20_000
    """Most pairs in one /score_pairs request, and most rows in one /top_regulators answer."""
    max_genes: PositiveInt = 200
    """Most genes in one /top_regulators request; each is scored against every regulator."""
    max_sets: PositiveInt = 20_000
    """Most sets in one /score_perturbations or /predict_expression request."""
    max_subsets: PositiveInt = 200_000
    """Most pairs and triples of genes within the sets of one request; each is predicted."""
    max_changes: PositiveInt = 200_000
    """Most changes in one /predict_expression answer: sets times genes listed of each."""
    max_cells: PositiveInt = 5_000
    """Most cells in one /embed_cells request, or on either side of /transfer_labels."""
    threads: PositiveInt = 2
    """Requests scored at once; each uses one core."""
    preload: Annotated[tuple[str, ...], BeforeValidator(_entries)] = ()
    """Entries loaded before the server calls itself ready; the others load on first use."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """Read the settings from ZOO_SERVE_* variables.

        Raises:
            InvalidOption: a variable has no field, or a value that its field does not take.
        """
        found = {key: value for key, value in environment.items() if key.startswith(PREFIX)}
        try:
            return cls.model_validate({key[len(PREFIX) :].lower(): v for key, v in found.items()})
        except ValidationError as error:
            first = error.errors()[0]
            variable = PREFIX + str(first["loc"][0]).upper()
            known = ", ".join(PREFIX + field.upper() for field in cls.model_fields)
            said = first["msg"].removeprefix("Input should be ")
            wrong = _EXPECTED.get(first["type"], said)
            expected = f"one of {known}" if first["type"] == "extra_forbidden" else wrong
            raise InvalidOption(variable, found[variable], expected) from error
