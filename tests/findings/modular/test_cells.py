import json

import pytest

from contracts.errors import InvalidOption
from tests.findings.modular import toy
from tests.findings.modular.toy import study

Cell = study.cells.Cell
Failures = study.gradients.Failures
cells = study.cells

SEED = Cell(model="cross_encoder", seed=42)


def test_the_table_has_every_run_of_the_study_once():
    table = cells.TABLE
    runs = {(c.model, c.ratio, c.seed) for c in table if not c.failures.names}
    networks = {
        (m, r, s)
        for m in ("two_tower", "cross_encoder")
        for r in (1, 5, 10, 50)
        for s in (42, 123, 456, 789, 1337)
    }
    rivals = {(m, 1, None) for m in ("namespace_rule", "degree_product", "degree_logistic")}
    assert runs == networks | rivals
    assert len({c.name for c in table}) == len(table) == len(networks) + len(rivals) + 4


def test_what_answers_most_comes_first():
    names = [cell.name for cell in cells.TABLE]
    wanted = ["cross_encoder-1to1-seed123", "two_tower-1to1-seed42-double_sigmoid"]
    wanted += ["two_tower-1to1-seed42-tight_clip", "two_tower-1to1-seed456"]
    wanted += [f"two_tower-{ratio}to1-seed42" for ratio in (5, 10, 50)]
    assert sorted(wanted, key=names.index) == wanted


def test_each_failure_is_run_alone_and_all_together():
    found = [c.failures.names for c in cells.TABLE if c.failures.names]
    alone = sorted(names for names in found if len(names) == 1)
    assert alone == [("double_sigmoid",), ("replaced_gradient",), ("tight_clip",)]
    assert [names for names in found if len(names) > 1] == [tuple(Failures.model_fields)]


def test_only_takes_names_and_patterns():
    assert [c.name for c in cells.chosen(["cross_encoder-1to1-seed42"])] == [SEED.name]
    assert {c.ratio for c in cells.chosen(["*-5to1-*"])} == {5}
    both = cells.chosen(["degree_*", "namespace_rule-1to1"])
    assert len(both) == 3
    assert cells.chosen([]) == cells.TABLE


def test_only_refuses_what_matches_nothing():
    with pytest.raises(InvalidOption, match="three_tower"):
        cells.chosen(["degree_*", "three_tower*"])


def test_a_result_is_read_back(tmp_path):
    result = toy.result(SEED, 0.8, 0.9)
    assert cells.read(tmp_path / "new", SEED) is None
    path = cells.write(tmp_path / "new", SEED, result)
    assert path.name == "cross_encoder-1to1-seed42.json"
    assert cells.read(tmp_path / "new", SEED) == result
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("change", [{"smoke": True}, {"settings": {"width": 16}}])
def test_a_result_of_other_settings_does_not_count(tmp_path, change):
    cells.write(tmp_path, SEED, toy.result(SEED, 0.8, 0.9) | change)
    assert cells.read(tmp_path, SEED) is None


def test_smoke_settings_are_smaller_and_never_the_studys():
    usual, smoke = SEED.settings(), SEED.settings(smoke=True)
    assert smoke.width < usual.width
    assert smoke.epochs < usual.epochs
    assert Cell(model="degree_logistic").settings(smoke=True) is None


@pytest.mark.parametrize("model", ["degree_logistic", "two_tower", "cross_encoder"])
def test_a_smoke_cell_runs_from_end_to_end(model: str):
    cell = Cell(model=model, ratio=5, seed=None if model == "degree_logistic" else 42)
    epochs = []
    result = cells.run(cell, toy.prior(), smoke=True, report=epochs.append)
    assert result == json.loads(json.dumps(result))
    assert result["smoke"]
    assert result["cell"] == cell.name
    wanted = {"fitted"} if model == "degree_logistic" else {"last", "restored"}
    assert set(result["variants"]) == wanted
    for variant in result["variants"].values():
        assert 0 <= variant["accuracy"]["low"] <= variant["accuracy"]["high"] <= 1
    assert [e["epoch"] for e in epochs] == ([1, 2] if "last" in wanted else [])
    if epochs:
        assert result["epochs"] == len(result["history"]) == 2
        assert result["best_epoch"] in (1, 2)
        assert result["variants"]["last"]["corrected"]["accuracy"] > 0.1
