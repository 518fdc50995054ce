"""The command `zoo reproduce`."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from contracts.errors import InvalidOption

STUDY = "modular-vs-monolithic"
FINDINGS = Path("findings") / STUDY
SMOKE = Path("runs") / "smoke" / STUDY


def reproduce(
    study: Annotated[str, typer.Argument(help=f"The study: {STUDY}.")],
    only: Annotated[
        list[str] | None,
        typer.Option(help="Cells by name or pattern, as '*-1to1-*'; may be given again."),
    ] = None,
    smoke: Annotated[
        bool, typer.Option(help="Small settings; kept out of the table, under runs/smoke.")
    ] = False,
    again: Annotated[bool, typer.Option(help="Also run cells that are done.")] = False,
    render: Annotated[bool, typer.Option(help="Run nothing; write the page.")] = False,
    show: Annotated[bool, typer.Option("--list", help="Run nothing; list the cells.")] = False,
    folder: Annotated[
        Path | None, typer.Option(help=f"Where results and page lie [default: {FINDINGS}].")
    ] = None,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
) -> None:
    """Run a published study again, cell by cell, and write what came of it beside its claims.

    It goes on where it was stopped: a cell with a result is not run again.
    """
    from training.reproduce import cells, page

    if study != STUDY:
        raise InvalidOption("study", study, STUDY)
    folder = folder or (SMOKE if smoke else FINDINGS)
    wanted = cells.chosen(only or [])
    results = folder / "results"
    if show:
        for cell in wanted:
            done = cells.read(results, cell, smoke) is not None
            typer.echo(f"{'done   ' if done else 'not run'}  {cell.name}")
        return
    if not render:
        with _denormals_flushed():
            _run(wanted, folder, smoke, again, threads)
    typer.echo(str(page.write(folder, smoke)))


@contextlib.contextmanager
def _denormals_flushed() -> Iterator[None]:
    """Fast arithmetic for saturated networks; the mode is the thread's and outlives a run."""
    import torch

    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def _run(wanted: list[Any], folder: Path, smoke: bool, again: bool, threads: int) -> None:
    """Run the cells that have no result yet, each into its file, and the page after each."""
    import torch

    from training.reproduce import cells, page, prior

    results = folder / "results"
    torch.set_num_threads(threads)
    edges = prior.load()
    found = edges.expression_coverage()
    typer.echo(
        f"Expression found for {found['tfs']} of {found['tfs_total']:,} regulators and "
        f"{found['genes']} of {found['genes_total']:,} genes, as in the study."
    )
    for cell in wanted:
        if not again and cells.read(results, cell, smoke) is not None:
            continue
        typer.echo(f"Running {cell.name}")
        try:
            result = cells.run(cell, edges, smoke, _say)
        except KeyboardInterrupt:
            typer.echo(f"Stopped in {cell.name}. Type the same command to go on there.", err=True)
            raise typer.Exit(130) from None
        typer.echo(f"  {cells.write(results, cell, result)}")
        page.write(folder, smoke)


def _say(record: dict[str, int | float]) -> None:
    """One line for an epoch."""
    typer.echo(
        f"  epoch {record['epoch']:>2}: training {record['train_accuracy']:.4f}, "
        f"validation {record['valid_accuracy']:.4f} / AUROC {record['valid_auroc']:.4f}, "
        f"norm {record['norm_median']:.3g}, saturated {record['saturated']:.1%}"
    )
