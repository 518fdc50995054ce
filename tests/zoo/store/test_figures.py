"""The headline of an evaluation: the entry's figure beside the best baseline's."""

import json
from pathlib import Path

import pytest

from zoo.store.figures import Headline, headline

HEADER = (
    "stage,protocol,fold,question,model,variant,seed,measure,value,low,high,n,gap,gap_low,gap_high"
)
ROWS = """
test,random,,epsilon,entry,,,pearson,0.5,0.4,0.6,90,,,
test,random,,epsilon,mlp,,,pearson,0.53,0.4,0.6,90,-0.03,-0.1,0.1
test,random,,epsilon,ridge,,,pearson,0.2,0.1,0.3,90,0.3,0.2,0.4
test,random,,epsilon,small,,,pearson,0.9,0.1,0.3,90,0.3,0.2,0.4
test,random,,epsilon,ridge,,1,pearson,0.99,,,90,,,
test,random,2,epsilon,ridge,,,pearson,0.98,,,90,,,
valid,random,,epsilon,ridge,,,pearson,0.97,,,90,,,
test,random,,fitness,ridge,,,pearson,0.96,,,90,,,
test,random,,epsilon,entry,,,mse,3,2,4,90,,,
test,random,,epsilon,mlp,,,mse,2,1,3,90,,,
test,random,,epsilon,ridge,,,mse,5,4,6,90,,,
"""
MODELS = {
    "entry": {"title": "new-yeast", "kind": "entry"},
    "mlp": {"title": "MLP", "kind": "baseline"},
    "ridge": {"title": "Ridge", "kind": "baseline"},
    "small": {"title": "half of it", "kind": "ablation"},
}


def write_evaluation(folder: Path, measure: str = "pearson", baseline: bool = False) -> None:
    wanted = {"protocol": "random", "question": "epsilon", "measure": measure}
    about = {"headline": wanted, "models": MODELS, "baseline": baseline}
    (folder / "evaluation.json").write_text(json.dumps(about))
    (folder / "evaluation.csv").write_text(HEADER + ROWS)


def test_the_best_baseline_is_of_the_same_question_alone(tmp_path: Path):
    write_evaluation(tmp_path)
    expected = Headline("random/pearson", 0.5, 0.4, 0.6, "MLP", 0.53, kind="model")
    assert headline(tmp_path) == expected


def test_of_an_error_the_lowest_is_best(tmp_path: Path):
    write_evaluation(tmp_path, "mse", baseline=True)
    assert headline(tmp_path) == Headline("random/mse", 3.0, 2.0, 4.0, "MLP", 2.0, "baseline")


@pytest.mark.parametrize("lacking", ["evaluation.csv", "evaluation.json"])
def test_an_entry_without_an_evaluation_has_none(tmp_path: Path, lacking: str):
    write_evaluation(tmp_path)
    (tmp_path / lacking).unlink()
    assert headline(tmp_path) is None


def test_an_entry_without_the_leading_figure_is_still_told_from_a_baseline(tmp_path: Path):
    write_evaluation(tmp_path, "spearman")
    found = headline(tmp_path)
    assert found is not None
    assert (found.metric, found.value, found.kind) == (None, None, "model")
