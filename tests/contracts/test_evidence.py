"""The ladder of evidence, and what manifests say of it."""

import re
from pathlib import Path

import pytest

from contracts import evidence
from contracts.errors import InvalidOption


def test_the_ladder_is_in_order_and_each_rung_is_one_sentence():
    assert (
        *("native", "adapter", "embedding-import"),
        *("predictions-import", "onnx-byo", "cited"),
    ) == evidence.NAMES
    for rung in evidence.LADDER:
        assert rung.meaning.endswith(".")
        assert rung.meaning.count(".") == 1
        assert len(rung.meaning.split()) < 25


@pytest.mark.parametrize("steps", [None, 20])
@pytest.mark.parametrize("name", evidence.NAMES)
def test_what_is_written_leads_to_its_rung(name: str, steps: int | None):
    assert evidence.of(evidence.written(name, steps)).name == name


def test_a_native_smoke_test_is_written_as_ever():
    assert evidence.written("native", 20) == "smoke test, 20 steps"
    assert evidence.of("smoke test, 20 steps").name == "native"


@pytest.mark.parametrize("text", ["", "Native", "trained", "native, or so", "smoke test"])
def test_another_text_is_no_evidence(text: str):
    with pytest.raises(ValueError, match="one of native, adapter"):
        evidence.of(text)


def test_a_rung_is_found_in_any_case():
    assert evidence.rung(" ONNX-BYO ").name == "onnx-byo"
    with pytest.raises(InvalidOption, match=r"evidence='naive'.*one of native"):
        evidence.rung("naive")


def test_the_guide_has_the_ladder_in_its_order():
    text = (Path(evidence.__file__).parents[1] / "docs" / "server.md").read_text()
    rows = re.findall(r"^\| `([\w-]+)` \| (.+?\.) \|$", text, re.MULTILINE)
    assert rows == [(rung.name, rung.meaning) for rung in evidence.LADDER]
