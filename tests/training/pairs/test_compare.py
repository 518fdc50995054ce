"""Entries held against each other: the same pairs, the same resamples, differences as they are."""

import json

import numpy as np
import pytest
import typer
from sklearn.metrics import roc_auc_score
from typer.testing import CliRunner

from contracts.errors import InvalidOption, UnknownEntry
from training.cli.compare import compare as command
from training.pairs import evaluate as evaluation
from training.pairs.compare import compare
from training.pairs.questions import QUESTIONS
from training.pairs.split import Split, StaleSplit
from training.scoring import metrics
from zoo.store import folders

pytestmark = pytest.mark.usefixtures("toy_zoo", "few_resamples", "short_ladder")

ENTRIES = ("late_interaction-toy", "two_tower-toy", "degree-toy")
ASKED = ("degree_preserving", "imbalance_5", "retrieval")


@pytest.fixture(scope="module")
def found() -> dict:
    """A report that is made once; see `report`."""
    return {}


@pytest.fixture
def report(found) -> dict:
    """Three toy entries and one rung compared on validation."""
    if not found:
        found.update(compare(ENTRIES, ASKED, rungs=("tf_degree",)))
    return found


def test_the_report_is_plain_json_and_names_everybody(report):
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert (report["entries"], report["stage"], report["dataset"]) == ([*ENTRIES], "valid", "toy")
    assert list(report["rungs"]) == ["tf_degree"]
    assert list(report["protocols"]) == list(ASKED)
    for body in report["protocols"].values():
        assert list(body["metrics"]) == [*ENTRIES, "tf_degree"]
        assert list(body["difference"]) == [*ENTRIES[1:], "tf_degree"]
        assert body["description"]
    by = {name: body["resampled_by"] for name, body in report["protocols"].items()}
    assert by == {"degree_preserving": "tf", "imbalance_5": "tf", "retrieval": "gene"}


@pytest.mark.parametrize("entry", ENTRIES)
def test_figures_are_those_of_each_entrys_own_evaluation(report, entry):
    own, _ = evaluation.evaluate(entry, ["degree_preserving", "retrieval"], "valid")
    for name, body in own["protocols"].items():
        assert report["protocols"][name]["metrics"][entry] == body["metrics"]


def test_differences_are_those_of_the_values(report):
    first = ENTRIES[0]
    for body in report["protocols"].values():
        for model, gaps in body["difference"].items():
            for name, gap in gaps.items():
                mine, theirs = (body["metrics"][m][name]["value"] for m in (first, model))
                assert gap["value"] == pytest.approx(mine - theirs, abs=1e-12)
                assert gap["low"] <= gap["high"]


def test_an_interval_of_a_difference_is_paired():
    """Every regulator's pairs are drawn together, and for both entries the same."""
    body = compare(ENTRIES[:2], ["degree_preserving"])["protocols"]["degree_preserving"]
    tables = [
        evaluation.Evaluation(entry, "valid").predictions("degree_preserving")
        for entry in ENTRIES[:2]
    ]
    label, tf = tables[0]["label"].to_numpy(), tables[0]["tf"].to_numpy()
    draws = metrics.Resampling.of(tf)
    gaps = []
    for row in range(metrics.RESAMPLES):
        weights = draws.pairs(slice(row, row + 1))[0]
        mine, theirs = (roc_auc_score(label, t["score"], sample_weight=weights) for t in tables)
        gaps.append(mine - theirs)
    gap = body["difference"]["two_tower-toy"]["auroc"]
    assert [gap["low"], gap["high"]] == pytest.approx(np.percentile(gaps, [2.5, 97.5]), abs=1e-9)
    assert body["resamples"] == len(gaps)


def test_all_that_validation_offers_is_asked_by_default():
    report = compare(("degree-toy", "two_tower-toy"))
    offered = [n for n, q in QUESTIONS.items() if n != "given" and n != "cold_both"]
    assert list(report["protocols"]) == [*offered, "retrieval"]


def test_swapped_entries_have_the_opposite_difference(report):
    turned = compare(ENTRIES[1::-1], ["retrieval"])["protocols"]["retrieval"]
    for name, gap in turned["difference"][ENTRIES[0]].items():
        there = report["protocols"]["retrieval"]["difference"][ENTRIES[1]][name]
        assert gap["value"] == pytest.approx(-there["value"])
        assert (gap["low"], gap["high"]) == pytest.approx((-there["high"], -there["low"]))


@pytest.mark.parametrize("entries", [["degree-toy"], ["degree-toy", "degree-toy"]])
def test_fewer_than_two_entries_are_refused(entries):
    with pytest.raises(InvalidOption, match=r"entries='degree-toy.*two or more different ones"):
        compare(entries)


def test_wrong_names_are_refused():
    pair = ("degree-toy", "two_tower-toy")
    with pytest.raises(UnknownEntry, match="two_tower-toy"):
        compare(("degree-toy", "two_tower-tyo"))
    with pytest.raises(InvalidOption, match=r"--protocol='external'.*one of uniform"):
        compare(pair, ["external"], "test")
    with pytest.raises(InvalidOption, match=r"--stage='train'.*one of valid, test"):
        compare(pair, stage="train")
    with pytest.raises(InvalidOption, match="degree_logistic"):
        compare(pair, ["uniform"], rungs=["boosting"])


def test_entries_of_two_splits_are_not_compared(copied):
    folder = copied("two_tower-toy")
    split = Split.load(folder / "split.safetensors")
    Split(split.part[::-1].copy(), split.negatives, split.edges_digest, split.seed).save(
        folder / "split.safetensors"
    )
    folders.record(folder, "split.safetensors")
    with pytest.raises(StaleSplit, match="two_tower-toy was trained on another split"):
        compare(("degree-toy", "two_tower-toy"), ["uniform"])


def run(*arguments: str):
    app = typer.Typer()
    app.command()(command)
    result = CliRunner().invoke(app, arguments, env={"COLUMNS": "160"})
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_command_prints_json_or_a_table(report):
    arguments = [*ENTRIES, "--protocol", "retrieval", "--rung", "tf_degree"]
    printed = json.loads(run(*arguments, "--json"))
    assert printed["protocols"]["retrieval"] == report["protocols"]["retrieval"]
    table = run(*arguments)
    mrr = report["protocols"]["retrieval"]["metrics"]["tf_degree"]["mrr"]
    gap = report["protocols"]["retrieval"]["difference"]["tf_degree"]["mrr"]
    assert f"{mrr['value']:.3f} [{mrr['low']:.3f}, {mrr['high']:.3f}]" in table
    assert f"{gap['value']:+.3f} [{gap['low']:+.3f}, {gap['high']:+.3f}]" in table
    assert "late_interaction-toy less it" in table
