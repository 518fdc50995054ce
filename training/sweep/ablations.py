"""Train an entry's ablations, one after another, and keep their validation figures in the entry.

    python -m training.sweep.ablations hetero_cell-yeast --only no_physical
    python -m training.sweep.ablations hetero_cell-yeast --save

`recipes/ablations/<entry>.toml` names the trainings. Each is an ordinary one that keeps no model,
and ends in a file of its own, so that what is done is not done again; one that was stopped goes on
from its last epoch. `--save` trains nothing: it writes what is there as rows into the evaluation of
the exported entry, for its card.
"""

import json
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import lightning
import torch
import typer

from training import recipe
from training.begin import Options, UnfitOptions, can_resume, forget
from training.loop import History, best
from training.perturbations import fits
from training.perturbations.fits import Fitted, Job
from training.recipe import Recipe
from training.scoring.keeping import keep
from training.sweep import ablation_plan as plans
from training.sweep.ablation_rows import with_variants
from zoo.store.files import replacing

FOLDER, RESULT = "ablations", "result.json"
DECISIVE = ("dataset", "split_seed", "seed", "model", "objective", "fit", "stages")
"""What of a recipe has a say in its training."""


class Trained(Exception):
    """A training came to its end: its figures are there, and no model is asked for."""


class Watch(lightning.Callback):
    """Ends a training before a model is made of it, and keeps its figures."""

    def __init__(self) -> None:
        self.history: History = []
        self.parameters: int | None = None

    def on_train_end(
        self, trainer: lightning.Trainer, pl_module: lightning.LightningModule
    ) -> None:
        """Keep the figures. Raises Trained, unless the training was interrupted."""
        self.see(pl_module)
        if not trainer.interrupted:
            raise Trained

    def see(self, trained: lightning.LightningModule | Fitted) -> None:
        """Keep the figures and the size of a model."""
        self.history = trained.history
        self.parameters = sum(p.numel() for p in trained.model.parameters())


def train(entry: str, runs: Path, only: list[str]) -> None:
    """Train the runs of these names (none: all) that have no result yet.

    Raises InvalidOption and InvalidAblations for what can't be trained, and what loading the data
    and a training raise.
    """
    plan, base = plans.load(entry), recipe.load(entry)
    recipes = {run.name: plan.recipe(base, run) for run in plan.runs}
    places = {run.name: runs / FOLDER / entry / run.name for run in plan.chosen(only)}
    missing = [name for name in places if _result(places[name], recipes[name]) is None]
    job = Job.open(base, Options(runs)) if missing else None
    for name in missing:
        _train(places[name], recipes[name], job)


def _train(folder: Path, chosen: Recipe, base: Job) -> None:
    watch, started = Watch(), time.perf_counter()
    resume = can_resume(folder)
    job = base.other(chosen, Options(folder, resume=resume, progress=False), (watch,))
    with suppress(Trained):
        try:
            watch.see(fits.fit(job))
        except UnfitOptions:  # the checkpoint is of another recipe
            watch.see(fits.fit(replace(job, options=replace(job.options, resume=False))))
    result = {
        "recipe": _decisive(chosen),
        "parameters": watch.parameters,
        "epochs": len(watch.history),
        "best": best(watch.history),
        "history": watch.history,
        "seconds": round(time.perf_counter() - started, 1),
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU",
    }
    with replacing(folder / RESULT) as draft:
        draft.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n")
    forget(folder)


def _decisive(chosen: Recipe) -> dict[str, Any]:
    return chosen.model_dump(mode="json", include=set(DECISIVE))


def _result(folder: Path, chosen: Recipe) -> dict[str, Any] | None:
    """What a run came to, if it has a result, and of this recipe."""
    path = folder / RESULT
    result = json.loads(path.read_text()) if path.is_file() else None
    return result if result and result["recipe"] == _decisive(chosen) else None


def collect(entry: str, runs: Path) -> dict[str, dict[str, Any]]:
    """The result of every run of the plan that has one of today's recipe, by name."""
    plan, base = plans.load(entry), recipe.load(entry)
    found = {}
    for run in plan.runs:
        result = _result(runs / FOLDER / entry / run.name, plan.recipe(base, run))
        if result is not None:
            found[run.name] = {"group": run.group, "changed": run.changed} | result
    return found


def main(
    entry: Annotated[str, typer.Argument(help="The entry whose recipe is changed.")],
    only: Annotated[list[str] | None, typer.Option(help="Train this one; may be repeated.")] = None,
    runs: Annotated[Path, typer.Option(help="The folder of run folders.")] = Path("runs"),
    save: Annotated[
        bool, typer.Option("--save", help="Train nothing; write all figures into the entry.")
    ] = False,
) -> None:
    """Train an entry's ablations, or save what they came to."""
    if not save:
        train(entry, runs, only or [])
        return
    results, plan = collect(entry, runs), plans.load(entry)
    keep(entry, with_variants(entry, results, plan.note))
    if lacking := [run.name for run in plan.runs if run.name not in results]:
        typer.echo(f"Not trained yet: {', '.join(lacking)}", err=True)


if __name__ == "__main__":
    typer.run(main)
