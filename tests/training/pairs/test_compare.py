"""Entries held against each other: the same pairs, the same resamples, differences as they are."""

import json

import numpy as np
import pytest
import typer
from sklearn.metrics import roc_auc_score
from typer.testing import CliRunner

from contracts.errors import InvalidOption, UnknownEntry
from tests.training.nested import pairs
from training.cli.compare import compare as command
from training.pairs.questions import PROTOCOLS
from training.pairs.split import Split
from training.scoring import bootstrap
from training.scoring.bootstrap import Bootstrap, coded
from training.scoring.compare import compare
from training.scoring.evaluate import evaluate
from training.split import StaleSplit
from zoo.store import folders

pytestmark = pytest.mark.usefixtures("toy_zoo", "few_resamples", "short_ladder")

ENTRIES = ("late_interaction-toy", "two_tower-toy", "degree-toy")
ASKED = ("degree_preserving", "imbalance_5", "retrieval")


_found: list = []


@pytest.fixture
def report():
    """Three toy entries and one rung compared on validation, once."""
    if not _found:
        _found.append(compare(ENTRIES, ASKED, rungs=("tf_degree",)))
    return _found[0]


def test_the_table_names_everybody(report):
    about = report.about
    assert (about.entry, about.stage, about.dataset) == (ENTRIES[0], "valid", "toy")
    assert list(about.models) == ["entry", *ENTRIES[1:], "tf_degree"]
    assert report.protocols == list(ASKED)
    for body in pairs(report).values():
        assert list(body["ladder"]) == [*ENTRIES[1:], "tf_degree"]
        assert body["asks"]
    by = {name: body["unit"] for name, body in pairs(report).items()}
    assert by == {"degree_preserving": "tf", "imbalance_5": "tf", "retrieval": "gene"}


@pytest.mark.parametrize("entry", ENTRIES)
def test_figures_are_those_of_each_entrys_own_evaluation(report, entry):
    own, _ = evaluate(entry, ["degree_preserving", "retrieval"], "valid")
    for name, body in pairs(own).items():
        at = pairs(report)[name]
        at = at if entry == ENTRIES[0] else at["ladder"][entry]
        assert at["metrics"] == body["metrics"]


def test_differences_are_those_of_the_values(report):
    for body in pairs(report).values():
        for other in body["ladder"].values():
            for name, gap in other["difference"].items():
                mine, theirs = (each["metrics"][name]["value"] for each in (body, other))
                assert gap["value"] == pytest.approx(mine - theirs, abs=1e-12)
                assert gap["low"] <= gap["high"]


def test_an_interval_of_a_difference_is_paired():
    """Every regulator's pairs are drawn together, and for both entries the same."""
    body = pairs(compare(ENTRIES[:2], ["degree_preserving"]))["degree_preserving"]
    tables = [
        evaluate(entry, ["degree_preserving"], "valid")[1]["degree_preserving"]
        for entry in ENTRIES[:2]
    ]
    label, tf = tables[0]["label"].to_numpy(), tables[0]["tf"].to_numpy()
    draws = Bootstrap.of(coded(tf))
    gaps = []
    for row in range(bootstrap.RESAMPLES):
        weights = draws.weights(slice(row, row + 1))[0]
        mine, theirs = (roc_auc_score(label, t["score"], sample_weight=weights) for t in tables)
        gaps.append(mine - theirs)
    gap = body["ladder"]["two_tower-toy"]["difference"]["auroc"]
    assert [gap["low"], gap["high"]] == pytest.approx(np.percentile(gaps, [2.5, 97.5]), abs=1e-9)
    assert body["resamples"] == len(gaps)


def test_all_that_validation_offers_is_asked_by_default():
    report = compare(("degree-toy", "two_tower-toy"))
    left_out = ("given", "cold_both", "external")
    assert report.protocols == [p.name for p in PROTOCOLS if p.name not in left_out]


def test_swapped_entries_have_the_opposite_difference(report):
    turned = pairs(compare(ENTRIES[1::-1], ["retrieval"]))["retrieval"]
    for name, gap in turned["ladder"][ENTRIES[0]]["difference"].items():
        there = pairs(report)["retrieval"]["ladder"][ENTRIES[1]]["difference"][name]
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
    with pytest.raises(InvalidOption, match=r"--protocol='external'.*one of degree_preserving"):
        compare(pair, ["external"], "test")
    with pytest.raises(InvalidOption, match=r"--stage='train'.*one of valid, test"):
        compare(pair, stage="train")
    with pytest.raises(InvalidOption, match="degree_logistic"):
        compare(pair, ["uniform"], rungs=["boosting"])


def test_entries_of_two_splits_are_not_compared(copied):
    folder = copied("two_tower-toy")
    split = Split.load(folder / "split.safetensors")
    Split(split.part[::-1].copy(), split.digest, split.seed, split.negatives).save(
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
    assert {row["protocol"] for row in printed["rows"]} == {"retrieval"}
    assert printed["about"]["entry"] == ENTRIES[0]
    table = run(*arguments)
    mrr = pairs(report)["retrieval"]["ladder"]["tf_degree"]["metrics"]["mrr"]
    gap = pairs(report)["retrieval"]["ladder"]["tf_degree"]["difference"]["mrr"]
    assert f"{mrr['value']:.3f} [{mrr['low']:.3f}, {mrr['high']:.3f}]" in table
    assert f"{gap['value']:+.3f} [{gap['low']:+.3f}, {gap['high']:+.3f}]" in table
    assert "late_interaction-toy less it" in table
