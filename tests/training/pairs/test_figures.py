"""Figures are the same each time, legible on any ground, and say in words what they show."""

import copy
import io
import re
import xml.etree.ElementTree as ET
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.image import imread

from tests.training import synthetic
from training.cards import markdown
from training.pairs import drawing, figures

NAMES = ("gain", "roc", "pr", "ranks", "reliability")
COLOURS = (drawing.GREY, drawing.BLUE, *drawing.COLOURS)


@pytest.fixture(scope="module")
def evaluation() -> dict[str, Any]:
    return synthetic.evaluation()


@pytest.fixture(scope="module")
def svgs(evaluation: dict[str, Any]) -> dict[str, str]:
    return drawing.svgs(evaluation)


def test_a_whole_evaluation_has_all_figures(svgs: dict[str, str]):
    assert sorted(svgs) == sorted(NAMES)
    for svg in svgs.values():
        assert ET.fromstring(svg).tag.endswith("}svg")


def test_bytes_are_the_same_each_time_whatever_the_persons_settings(
    evaluation: dict[str, Any], svgs: dict[str, str]
):
    with matplotlib.rc_context({"font.size": 20, "svg.fonttype": "none", "svg.hashsalt": "mine"}):
        assert drawing.svgs(evaluation) == svgs
        assert matplotlib.rcParams["font.size"] == 20


@pytest.mark.parametrize("name", NAMES)
def test_an_svg_has_no_date_no_font_and_no_colour_but_ours(svgs: dict[str, str], name: str):
    svg = svgs[name]
    assert "<dc:date>" not in svg
    assert "<text" not in svg
    drawn = set(re.findall(r"#[0-9a-f]{6}\b", re.sub(r"<!--.*?-->|xlink:href=\"#\w+\"", "", svg)))
    assert drawn <= {*COLOURS}, drawn
    assert drawing.GREY in drawn


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it."""
    parts = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("ground", ["#ffffff", "#0d1117"])
def test_colours_stand_out_on_white_and_on_black(colour: str, ground: str):
    bright, dark = sorted((luminance(colour), luminance(ground)), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= 3


def test_the_ground_is_transparent(evaluation: dict[str, Any]):
    pixels = imread(io.BytesIO(drawing.draw(evaluation, "gain", "png", dpi=40)), format="png")
    assert pixels[0, 0, 3] == 0
    assert pixels[..., 3].max() > 0.9


@pytest.mark.parametrize(
    ("name", "protocol", "part", "metric"),
    [
        ("gain", "cold_tf", "difference", "auroc"),
        ("roc", "degree_preserving", "metrics", "auroc"),
        ("pr", "uniform", "metrics", "auprc"),
    ],
)
def test_alt_texts_have_the_numbers(
    evaluation: dict[str, Any], name: str, protocol: str, part: str, metric: str
):
    record = evaluation["protocols"][protocol][part][metric]
    said = figures.alts(evaluation)[name]
    assert markdown.spoken(record, "+" if part == "difference" else "") in said


@pytest.mark.parametrize("name", ["roc", "ranks", "gain", "reliability"])
def test_another_number_gives_another_figure(
    evaluation: dict[str, Any], svgs: dict[str, str], name: str
):
    other = copy.deepcopy(evaluation)
    body = other["protocols"]["degree_preserving"]
    body["curves"]["roc"]["entry"][7][1] += 0.05
    body["difference"]["auroc"]["high"] += 0.05
    other["protocols"]["uniform"]["reliability"][3][1] += 0.1
    other["protocols"]["retrieval"]["ranks"]["entry"][2] += 0.1
    assert drawing.draw(other, name).decode() != svgs[name]


def test_what_was_not_measured_is_not_drawn(evaluation: dict[str, Any]):
    other = copy.deepcopy(evaluation)
    del other["protocols"]["retrieval"]["ranks"]
    del other["protocols"]["uniform"]["reliability"]
    assert sorted(drawing.svgs(other)) == ["gain", "pr", "roc"]
    assert drawing.svgs(other | {"protocols": {}}) == {}


def test_a_data_set_that_came_split_is_drawn():
    found = drawing.svgs(synthetic.evaluation(given=True))
    assert sorted(found) == sorted(NAMES)
