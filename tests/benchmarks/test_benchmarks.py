"""The benchmarks' page, what they share, and that they compare the same; not what they measure."""

import time
from pathlib import Path

import evaluate_predictions
import measure
import page
import pytest
import screening

from tests import tiny_cells
from zoo.perturbations.scorer import PerturbationScorer
from zoo.store import folders


def test_the_committed_page_is_what_its_results_say():
    assert page.render() == page.PAGE.read_text()
    for name in page.SECTIONS:
        assert (page.RESULTS / f"{name}.json").is_file(), f"{name} was never measured"


def test_engines_take_turns_and_each_counts_its_own():
    turns: list[str] = []

    def slow() -> None:
        turns.append("slow")
        time.sleep(0.02)

    spent = measure.alternate({"slow": slow, "fast": lambda: turns.append("fast")}, 0.01)
    assert turns == ["slow", "fast"] * 4
    assert spent["slow"] > spent["fast"]


def test_a_child_reports_its_peak_memory():
    small, large = (
        measure.child(
            f"block = bytearray({size})\nblock[::4096] = b'x' * len(block[::4096])\nprint('{{}}')"
        )
        for size in (1, 200_000_000)
    )
    assert large["peak_megabytes"] - small["peak_megabytes"] > 150


@pytest.fixture
def screened(tiny_root: Path):
    """The screening benchmark, and a tiny entry with 66 pairs that it may screen."""
    folders.register(tiny_root / tiny_cells.PRODUCT)
    return screening


def test_a_screen_is_held_against_predict(screened):
    row = screened.measured(tiny_cells.PRODUCT, 1, 0)
    assert row["sets"] == row["sample"] == row["listed"] == 66
    assert row["apart"] == row["listed_apart"] == row["outranking"] == 0


def test_another_score_and_a_pair_left_out_are_seen(screened, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(screened, "TOP", 10)
    screen, predict = PerturbationScorer.screen, PerturbationScorer.predict
    monkeypatch.setattr(PerturbationScorer, "predict", lambda *a: predict(*a) * 2)
    assert screened.measured(tiny_cells.PRODUCT, 1, 0)["apart"] > 0.1
    monkeypatch.setattr(PerturbationScorer, "predict", predict)
    monkeypatch.setattr(PerturbationScorer, "screen", lambda *a, **k: screen(*a, **k)[1:])
    assert screened.measured(tiny_cells.PRODUCT, 1, 0)["outranking"] == 1


def test_predictions_of_every_kind_of_file_are_scored():
    found = evaluate_predictions.measured(12, 40)
    assert (found["perturbations"], found["genes"], found["cells"]) == (12, 40, 740)
    assert [row["what"] for row in found["rows"]] == list(evaluate_predictions.ENDINGS)
    assert all(row["bytes"] and row["seconds"] and row["peak_bytes"] for row in found["rows"])


def test_the_page_says_what_grows_with_the_sets():
    times = ((64, 0.2, 0.01), (512, 0.25, 0.05), (4096, 0.5, 0.32))
    fixed = {"genes": 50, "drawing": 0.01, "encoder": 0.1}
    rows = [
        {"threads": threads, "sets": sets, "step": step, "head": head, **fixed}
        for threads in (1, 2)
        for sets, step, head in times
    ]
    told = page.macro("training_step", {"entry": "cls_transformer-toy", "rows": rows})
    assert "64 sets to 4,096 on 2 threads: the step grows by 300 ms, the head by 310 ms." in told
