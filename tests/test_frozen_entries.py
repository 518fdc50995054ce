"""Entries of every format as earlier versions wrote them: they load, hold and answer as they did.

`entries-0.1` has hand-made graphs of every task; `entries-1.0` has what the architectures of pairs
trained on toy data and exported, one vector of a seed for each entity, in both backends.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import zoo
from contracts import TASKS

FIXTURES = Path(__file__).parent / "fixtures"


def recorded(version: str) -> dict[str, Any]:
    """What every entry of a version was asked, and what it answered."""
    return json.loads((FIXTURES / f"entries-{version}" / "answers.json").read_text())


NEWER = {"cell_embed", "expression_response"}
"""Tasks that version 0.1 did not have."""
CASES = [("0.1", entry, "onnx") for entry in recorded("0.1")]
CASES += [("1.0", entry, backend) for entry in recorded("1.0") for backend in ("onnx", "torch")]


def test_every_format_is_there():
    assert {one["task"] for one in recorded("0.1").values()} == set(TASKS) - NEWER
    pairs = {"cross_encoder-toy", "degree-toy", "late_interaction-toy", "two_tower-toy"}
    assert set(recorded("1.0")) == pairs


def answers(model: Any, asked: dict[str, Any]) -> dict[str, Any]:
    """What the entry is asked, method by method."""
    question = asked["question"]
    if not model.manifest.task.startswith("pair"):
        genes = list(model.vocabulary.genes)
        given = {"predict": model.predict(question), "screen": model.screen(top=4)}
        if model.manifest.task == "perturbation_graph":
            given["explain"] = model.explain(genes[:2], top=4)
        return given
    given = {
        "details": model.details(question),
        "regulators": model.regulators(asked.get("genes", ["GFAP", "SYN1"]), k=3),
    }
    if model.manifest.task == "pair_embed":
        given["embed_tfs"] = model.embed_tfs(asked.get("tfs", ["SOX2"]))
    return given


@pytest.mark.parametrize(("version", "entry", "backend"), CASES)
def test_a_frozen_entry_holds_and_answers_as_it_did(version: str, entry: str, backend: str):
    folder = zoo.register(FIXTURES / f"entries-{version}" / entry)
    model = zoo.load(folder, backend=backend, device="cpu")
    if backend == "onnx":
        report = zoo.verify(entry)
        assert report.ok, report.failures
    asked = recorded(version)[entry]
    got = answers(model, asked)
    assert got.keys() == asked["answers"].keys()
    for method, expected in asked["answers"].items():
        if isinstance(expected, list):
            np.testing.assert_allclose(got[method], expected, rtol=1e-5, atol=1e-5)
            continue
        table: pd.DataFrame = got[method]
        assert set(expected) <= set(table.columns)
        frozen = pd.DataFrame(expected)
        if "share" in frozen:  # a length then, and a fraction of all lengths now
            frozen["share"] /= frozen["share"].sum()
            table = table.assign(share=table["share"] / table["share"].sum())
        pd.testing.assert_frame_equal(
            table[list(expected)], frozen, check_dtype=False, rtol=1e-5, atol=1e-5
        )
