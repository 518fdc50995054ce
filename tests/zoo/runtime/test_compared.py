from pathlib import Path

import numpy as np
import pytest

from contracts.errors import CorruptArtefact
from zoo.runtime.compared import difference

PATH = Path("state.safetensors")


def test_rounding_is_no_difference_that_counts():
    expected = np.array([1, -200], np.float32)
    assert difference("hidden", expected + np.float32([0, 1e-3]), expected, PATH) > 5e-4
    assert difference("hidden", expected[:0], expected[:0], PATH) == 0


@pytest.mark.parametrize(
    ("got", "message"),
    [
        (np.array([1.0, 2.5]), r"got hidden off by 0.5, expected hidden as the graph gives it"),
        (np.array([1.0, np.nan]), "off by nan"),
        (np.array([1.0]), r"got hidden \[2\], expected hidden \[1\]"),
    ],
)
def test_more_than_rounding_names_the_file(got: np.ndarray, message: str):
    with pytest.raises(CorruptArtefact, match=rf"state\.safetensors is damaged: .*{message}"):
        difference("hidden", got, np.array([1.0, 2.0]), PATH)
