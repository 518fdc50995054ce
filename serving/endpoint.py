"""What a POST endpoint is, and the endpoints of every family, found by the name of its file.

`serving/<family>.py` declares each as a function of a request, with an example of its body.
"""

import importlib
import importlib.util
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import bentoml
from pydantic import BaseModel
from starlette.responses import Response

from contracts import tasks
from serving.bodies import answer, answer_arrow, answer_of, body_of
from serving.models import Models
from serving.settings import Settings
from zoo.tables import streams

Service = TypeVar("Service")

MORE = "..."
"""In an example that would be long, where it goes on: such a one is no request as it stands."""


@dataclass(frozen=True)
class Server:
    """What an endpoint works with: the loaded entries, and how much one request may ask for."""

    models: Models
    settings: Settings


@dataclass(frozen=True)
class Endpoint:
    """One endpoint: its route and page say what the function's name and docstring do.

    `handler` gives the answer to a request, or raises a Problem or a ZooError. Where a body may be
    an Arrow stream as well, `in_arrow` gives a table, given the metadata and the table sent.
    """

    handler: Callable[[Any, Server], BaseModel]
    example: dict[str, Any]
    in_arrow: Callable[[Any, Any, Server], Any] | None = None

    @property
    def name(self) -> str:
        """The function's name; the route is a slash and this."""
        return self.handler.__name__

    def method_of(self, server: Server) -> Any:
        """The method that BentoML calls with a body; its schema is that of the annotations."""

        def method(service: object, body: bytes, kind: str) -> Response:
            return self._answer(body, kind, server)

        method.__name__, method.__doc__ = self.name, inspect.getdoc(self.handler)
        shown = answer_of(inspect.signature(self.handler).return_annotation)
        return bentoml.api(input_spec=body_of(_asked(self.handler)), output_spec=shown)(method)

    def _answer(self, body: bytes, kind: str, server: Server) -> Response:
        """The response to a body that its Content-Type calls `kind`."""
        handler, in_arrow = self.handler, self.in_arrow
        if in_arrow is None or kind != streams.MEDIA_TYPE:
            return answer(
                body, _asked(handler), lambda request: handler(request, server), self.example
            )

        def compute(request: Any, table: Any) -> Any:
            return in_arrow(request, table, server)

        return answer_arrow(body, _asked(in_arrow), compute, self.example)


def _asked(function: Callable[..., Any]) -> type[BaseModel]:
    """The model that a function takes first."""
    asked: type[BaseModel] = next(iter(inspect.signature(function).parameters.values())).annotation
    return asked


def endpoint(
    in_arrow: Callable[[Any, Any, Server], Any] | None = None, /, **example: object
) -> Callable[[Callable[[Any, Server], BaseModel]], Endpoint]:
    """Declare a function to be an endpoint, with the fields of a body that it answers."""
    return lambda handler: Endpoint(handler, example, in_arrow)


def endpoints_of(family: str) -> list[Endpoint]:
    """The endpoints that a family declares; none where it has no file here."""
    home = f"serving.{family}"
    if importlib.util.find_spec(home) is None:
        return []
    declared = vars(importlib.import_module(home)).values()
    return [each for each in declared if isinstance(each, Endpoint)]


def answering(server: Server) -> Callable[[type[Service]], type[Service]]:
    """Give a class a method for every endpoint of every family."""

    def give(service: type[Service]) -> type[Service]:
        for family in tasks.families():
            for each in endpoints_of(family):
                setattr(service, each.name, each.method_of(server))
        return service

    return give
