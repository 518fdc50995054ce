"""What came of running the study again, beside its claims; the runs themselves are over.

zoo reproduce modular-vs-monolithic    # the page, from its results
"""

from pathlib import Path

import typer

import cells
import published
from claims import CLAIMS
from results import SOUND, Results
from training import finding
from training.cards import render as pages

FINDINGS = Path(__file__).parent


def render(results: Results) -> str:
    """The page as Markdown, from the results and from nothing else."""
    took, left = results.hours()
    return pages.render(
        FINDINGS / "README.md.j2",
        results=results,
        total=len(cells.TABLE),
        took=took,
        left=left,
        seeds=cells.SEEDS,
        ratios=cells.RATIOS,
        claims={name: claim(results) for name, claim in CLAIMS.items()},
        failures=(SOUND, *cells.FAILURES),
        published=published.PUBLISHED,
        gap=published.gap,
        loss=published.loss,
        collapsed=published.COLLAPSED,
        gradient_norm=published.GRADIENT_NORM,
        clip=cells.CLIP,
        tight_clip=cells.TIGHT_CLIP,
    )


def main(folder: finding.Folder = FINDINGS) -> None:
    """Write the page of the study from its results."""
    text = render(Results.read(folder / "results"))
    typer.echo(str(finding.publish(folder, text)))


if __name__ == "__main__":
    typer.run(main)
