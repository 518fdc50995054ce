"""The findings page on training in two stages, from results/runs.jsonl.

zoo reproduce two-stage
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import typer

import results
from claims import LEAST, SUPPORTED, claims
from compared import Compared
from results import SHIPPED, Record
from training import recipe as recipes
from training.cards.render import NONE, figure, percent, render
from training.cells.questions import PROTOCOLS
from training.finding import LEVEL, Folder, Spread, publish

FINDINGS = Path(__file__).parent
MODES = ("joint", "joint_tenth", "curriculum", "stage1_only", "stage2_only", "counts_only")
SINGLE = ("joint", "joint_tenth", "curriculum")
"""Modes of one stage that have both losses."""
DIFFERENCES = ("balanced_accuracy", *(f"balanced_accuracy_{way}" for way in PROTOCOLS))
BESIDE = ("accuracy", "silhouette_type", "silhouette_species")
POINTS = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of a stage at which the page shows cosines: of the look that is nearest."""


def page(records: Sequence[Record]) -> str:
    """The page as Markdown."""
    found = Compared(records)
    judged = claims(found)
    recipe = recipes.load(results.ENTRY)
    factors = [name for name in results.variants() if name not in (SHIPPED, *MODES)]
    single = {name: found.difference(name, SHIPPED, DIFFERENCES[0]) for name in SINGLE}
    return render(
        FINDINGS / "README.md.j2",
        recipe=recipe,
        epochs={each.name: recipe.at(each.name).fit.max_epochs for each in recipe.stages},
        level=LEVEL,
        least=LEAST,
        claims=judged,
        supported=[each.name for each in judged if each.verdict == SUPPORTED],
        trainings=len(found.rows),
        seeds=found.rows.loc[SHIPPED].index.get_level_values("seed").nunique(),
        pairs=len(found.rows.loc[SHIPPED]),
        shipped=found.spread(SHIPPED, DIFFERENCES[0])._asdict(),
        single={name: each._asdict() for name, each in single.items() if each},
        modes=[_compared(found, name) for name in (SHIPPED, *MODES) if name in found.variants],
        factors=[_compared(found, name) for name in factors if name in found.variants],
        weights=[_weights(found, name) for name in results.variants() if name in found.variants],
        cosines=_cosines(found),
        moved=found.spread(SHIPPED, "moved").value,
        names=found.variants,
    )


def _compared(found: Compared, variant: str) -> list[str]:
    """A row: the figure of a variant, its differences to the shipped recipe, and others."""
    value = found.spread(variant, DIFFERENCES[0])
    apart = [found.difference(variant, SHIPPED, name) for name in DIFFERENCES]
    shown = [NONE if variant == SHIPPED else _between(each) for each in apart]
    others = [figure(found.spread(variant, name).value) for name in BESIDE]
    return [f"`{variant}`", figure(value.value), *shown, *others]


def _between(spread: Spread) -> str:
    """+0.058 [+0.031, +0.085], or the value alone where it has no interval."""
    value, low, high = (figure(each, "+.3f") for each in spread[:3])
    return value if not np.isfinite(spread.low) else f"{value} [{low}, {high}]"


def _weights(found: Compared, variant: str) -> list[str]:
    """A row: what macrogenes and counts that were held out are like at the end."""
    rank, start = (found.spread(variant, f"rank_{name}").value for name in ("end", "begin"))
    agreement, partners = (
        found.spread(variant, f"{n}_end").value for n in ("agreement", "partners")
    )
    held_out = found.spread(variant, "held_out_zinb")
    moved = found.spread(variant, "moved").value
    return [
        f"`{variant}`",
        percent(moved, 2),
        figure(rank, ".1f"),
        figure(rank - start, "+.1f"),
        figure(agreement),
        figure(partners),
        figure(held_out and held_out.value, ".4f"),
    ]


def _cosines(found: Compared) -> list[list[str]]:
    """A row a variant and stage: mean cosines along it, over all, and how often it is below 0."""
    rows, looks = [], found.looks
    for variant in (SHIPPED, *SINGLE):
        own = looks[looks["variant"] == variant]
        for stage in dict.fromkeys(own.loc[own["cosine_both"].notna(), "stage"]):
            part = own[(own["stage"] == stage) & own["cosine_both"].notna()]
            along = part.groupby("share")["cosine_both"].mean()
            near = [along.iloc[np.abs(along.index - point).argmin()] for point in POINTS]
            shown = [figure(each, "+.2f") for each in [*near, part["cosine_both"].mean()]]
            below = percent(float((part["cosine_both"] < 0).mean()), 0)
            ratio = figure((part["length_triplet"] / part["length_zinb"]).median(), ".1f")
            rows.append([f"`{variant}`", stage, *shown, below, ratio])
    return rows


def main(folder: Folder = FINDINGS) -> None:
    """Write the findings page on variants of the recipe of SATURN."""
    typer.echo(str(publish(folder, page(results.read(folder)))))


if __name__ == "__main__":
    typer.run(main)
