"""zoo.verify tells what does not hold."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import zoo
from contracts.errors import CorruptArtefact, UnknownEntry
from tests import tiny
from tests.zoo.conftest import flip_a_bit
from zoo.store import folders
from zoo.verification import VECTORS, golden_cases

Copied = Callable[..., Path]


@pytest.fixture(params=tiny.ENTRIES)
def folder(request: pytest.FixtureRequest, copied: Copied) -> Path:
    """A registered copy of each tiny entry."""
    copy = copied(request.param)
    zoo.register(copy)
    return copy


def change(folder: Path, filename: str, key: str, by: float) -> None:
    """Add to one tensor of a file, and record the file again: digests do not help to see it."""
    tensors = load_file(folder / filename)
    tensors[key] = tensors[key] + np.float32(by)
    save_file(tensors, folder / filename)
    folders.record(folder, filename)


def last_output(folder: Path) -> str:
    """The key of a golden output."""
    return max(key for key in load_file(folder / VECTORS) if "/out/" in key)


def test_a_sound_entry(folder: Path):
    report = zoo.verify(folder.name)
    assert report.ok
    assert report.failures == ()
    names = " ".join(check.name for check in report.checks)
    for word in ("manifest", "digest of vocabulary.tsv.gz", "opening", "golden case", "card"):
        assert word in names


def test_a_flipped_bit_is_found_and_no_graph_runs(folder: Path):
    flip_a_bit(folder / "vocabulary.tsv.gz")
    report = zoo.verify(folder.name)
    assert not report.ok
    assert [check.name for check in report.failures] == ["digest of vocabulary.tsv.gz"]
    assert "sha256" in report.failures[0].detail
    assert not any("golden" in check.name for check in report.checks)


def test_a_missing_file_is_found(folder: Path):
    (folder / "state.safetensors").unlink()
    (failure,) = zoo.verify(folder.name).failures
    assert failure.name == "digest of state.safetensors"
    assert "missing" in failure.detail


def test_a_missing_card_is_found(folder: Path):
    (folder / "card.md").unlink()
    (failure,) = zoo.verify(folder.name).failures
    assert failure.name == "digest of card.md"


def test_an_entry_that_never_had_a_card_is_sound(folder: Path):
    """As it is right after `zoo export`."""
    tiny.without_card(folder)
    assert zoo.verify(folder.name).ok


def test_other_golden_values_are_found(folder: Path):
    key = last_output(folder)
    change(folder, VECTORS, key, 0.01)
    (failure,) = zoo.verify(folder.name).failures
    assert failure.name.startswith("golden case")
    assert f"{key.split('/')[-1]} off by 0.01" in failure.detail


def test_rounding_is_no_failure(folder: Path):
    change(folder, VECTORS, last_output(folder), 1e-6)
    assert zoo.verify(folder.name).ok


def test_golden_inputs_outside_the_contract_are_found(copied: Copied):
    folder = copied(tiny.TABLE)
    tensors = load_file(folder / VECTORS)
    tensors["score/real/in/tf"][0] = 6
    save_file(tensors, folder / VECTORS)
    folders.record(folder, VECTORS)
    (failure,) = zoo.verify(zoo.register(folder)).failures
    assert "0 <= value < 6" in failure.detail


def test_carried_vectors_that_are_not_the_towers_are_found(copied: Copied):
    folder = copied(tiny.DOT)
    change(folder, "state.safetensors", "gene_vectors", 0.5)
    (failure,) = zoo.verify(zoo.register(folder)).failures
    assert failure.name == "state of gene_tower"


def test_a_carried_cell_that_is_not_the_encoders_is_found(copied: Copied):
    folder = copied(tiny.CELL)
    change(folder, "state.safetensors", "hidden", 0.5)
    failures = zoo.verify(zoo.register(folder)).failures
    assert [failure.name for failure in failures] == ["golden case head/edge", "state of encode"]
    assert "hidden as the graph gives it" in failures[1].detail


def test_a_cell_that_breaks_the_contract_does_not_open(copied: Copied):
    folder = copied(tiny.CELL)
    change(folder, "state.safetensors", "single_fitness", -1)
    (failure,) = zoo.verify(zoo.register(folder)).failures
    assert failure.name == "opening"
    assert "what the graph head carries" in failure.detail
    assert "single_fitness: got" in failure.detail


@pytest.mark.parametrize("name", ["gene_records", "kind_records", "features", "key", "cell"])
def test_a_state_of_another_shape_does_not_open(copied: Copied, name: str):
    folder = copied(tiny.CELL)
    tensors = load_file(folder / "state.safetensors")
    save_file(tensors | {name: tensors[name][:-1]}, folder / "state.safetensors")
    folders.record(folder, "state.safetensors")
    (failure,) = zoo.verify(zoo.register(folder)).failures
    assert (failure.name, f"{name} of shape" in failure.detail) == ("opening", True)


def test_no_golden_cases_are_a_failure(copied: Copied):
    folder = copied(tiny.TABLE)
    save_file({"other/real/in/tf": np.arange(3)}, folder / VECTORS)
    folders.record(folder, VECTORS)
    (failure,) = zoo.verify(zoo.register(folder)).failures
    assert "golden cases of score" in failure.detail
    with pytest.raises(CorruptArtefact, match="got none"):
        golden_cases(folder / VECTORS, "score")


def test_a_broken_manifest_is_all_there_is_to_say(folder: Path):
    (folder / "manifest.json").write_text("{")
    report = zoo.verify(folder.name)
    assert [(check.name, check.ok) for check in report.checks] == [("manifest", False)]


def test_without_a_runtime_the_report_has_the_command(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    (failure,) = zoo.verify(folder.name).failures
    assert "pip install 'regzoo[cpu]'" in failure.detail


@pytest.mark.usefixtures("only_tiny")
def test_an_unknown_entry_is_raised():
    with pytest.raises(UnknownEntry, match="Did you mean tiny_table-toy"):
        zoo.verify("tiny_table-tot")
