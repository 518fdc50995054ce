"""A family of tasks, its protocols and its data set are new files alone: nothing is edited.

tests/toy_family has one folder for each package. They are appended to the packages' paths in a
process of its own, where the family is trained, exported, evaluated, given a card and asked.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TOY = ROOT / "tests" / "toy_family"
SCRIPT = """
import sys
from pathlib import Path

toy, work = Path(sys.argv[1]), Path(sys.argv[2])
import contracts, export, serving, training, training.data, zoo, zoo.architectures
for package in (contracts, export, serving, training, training.data, zoo, zoo.architectures):
    package.__path__.append(str(toy.joinpath(*package.__name__.split("."))))
from training import recipe
recipe.RECIPES = toy / "training" / "recipes"

from contracts import tasks
assert "levels" in tasks.families()
from training.begin import Options
from training.run import train
train("toy_mean-toy", Options(work / "run", progress=False))
from export.package import package
package(work / "run", work / "toy_mean-toy")
zoo.register(work / "toy_mean-toy")
model = zoo.load("toy_mean-toy", device="cpu")
assert model.levels(["G01"])[0] > model.levels(["G50"])[0]
assert not hasattr(model, "score")
assert zoo.verify("toy_mean-toy").ok
assert list(zoo.search(task="levels")["entry"]) == ["toy_mean-toy"]
from training.scoring import keeping
from training.scoring.evaluate import evaluate
found, tables = evaluate("toy_mean-toy")
assert set(tables) == {"held_out", "toy_protocol"}
assert found.best("held_out", "pearson")[0] == "average"
keeping.keep("toy_mean-toy", found)
from training.cards.card import card
text = card("toy_mean-toy")
print(text)
from zoo.cli.app import app
from typer.testing import CliRunner
answer = CliRunner().invoke(app, ["levels", "toy_mean-toy", "G01"])
assert answer.exit_code == 0, answer.output
print(answer.output)

import asyncio
import httpx
from serving.service import ZooService

async def ask():
    app = ZooService.to_asgi()
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://zoo") as client:
            body = {"model": "toy_mean-toy", "genes": ["G01", "G50"]}
            return (await client.post("/levels", json=body)).json()

print("served", asyncio.run(ask())["levels"])
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What the whole way printed."""
    work = tmp_path_factory.mktemp("toy")
    (work / "SHA256SUMS").touch()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "ZOO_CACHE": str(work / "cache")}
    environment |= {"ZOO_DATA": str(work), "BENTOML_HOME": str(work / "bentoml")}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(TOY), str(work)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_its_card_says_what_its_protocol_asks(printed: str):
    assert "toy_mean-toy" in printed
    assert "levels of genes that training did not see" in printed


def test_its_command_is_found(printed: str):
    assert "G01\t" in printed


def test_its_endpoint_answers(printed: str):
    assert "served [" in printed
