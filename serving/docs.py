"""GET /docs.json: BentoML's OpenAPI description of the service, with our own name and version."""

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from zoo.version import __version__

PATH = "/docs.json"


def app_for(describe: Callable[[], dict[str, Any]], description: str) -> Starlette:
    """An application with this one page, to be mounted before BentoML's page of the same path."""

    def docs(request: Request) -> Response:
        told = describe()
        # BentoML describes itself there, and knows no version but of what it has packaged.
        info = {"title": "regzoo", "version": __version__, "description": description}
        return JSONResponse({**told, "info": info})

    return Starlette(routes=[Route(PATH, docs)])
