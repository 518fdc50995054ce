"""From a recipe to a run folder."""

import json

import numpy as np
import pytest
from safetensors.numpy import load_file

from contracts.genes.vocabulary import Vocabulary
from tests.training.expression import planted, runs
from training import recipe
from training.begin import Options
from training.expression import fits, run
from training.expression.run import measured
from training.recipe import InvalidRecipe


@pytest.fixture(autouse=True)
def planted_cells(monkeypatch):
    runs.plant(monkeypatch)


@pytest.mark.parametrize("name", runs.NAMES)
def test_a_run_has_the_model_that_was_fitted_on_everything(name, tmp_path):
    report, data = runs.trained(name, tmp_path), planted.data()
    response = fits.find(name)(data.profiles, data, 0)
    weights = load_file(tmp_path / "weights.safetensors")
    np.testing.assert_allclose(weights["offset"], response.offset, rtol=1e-6)
    np.testing.assert_allclose(
        weights["loading"] @ weights["direction"], response.loading @ response.direction, atol=1e-6
    )
    assert json.loads((tmp_path / "run.json").read_text()) == report
    assert report["split"] == {"train": 9}
    assert report["config"]["kind"] == "absent"
    assert (report["config"]["unit"], report["max_steps"]) == ("log", None)
    assert Vocabulary.load(tmp_path / "vocabulary.tsv.gz").genes == planted.GENES
    assert Vocabulary.load(tmp_path / "readouts.tsv.gz").genes == planted.READOUTS
    assert report["sizes"] == {
        "genes_total": 6,
        "readouts": 40,
        "members_limit": run.MEMBERS_LIMIT,
        "measured_sets": 9,
        "measured_members": 12,
    }


def test_the_state_has_what_was_measured(tmp_path):
    runs.trained("additive", tmp_path)
    state, data = load_file(tmp_path / "state.safetensors"), planted.data()
    profiles = data.profiles
    np.testing.assert_allclose(state["control"], profiles.control, rtol=1e-6)
    assert state["gene_cells"].tolist() == [120, 80, 80, 80, 40, 80]
    assert state["measured_order"].tolist() == [1] * 6 + [2] * 3
    ends = np.cumsum(state["measured_order"])[:-1]
    assert [tuple(each) for each in np.split(state["measured_member"], ends)] == [*profiles.sets]
    np.testing.assert_allclose(state["measured_change"], profiles.change, atol=1e-6)
    np.testing.assert_allclose(state["measured_deviation"] ** 2, profiles.variance, rtol=1e-5)
    assert state["measured_cells"].tolist() == [40] * 9
    sample = load_file(tmp_path / "sets.safetensors")
    assert sample["member"].tolist() == state["measured_member"].tolist()


def test_sets_with_a_gene_that_does_not_ship_are_not_listed():
    state = measured(planted.data(), ("AA", "B", "C", "D", "Z"))
    assert state["measured_member"].tolist() == [1, 2, 3, 2, 3]
    assert state["measured_order"].tolist() == [1, 1, 1, 2]
    assert state["gene_cells"].tolist() == [0, 80, 80, 80, 0]
    np.testing.assert_allclose(
        state["measured_change"][0], planted.data().profiles.change[1], atol=1e-6
    )


def test_a_closed_form_takes_no_objective(tmp_path):
    chosen = recipe.load("mean-norman19").model_copy(update={"objective": {"penalty": 1.0}})
    with pytest.raises(InvalidRecipe, match=r"mean is fitted in closed form. Remove them"):
        run.train(chosen, Options(tmp_path, progress=False))
