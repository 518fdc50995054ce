"""Perturbation entries held against each other: the same sets, the same resamples of genes."""

import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from contracts.errors import InvalidOption
from tests.training.perturbations import planted
from tests.training.perturbations.conftest import RESAMPLES
from tests.training.perturbations.entries import ENTRIES, MULTIPLICATIVE, RIDGE
from training import family
from training.cli.compare import compare as command
from training.perturbations import evaluate as evaluation
from training.perturbations import metrics
from training.perturbations.compare import compare
from training.perturbations.split import part_of
from zoo.store import folders

pytestmark = pytest.mark.usefixtures("planted_zoo")

FITNESS = "pearson fitness_derived/main"


@pytest.fixture
def report() -> dict:
    """Both entries and a rung on validation."""
    return compare((RIDGE, MULTIPLICATIVE), ["random", "both_new"], rungs=("additive",))


def test_the_report_is_plain_json_and_names_everybody(report):
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert (report["entries"], report["stage"]) == ([RIDGE, MULTIPLICATIVE], "valid")
    assert list(report["protocols"]) == ["random", "both_new"]
    for body in report["protocols"].values():
        assert list(body["metrics"]) == [RIDGE, MULTIPLICATIVE, "additive"]
        assert list(body["difference"]) == [MULTIPLICATIVE, "additive"]
        assert (body["resampled_by"], body["resamples"]) == ("gene", RESAMPLES)


@pytest.mark.parametrize("entry", ENTRIES)
def test_figures_are_those_of_each_entrys_own_evaluation(report, entry):
    own, _ = evaluation.evaluate(entry, ["random"], "valid")
    found = report["protocols"]["random"]["metrics"][entry]
    assert found == {
        f"{measure} {name}": record
        for name, body in own["protocols"]["random"]["questions"].items()
        for measure, record in body["metrics"].items()
    }


def test_an_interval_of_a_difference_is_paired(report, planted_data, planted_split):
    tables = [evaluation.evaluate(e, ["random"], "valid")[1]["random"] for e in report["entries"]]
    rows = planted_split.rows(planted_data, part_of("random", "valid"))
    rows = rows[planted_data.records.source[rows] == planted.MAIN]
    draws = metrics.GeneDraws.of(planted_data.records.members[rows], resamples=RESAMPLES)
    gaps = []
    for weight in draws.weights(slice(None)):
        values = []
        for table in tables:
            own = table[(table["source"] == planted.MAIN) & (table["quantity"] != "epsilon")]
            pair = (np.repeat(own[c], weight.astype(int)) for c in ("label", "prediction"))
            values.append(np.corrcoef(*pair)[0, 1])
        gaps.append(values[0] - values[1])
    gap = report["protocols"]["random"]["difference"][MULTIPLICATIVE][FITNESS]
    expected = np.percentile(gaps, [2.5, 97.5])
    assert [gap["low"], gap["high"]] == pytest.approx(expected, rel=1e-4)


def test_all_that_validation_has_is_asked_by_default():
    report = compare((RIDGE, MULTIPLICATIVE))
    assert list(report["protocols"]) == ["random", "one_new", "both_new"]


@pytest.mark.parametrize("entries", [[RIDGE], [RIDGE, RIDGE]])
def test_fewer_than_two_entries_are_refused(entries):
    with pytest.raises(InvalidOption, match="two or more different ones"):
        compare(entries)


def test_entries_of_other_tasks_are_not_compared(tiny_root):
    folders.register(tiny_root / "tiny_dot-toy")
    with pytest.raises(InvalidOption, match=r"tiny_dot-toy of task pair_embed.*entries like"):
        family.of_all([RIDGE, "tiny_dot-toy"])


def test_the_command_prints_json_or_a_table(report):
    app = typer.Typer()
    app.command()(command)
    arguments = [RIDGE, MULTIPLICATIVE, "--protocol", "random", "--rung", "additive"]
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["protocols"]["random"] == report["protocols"]["random"]
    table = CliRunner().invoke(app, arguments, env={"COLUMNS": "160"}).stdout
    gap = report["protocols"]["random"]["difference"]["additive"][FITNESS]
    assert f"{gap['value']:+.3f} [{gap['low']:+.3f}, {gap['high']:+.3f}]" in table
