"""Entries evaluated by the models of their folds, which ship weights trained on all edges."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import zoo
from contracts.errors import MissingArtefact
from contracts.manifest import Manifest
from export.package import package
from tests.training import toy
from tests.training.conftest import RESAMPLES
from training.begin import Options
from training.cards.card import card
from training.pairs.scorer import of_run
from training.pairs.split import FOLDS, Split
from training.run import train
from training.scoring import rotation
from training.scoring.bootstrap import Bootstrap
from training.scoring.compare import compare
from training.scoring.evaluate import evaluate
from training.scoring.keeping import keep
from training.split import StaleSplit
from zoo.store import folders

ENTRY, DEGREE, VARIANT = "two_tower-turned", "degree-turned", "two_tower-turned.expression"
ROTATED = "\n[objective]\nrotation = true\n"
RECIPES = {
    ENTRY: toy.HEAD
    + ROTATED
    + "members = 2\n"
    + toy.NETWORK.format(more="initial_scale = 5.0").replace("max_epochs = 8", "max_epochs = 2")
    + '[variants.expression.objective]\nknowledge = "none"\nonly_folds = true\n',
    DEGREE: toy.HEAD + ROTATED,
}
PROTOCOLS = ["degree_preserving", "retrieval"]

pytestmark = pytest.mark.usefixtures("toy_zoo", "few_resamples", "short_ladder", "rotated")


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Path, Path]:
    """Folders of the rotated runs, and of the entries made of them."""
    place = tmp_path_factory.mktemp("rotated")
    with pytest.MonkeyPatch.context() as patch:
        for entry, content in RECIPES.items():
            patch.setitem(toy.RECIPES, entry, content)
        toy.put_in_place(patch, place / "recipes")
        for name in (ENTRY, DEGREE):
            train(name, Options(place / "runs" / name, progress=False))
            package(place / "runs" / name, place / "entries" / name)
        train(ENTRY, Options(place / "runs" / VARIANT, progress=False, variant="expression"))
    return place / "runs", place / "entries"


@pytest.fixture
def rotated(made, monkeypatch) -> None:
    """The zoo with both rotated entries."""
    for name, content in RECIPES.items():
        monkeypatch.setitem(toy.RECIPES, name, content)
        folders.register(made[1] / name)
    toy.put_in_place(monkeypatch, made[0].with_name("recipes"))


@pytest.fixture
def runs(made, tmp_path) -> Path:
    """A copy of the runs, whose answers are still to be found."""
    return shutil.copytree(made[0], tmp_path / "runs", ignore=shutil.ignore_patterns("members"))


_found: list = []


@pytest.fixture
def found(made):
    """The evaluation and the predictions of the rotated network, once."""
    if not _found:
        _found.extend(evaluate(ENTRY, PROTOCOLS, runs=made[0]))
    return _found


def test_each_fold_is_asked_its_own_edges(found, made, toy_data):
    table = found[1]["degree_preserving"]
    assert table["fold"].unique().tolist() == list(range(FOLDS))
    for fold, part in table.groupby("fold"):
        folder = made[0] / ENTRY / "folds" / str(fold)
        split = Split.load(folder / "split.safetensors")
        pairs = np.concatenate(
            [split.positives(toy_data, "test"), split.negatives["test/degree_preserving"]]
        )
        terms = of_run(folder).terms(pairs[:, 0].copy(), pairs[:, 1].copy())
        np.testing.assert_allclose(part["score"], terms.pair_specific, rtol=1e-5)
        np.testing.assert_allclose(part["uncertainty"], terms.uncertainty, rtol=1e-5)


def test_a_figure_is_the_mean_of_folds_and_units_are_drawn_together(found):
    evaluation, tables = found
    table = tables["degree_preserving"].reset_index(drop=True)
    parts = [part for _, part in table.groupby("fold")]
    values = [roc_auc_score(part["label"], part["score"]) for part in parts]
    figure = evaluation.figure("degree_preserving", "auroc")
    assert figure.value == pytest.approx(np.mean(values))
    assert figure.n == len(table)
    by_fold = [evaluation.figure("degree_preserving", "auroc", fold=str(f)) for f in range(FOLDS)]
    assert [each.value for each in by_fold] == pytest.approx(values)
    assert all(np.isnan(each.low) for each in by_fold)
    draws = Bootstrap.of(np.unique(table["tf"], return_inverse=True)[1], resamples=RESAMPLES // 2)
    drawn = [
        np.mean(
            [
                roc_auc_score(part["label"], part["score"], sample_weight=weight[part.index])
                for part in parts
            ]
        )
        for weight in draws.weights(slice(None))
    ]
    assert [figure.low, figure.high] == pytest.approx(np.percentile(drawn, [2.5, 97.5]))


def test_rivals_are_rotated_too(found):
    evaluation, _ = found
    kinds = {name: info.kind for name, info in evaluation.about.models.items()}
    assert kinds["degree"] == kinds["spectral_boosting"] == "baseline"
    assert kinds["none"] == "ablation"
    for model in ("degree", "spectral_boosting", "none"):
        assert np.isfinite(evaluation.figure("degree_preserving", "auroc", model=model).gap_low)
    info = evaluation.question("retrieval")
    assert info.facts["folds"] == FOLDS
    assert info.facts["positives"] == evaluation.figure("retrieval", "mrr").n


def test_a_stopped_evaluation_goes_on_from_its_answers(found, made, monkeypatch):
    def never(*_: object) -> None:
        raise AssertionError("nothing is to be asked again")

    monkeypatch.setattr(type(zoo.load(ENTRY)), "terms", never)
    monkeypatch.setattr("training.pairs.answers.answer", never)
    monkeypatch.setattr("training.pairs.scorer.of_run", never)
    again, _ = evaluate(ENTRY, PROTOCOLS, runs=made[0])
    assert again.rows.equals(found[0].rows)
    assert list((made[0] / "baselines" / "toy").glob("degree_logistic.retrieval.*.parquet"))


def test_entries_are_compared_by_their_folds(found, made):
    report = compare((ENTRY, DEGREE), ["degree_preserving"], "test", runs=made[0])
    own = found[0].figure("degree_preserving", "auroc")
    assert report.figure("degree_preserving", "auroc").value == own.value
    assert report.figure("degree_preserving", "auroc", model=DEGREE).value == pytest.approx(
        found[0].figure("degree_preserving", "auroc", model="degree").value
    )
    with pytest.raises(StaleSplit, match="trained on another split"):
        compare((ENTRY, "two_tower-toy"), ["degree_preserving"], "test", runs=made[0])


def test_models_of_folds_that_lack_or_differ_are_named(runs):
    with pytest.raises(MissingArtefact, match=f"Type: zoo train {ENTRY}, or name .* --runs"):
        evaluate(ENTRY, ["uniform"], runs=runs / "elsewhere")
    weights = [runs / ENTRY / "folds" / fold / "weights.safetensors" for fold in "01"]
    shutil.copy(weights[0], weights[1])
    with pytest.raises(rotation.OtherFolds, match=f"the model of fold 1 .* zoo train {ENTRY}"):
        evaluate(ENTRY, ["uniform"], runs=runs)


def test_the_card_says_what_is_out_of_fold(made):
    found, _ = evaluate(ENTRY, runs=made[0])
    keep(ENTRY, found)
    text = " ".join(card(ENTRY).split())
    assert f"out-of-fold over {FOLDS} fold models; the weights here learned from all edges" in text
    assert f"means over {FOLDS} fold models, each tested with edges" in text
    assert "### What the networks know of genes" in text
    assert "### Uncertainty" in text


def test_verify_knows_the_models_of_the_folds(tmp_path, made):
    checks = {check.name: check for check in zoo.verify(ENTRY).checks}
    said = f"figures are out-of-fold over {FOLDS} fold models; weights trained on all edges"
    assert checks["folds"].ok
    assert checks["folds"].detail == said
    assert "folds" not in {check.name for check in zoo.verify("two_tower-toy").checks}
    folder = shutil.copytree(made[1] / ENTRY, tmp_path / ENTRY)
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["folds"]["3"]
    Manifest.model_validate(manifest).save(folder / "manifest.json")
    folders.register(folder)
    (check,) = (check for check in zoo.verify(ENTRY).checks if check.name == "folds")
    assert not check.ok
    assert "folds 0, 1, 2, 4" in check.detail
