"""What an entry keeps beside its graphs, task by task."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from contracts.errors import CorruptArtefact, InvalidManifest
from contracts.genes.vocabulary import FILENAME, GeneRecord, Vocabulary
from contracts.manifest import Manifest
from tests import tiny
from zoo.entry import STATE, open_parts, read_state, rules

NEEDED = {
    tiny.TABLE: {"tf_edges", "gene_edges"},
    tiny.DOT: {"tf_edges", "gene_edges", "tf_vectors", "gene_vectors"}
    | {"tf_popularity", "gene_popularity"},
    tiny.PRODUCT: {"gene_records", "kind_records", "single_measured"},
    tiny.CELL: {"gene_records", "kind_records", "single_measured", "features", "feature_scale"}
    | {"hidden", "key", "value", "cell", "single_fitness"},
    tiny.RESPONDING: {"control", "gene_cells", "measured_member", "measured_order"}
    | {"measured_change", "measured_deviation", "measured_cells"},
}

LOSSES = [(name, tensor) for name, some in NEEDED.items() for tensor in sorted(some)]

Copied = Callable[..., Path]


def manifest_of(folder: Path) -> Manifest:
    return Manifest.load(folder / "manifest.json")


@pytest.mark.parametrize("name", tiny.ENTRIES)
def test_every_task_has_its_rules(tiny_root: Path, name: str):
    found = rules(manifest_of(tiny_root / name).family)
    genes = Vocabulary.from_records(tiny.RECORDS)
    assert "genes_total" in found.totals(*[genes] * len(found.vocabularies))


@pytest.mark.parametrize("name", tiny.ENTRIES)
def test_the_state_has_what_its_task_keeps(tiny_root: Path, name: str):
    manifest = manifest_of(tiny_root / name)
    state = read_state(tiny_root / name / STATE, manifest)
    assert set(rules(manifest.family).shapes(manifest, state)) == NEEDED[name]


@pytest.mark.parametrize(("name", "tensor"), LOSSES)
def test_a_lacking_or_misshapen_tensor_is_corrupt(copied: Copied, name: str, tensor: str):
    folder = copied(name)
    tensors = load_file(folder / STATE)
    save_file({**tensors, tensor: tensors[tensor][:-1]}, folder / STATE)
    with pytest.raises(CorruptArtefact, match=rf"got shape \[.*, expected {tensor} of shape \["):
        read_state(folder / STATE, manifest_of(folder))
    if not tensor.endswith(("_vectors", "_popularity")):  # these go all or none
        del tensors[tensor]
        save_file(tensors, folder / STATE)
        with pytest.raises(CorruptArtefact, match=f"got no such tensor, expected {tensor} of"):
            read_state(folder / STATE, manifest_of(folder))


@pytest.mark.parametrize("name", tiny.ENTRIES)
def test_another_number_of_genes_is_no_entry(copied: Copied, name: str):
    folder = copied(name)
    vocabulary = Vocabulary.load(folder / FILENAME)
    vocabulary.extended([GeneRecord("ZZZ1")]).save(folder / FILENAME)
    genes = len(vocabulary)
    message = f"genes_total is {genes}, but the vocabulary has {genes + 1}"
    with pytest.raises(InvalidManifest, match=message):
        open_parts(folder, manifest_of(folder), "onnx", "cpu", 1)


def test_the_head_carries_the_cell_and_asks_for_the_rest(tiny_root: Path):
    folder = tiny_root / tiny.CELL
    opened = open_parts(folder, manifest_of(folder), "onnx", "cpu", 1)
    head = opened.graphs["head"]
    for name, array in head.carried.items():
        np.testing.assert_array_equal(array, opened.state[name])
        assert array.flags.writeable  # torch warns of memory that it may not write to
    assert opened.graphs["encode"].carried == {}
