"""Commands about entries: list, search, info, card, verify."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import zoo
from tests import tiny
from tests.zoo.commands import refused, run
from tests.zoo.conftest import flip_a_bit

pytestmark = pytest.mark.usefixtures("only_tiny")


def test_list_shows_entries_with_headline_and_licence():
    lines = run("list").stdout.splitlines()
    (line,) = [line for line in lines if tiny.TABLE in line]
    for word in ("pair_score", "human", "brain", "uniform/auroc", "0.75", "CC0-1.0"):
        assert word in line
    assert tiny.DOT not in run("list", "tiny_t*").stdout
    assert [row["entry"] for row in json.loads(run("list", "--json").stdout)] == zoo.names()


def test_search_filters():
    rows = json.loads(run("search", "--tissue", "liver", "--json").stdout)
    assert [row["entry"] for row in rows] == [tiny.DOT]
    rows = json.loads(run("search", "yeast", "--json").stdout)
    assert [row["entry"] for row in rows] == [tiny.CELL, tiny.PRODUCT]
    assert "Type zoo list '*yeast*'" in run("list", "yeast").stderr
    result = run("search", "--species", "mouse")
    assert "No entry matches" in result.stderr
    assert "metric='nope'" in refused("search", "--metric", "nope")


def test_info_shows_the_manifest():
    shown = run("info", tiny.TABLE).stdout
    for word in ("pair_score", "tfs_total", "CC0-1.0", "score.onnx", "uniform/auroc"):
        assert word in shown
    assert json.loads(run("info", tiny.TABLE, "--json").stdout)["entry"] == tiny.TABLE


def test_card_goes_through_a_pipe_unchanged():
    assert run("card", tiny.TABLE).stdout == zoo.card(tiny.TABLE)
    assert json.loads(run("card", tiny.TABLE, "--json").stdout) == {
        "entry": tiny.TABLE,
        "card": zoo.card(tiny.TABLE),
    }


def test_verify_one_and_all(copied: Callable[..., Path]):
    assert "golden case score/real" in run("verify", tiny.TABLE).stdout
    assert "FAILED" not in run("verify").stdout
    folder = copied(tiny.DOT)
    zoo.register(folder)
    flip_a_bit(folder / "card.md")
    result = run("verify", code=1)
    assert "FAILED" in result.stdout
    assert "digest of card.md" in result.stdout
    reports = json.loads(run("verify", "--json", code=1).stdout)
    expected = {name: name != tiny.DOT for name in tiny.ENTRIES}
    assert {report["entry"]: report["ok"] for report in reports} == expected
    assert run("verify", tiny.TABLE).exit_code == 0


def test_evidence_comes_first_where_an_entry_is_not_native(copied: Callable[..., Path]):
    assert re.search(rf"{tiny.TABLE}\tpair_score.*\tnative\tCC0-1.0", run("list").stdout)
    assert re.search(r"evidence\tnative", run("info", tiny.TABLE).stdout)
    folder = copied(tiny.TABLE)
    manifest = folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"native"', '"smoke test, 20 steps"'))
    zoo.register(folder)
    assert re.search(r"evidence\tsmoke test, 20 steps", run("info", tiny.TABLE).stdout)
    shown = run("list").stdout
    assert re.search(rf"{tiny.TABLE}\tsmoke test, 20 steps\tpair_score", shown)
    assert re.search(rf"{tiny.DOT}\tnative\tpair_embed", shown)


def test_a_search_for_evidence_says_what_nothing_means():
    shown = run("search", "--evidence", "native")
    assert shown.stdout.count("\n") == 1 + len(tiny.ENTRIES)
    assert shown.stderr == ""
    nothing = run("search", "--evidence", "cited")
    assert nothing.stdout.count("\n") == 1
    assert "cited: Its figures are those that others published" in nothing.stderr
    assert "findings/simple-baselines" in nothing.stderr
    wrong = run("search", "--evidence", "nativ", code=2)
    assert "one of native, adapter, embedding-import, predictions-import" in wrong.stderr
