"""Datasets are found by name."""

import pytest

from contracts.errors import InvalidOption
from training import data
from training.data.files import MissingData


def test_the_data_sets_are_there_and_no_helper_is():
    assert data.names() == ["brain", "mesc", "mesc500", "yeast"]


@pytest.mark.parametrize("name", ["brian", "files", "hgnc", "orthologs", "pairs", ""])
def test_an_unknown_dataset_is_refused_with_those_there_are(name):
    with pytest.raises(InvalidOption, match="one of brain, mesc, mesc500, yeast"):
        data.load(name)


def test_without_raw_files_the_message_says_what_to_type(monkeypatch):
    monkeypatch.delenv("ZOO_DATA", raising=False)
    with pytest.raises(MissingData, match="Type: export ZOO_DATA="):
        data.load("brain")
