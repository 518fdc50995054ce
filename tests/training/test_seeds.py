"""Other seeds: trained once each, compared by their best validation epoch."""

import json
import statistics
from dataclasses import replace

import pytest

from contracts.errors import InvalidOption
from training import run, seeds
from training.begin import Options, UnfitOptions
from training.run import train


@pytest.fixture
def first(toy_place, tmp_path) -> Options:
    """A smoke run, finished."""
    options = Options(tmp_path / "two_tower-toy", max_steps=9, progress=False)
    train("two_tower-toy", options)
    return options


@pytest.fixture
def trained(monkeypatch) -> list[int]:
    """The seeds trained from now on."""
    found: list[int] = []

    def noted(entry: str, options: Options) -> dict:
        found.append(options.seed)
        return train(entry, options)

    monkeypatch.setattr(run, "train", noted)
    return found


def test_figures_are_mean_and_deviation_over_the_seeds(first, trained):
    summary = seeds.repeat("two_tower-toy", first, 3)
    assert trained == [2, 3], "the first run is of seed 1, and is there"
    folders = [first.folder, *(first.folder / "seeds" / str(seed) for seed in trained)]
    reports = [json.loads((folder / "run.json").read_text()) for folder in folders]
    assert [report["seed"] for report in reports] == [1, 2, 3]
    assert {report["max_steps"] for report in reports} == {9}
    for name, part in (
        ("degree_preserving/auroc", "valid"),
        ("cold_gene/auroc", "cold_gene_valid"),
    ):
        values = [report["best"][part] for report in reports]
        assert len(set(values)) > 1
        expected = {"mean": statistics.mean(values), "sd": statistics.stdev(values)}
        assert summary["figures"][name] == pytest.approx(expected)
    assert (summary["count"], summary["stage"]) == (3, "valid")
    assert json.loads((first.folder / "seeds.json").read_text()) == summary


def test_a_seed_that_is_finished_is_not_trained_again(first, trained):
    seeds.repeat("two_tower-toy", first, 2)
    del trained[:]
    before = json.loads((first.folder / "seeds.json").read_text())
    assert seeds.repeat("two_tower-toy", replace(first, overwrite=True), 2) == before
    assert trained == []
    seeds.repeat("two_tower-toy", first, 3)
    assert trained == [3]


def test_seeds_are_added_to_a_run_that_is_finished(first, trained):
    assert seeds.first("two_tower-toy", first)["seed"] == 1
    assert trained == []
    with pytest.raises(UnfitOptions, match="holds a finished run"):
        seeds.first("two_tower-toy", replace(first, max_steps=5))


def test_a_seed_of_another_recipe_is_trained_again(first, trained):
    seeds.repeat("two_tower-toy", first, 2)
    path = first.folder / "seeds" / "2" / "run.json"
    report = json.loads(path.read_text())
    report["recipe"]["fit"]["learning_rate"] *= 2
    path.write_text(json.dumps(report))
    del trained[:]
    seeds.repeat("two_tower-toy", first, 2)
    assert trained == [2]


def test_a_seed_that_was_stopped_goes_on(first, trained):
    seeds.repeat("two_tower-toy", first, 2)
    summary = json.loads((first.folder / "seeds.json").read_text())
    (first.folder / "seeds" / "2" / "run.json").unlink()
    assert seeds.repeat("two_tower-toy", first, 2) == summary


def test_an_entry_that_follows_no_gradient_has_no_figures(toy_place, tmp_path):
    options = Options(tmp_path / "degree-toy", progress=False)
    train("degree-toy", options)
    expected = {"count": 2, "stage": "valid", "figures": {}}
    assert seeds.repeat("degree-toy", options, 2) == expected


@pytest.mark.parametrize("count", [1, 0, -3])
def test_one_seed_is_nothing_to_compare(tmp_path, count):
    with pytest.raises(InvalidOption, match=f"--seeds={count} .* 2 or more"):
        seeds.repeat("two_tower-toy", Options(tmp_path), count)
    assert not list(tmp_path.iterdir())
