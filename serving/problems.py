"""Errors as problem details (RFC 9457): one JSON object with type, title, status and detail.

`code` says the same as `type` in one word; the further members are the error's own facts, such as
the near names of an unknown gene. Nothing of the server's inside is told: what went wrong there is
written to its log.
"""

import json
import logging
import reprlib
from http import HTTPStatus
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from starlette.responses import Response

from contracts.errors import (
    ContractViolation,
    EmptyInput,
    InvalidInput,
    InvalidOption,
    StoreError,
    UnknownEntry,
    Unsupported,
    Violation,
    ZooError,
)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:regzoo:problem:"

LONGEST = 200
"""How many characters of a text of the request an answer repeats."""

_log = logging.getLogger(__name__)

_STATUS: dict[type, int] = {
    UnknownEntry: 404,
    InvalidInput: 422,
    Unsupported: 422,
    StoreError: 503,
    ZooError: 500,
}
_NOT_ALLOWED = {"too_short", "string_too_short", "greater_than_equal", "literal_error"}
"""What pydantic calls a value of the right type that is not allowed."""

_EXPECTED = {
    "extra_forbidden": "no field of this name",
    "missing": "this field",
    "too_short": "at least one item",
    "string_too_short": "at least one character",
}

INSIDE = "The server could not do this and its log says why; the request itself may be right."


class Problem(Exception):
    """An answer that is no success; raise it, or send its `response()`.

    Args:
        status: HTTP status, 400 to 599.
        code: one kebab-case word; empty where the status says it all (`about:blank`).
        detail: complete sentences: what was got, what was expected, what to send instead.
        facts: further members, ready for JSON.
    """

    def __init__(
        self, status: int, code: str, detail: str, facts: dict[str, Any] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.facts = facts or {}

    def body(self) -> dict[str, Any]:
        """The members; no fact can replace a standard one."""
        phrase = HTTPStatus(self.status).phrase
        standard = {
            "type": TYPE_PREFIX + self.code if self.code else "about:blank",
            "title": self.code.replace("-", " ").capitalize() or phrase,
            "status": self.status,
            "code": self.code or phrase.lower().replace(" ", "-"),
            "detail": self.detail,
        }
        return {**standard, **self.facts, **standard}

    def response(self, headers: dict[str, str] | None = None) -> Response:
        """The problem as an HTTP response."""
        content = json.dumps(self.body(), ensure_ascii=False, allow_nan=False)
        return Response(content, self.status, headers, media_type=MEDIA_TYPE)


def clipped(value: Any) -> Any:
    """A value for JSON with long texts cut, keys too: no answer repeats a megabyte of request."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST else f"{value[: LONGEST - 3]}..."
    if isinstance(value, dict):
        fields = cast(dict[str, Any], value)
        return {clipped(key): clipped(inner) for key, inner in fields.items()}
    if isinstance(value, list):
        return [clipped(inner) for inner in cast(list[Any], value)]
    return value


def from_error(error: ZooError) -> Problem:
    """The problem that an error of the zoo is to whoever sent the request.

    Errors that are the server's own are logged, and told without paths and addresses.
    """
    status = next(_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS)
    if status < HTTPStatus.INTERNAL_SERVER_ERROR:
        advice = " GET /models lists them all." if isinstance(error, UnknownEntry) else ""
        return Problem(status, error.code, f"{error}{advice}", clipped(error.details()))
    _log.error("%s", error, exc_info=error)
    return Problem(status, error.code, INSIDE)


def from_validation(error: ValidationError, example: str) -> Problem:
    """The problem with a body that is not the request expected; `example` is one that is."""
    found = error.errors(include_url=False)
    first = found[0]
    if first["type"] == "json_invalid":
        reason = first.get("ctx", {}).get("error", first["msg"])
        detail = f"The body is not JSON: {reason}. Send something like {example}"
        return Problem(400, "malformed-body", detail)
    violations = [_violation(one) for one in found]
    if not all(one["type"] in _NOT_ALLOWED for one in found):
        told = ContractViolation(violations)
        detail = f"{told} Send something like {example}"
        return Problem(400, "invalid-request", detail, clipped(told.details()))
    if len(found) > 1 or len(first["loc"]) > 1:
        return from_error(ContractViolation(violations))
    where, expected = violations[0].where, violations[0].expected
    if first["type"] == "too_short":
        return from_error(EmptyInput(where))
    return from_error(InvalidOption(where, first["input"], expected))


def _violation(one: ErrorDetails) -> Violation:
    where = ".".join(clipped(str(part)) for part in one["loc"]) or "the body"
    got = "nothing" if one["type"] == "missing" else reprlib.repr(one["input"])
    return Violation(
        where, got, _EXPECTED.get(one["type"], one["msg"].removeprefix("Input should be "))
    )


def from_answer(error: ValidationError) -> Problem:
    """The problem with an answer that breaks its own model, as with a number that is not finite.

    The answer is withheld: it would have said null, or worse, where a number should be.
    """
    _log.error("an answer was withheld", exc_info=error)
    kinds = {one["type"] for one in error.errors(include_url=False)}
    code = "not-finite" if "finite_number" in kinds else "invalid-answer"
    return Problem(500, code, f"The model's answer was not sound and is withheld. {INSIDE}")
