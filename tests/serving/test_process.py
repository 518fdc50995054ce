"""The processes of a server: where they listen, what they load, and starting them with BentoML."""

import json
from pathlib import Path

import psutil
import pytest

from tests import tiny
from tests.serving.servers import ZOO, free_port, run_python, running

ASKED = {"model": tiny.TABLE, "pairs": [{"tf": "SOX2", "gene": "GFAP"}]}


def listening(server) -> set[str]:
    """The addresses that any process of the server listens at."""
    process = psutil.Process(server.process.pid)
    return {
        one.laddr.ip
        for member in (process, *process.children(recursive=True))
        for one in member.net_connections("tcp")
        if one.status == psutil.CONN_LISTEN
    }


def test_the_server_listens_on_this_machine_only(server):
    assert listening(server) == {"127.0.0.1"}


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="needs Linux's /proc")
def test_no_process_of_the_server_holds_torch(server):
    """What is mapped into the processes after requests; onnxruntime shows that it would be seen."""
    server.post("/score_pairs", ASKED)
    server.post("/top_regulators", {"model": tiny.DOT, "genes": ["GFAP"], "k": 2})
    family = psutil.Process(server.process.pid).children(recursive=True)
    mapped = "".join(Path(f"/proc/{process.pid}/maps").read_text() for process in family)
    assert "onnxruntime" in mapped
    assert "torch" not in mapped


IN_PROCESS = """
import asyncio, json, sys
import httpx
from serving.service import ZooService

async def ask(body):
    app = ZooService.to_asgi()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://zoo") as client:
            return [await client.post(path, json=asked) for path, asked in body.items()]

answers = asyncio.run(ask(json.loads(sys.argv[1])))
print([answer.status_code for answer in answers], "torch" in sys.modules, "zoo" in sys.modules)
"""


def test_torch_is_not_imported(cache: Path, tmp_path: Path):
    """The portable form of the test above, in one process with the service."""
    body = {
        "/score_pairs": ASKED,
        "/top_regulators": {"model": tiny.DOT, "genes": ["MAP2"], "k": 1},
    }
    variables = {"ZOO_CACHE": str(cache), "BENTOML_HOME": str(tmp_path)}
    assert run_python(IN_PROCESS, json.dumps(body), **variables) == "[200, 200] False True"


def test_bentoml_serve_works_and_is_ready_only_with_all_it_preloads(cache: Path, tmp_path: Path):
    """The other way to start it, told by variables only, with an entry that cannot be loaded."""
    port = free_port()
    variables = {
        "ZOO_CACHE": str(cache),
        "ZOO_SERVE_PORT": str(port),
        "ZOO_SERVE_PRELOAD": f"{tiny.DOT}, tiny_table-damaged",
        "BENTOML_HOME": str(tmp_path),
        "BENTOML_DO_NOT_TRACK": "True",
    }
    command = [str(ZOO.with_name("bentoml")), "serve", "serving.service:ZooService"]
    with running(command, port, tmp_path, "/livez", **variables) as server:
        answer = server.client.get("/readyz")
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert "tiny_table-damaged" in answer.json()["detail"]
        assert server.post("/score_pairs", ASKED).status_code == 200
        assert listening(server) == {"127.0.0.1"}
        server.wait_until(lambda: "cannot preload tiny_table-damaged" in server.log.read_text())
    assert f"cannot preload {tiny.DOT}" not in server.log.read_text()
