"""Train an entry's ablations, one after another, and gather their validation figures.

    python -m training.sweep.ablations hetero_cell-yeast --only no_physical
    python -m training.sweep.ablations hetero_cell-yeast --collect ablations.json
    python -m training.sweep.ablations hetero_cell-yeast --save

`recipes/ablations/<entry>.toml` names the trainings. Each is an ordinary one that keeps no model,
and ends in a file of its own, so that what is done is not done again; one that was stopped goes on
from its last epoch. `--collect` and `--save` train nothing; the second writes what is there into
the exported entry, for its card.
"""

import json
import shutil
import time
from pathlib import Path
from typing import Annotated, Any

import lightning
import torch
import typer

from training import data as datasets
from training import recipe
from training.begin import Options
from training.data.perturbations import PerturbationData
from training.loop import CHECKPOINTS, LAST, MONITOR, History
from training.perturbations import fits
from training.perturbations.fits import Job
from training.perturbations.labels import Labels
from training.perturbations.shipped import ABLATED
from training.perturbations.split import SetSplit, make_split
from training.recipe import Recipe
from training.sweep import ablation_plan as plans
from training.sweep.ablation_plan import Plan, Run
from zoo.store import folders
from zoo.store.files import replacing

FOLDER, ASKED, RESULT = "ablations", "asked.json", "result.json"
KEPT = ("name", "group", "changed", "parameters", "epochs", "best", "seconds", "device")
"""What stands in the collected file of each run's result."""


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
        self.history = pl_module.history
        self.parameters = sum(p.numel() for p in pl_module.model.parameters())
        if not trainer.interrupted:
            raise Trained


def folder_of(entry: str, runs: Path) -> Path:
    """Where the ablations of an entry lie below a folder of run folders."""
    return runs / FOLDER / entry


def train(entry: str, runs: Path, only: list[str]) -> None:
    """Train the runs of these names (none: all) that have no result yet.

    Raises InvalidOption and InvalidAblations for what can't be trained, and what loading the data
    and a training raise.
    """
    plan, base = plans.load(entry), recipe.load(entry)
    recipes = {run.name: plan.recipe(base, run) for run in plan.runs}
    wanted = [
        run
        for run in plan.chosen(only)
        if not _done(folder_of(entry, runs) / run.name, recipes[run.name])
    ]
    if not wanted:
        return
    data = datasets.load(base.dataset)
    assert isinstance(data, PerturbationData)
    split = make_split(data, base.split_seed)
    labels = Labels.of(data, split.rows(data, "train"))
    for run in wanted:
        _train(run, recipes[run.name], (data, split, labels), folder_of(entry, runs) / run.name)


def _done(folder: Path, chosen: Recipe) -> bool:
    """Whether a run has a result, and of this recipe."""
    path = folder / RESULT
    return path.is_file() and json.loads(path.read_text())["recipe"] == _told(chosen)


def _left(folder: Path, chosen: Recipe) -> bool:
    """Whether a training of this recipe was stopped there."""
    there = all((folder / name).is_file() for name in (ASKED, f"{CHECKPOINTS}/{LAST}"))
    return there and json.loads((folder / ASKED).read_text()) == _told(chosen)


def _told(chosen: Recipe) -> dict[str, Any]:
    """What of a recipe has a say in its training."""
    said = json.loads(chosen.model_dump_json())
    return {k: said[k] for k in ("dataset", "split_seed", "seed", "model", "objective", "fit")}


def _train(
    run: Run,
    chosen: Recipe,
    ground: tuple[PerturbationData, SetSplit, Labels],
    folder: Path,
) -> None:
    watch, started = Watch(), time.perf_counter()
    options = Options(folder, resume=_left(folder, chosen), progress=False)
    _save(folder / ASKED, _told(chosen))
    lightning.seed_everything(chosen.seed, verbose=False)
    try:
        fitted = fits.fit(Job(chosen, *ground, chosen.seed, options, (watch,)))
        history = fitted.history
        parameters = sum(p.numel() for p in fitted.model.parameters())
    except Trained:
        history, parameters = watch.history, watch.parameters
    result = {
        "name": run.name,
        "group": run.group,
        "changed": run.changed,
        "recipe": _told(chosen),
        "parameters": parameters,
        "epochs": len(history),
        "best": max(history, key=lambda row: row[MONITOR]),
        "history": history,
        "seconds": round(time.perf_counter() - started, 1),
        "device": _device(),
    }
    _save(folder / RESULT, result)
    shutil.rmtree(folder / CHECKPOINTS, ignore_errors=True)


def _device() -> str:
    """What trains here."""
    return torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"


def collect(entry: str, runs: Path) -> dict[str, Any]:
    """What ablations.json holds: every run of the plan that has a result of today's recipe."""
    plan, base = plans.load(entry), recipe.load(entry)
    found = []
    for run in plan.runs:
        folder, chosen = folder_of(entry, runs) / run.name, plan.recipe(base, run)
        if _done(folder, chosen):
            found.append(json.loads((folder / RESULT).read_text()) | {"group": run.group})
    return {"made_with": _made_with(plan, base, found), "runs": [_kept(each) for each in found]}


def _made_with(plan: Plan, base: Recipe, found: list[dict[str, Any]]) -> dict[str, Any]:
    numbers = plan.recipe(base, plan.chosen([plans.FULL])[0]).fit
    devices = dict.fromkeys(each["device"] for each in found)
    return {
        "device": ", ".join(devices),
        "epochs": numbers.max_epochs if numbers else 0,
        "note": plan.note,
    }


def _kept(result: dict[str, Any]) -> dict[str, Any]:
    return {name: result[name] for name in KEPT}


def _save(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as draft:
        draft.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


def main(
    entry: Annotated[str, typer.Argument(help="The entry whose recipe is changed.")],
    only: Annotated[list[str] | None, typer.Option(help="Train this one; may be repeated.")] = None,
    runs: Annotated[Path, typer.Option(help="The folder of run folders.")] = Path("runs"),
    collect_to: Annotated[
        Path | None, typer.Option("--collect", help="Train nothing; write all figures here.")
    ] = None,
    save: Annotated[
        bool, typer.Option("--save", help="Train nothing; write all figures into the entry.")
    ] = False,
) -> None:
    """Train an entry's ablations, or gather what they came to."""
    if collect_to is None and not save:
        train(entry, runs, only or [])
        return
    found = collect(entry, runs)
    if collect_to is not None:
        _save(collect_to, found)
    if save:
        folder, _ = folders.open_entry(entry)
        _save(folder / ABLATED, found)
        folders.record(folder, ABLATED)
    have = [run["name"] for run in found["runs"]]
    if lacking := [run.name for run in plans.load(entry).runs if run.name not in have]:
        typer.echo(f"Not trained yet: {', '.join(lacking)}", err=True)


if __name__ == "__main__":
    typer.run(main)
