"""Run the study again, cell by cell, and write what came of it beside its claims.

    python findings/modular-vs-monolithic/page.py             # goes on where it was stopped
    python findings/modular-vs-monolithic/page.py --render    # only the page

A cell with a result is not run again.
"""

from pathlib import Path
from typing import Annotated

import torch
import typer

import cells
import prior
import published
from claims import CLAIMS
from gradients import CLIP, TIGHT_CLIP
from results import SOUND, Results
from training import finding
from training.cards import render as pages

FINDINGS = Path(__file__).parent
SMOKE = Path("runs") / "smoke" / FINDINGS.name


def render(results: Results, smoke: bool = False) -> str:
    """The page as Markdown, from the results and from nothing else."""
    took, left = results.hours()
    return pages.render(
        FINDINGS / "README.md.j2",
        results=results,
        smoke=smoke,
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
        clip=CLIP,
        tight_clip=TIGHT_CLIP,
    )


def write(folder: Path, smoke: bool = False) -> Path:
    """Render the results in `folder`/results to its page."""
    return finding.publish(folder, render(Results.read(folder / "results", smoke), smoke))


def main(
    only: Annotated[
        list[str] | None,
        typer.Option(help="Cells by name or pattern, as '*-1to1-*'; may be given again."),
    ] = None,
    smoke: Annotated[
        bool, typer.Option(help="Small settings; not part of the table, under runs/smoke.")
    ] = False,
    again: Annotated[bool, typer.Option(help="Also run cells that are done.")] = False,
    only_page: Annotated[
        bool, typer.Option("--render", help="Run nothing; write the page.")
    ] = False,
    show: Annotated[bool, typer.Option("--list", help="Run nothing; list the cells.")] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Where results and page lie [default: beside this script].")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
) -> None:
    """Run the study again, cell by cell, and write what came of it beside its claims.

    It goes on where it was stopped: a cell with a result is not run again.
    """
    folder = folder or (SMOKE if smoke else FINDINGS)
    chosen = cells.chosen(only or [])
    missing = [c for c in chosen if cells.read(folder / "results", c, smoke) is None]
    if show:
        for cell in chosen:
            typer.echo(f"{'not run' if cell in missing else 'done   '}  {cell.name}")
        return
    if not only_page:
        # Fast arithmetic for saturated networks; the mode is the thread's and outlives a run.
        torch.set_flush_denormal(True)
        try:
            torch.set_num_threads(threads)
            _run(chosen if again else missing, folder, smoke)
        finally:
            torch.set_flush_denormal(False)
    typer.echo(str(write(folder, smoke)))


def _run(chosen: list[cells.Cell], folder: Path, smoke: bool) -> None:
    """Run cells, each into its file, and write the page after each."""
    edges = prior.load()
    coverage = edges.expression_coverage()
    typer.echo(
        f"Expression found for {coverage['tfs']} of {coverage['tfs_total']:,} regulators and "
        f"{coverage['genes']} of {coverage['genes_total']:,} genes, as in the study."
    )
    for cell in chosen:
        typer.echo(f"Running {cell.name}")
        try:
            result = cells.run(cell, edges, smoke, _say)
        except KeyboardInterrupt:
            typer.echo(f"Stopped in {cell.name}. Type the same command to go on there.", err=True)
            raise typer.Exit(130) from None
        typer.echo(f"  {cells.write(folder / 'results', cell, result)}")
        write(folder, smoke)


def _say(record: dict[str, int | float]) -> None:
    """One line for an epoch."""
    typer.echo(
        f"  epoch {record['epoch']:>2}: training {record['train_accuracy']:.4f}, "
        f"validation {record['valid_accuracy']:.4f} / AUROC {record['valid_auroc']:.4f}, "
        f"norm {record['norm_median']:.3g}, saturated {record['saturated']:.1%}"
    )


if __name__ == "__main__":
    typer.run(main)
