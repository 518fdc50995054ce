"""Entries of every format as version 0.1 wrote them: they load, hold and answer as they did."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import zoo
from contracts import TASKS

FROZEN = Path(__file__).parent / "fixtures" / "entries-0.1"
RECORDED: dict[str, Any] = json.loads((FROZEN / "answers.json").read_text())


NEWER = {"cell_embed", "expression_response"}
"""Tasks that version 0.1 did not have."""


def test_every_format_is_there():
    assert {one["task"] for one in RECORDED.values()} == set(TASKS) - NEWER


def answers(model: Any, question: list[Any]) -> dict[str, Any]:
    """What the entry is asked, method by method."""
    if not model.manifest.task.startswith("pair"):
        genes = list(model.vocabulary.genes)
        given = {"predict": model.predict(question), "screen": model.screen(top=4)}
        if model.manifest.task == "perturbation_graph":
            given["explain"] = model.explain(genes[:2], top=4)
        return given
    given = {
        "details": model.details(question),
        "regulators": model.regulators(["GFAP", "SYN1"], k=3),
    }
    if model.manifest.task == "pair_embed":
        given["embed_tfs"] = model.embed_tfs(["SOX2"])
    return given


@pytest.mark.parametrize("entry", RECORDED)
def test_a_frozen_entry_holds_and_answers_as_it_did(entry: str):
    model = zoo.load(zoo.register(FROZEN / entry), device="cpu")
    report = zoo.verify(entry)
    assert report.ok, report.failures
    recorded = RECORDED[entry]
    got = answers(model, recorded["question"])
    assert got.keys() == recorded["answers"].keys()
    for method, expected in recorded["answers"].items():
        if isinstance(expected, list):
            assert got[method].tolist() == expected
            continue
        table: pd.DataFrame = got[method]
        assert set(expected) <= set(table.columns)
        frozen = pd.DataFrame(expected)
        if "share" in frozen:  # a length then, and a fraction of all lengths now
            frozen["share"] /= frozen["share"].sum()
            table = table.assign(share=table["share"] / table["share"].sum())
        pd.testing.assert_frame_equal(table[list(expected)], frozen, check_dtype=False, rtol=1e-5)
