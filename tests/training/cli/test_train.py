"""`zoo train`, `zoo evaluate` and `zoo report`: what they print, and what bad input is told."""

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import Result
from typer.testing import CliRunner

from tests.training import toy
from training import recipe
from training.cards import report
from training.data.vectors import imported
from training.data.vectors.checked import Checked
from training.pairs import learning
from training.scoring.evaluate import Report
from training.scoring.keeping import keep
from zoo.cli.app import app
from zoo.store import folders


def zoo(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def told(result: Result, *parts: str, code: int = 2) -> None:
    """One message on stderr, no traceback, and the exit code of bad input."""
    assert result.exit_code == code, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    for part in parts:
        assert part in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_a_training_is_reported(toy_place, tmp_path):
    result = zoo("train", "degree-toy", "--runs", tmp_path / "runs", "--json")
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["entry"] == "degree-toy"
    assert set(report["calibration"]) == {"tf_weight", "gene_weight", "intercept"}
    assert Path(report["folder"]) == tmp_path / "runs" / "degree-toy"
    assert (tmp_path / "runs" / "degree-toy" / "run.json").is_file()
    again = ("train", "degree-toy", "--runs", tmp_path / "runs")
    told(zoo(*again), "holds a finished run", "Add --overwrite", "--runs FOLDER")
    assert "calibration" in zoo(*again, "--overwrite").stdout


def test_other_seeds_are_trained_and_compared(toy_place, tmp_path):
    result = zoo(
        "train", "two_tower-toy", "--runs", tmp_path, "--max-steps", 9, "--seeds", 2, "--json"
    )
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)["seeds"]
    assert {"mean", "sd"} == set(figures["degree_preserving/auroc"])
    assert (tmp_path / "two_tower-toy" / "seeds" / "2" / "run.json").is_file()


def test_a_smoke_test_shows_its_progress(toy_place, tmp_path):
    result = zoo("train", "two_tower-toy", "--runs", tmp_path, "--max-steps", 3)
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "two_tower-toy" / "run.json").read_text())["max_steps"] == 3


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["two_tower-brian"], ["two_tower-brian", "one with a recipe", "two_tower-toy"]),
        (["two_tower-toy", "--max-steps", "0"], ["--max-steps=0", "1 or more"]),
        (["two_tower-toy", "--max-steps", "many"], ["'--max-steps'", "valid integer"]),
        (["two_tower-toy", "--seeds", "0"], ["--seeds=0", "1 or more"]),
        (["two_tower-toy", "--resume"], ["no checkpoint to go on from", "Leave --resume out"]),
        (["two_tower-toy", "--resume", "--overwrite"], ["give one of them"]),
        (["two_tower-toy", "--gene-vectors", "gone.h5"], ["--gene-vectors", "a file that exists"]),
        (["two_tower-toy", "--gene-vectors", "esm"], ["--gene-vectors='esm'", "zoo import-embed"]),
        (["two_tower-toy", "--sed", "3"], ["--sed", "--seed"]),
        ([], ["Missing argument 'entry'"]),
    ],
)
def test_a_bad_training_is_told(toy_place, tmp_path, arguments, parts):
    told(zoo("train", *arguments, "--runs", tmp_path), *parts)


def test_gene_vectors_for_an_entry_that_takes_none_are_told(toy_place, tmp_path):
    path = tmp_path / "esm.h5"
    path.write_bytes(b"")
    result = zoo("train", "two_tower-toy", "--gene-vectors", path, "--runs", tmp_path / "runs")
    told(result, "--gene-vectors='esm.h5'", "the recipe of two_tower-toy takes no gene vectors")
    assert not (tmp_path / "runs").exists()


def test_imported_gene_vectors_go_by_their_name(toy_place, tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    facts = {"name": "esm", "about": "", "licence": "MIT", "source": "x.csv", "sha256": "0" * 64}
    record = imported.Record(**facts, genes=2, dim=3, date="2026-01-02")
    vectors = np.random.default_rng(0).normal(size=(2, 3)).astype(np.float32)
    imported.save(record, Checked(("KLF1", "VIM"), vectors, 0, 0))
    result = zoo("train", "two_tower-toy", "--gene-vectors", "esm", "--runs", tmp_path / "runs")
    told(result, "--gene-vectors='esm'", "the recipe of two_tower-toy takes no gene vectors")


def test_a_training_without_data_is_told(monkeypatch, tmp_path):
    monkeypatch.delenv("ZOO_DATA", raising=False)
    result = zoo("train", "degree-brain", "--runs", tmp_path)
    told(result, "ZOO_DATA is not set", "Type: export ZOO_DATA=", code=1)


def test_a_broken_recipe_is_told(toy_place, tmp_path):
    path = recipe.RECIPES / "two_tower-toy.toml"
    path.write_text(path.read_text().replace("hidden", "hiden"))
    told(zoo("train", "two_tower-toy", "--runs", tmp_path), "model.hiden")


def pressed_in(monkeypatch, epoch: int) -> None:
    """A person presses Ctrl-C in this epoch."""
    steps = learning.PairTraining.training_step

    def pressed(self, batch, index):
        if self.current_epoch == epoch:
            raise KeyboardInterrupt
        return steps(self, batch, index)

    monkeypatch.setattr(learning.PairTraining, "training_step", pressed)


@pytest.mark.parametrize(("epoch", "flag"), [(0, ""), (1, " --resume")])
def test_ctrl_c_says_how_to_go_on(toy_place, tmp_path, monkeypatch, epoch, flag):
    """Where no epoch was done there is nothing to resume, and the command is the first one."""
    pressed_in(monkeypatch, epoch)
    monkeypatch.chdir(tmp_path)
    result = zoo("train", "two_tower-toy", "--seed", 3)
    assert result.exit_code == 130
    assert result.stderr.endswith(f"type: zoo train two_tower-toy{flag} --seed 3\n")
    result = zoo("train", "two_tower-toy", "--runs", "elsewhere", "--seeds", 4)
    assert result.stderr.endswith(
        f"type: zoo train two_tower-toy{flag} --runs elsewhere --seeds 4\n"
    )


WIDE = "\n[variants.wide.model]\nhidden = 48\n\n[variants.short.fit]\nmax_epochs = 1\n"


@pytest.fixture
def with_variants(toy_place) -> None:
    path = recipe.RECIPES / "two_tower-toy.toml"
    path.write_text(path.read_text() + WIDE)


def test_a_variant_is_trained_in_a_folder_of_its_own(with_variants, tmp_path):
    asked = ("train", "two_tower-toy", "--runs", tmp_path, "--max-steps", 3)
    assert zoo(*asked).exit_code == 0
    result = zoo(*asked, "--variant", "wide", "--json")
    assert result.exit_code == 0, result.output
    folder = tmp_path / "two_tower-toy.wide"
    assert json.loads(result.stdout)["folder"] == str(folder)
    runs = [json.loads((f / "run.json").read_text()) for f in (tmp_path / "two_tower-toy", folder)]
    assert [run["config"]["hidden"] for run in runs] == [32, 48]
    assert [run["entry"] for run in runs] == ["two_tower-toy"] * 2


def test_seeds_of_a_variant_are_its_own(with_variants, tmp_path):
    asked = ("train", "two_tower-toy", "--runs", tmp_path, "--max-steps", 3, "--variant", "wide")
    assert zoo(*asked).exit_code == 0
    before = (tmp_path / "two_tower-toy.wide" / "run.json").read_bytes()
    result = zoo(*asked, "--seeds", 2, "--json")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "two_tower-toy.wide" / "run.json").read_bytes() == before
    second = tmp_path / "two_tower-toy.wide" / "seeds" / "2" / "run.json"
    assert json.loads(second.read_text())["config"]["hidden"] == 48


