"""GET /docs.json describes the endpoints as version 0.1 did, whatever file declares them."""

import json
from pathlib import Path

import httpx

from tests.serving.servers import Server

FROZEN = json.loads((Path(__file__).parent / "openapi.json").read_text())


def test_the_description_of_every_endpoint_is_unchanged(server: Server):
    answer: httpx.Response = server.client.get("/docs.json")
    described = answer.json()
    assert {path: described["paths"].get(path) for path in FROZEN["paths"]} == FROZEN["paths"]
    schemas = described["components"]["schemas"]
    assert {name: schemas.get(name) for name in FROZEN["schemas"]} == FROZEN["schemas"]
