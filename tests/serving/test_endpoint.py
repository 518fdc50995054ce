"""Endpoints are found by file: a family's file in `serving` is all that declares them."""

import json
from pathlib import Path

from tests.serving.servers import run_python

TOY = '''
from pydantic import BaseModel
from serving.endpoint import Server, endpoint

class Asked(BaseModel):
    words: list[str]

class Counted(BaseModel):
    words: int

@endpoint(words=["one"])
def count_words(request: Asked, server: Server) -> Counted:
    """How many words there are."""
    return Counted(words=len(request.words) + server.settings.max_genes)
'''

TASK = """
from contracts.task import Task
TOY = Task(name="toy", family="toy", description="A toy.", graphs={})
SILENT = Task(name="silent", family="silent", description="Has no endpoint.", graphs={})
"""

SCRIPT = """
import asyncio, json, sys
import httpx
import contracts, serving
contracts.__path__.append(sys.argv[1] + "/contracts")
serving.__path__.append(sys.argv[1] + "/serving")
from serving.service import ZooService

async def ask():
    app = ZooService.to_asgi()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://zoo") as client:
            right = await client.post("/count_words", json={"words": ["a", "b"]})
            wrong = await client.post("/count_words", json={})
            other = await client.get("/nowhere")
            return [right.json(), wrong.json()["detail"], other.json()["detail"]]

said = asyncio.run(ask())
print(json.dumps([*said, ZooService.apis["count_words"].doc, sorted(ZooService.apis)]))
"""


def test_a_new_family_has_its_endpoints_by_new_files_alone(tmp_path: Path):
    home = tmp_path / "contracts" / "toy"
    home.mkdir(parents=True)
    (tmp_path / "serving").mkdir()
    (home / "__init__.py").touch()
    (home / "task.py").write_text(TASK)
    (tmp_path / "serving" / "toy.py").write_text(TOY)
    variables = {"BENTOML_HOME": str(tmp_path), "ZOO_SERVE_MAX_GENES": "5"}
    said = run_python(SCRIPT, str(tmp_path), **variables)
    right, wrong, nowhere, described, names = json.loads(said)
    assert right == {"words": 7}
    assert wrong.endswith('Send something like {"words": ["one"]}')
    assert "POST /count_words" in nowhere
    assert described == "How many words there are."
    others = ["embed_cells", "enrich", "predict_expression", "score_pairs", "score_perturbations"]
    assert names == ["count_words", *others, "top_regulators", "top_targets", "transfer_labels"]
