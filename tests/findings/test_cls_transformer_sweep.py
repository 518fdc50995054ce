"""The findings page of a sweep: it says what the study's table says."""

import json
import re
from pathlib import Path

import pytest

from tests.findings.scripts import scripts
from tests.training.sweep import toy
from training import recipe
from training.loop import Diverged
from training.sweep.run import sweep
from training.sweep.space import flat
from training.sweep.winner import winner

page = scripts("cls-transformer-sweep").page
ROOT = Path(__file__).parents[2] / "findings"
STUDIES = sorted(
    path for path in ROOT.glob("*/results/study.json") if "plan" in json.loads(path.read_text())
)
CURVES = [[0.5, 0.4], [Diverged], [0.7, 0.4], [0.1, 0.2], [KeyboardInterrupt], [0.6], [0.4]]


@pytest.fixture
def found(recipes, tmp_path, scripted) -> dict:
    """A study with a trial of every kind."""
    scripted(CURVES.__getitem__)
    with pytest.raises(KeyboardInterrupt):
        sweep(toy.ENTRY, tmp_path / "runs")
    return sweep(toy.ENTRY, tmp_path / "runs")


def test_trials_stand_there_best_first(found):
    text = page.page(found)
    rows = [line.split(" | ") for line in text.splitlines() if " random | " in line]
    rows += [line.split(" | ") for line in text.splitlines() if " tpe | " in line]
    states = {row[0].strip("| "): (row[2], row[3]) for row in rows}
    assert states == {
        "2": ("complete", "0.7000"),
        "5": ("complete", "0.6000"),
        "0": ("complete", "0.5000"),
        "6": ("complete", "0.4000"),
        "3": ("pruned", "0.2000"),
        "1": ("diverged", "-"),
    }
    order = [int(at) for at in re.findall(r"^\| (\d) \| (?:random|tpe)", text, re.M)]
    assert order == [2, 5, 0, 6, 3, 1]
    spoken = " ".join(text.split())
    assert "Complete: 4; pruned: 1; diverged: 1;" in spoken
    assert "left out: 1." in spoken
    assert "Trial 1: No finite numbers." in text


def test_the_winner_and_the_space_stand_there(found):
    text = page.page(found)
    spoken = " ".join(text.split())
    assert "Trial 2 (random) wins with 0.7000. The next trial is 0.1000 behind." in spoken
    won = found["trials"][2]["parameters"]
    assert f"| `model.layers` | 1 to 3 | {won['model.layers']} |" in text
    rate = won["fit.learning_rate"]
    assert f"| `fit.learning_rate` | 0.0005 to 0.004, logarithmic | {rate} |" in text
    noise = str(won["objective.learned_noise"]).lower()
    assert f"| `objective.learned_noise` | false, true | {noise} |" in text
    assert "(seed 7), in this order: - 3 at random - 3 by a tree-structured" in spoken
    assert "All of them are short: `fit.max_epochs` = 2." in spoken
    for key, share in found["importance"].items():
        assert f"| `{key}` | {share:.2f} |" in text


def test_every_table_is_rectangular(found):
    blocks = re.findall(r"(?:^\|.*\n)+", page.page(found), re.MULTILINE)
    assert len(blocks) == 3
    for block in blocks:
        assert len({line.count(" | ") for line in block.splitlines()}) == 1


def test_a_study_without_a_complete_trial_has_a_page(recipes, tmp_path, scripted):
    scripted(lambda _: [Diverged])
    text = page.page(sweep(toy.ENTRY, tmp_path, trials=1))
    assert "No trial is complete yet." in text
    assert "Too few trials are complete" in text
    assert "has its values" not in text


def test_a_study_in_a_file_is_written_beside_it(found, tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / page.STUDY).write_text(json.dumps(found))
    page.main(tmp_path)
    assert (tmp_path / "README.md").read_text() == page.page(found)


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.parents[1].name)
def test_a_committed_page_is_what_its_results_say(path):
    study = json.loads(path.read_text())
    assert page.page(study) == (path.parents[1] / "README.md").read_text()


@pytest.mark.parametrize("path", STUDIES, ids=lambda path: path.parents[1].name)
def test_the_recipe_that_ships_is_the_winner(path):
    study = json.loads(path.read_text())
    shipped = flat(recipe.load(study["plan"]["entry"]).model_dump(mode="json"))
    assert winner(study)["parameters"].items() <= shipped.items()
    assert study["recipe"].items() <= shipped.items()
