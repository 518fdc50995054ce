"""The command `zoo sweep`."""

import json
import tomllib

import pytest
import typer
from typer.testing import CliRunner

from contracts.errors import InvalidOption
from tests.training.sweep import toy
from training.begin import UnfitOptions
from training.cli import sweep
from training.sweep.study import NoStudy
from zoo.cli import plugins

APP = typer.Typer()
APP.command()(sweep.sweep)


@pytest.fixture
def call(recipes, tmp_path):
    """Types `zoo sweep` for the toy; returns what it printed, as (stdout, stderr)."""

    def typed(*words: str, code: int = 0) -> tuple[str, str]:
        done = CliRunner().invoke(APP, [toy.ENTRY, "--runs", str(tmp_path / "runs"), *words])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == code
        return done.stdout, done.stderr

    return typed


@pytest.fixture
def swept(call, scripted):
    """The same after two trials."""
    scripted(lambda n: [0.25 + n / 4])
    call("--trials", "2")
    return call


def test_it_is_attached_to_zoo():
    assert "sweep" in plugins.commands()


def test_trials_are_told_as_they_go_and_then_the_table(call, scripted):
    scripted(lambda n: [0.25 + n / 4])
    out, err = call("--trials", "2")
    assert "Trial 0 (random): learning_rate 0.00" in err
    assert "complete: 0.2500 after 1 epochs" in err
    assert out.index("0.5000") < out.index("0.2500")


def test_json_is_the_table_of_the_study(swept):
    found = json.loads(swept("--json", "--trials", "1")[0])
    assert [row["value"] for row in found["trials"]] == [0.25, 0.5, 0.75]
    assert json.loads(swept("--list", "--json")[0]) == found


def test_the_winner_is_printed_as_a_recipe(swept):
    text, _ = swept("--winner")
    values = json.loads(swept("--list", "--json")[0])["trials"][1]["parameters"]
    assert text.startswith("# A toy.\n")
    read = tomllib.loads(text)
    assert read["fit"]["learning_rate"] == values["fit.learning_rate"]
    assert read["objective"]["learned_noise"] == values["objective.learned_noise"]
    assert read["fit"]["max_epochs"] == 20
    assert json.loads(swept("--winner", "--json")[0]) == {"entry": toy.ENTRY, "recipe": text}


def test_the_table_is_exported(swept, tmp_path):
    out, _ = swept("--export", str(tmp_path / "study.json"))
    assert out == f"{tmp_path / 'study.json'}\n"
    found = json.loads(swept("--list", "--json")[0])
    assert json.loads((tmp_path / "study.json").read_text()) == found
    with pytest.raises(InvalidOption, match="--export"):
        swept("--export", str(tmp_path / "nowhere" / "study.json"))


def test_a_stop_says_how_to_go_on(call, scripted, tmp_path):
    scripted(lambda _: [KeyboardInterrupt])
    _, err = call(code=130)
    assert f"zoo sweep {toy.ENTRY} --runs {tmp_path / 'runs'}\n" in err


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--list", "--winner"), "--list and --winner"),
        (("--winner", "--export", "x.json"), "--winner and --export"),
        (("--list", "--trials", "3"), "--list runs nothing"),
        (("--winner", "--timeout", "3"), "--winner runs nothing"),
    ],
)
def test_options_that_do_not_go_together_are_refused(call, words, named):
    with pytest.raises(UnfitOptions, match=named):
        call(*words)


@pytest.mark.parametrize("words", [("--list",), ("--winner",)])
def test_there_is_nothing_to_look_at_yet(call, words):
    with pytest.raises(NoStudy, match=f"type: zoo sweep {toy.ENTRY}"):
        call(*words)
