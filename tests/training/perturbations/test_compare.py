"""Perturbation entries held against each other: the same sets, the same resamples of genes."""

import json

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from contracts.errors import InvalidOption
from tests.training.nested import nested
from tests.training.perturbations import planted
from tests.training.perturbations.conftest import RESAMPLES
from tests.training.perturbations.entries import ENTRIES, MULTIPLICATIVE, RIDGE
from training import family
from training.cli.compare import compare as command
from training.perturbations.questions import part_of
from training.scoring.bootstrap import Bootstrap
from training.scoring.compare import compare
from training.scoring.evaluate import evaluate
from training.scoring.table import Evaluation
from zoo.store import folders

pytestmark = pytest.mark.usefixtures("planted_zoo")

FITNESS = "fitness_derived/main"


_found: list[Evaluation] = []


@pytest.fixture
def report() -> Evaluation:
    """Both entries and a rung on validation, once."""
    if not _found:
        _found.append(compare((RIDGE, MULTIPLICATIVE), ["random", "both_new"], rungs=("additive",)))
    return _found[0]


def test_the_report_is_plain_json_and_names_everybody(report):
    assert json.loads(report.json())["about"] == json.loads(report.about.model_dump_json())
    assert (report.about.entry, report.about.stage) == (RIDGE, "valid")
    assert list(report.about.models) == ["entry", MULTIPLICATIVE, "additive"]
    assert report.protocols == ["random", "both_new"]
    for bodies in nested(report).values():
        for name, body in bodies.items():
            assert set(body["ladder"]) <= {MULTIPLICATIVE, "additive"}
            fitness = name.startswith("fitness")
            assert not fitness or list(body["ladder"]) == [MULTIPLICATIVE, "additive"]
            assert (body["unit"], body["resamples"]) == ("gene", RESAMPLES)


@pytest.mark.parametrize("entry", ENTRIES)
def test_figures_are_those_of_each_entrys_own_evaluation(report, entry):
    own = nested(evaluate(entry, ["random"], "valid")[0])["random"]
    found = nested(report)["random"]
    assert list(found) == list(own)
    for name, body in own.items():
        at = found[name] if entry == RIDGE else found[name]["ladder"].get(entry, {"metrics": {}})
        assert at["metrics"] == body["metrics"]


def test_an_interval_of_a_difference_is_paired(report, planted_data, planted_split):
    tables = [evaluate(e, ["random"], "valid")[1]["random"] for e in (RIDGE, MULTIPLICATIVE)]
    rows = planted_split.rows(planted_data, part_of("random", "valid"))
    rows = rows[planted_data.records.source[rows] == planted.MAIN]
    draws = Bootstrap.of(planted_data.records.members[rows], resamples=RESAMPLES)
    gaps = []
    for weight in draws.weights(slice(None)):
        values = []
        for table in tables:
            own = table[(table["source"] == planted.MAIN) & (table["quantity"] != "epsilon")]
            pair = (np.repeat(own[c], weight.astype(int)) for c in ("label", "prediction"))
            values.append(np.corrcoef(*pair)[0, 1])
        gaps.append(values[0] - values[1])
    gap = nested(report)["random"][FITNESS]["ladder"][MULTIPLICATIVE]["difference"]["pearson"]
    expected = np.percentile(gaps, [2.5, 97.5])
    assert [gap["low"], gap["high"]] == pytest.approx(expected, rel=1e-4)


def test_all_that_validation_has_is_asked_by_default():
    report = compare((RIDGE, MULTIPLICATIVE))
    assert report.protocols == ["random", "one_new", "both_new"]


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
    printed, whole = (json.loads(text)["rows"] for text in (done.stdout, report.json()))
    assert printed == [row for row in whole if row["protocol"] == "random"]
    table = CliRunner().invoke(app, arguments, env={"COLUMNS": "160"}).stdout
    gap = nested(report)["random"][FITNESS]["ladder"]["additive"]["difference"]["pearson"]
    assert f"{gap['value']:+.3f} [{gap['low']:+.3f}, {gap['high']:+.3f}]" in table
