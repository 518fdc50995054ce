"""The pages of one entry, its card and its evaluation: rendered from what it ships alone."""

from pathlib import Path

import training
from contracts import evidence, tasks
from training.cards import ablations, figures, render
from training.cards.filters import FILTERS
from training.cards.head import front_matter
from training.cards.shipped import Shipped
from training.cards.view import View


def card(entry: str) -> str:
    """The card of `entry` as it ships. Raises what reading the entry raises."""
    return render_card(Shipped.read(entry))


def render_card(shipped: Shipped, linked: bool = False) -> str:
    """The card of what was read; `linked` to the pages beside it, in a checkout."""
    return page("card.md.j2", View(shipped), linked=linked, head=front_matter(shipped))


def render_evaluation(shipped: Shipped) -> str:
    """The page with all figures, in tables by protocol."""
    return page("evaluation.md.j2", View(shipped), figures=figures.names(shipped))


def page(template: str, view: View, **values: object) -> str:
    """A page about one entry."""
    shipped, evaluation = view.shipped, view.evaluation
    return render.render(
        render.TEMPLATES / template,
        roots(),
        FILTERS,
        v=view,
        e=evaluation,
        about=evaluation.about,
        family=shipped.family,
        manifest=shipped.manifest,
        run=shipped.run,
        evidence=evidence.of(shipped.manifest.evidence),
        parity=shipped.parity,
        facts=shipped.facts,
        graphs=tasks.get(shipped.manifest.task).of(shipped.manifest.graphs),
        trainings=ablations.trainings(evaluation),
        ablations=ablations,
        **values,
    )


def roots() -> list[Path]:
    """Where templates lie: the words of a family in the folder of its name."""
    return list(map(Path, training.__path__))
