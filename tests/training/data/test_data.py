"""Datasets are found by name."""

import sys

import pytest

from contracts.errors import InvalidOption
from training import data
from training.data.files import MissingData


def test_the_data_sets_are_there_and_no_helper_is():
    assert data.names() == [
        "brain",
        "mesc",
        "mesc500",
        "norman19",
        "pancreas",
        "papalexi2021",
        "yeast",
    ]


@pytest.mark.parametrize("name", ["brian", "files", "hgnc", "orthologs", "pairs", ""])
def test_an_unknown_dataset_is_refused_with_those_there_are(name):
    with pytest.raises(InvalidOption, match="one of brain, mesc, mesc500, norman19"):
        data.load(name)


def test_without_raw_files_the_message_says_what_to_type(monkeypatch):
    monkeypatch.delenv("ZOO_DATA", raising=False)
    with pytest.raises(MissingData, match="Type: export ZOO_DATA="):
        data.load("brain")


TOY = """\
class Toy:
    coverage, digests, licences, description = {}, {}, {}, "A toy."


def load(files):
    return Toy()
"""


def test_a_new_file_with_a_load_is_a_data_set_and_nothing_else_is_edited(tmp_path, monkeypatch):
    before = data.names()
    monkeypatch.setattr(data, "__path__", [*data.__path__, str(tmp_path)])
    monkeypatch.setenv("ZOO_DATA", str(tmp_path))
    (tmp_path / "toy_helper.py").write_text("def read(path):\n    return path\n")
    (tmp_path / "toy_set.py").write_text(TOY)
    assert data.names() == sorted([*before, "toy_set"])
    (tmp_path / "SHA256SUMS").touch()
    assert data.load("toy_set").description == "A toy."
    for name in ("toy_set", "toy_helper"):
        sys.modules.pop(f"training.data.{name}")
        delattr(data, name)
