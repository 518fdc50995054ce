"""The benchmarks' page and what they share; what they measure is no test's business."""

import importlib
import time
from pathlib import Path
from types import ModuleType

import pytest

FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch):
    """Import a benchmark as a script would find it."""
    monkeypatch.syspath_prepend(str(FOLDER))

    def found(name: str) -> ModuleType:
        return importlib.import_module(name)

    return found


def test_the_committed_page_is_what_its_results_say(load):
    page = load("page")
    assert page.render() == page.PAGE.read_text()
    for name in page.SECTIONS:
        assert (page.RESULTS / f"{name}.json").is_file(), f"{name} was never measured"


def test_engines_take_turns_and_each_counts_its_own(load):
    turns: list[str] = []

    def slow() -> None:
        turns.append("slow")
        time.sleep(0.02)

    spent = load("measure").alternate({"slow": slow, "fast": lambda: turns.append("fast")}, 0.01)
    assert turns == ["slow", "fast"] * 4
    assert spent["slow"] > spent["fast"]


def test_a_child_reports_its_peak_memory(load):
    small, large = (
        load("measure").child(
            f"block = bytearray({size})\nblock[::4096] = b'x' * len(block[::4096])\nprint('{{}}')"
        )
        for size in (1, 200_000_000)
    )
    assert large["peak_megabytes"] - small["peak_megabytes"] > 150
