"""The pages of one entry, its card and its evaluation: rendered from what it ships alone."""

import importlib
from pathlib import Path

from contracts import tasks
from training.cards import ablations, figures, render
from training.cards.filters import FILTERS
from training.cards.head import front_matter
from training.cards.shipped import Shipped
from training.cards.view import View

RECIPE = ("model", "objective", "fit")
"""Tables of a recipe whose numbers a card has."""
STRONGEST = 3
"""So many baselines a card has; the page of the evaluation has all."""


def card(entry: str) -> str:
    """The card of `entry` as it ships. Raises what reading the entry raises."""
    return render_card(Shipped.read(entry))


def render_card(shipped: Shipped, linked: bool = False) -> str:
    """The card of what was read; `linked` to the pages beside it, in a checkout."""
    return _page("card.md.j2", shipped, linked=linked, head=front_matter(shipped))


def render_evaluation(shipped: Shipped) -> str:
    """The page with all figures, in tables by protocol."""
    return _page("evaluation.md.j2", shipped, linked=True, figures=figures.names(shipped))


def _page(template: str, shipped: Shipped, **values: object) -> str:
    view = View(shipped)
    return render.render(
        render.TEMPLATES / template,
        folders(shipped.family),
        FILTERS,
        v=view,
        e=view.evaluation,
        about=view.evaluation.about,
        manifest=shipped.manifest,
        run=shipped.run,
        parity=shipped.parity,
        facts=shipped.facts,
        graphs=tasks.get(shipped.manifest.task).of(shipped.manifest.graphs),
        strongest=STRONGEST,
        recipe=_recipe(shipped),
        trainings=ablations.trainings(view.evaluation),
        ablations=ablations,
        **values,
    )


def folders(family: str) -> list[Path]:
    """Where a family's own templates lie: in its package, found by its name."""
    return list(map(Path, importlib.import_module(f"training.{family}").__path__))


def _recipe(shipped: Shipped) -> dict[str, object]:
    """The numbers of the recipe by dotted keys, such as `fit.learning_rate`."""
    tables = shipped.run.get("recipe") or {}
    return {
        f"{name}.{key}": each for name in RECIPE for key, each in (tables.get(name) or {}).items()
    }
