"""What an evaluation reports, refuses and saves; its figures are in test_evaluate.py."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import training.data
import zoo
from contracts.errors import InvalidOption, UnknownEntry, Unsupported
from contracts.manifest import FILENAME, Manifest
from tests import tiny
from tests.entries import bundled
from tests.training import toy
from training.data.files import MissingData
from training.pairs.split import Split
from training.scoring.evaluate import evaluate
from training.scoring.keeping import keep
from training.scoring.table import FILES, Evaluation
from training.split import StaleSplit
from zoo.store import folders

pytestmark = pytest.mark.usefixtures("few_resamples", "short_ladder")


def test_the_report_is_three_files_and_one_document(toy_zoo, tmp_path):
    found, _ = evaluate("degree-toy", ["uniform", "retrieval"])
    for name, text in found.texts().items():
        (tmp_path / name).write_text(text)
    again = Evaluation.read(tmp_path)
    assert (again.about, again.series) == (found.about, found.series)
    pd.testing.assert_frame_equal(again.rows, found.rows)
    parts = json.loads(found.json())
    assert set(parts) == {"about", "rows", "series"}
    assert len(parts["rows"]) == len(found.rows)
    about = found.about
    assert (about.entry, about.stage, about.family) == ("degree-toy", "test", "pairs")
    assert about.digest == toy.split().digest
    assert (about.schema_version, about.dataset, about.version) == (3, "toy", "0.1")
    assert ({each.resamples for each in about.questions}, about.level) == ({100}, 0.95)


def test_a_report_is_complete_with_all_that_the_data_set_offers(toy_answers, toy_zoo):
    assert toy_answers("degree-toy")[0].about.complete is True
    assert evaluate("degree-toy", ["uniform"])[0].about.complete is False
    with pytest.raises(
        InvalidOption, match=r"--protocol='given'.*one of degree_preserving.*imbalance_50\.$"
    ):
        evaluate("degree-toy", ["given"])


def test_other_seeds_are_reported_where_there_are_some(toy_zoo, copied):
    figures = {"cold_gene/auroc": {"mean": 0.75, "sd": 0.125}}
    summary = {"count": 2, "stage": "valid", "figures": figures}
    (copied("degree-toy") / "seeds.json").write_text(json.dumps(summary))
    found, _ = evaluate("degree-toy", ["uniform"])
    for seed, value in (("mean", 0.75), ("sd", 0.125)):
        figure = found.figure("cold_gene", "auroc", stage="valid", seed=seed)
        assert (figure.value, figure.n) == (value, 2)


def test_a_wrong_question_is_refused_before_anything_is_read(toy_zoo, monkeypatch):
    monkeypatch.setattr(training.data, "load", None)
    with pytest.raises(InvalidOption, match=r"--protocol='unifrom'.*one of degree_preserving"):
        evaluate("degree-toy", ["unifrom"])
    with pytest.raises(InvalidOption, match=r"--stage='train'.*one of valid, test"):
        evaluate("degree-toy", ["uniform"], "train")


def test_an_unknown_entry_is_refused_with_near_names(toy_zoo):
    with pytest.raises(UnknownEntry, match="degree-toy"):
        evaluate("degre-toy")


def test_an_entry_without_a_split_cannot_be_evaluated(tiny_root):
    folders.register(tiny_root / tiny.TABLE)
    with pytest.raises(Unsupported, match=r"zoo evaluate.*no split of its own"):
        evaluate(tiny.TABLE)


@pytest.mark.parametrize("entry", zoo.names("degree-*") or [None])
def test_without_raw_data_the_message_says_what_to_type(monkeypatch, entry):
    if entry is None:
        pytest.skip("no degree entry is bundled")
    monkeypatch.delenv("ZOO_DATA", raising=False)
    with pytest.raises(MissingData, match="Type: export ZOO_DATA="):
        evaluate(entry, stage="valid")


def test_other_data_than_the_split_was_made_of_is_refused(toy_zoo, toy_data, monkeypatch):
    changed = replace(toy_data, edges=toy_data.edges.iloc[1:])
    monkeypatch.setattr(training.data, "load", lambda name, root=None: changed)
    with pytest.raises(StaleSplit, match="zoo train"):
        evaluate("degree-toy")


def with_split(folder: Path, split: Split) -> None:
    """Put another split into an entry's folder."""
    split.save(folder / "split.safetensors")
    folders.record(folder, "split.safetensors")
    folders.register(folder)


def test_a_rival_of_another_split_is_refused(toy_zoo, toy_split, copied):
    """It may have learned from this entry's test edges."""
    part = toy_split.part.copy()
    part[[0, -1]] = part[[-1, 0]]
    assert (part != toy_split.part).any()
    with_split(copied("degree-toy"), replace(toy_split, part=part))
    with pytest.raises(StaleSplit, match=r"degree-toy was trained on another split.*zoo train"):
        evaluate("two_tower-toy", ["uniform"])


def test_a_whole_test_report_is_saved_with_its_digest(toy_answers, copied):
    report, _ = toy_answers("degree-toy")
    folder = copied("degree-toy")
    assert keep("degree-toy", report) == folder
    assert {name: (folder / name).read_text() for name in FILES} == report.texts()
    manifest = Manifest.load(folder / FILENAME)
    folders.check_digests(folder, manifest)
    assert set(FILES) <= set(manifest.files)
    assert manifest.metrics == report.named()
    assert zoo.search(metric="uniform/auroc >= 0.5")["entry"].tolist() == ["degree-toy"]


@pytest.mark.parametrize(("stage", "complete"), [("test", False), ("valid", True)])
def test_a_partial_report_is_not_saved(toy_answers, copied, stage, complete):
    found = toy_answers("degree-toy")[0]
    about = found.about.model_copy(update={"stage": stage, "complete": complete})
    report = replace(found, about=about)
    folder = copied("degree-toy")
    before = (folder / FILENAME).read_bytes()
    with pytest.raises(InvalidOption, match=r"--save.*all protocols, with --stage test"):
        keep("degree-toy", report)
    assert (folder / FILENAME).read_bytes() == before
    assert not (folder / "evaluation.json").exists()


def test_a_bundled_report_is_what_the_manifest_shows():
    paths = [folders.BUNDLED / entry / "evaluation.json" for entry in bundled("pair_*")]
    assert paths
    for path in paths:
        report, manifest = Evaluation.read(path.parent), Manifest.load(path.parent / FILENAME)
        assert (report.about.entry, report.about.stage) == (manifest.entry, "test")
        assert report.about.version == manifest.version
        assert report.named()
        assert manifest.metrics == report.named()


def test_predictions_survive_a_parquet_file(toy_zoo, tmp_path):
    _, predictions = evaluate("degree-toy", ["uniform"])
    predictions["uniform"].to_parquet(tmp_path / "out.parquet", index=False)
    table = pd.read_parquet(tmp_path / "out.parquet")
    pd.testing.assert_frame_equal(table, predictions["uniform"])
    shutil.rmtree(tmp_path)
