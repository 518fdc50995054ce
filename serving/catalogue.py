"""Read-only pages about the entries: the list, one entry, its card, its certificate.

A Starlette application that the service mounts beside its endpoints; it loads no model.
"""

import json
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

import zoo
from contracts.errors import MissingArtefact, ZooError
from contracts.manifest import FILENAME, Manifest
from serving import problems
from serving.problems import Problem
from zoo.store import catalogue, digests, folders

PARITY = "parity.json"


def index(request: Request) -> Response:
    """GET /: send a browser to the list. BentoML's own page here loads scripts that track it."""
    return RedirectResponse("/models")


def models(request: Request) -> Response:
    """GET /models: every entry on this machine, with its headline metric if it has one.

    `broken` is there where entries have a manifest that cannot be read, and says why.
    """
    found, unreadable = catalogue.found()
    rows = [{field: value for field, value in row.items() if value is not None} for row in found]
    folder = folders.known()
    broken = [
        {"entry": entry, "reason": reason.replace(str(folder[entry] / FILENAME), FILENAME)}
        for entry, reason in unreadable.items()
    ]
    return JSONResponse({"models": rows, "broken": broken} if broken else {"models": rows})


def model(request: Request) -> Response:
    """GET /models/{name}: the entry's manifest, but for the list of its files."""
    _, manifest = _entry(request)
    return JSONResponse(manifest.model_dump(mode="json", exclude={"files"}))


def card(request: Request) -> Response:
    """GET /models/{name}/card: the model card as Markdown."""
    name = str(request.path_params["name"])
    try:
        return Response(zoo.card(name), media_type="text/markdown")
    except MissingArtefact:
        raise Problem(404, "no-card", f"{name} has no model card.") from None


def certificate(request: Request) -> Response:
    """GET /models/{name}/certificate: the digest of every file, and the parity that was measured.

    Parity is read from a file whose digest is checked first.
    """
    folder, manifest = _entry(request)
    record = manifest.files.get(PARITY)
    if record is None:
        raise Problem(404, "no-certificate", f"{manifest.entry} was never certified.")
    digests.check_digest(folder / PARITY, record)
    parity: Any = json.loads((folder / PARITY).read_text(encoding="utf-8"))
    known = manifest.model_dump(
        mode="json", include={"entry", "version", "evidence", "commit", "packages", "files"}
    )
    return JSONResponse({**known, "parity": parity})


def _entry(request: Request) -> tuple[Path, Manifest]:
    name = str(request.path_params["name"])
    folder = folders.locate(name)
    return folder, folders.read_manifest(folder, name)


def _problem(request: Request, error: Exception) -> Response:
    if isinstance(error, ZooError):
        return problems.from_error(error).response()
    assert isinstance(error, Problem)
    return error.response()


ROUTES = (
    Route("/", index),
    Route("/models", models),
    Route("/models/{name}", model),
    Route("/models/{name}/card", card),
    Route("/models/{name}/certificate", certificate),
)

app = Starlette(routes=ROUTES, exception_handlers={ZooError: _problem, Problem: _problem})