def test_an_unknown_variant_is_told(with_variants, tmp_path):
    result = zoo("train", "two_tower-toy", "--variant", "wid", "--runs", tmp_path)
    told(result, "'wid'", "wide, short")
    told(zoo("train", "degree-toy", "--variant", "wide", "--runs", tmp_path), "has none")
    assert not (tmp_path / "two_tower-toy.wid").exists()


def test_ctrl_c_names_the_variant(with_variants, tmp_path, monkeypatch):
    pressed_in(monkeypatch, 0)
    monkeypatch.chdir(tmp_path)
    result = zoo("train", "two_tower-toy", "--variant", "wide", "--seed", 3)
    assert result.exit_code == 130
    assert result.stderr.endswith("type: zoo train two_tower-toy --seed 3 --variant wide\n")


def test_an_evaluation_is_printed_and_its_predictions_written(
    toy_zoo, few_resamples, short_ladder, tmp_path
):
    path = tmp_path / "out.parquet"
    result = zoo(
        "evaluate", "two_tower-toy", "--protocol", "cold_gene", "--predictions", path, "--json"
    )
    assert result.exit_code == 0, result.output
    (question,) = json.loads(result.stdout)["about"]["questions"]
    table = pd.read_parquet(path)
    assert {"tf", "gene", "label", "score"} <= set(table.columns)
    assert question["protocol"] == "cold_gene"
    assert table["label"].sum() == question["facts"]["positives"]
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["out.parquet"]
    shown = zoo("evaluate", "two_tower-toy", "--protocol", "cold_gene", "--stage", "valid")
    assert shown.exit_code == 0
    assert "cold_gene" in shown.stdout
    assert "valid split" in shown.stderr


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["two_towr-toy"], ["two_towr-toy", "two_tower-toy"]),
        (["degree-toy", "--protocol", "unifrom"], ["'unifrom'", "one of degree_preserving"]),
        (["degree-toy", "--stage", "train"], ["'train'", "valid, test"]),
        (["degree-toy", "--predictions", "out.parquet"], ["--predictions", "one --protocol"]),
        (["degree-toy", "--protocol", "given"], ["'given'", "one of degree_preserving"]),
        (
            ["degree-toy", "--protocol", "uniform", "--predictions", "no/such/out.parquet"],
            ["--predictions", "a folder that exists"],
        ),
        (["degree-toy", "--protocol", "uniform", "--save"], ["--save", "leave --protocol"]),
        (["degree-toy", "--stage", "valid", "--save"], ["--save", "whole test report"]),
    ],
)
def test_a_bad_evaluation_is_told_before_the_work(toy_zoo, monkeypatch, arguments, parts):
    monkeypatch.setattr(Report, "add", None)
    told(zoo("evaluate", *arguments), *parts)


def test_the_report_is_written_where_it_is_asked(toy_answers, scratch, tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "BUNDLED", tmp_path / "bundled")
    shutil.copytree(toy.entries(scratch) / "degree-toy", tmp_path / "bundled" / "degree-toy")
    folders._registered.clear()
    told(zoo("report", "--root", tmp_path), "a checkout of regzoo")
    (tmp_path / "README.md").write_text(f"{report.BEGIN}\n{report.END}\n")
    told(zoo("report", "--root", tmp_path), "Type: zoo evaluate degree-toy --save", code=1)
    assert not (tmp_path / "model_cards").exists()
    folders.register(tmp_path / "bundled" / "degree-toy")
    keep("degree-toy", toy_answers("degree-toy")[0])
    result = zoo("report", "--root", tmp_path)
    assert result.exit_code == 0, result.output
    assert "degree-toy.md" in result.stdout
    assert (tmp_path / "model_cards" / "degree-toy.md").is_file()
