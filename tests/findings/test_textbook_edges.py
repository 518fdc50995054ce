"""Textbook edges: which of them a model has seen, what it is asked, and the page."""

import numpy as np
import pandas as pd
import pytest

from tests.findings.scripts import scripts

edges = scripts("textbook-edges")


@pytest.fixture(scope="module")
def tables():
    return edges.page.read(edges.page.FINDINGS)


def test_the_panel_has_each_edge_once():
    panel = edges.measure.panel()
    assert len(panel) >= 60
    assert not panel.duplicated(["regulator", "target"]).any()
    assert panel["setting"].str.len().gt(0).all()


def test_an_edge_is_held_out_trained_on_or_in_no_resource_by_its_part():
    parts = ["train", "valid", "cold_gene_valid", "unused", "test", "unlisted"]
    rows = {"regulator": "A", "target": list("bcdefg"), "part": parts, "entry": "x", "rank": 1.0}
    table = pd.DataFrame(rows)
    ranks = edges.page.tidy({"before": table, "after": table})
    shown = dict(zip(ranks["edge"], ranks["kind"], strict=True))
    assert shown == {"A-b": "seen", "A-e": "held", "A-f": "held", "A-g": "unlisted"}
    assert edges.page.by_edge(ranks, "x", "2.0.0", "held").index.tolist() == ["A-e", "A-f"]


def test_intervals_are_over_edges_and_hold_the_value():
    values = np.arange(40.0)
    median = edges.page.record(values, np.median)
    assert median["low"] < median["value"] == np.median(values) < median["high"]
    assert edges.page.record(np.ones(5)) == {"value": 1.0, "low": 1.0, "high": 1.0}


def test_progress_is_of_edges_that_neither_version_had_seen():
    before = pd.DataFrame({"part": ["train", "unused", "test"], "rank": [1.0, 60.0, 2.0]})
    after = pd.DataFrame({"part": ["test", "test", "valid"], "rank": [1.0, 3.0, 2.0]})
    same = {"regulator": "A", "target": list("bcd"), "entry": edges.page.MAIN}
    ranks = edges.page.tidy({"before": before.assign(**same), "after": after.assign(**same)})
    found = edges.page.progress(ranks, "held")
    assert (found["edges"], found["before"]["value"], found["after"]["value"]) == (1, 0.0, 1.0)


def test_no_edge_held_out_has_been_seen_and_every_edge_is_ranked(tables):
    after, panel = tables["after"], tables["listed"]
    held = after[after["fold"] != ""]
    assert held["part"].isin(edges.measure.HARDEST).all()
    assert not held.duplicated(["entry", "regulator", "target"]).any()
    assert after[after["fold"] == ""].groupby("entry").size().eq(len(panel)).all()
    assert (after["rank"] >= 1).all()
    assert (after["rank"] <= after["candidates"]).all()


def test_the_committed_page_is_what_its_results_say(tables):
    assert edges.page.page(tables) == (edges.page.FINDINGS / "README.md").read_text()
