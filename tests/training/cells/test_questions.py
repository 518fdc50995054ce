"""What is asked: cells of test donors, by types that both species have."""

import os
from dataclasses import replace

import numpy as np
import pytest

from contracts.errors import InvalidOption
from tests.training.cells import planted
from tests.training.data import real
from training.cells.family import FAMILY
from training.cells.questions import ALL_TYPES, PROTOCOLS, frequent, questions
from training.cells.split import make_split
from training.data.cells import CellData
from training.family import Ground


@pytest.fixture(scope="module")
def ground() -> Ground:
    data = planted.data()
    return Ground(data, make_split(data), "test")


def test_rows_are_test_cells_of_the_other_species(ground: Ground):
    for protocol in PROTOCOLS:
        reference, query = protocol.split("_to_")
        for question in questions(ground, protocol):
            cells = ground.data.species[query]
            assert set(cells.donors.iloc[question.rows]) <= {"human3", "human4", "mouse2"}
            labels = np.take(ground.data.types, question.label)
            assert cells.labels.iloc[question.rows].tolist() == labels.tolist()
            known = ground.data.species[reference].donors.iloc[question.about.reference]
            assert set(known) <= {"human1", "human2", "mouse1"}
            np.testing.assert_array_equal(question.about.query[question.about.rows], question.rows)


def test_types_are_frequent_in_both_species_or_shared(ground: Ground):
    first, second = questions(ground, "human_to_mouse")
    assert first.facts["types"] == ["A", "B"]  # D has 9 and 6 test cells, the others one species
    assert second.facts["types"] == ["A", "B", "D"]
    assert (first.name, second.name) == ("", ALL_TYPES)
    assert first.facts["cells"] == 14 + 24


def test_a_type_that_the_reference_lacks_is_not_asked(ground: Ground):
    mouse = ground.data.species["mouse"]
    labels = mouse.labels.where((mouse.donors == "mouse2") | (mouse.labels != "A"), "B")
    data = replace(
        ground.data, species=ground.data.species | {"mouse": replace(mouse, labels=labels)}
    )
    changed = Ground(data, make_split(data), "test")
    for question in questions(changed, "mouse_to_human"):
        assert "A" not in question.facts["types"]


def test_the_bootstrap_draws_cells_within_types(ground: Ground):
    question = next(iter(questions(ground, "mouse_to_human")))
    assert question.unit == "cell"
    assert len(np.unique(question.units)) == len(question.rows)
    np.testing.assert_array_equal(question.strata, question.label)
    assert [measure.name for measure in question.measures] == ["balanced_accuracy", "accuracy"]


def test_nothing_is_left_to_validate_an_entry_on(ground: Ground):
    assert FAMILY.offered(ground) == ("human_to_mouse", "mouse_to_human")
    with pytest.raises(InvalidOption, match=r"--stage='valid'.*test: all other donors"):
        FAMILY.offered(replace(ground, stage="valid"))


@pytest.mark.skipif("ZOO_DATA" not in os.environ, reason="ZOO_DATA is not set")
def test_the_headline_of_the_pancreas_has_eight_types():
    data = real.load("pancreas")
    assert isinstance(data, CellData)
    found = [data.types[code] for code in frequent(data, make_split(data))]
    assert found == [
        "endothelial cell",
        "macrophage",
        "pancreatic A cell",
        "pancreatic D cell",
        "pancreatic PP cell",
        "pancreatic ductal cell",
        "pancreatic stellate cell",
        "type B pancreatic cell",
    ]
