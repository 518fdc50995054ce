"""`zoo train` of a recipe with stages: --from-stage, and what is told of a stopped run."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from click.testing import Result
from safetensors.torch import load_file
from typer.testing import CliRunner

from training import recipe
from training.pairs import learning
from training.stages import store
from zoo.cli.app import app

STAGES = """
[[stages]]
name = "first"
losses = { cross_entropy = 1.0 }
hands_on = ["tf"]
monitored = false
fit = { max_epochs = 2 }

[[stages]]
name = "second"
losses = { cross_entropy = 1.0 }
freezes = ["tf"]
fit = { max_epochs = 2 }

[[variants.short.stages]]
name = "second"
"""


def zoo(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def told(result: Result, *parts: str) -> None:
    """One message on stderr, no traceback, and the exit code of bad input."""
    assert result.exit_code == 2, result.output
    for part in parts:
        assert part in " ".join(result.stderr.split())
    assert result.stdout == ""


@pytest.fixture
def train(toy_place, tmp_path: Path):
    """`zoo train` of a toy in two stages, in tmp_path."""
    path = recipe.RECIPES / "two_tower-toy.toml"
    path.write_text(path.read_text() + STAGES)
    return lambda *given: zoo("train", "two_tower-toy", "--runs", tmp_path, "--json", *given)


def stop_in(monkeypatch, stage: str, epoch: int) -> None:
    """A person presses Ctrl-C in this epoch."""
    steps = learning.PairTraining.training_step

    def pressed(self, batch, index):
        if (self.stage.name, self.current_epoch) == (stage, epoch):
            raise KeyboardInterrupt
        return steps(self, batch, index)

    monkeypatch.setattr(learning.PairTraining, "training_step", pressed)


def test_a_run_says_the_stage_of_every_epoch(train, tmp_path):
    result = train()
    assert result.exit_code == 0, result.output
    run = json.loads((tmp_path / "two_tower-toy" / "run.json").read_text())
    assert [row["stage"] for row in run["history"]] == ["first", "first", "second", "second"]
    assert [stage["name"] for stage in run["recipe"]["stages"]] == ["first", "second"]
    assert run["best"]["monitor"] == max(row["monitor"] for row in run["history"][2:])
    weights = load_file(tmp_path / "two_tower-toy" / "weights.safetensors")
    first, _ = store.load(tmp_path / "two_tower-toy", "first")
    frozen = [name for name in first if name.endswith(("weight", "bias"))]
    assert frozen
    for name in frozen:
        assert torch.equal(weights[name], first[name])


def test_the_stage_to_begin_at_is_checked(train, tmp_path):
    told(train("--from-stage", "second"), "no weights of the stage first", "Leave --from-stage out")
    told(train("--from-stage", "secnd"), "--from-stage='secnd'", "one of first, second")
    told(train("--from-stage", "first", "--variant", "short"), "'first'", "one of second")
    told(train("--from-stage", "second", "--resume"), "give one of them")
    result = zoo("train", "degree-toy", "--runs", tmp_path, "--from-stage", "second")
    told(result, "--from-stage='second'", "the recipe has none")
    assert train().exit_code == 0
    told(train("--from-stage", "second"), "holds a finished run", "--overwrite")
    told(train("--from-stage", "second", "--overwrite", "--seed", 5), "another seed")


def test_a_stage_is_trained_again_from_what_is_kept(train, tmp_path):
    assert train().exit_code == 0
    folder = tmp_path / "two_tower-toy"
    names = ("weights.safetensors", "stage-first.safetensors")
    before = [(folder / name).read_bytes() for name in names]
    assert train("--from-stage", "second", "--overwrite").exit_code == 0
    assert [(folder / name).read_bytes() for name in names] == before


def test_further_seeds_are_trained_from_their_first_stage(train, tmp_path):
    assert train().exit_code == 0
    result = train("--from-stage", "second", "--overwrite", "--seeds", 2)
    assert result.exit_code == 0, result.output
    run = json.loads((tmp_path / "two_tower-toy" / "seeds" / "2" / "run.json").read_text())
    assert {row["stage"] for row in run["history"]} == {"first", "second"}


@pytest.mark.parametrize(
    ("stage", "epoch", "flag"),
    [("first", 0, ""), ("first", 1, " --resume"), ("second", 0, " --resume")],
)
def test_ctrl_c_says_how_to_go_on(train, tmp_path, monkeypatch, stage, epoch, flag):
    with monkeypatch.context() as patch:
        stop_in(patch, stage, epoch)
        result = train()
    assert result.exit_code == 130
    assert result.stderr.endswith(f"zoo train two_tower-toy{flag} --runs {tmp_path}\n")
    assert train(*flag.split()).exit_code == 0
    stopped = (tmp_path / "two_tower-toy" / "weights.safetensors").read_bytes()
    shutil.rmtree(tmp_path / "two_tower-toy")
    assert train().exit_code == 0
    assert (tmp_path / "two_tower-toy" / "weights.safetensors").read_bytes() == stopped


def test_ctrl_c_in_the_stage_that_was_begun_at(train, tmp_path, monkeypatch):
    assert train().exit_code == 0
    stop_in(monkeypatch, "second", 0)
    result = train("--from-stage", "second", "--overwrite")
    assert result.exit_code == 130
    assert result.stderr.endswith(f"zoo train two_tower-toy --resume --runs {tmp_path}\n")
    stop_in(monkeypatch, "first", 0)
    result = train("--from-stage", "first")
    assert result.stderr.endswith(f"two_tower-toy --runs {tmp_path} --from-stage first\n")
