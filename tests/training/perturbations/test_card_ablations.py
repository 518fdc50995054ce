"""What a card says of ablations follows from their figures."""

import re
from dataclasses import replace

import pytest

from tests.training.perturbations.ablated import ablations
from tests.training.perturbations.entries import RIDGE
from training.perturbations import card, card_ablations
from training.perturbations.shipped import Shipped


def spoken(text: str) -> str:
    return " ".join(text.split())


def test_the_spread_is_over_the_full_recipe_and_its_seeds():
    assert card_ablations.spread(ablations()) == pytest.approx(0.02)
    assert card_ablations.spread(ablations(without="seed")) is None


def test_what_lies_within_the_spread_is_told_apart():
    said = spoken(card_ablations.certain(ablations()))
    assert "the same recipe from 2 other seeds lie 0.020 apart" in said
    near, far = said.split("Within this spread: ")[1].split(" Further away: ")
    assert near == "`no_regulatory` (-0.010), `no_members` (+0.015)."
    assert far == "`no_physical` (-0.030)."
    assert "Each was trained once" in said


def test_without_other_seeds_nothing_is_told_from_chance():
    said = spoken(card_ablations.certain(ablations(without="seed")))
    assert "no difference here can be told from chance" in said
    assert "Within" not in said


def test_every_training_has_a_row_with_its_figures():
    text = card_ablations.section(ablations())
    rows = {
        cells[0]: cells[1:]
        for line in text.splitlines()
        if (cells := line.strip("| ").split(" | "))[0].startswith("`")
    }
    assert len(rows) == 8
    same = ["12,345", "0.420", "0.520"]
    assert rows["`no_physical`"] == ["`model.physical` = false", *same, "-0.030", "3", "14"]
    assert rows["`full`"][0] == "nothing"
    assert rows["`full`"][4] == rows["`layers_1`"][4] == "-"
    assert rows["`layers_2`"][0] == "`model.layers` = 2"
    assert rows["`layers_2`"][4] == "-0.100"
    assert "In all of these: `model.metabolism` = false." in text
    assert "at its best epoch, counted from 0 (an abacus)." in spoken(text)
    for block in re.findall(r"(?:^\|.*\n?)+", text, re.MULTILINE):
        assert len({line.count(" | ") for line in block.splitlines()}) == 1


def test_a_card_has_the_section_only_where_the_entry_ships_ablations(saved):
    saved(RIDGE)
    shipped = Shipped.read(RIDGE)
    assert "Ablations" not in card.render(shipped)
    text = card.render(replace(shipped, ablations=ablations()))
    assert (
        f"### Ablations (validation)\n\n{card_ablations.section(ablations())}\n\n## Known" in text
    )
    empty = replace(shipped, ablations=ablations() | {"runs": []})
    assert "### Ablations (validation)\n\n[not measured]" in card.render(empty)
