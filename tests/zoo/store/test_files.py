"""Digests, replacing in one step, tensors."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from safetensors.numpy import save_file

from contracts.errors import CorruptArtefact, MissingArtefact
from zoo.store.files import read_tensors, replacing, sha256


def test_sha256_is_that_of_the_content(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"abc" * 1000)
    assert sha256(tmp_path / "file") == hashlib.sha256(b"abc" * 1000).hexdigest()


def test_a_failed_replacement_leaves_the_old_content_and_nothing_else(tmp_path: Path):
    path = tmp_path / "file"
    path.write_text("old")

    def write_half() -> None:
        with replacing(path) as draft:
            draft.write_text("half of the n")
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        write_half()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_replacing_makes_or_exchanges_the_file(tmp_path: Path):
    path = tmp_path / "file"
    for text in ("new", "newer"):
        with replacing(path) as draft:
            draft.write_text(text)
        assert path.read_text() == text
    assert list(tmp_path.iterdir()) == [path]


def test_tensors_missing_or_cut_off(tmp_path: Path):
    path = tmp_path / "state.safetensors"
    with pytest.raises(MissingArtefact, match=r"state\.safetensors"):
        read_tensors(path)
    save_file({"x": np.arange(100)}, path)
    path.write_bytes(path.read_bytes()[:-50])
    with pytest.raises(CorruptArtefact, match=r"state\.safetensors"):
        read_tensors(path)


@given(
    st.dictionaries(
        st.text("abcxyz_", min_size=1),
        st.sampled_from(["float32", "float64", "int32", "int64", "uint8", "bool"]).flatmap(
            lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, min_side=0, max_side=4))
        ),
        min_size=1,
    )
)
def test_tensors_are_read_as_they_were_written(tmp_path_factory, tensors):
    path = tmp_path_factory.mktemp("tensors") / "state.safetensors"
    save_file(tensors, path, metadata={"seed": "1"})
    found = read_tensors(path)
    assert found.keys() == tensors.keys()
    for name, tensor in tensors.items():
        assert found[name].dtype == tensor.dtype
        np.testing.assert_array_equal(found[name], tensor)
        assert not tensor.size or not found[name].flags.writeable


def test_a_type_that_no_entry_has(tmp_path: Path):
    path = tmp_path / "state.safetensors"
    save_file({"x": np.zeros(3, np.int16)}, path)
    with pytest.raises(CorruptArtefact, match="int16"):
        read_tensors(path)
