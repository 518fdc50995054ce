"""GET /docs.json describes the endpoints as version 0.1 did, whatever file declares them.

Version 0.2 added three reasons to leave out a set of perturbations, and of pairs what a score rests
on, `by`, `known` and `prior`.
"""

import json
import re
from pathlib import Path

import httpx

from tests.serving.servers import Server


def unindented(text: str) -> dict:
    """JSON without the spaces that docstrings have for standing inside a class, or outside."""
    return json.loads(re.sub(r'(\\n)+"', '"', re.sub(r"(\\n) +", r"\1", text)))


FROZEN = unindented((Path(__file__).parent / "openapi.json").read_text())


def test_the_description_of_every_endpoint_is_unchanged(server: Server):
    answer: httpx.Response = server.client.get("/docs.json")
    described = unindented(answer.text)
    assert {path: described["paths"].get(path) for path in FROZEN["paths"]} == FROZEN["paths"]
    schemas = described["components"]["schemas"]
    assert {name: schemas.get(name) for name in FROZEN["schemas"]} == FROZEN["schemas"]
