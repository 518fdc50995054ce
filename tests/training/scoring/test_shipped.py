"""Entries evaluated now have the values, intervals and gaps that they ship."""

import os

import pytest

from training import family
from training.scoring.evaluate import evaluate
from training.scoring.table import ENTRY, FIGURES, KEYS, Evaluation
from zoo.store import folders

CASES = [
    ("degree-mesc500", "given", ["degree_product", "tf_degree"]),
    ("ridge-yeast", "both_new", ["additive", "mean", "multiplicative"]),
]


@pytest.mark.skipif("ZOO_DATA" not in os.environ, reason="needs the raw data that ZOO_DATA names")
@pytest.mark.parametrize(("entry", "protocol", "names"), CASES)
def test_figures_are_those_that_ship(entry, protocol, names, monkeypatch):
    """Bit for bit; of rungs, those that are no iterative fit, which differ between machines."""
    monkeypatch.setattr(family.of_entry(entry), "rungs", lambda: names)
    found, _ = evaluate(entry, [protocol])
    shipped = Evaluation.read(folders.BUNDLED / entry).rows
    shipped = shipped[shipped["protocol"] == protocol]
    both = found.rows.merge(shipped, on=list(KEYS), suffixes=("", "_shipped"))
    assert {ENTRY, *names} <= set(both["model"])
    assert len(both) == len(found.rows)
    for figure in FIGURES:
        there = both[both[f"{figure}_shipped"].notna()]
        assert there[figure].tolist() == there[f"{figure}_shipped"].tolist(), figure
    key = ["question", "measure"]
    own = found.rows.loc[found.rows["model"] == ENTRY, key]
    beside = found.rows[found.rows["model"] != ENTRY].merge(own, on=key)
    assert len(beside)
    assert beside["gap"].notna().all()
