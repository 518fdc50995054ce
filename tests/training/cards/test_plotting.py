"""Figures are read on white and on black."""

import pytest
from matplotlib.colors import to_rgb

from training.cards.plotting import BLUE, COLOURS, GREY


def luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return sum(c * w for c, w in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


@pytest.mark.parametrize("colour", [BLUE, GREY, *COLOURS])
@pytest.mark.parametrize("ground", ["#ffffff", "#0d1117"])
def test_colours_stand_out_on_white_and_on_black(colour: str, ground: str):
    bright, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= 3
