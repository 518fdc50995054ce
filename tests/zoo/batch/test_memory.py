"""Sizes as people write them."""

import subprocess
import sys

import pytest

from contracts.errors import InvalidOption
from zoo.batch import memory


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("1GB", 10**9),
        ("800 mb", 800 * 10**6),
        ("1.5GiB", 1_610_612_736),
        ("64KiB", 65_536),
        ("900000000", 9 * 10**8),
        ("12B", 12),
    ],
)
def test_sizes(text: str, count: int):
    assert memory.size(text) == count


@pytest.mark.parametrize("text", ["", "GB", "much", "-1GB", "0GB", "1XB", "1e9", "1 G B", "nan"])
def test_what_is_no_size(text: str):
    with pytest.raises(InvalidOption, match=r"--memory=.*a size such as 800MB"):
        memory.size(text)


def test_the_peak_is_that_of_this_process_alone():
    code = (
        "from zoo.batch import memory; a = memory.peak(); b = b'x' * 10**8; print(a, memory.peak())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = map(int, done.stdout.split())
    assert 10**6 < before < after
    assert 0.9 * 10**8 < after - before < 1.5 * 10**8


def test_the_default_leaves_room_in_a_large_process(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "peak", lambda: 100)
    assert memory.allowed(None) == memory.DEFAULT
    monkeypatch.setattr(memory, "peak", lambda: memory.DEFAULT)
    assert memory.allowed(None) == memory.DEFAULT + memory.ROOM
    assert memory.allowed("5MB") == 5_000_000


@pytest.mark.parametrize(("count", "text"), [(1, "1MB"), (10**6, "1MB"), (10**6 + 1, "2MB")])
def test_shown_is_never_too_little(count: int, text: str):
    assert memory.shown(count) == text
