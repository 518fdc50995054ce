"""The first words of the card of an architecture that comes after the CLS-transformer."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from tests.training.perturbations.entries import RIDGE
from training.perturbations import card, card_ahead, how
from training.perturbations.evaluate import ORDER, SIMPLE, rivals_of
from training.perturbations.shipped import Shipped
from training.perturbations.words import figure

CLS = "cls_transformer-planted"
QUESTION = "epsilon/main"


def record(value: float, half: float = 0.02) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + half}


@pytest.fixture
def held(saved):
    """The planted entry as one that is held against a CLS-transformer, with these differences."""
    saved(RIDGE)
    shipped = Shipped.read(RIDGE)

    def hold(elsewhere: float = 0.1, **gaps: dict[str, float]) -> Shipped:
        evaluation = copy.deepcopy(shipped.evaluation)
        for protocol, asked in evaluation["protocols"].items():
            body = asked["questions"].get(QUESTION)
            if body is None:
                continue
            ladder: dict[str, Any] = body["ladder"]
            ladder[CLS] = copy.deepcopy(ladder["pair_mlp"]) | {"title": f"{CLS} (entry)"}
            for name in ("pair_mlp", "pair_mlp_profiles", CLS):
                gap = gaps.get(name.partition("-")[0], record(0.1))
                found = gap if protocol == "random" else record(elsewhere)
                ladder[name]["difference"]["pearson"] = found
        manifest = shipped.manifest.model_copy(update={"architecture": "hetero_cell"})
        return replace(shipped, manifest=manifest, evaluation=evaluation)

    return hold


def said(shipped: Shipped) -> str:
    return " ".join(" ".join(card_ahead.said(shipped)).split())


def test_who_is_better_is_said_first_with_the_difference(held):
    words = said(held(cls_transformer=record(-0.05)))
    start = f"**On gene sets drawn by chance, {CLS} (entry) predicts interactions better than"
    assert words.startswith(start)
    assert f"-0.050 [-0.070, -0.030] ({CLS} (entry))." in words
    assert "not certain" not in words
    (_, body), *_ = held(cls_transformer=record(-0.05)).headlined
    theirs, own = figure(body["ladder"][CLS], "pearson"), figure(body, "pearson")
    assert f"is {theirs} ({CLS} (entry)), and of `{RIDGE}` {own}. The" in words
    assert "MLP" not in words
    assert "none of these is ahead of it" in words


def test_several_are_named_the_furthest_ahead_first(held):
    both = {"pair_mlp": record(-0.01), "cls_transformer": record(-0.05)}
    words = said(held(**both))
    assert f"{CLS} (entry) and MLP on gene embeddings predict interactions better" in words
    assert words.index("-0.050") < words.index("-0.010")
    assert "; the interval of MLP on gene embeddings includes zero." in words


def test_an_interval_that_includes_zero_is_told(held):
    words = said(held(pair_mlp=record(-0.01)))
    assert "-0.010 [-0.030, +0.010] (MLP on gene embeddings), with an interval that" in words
    assert f"better than `{RIDGE}`, though that is not certain**" in words


def test_an_entry_that_is_level_says_so(held):
    words = said(held())
    assert f"`{RIDGE}` is at least level with" in words
    assert "better" not in words
    assert CLS in words


def test_who_is_ahead_elsewhere_is_named(held):
    words = said(held(elsewhere=-0.2))
    assert "to them: on sets with one gene that is new to the source -0.200" in words


def test_the_card_begins_with_it_and_says_how_the_model_works(held):
    shipped = held(cls_transformer=record(-0.05))
    config = {f"{kind}_total": 7 for kind in ("genes", "reactions", "metabolites")}
    config |= {"features": ["a", "b"], "layers": 1, "pool": "attention", "members": True}
    config |= dict.fromkeys(("physical", "regulatory", "metabolism", "metabolism_to_genes"), True)
    recipe = shipped.run["recipe"] | {"objective": {"graph": "induced"}}
    shipped = replace(shipped, run=shipped.run | {"config": config, "recipe": recipe})
    text = card.render(shipped)
    first = text.split(f"# {shipped.entry}\n\n", 1)[1].split("\n\n")[0]
    assert " ".join(first.split()) == said(shipped)
    section = " ".join(text.split(f"{how.TITLE}\n\n")[1].split("\n## ")[0].split())
    assert "z_p = z_w - z_i" in section
    assert "one layer of attention adds to a gene" in section
    assert "metabolism can reach the output" in section
    assert "products of these vectors" in section
    changed = config | {"layers": 2, "members": False, "metabolism_to_genes": False}
    other = how.told(replace(shipped, run=shipped.run | {"config": changed}))[1]
    assert "2 layers of attention add to a gene" in " ".join(other.split())
    assert "metabolism cannot reach" in " ".join(other.split())
    assert "products" not in other


def test_no_other_card_has_these_words(saved):
    saved(RIDGE)
    shipped = Shipped.read(RIDGE)
    assert card_ahead.said(shipped) == how.told(shipped) == []


def test_each_architecture_is_held_against_the_simple_ones_and_those_before_it():
    for name in ORDER:
        assert name not in rivals_of(name)
        assert set(SIMPLE) - {name} <= set(rivals_of(name))
    assert rivals_of("cls_transformer") == SIMPLE
    assert rivals_of("hetero_cell") == (*SIMPLE, "cls_transformer")
    assert rivals_of("another") == ORDER
