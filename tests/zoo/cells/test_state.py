"""What an entry keeps beside its graphs is looked at, as no graph does."""

from dataclasses import replace

import numpy as np
import pytest

from contracts.errors import CorruptArtefact
from zoo.cells.state import RULES, standard


def look(saturn, tmp_path, **changes) -> str:
    """What zoo.verify would see if the state were another."""
    state = {**saturn._opened.state, **changes}
    ((name, seen),) = RULES.looks(replace(saturn._opened, state=state), tmp_path)
    assert name == "limits"
    return seen()


def test_limits_are_said(saturn, tmp_path):
    assert look(saturn, tmp_path) == "temperature 0.1, threshold 0.4, coverage floor 0.6"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"transfer": [0, 0.4]}, "got temperature 0, expected one above 0"),
        ({"transfer": [np.nan, 0.4]}, "got temperature nan"),
        ({"transfer": [1, 1.5]}, "got threshold 1.5, expected one from 0 to 1"),
        ({"coverage_floor": [0]}, "got coverage floor 0"),
        ({"coverage_floor": [50]}, "got coverage floor 50, expected one above 0 and up to 1"),
    ],
)
def test_a_limit_out_of_its_range_is_found(saturn, tmp_path, changes, expected: str):
    wrong = {name: np.array(value, np.float32) for name, value in changes.items()}
    with pytest.raises(CorruptArtefact, match=expected):
        look(saturn, tmp_path, **wrong)


def test_the_statistics_of_training_are_those_of_the_state(saturn):
    state = saturn._opened.state
    found = standard(state, "mouse")
    np.testing.assert_array_equal(found.trained.mean, state["mouse_mean"])
    np.testing.assert_array_equal(found.trained.deviation, state["mouse_deviation"])
    np.testing.assert_array_equal(found.center, state["mouse_center"])
    np.testing.assert_array_equal(found.scale, state["mouse_scale"])
    assert found.trained.present.all()
    assert found.trained.cells is None
