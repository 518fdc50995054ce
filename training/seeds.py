"""The same training from other seeds: how much of a figure is luck."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from contracts.errors import InvalidOption
from training import family, recipe, run
from training.begin import RUN, Options, UnfitOptions, can_resume
from zoo.store.files import replacing

SEEDS = "seeds.json"
SAME = ("recipe", "max_steps")


def first(entry: str, options: Options) -> dict[str, Any]:
    """The finished run of `options.folder` where it is what is asked for, trained now otherwise.

    So seeds can be added to a run. Raises as `training.run.train`, which refuses to replace a
    finished run of another recipe, seed or length.
    """
    chosen = run.recipe_for(entry, options)
    asked = {
        "recipe": chosen.model_dump(mode="json"),
        "seed": chosen.seed if options.seed is None else options.seed,
        "max_steps": None if options.max_steps == -1 else options.max_steps,
    }
    found = None if options.overwrite else _finished(options.folder, asked)
    return found or run.train(entry, options)


def repeat(entry: str, options: Options, count: int) -> dict[str, Any]:
    """Train `entry` from `count - 1` further seeds and write seeds.json into its run folder.

    The finished run of `options.folder` is the first; the others stay below it, in seeds/SEED, and
    are not trained again where they are finished by the same recipe; one that was stopped goes on
    from its last epoch. Only validation figures are compared: the test split is for the weights
    that ship. Raises InvalidOption for a count under 2.
    """
    if count < 2:
        raise InvalidOption("--seeds", count, "2 or more")
    shipped = json.loads((options.folder / RUN).read_text())
    reports = [shipped]
    for seed in range(shipped["seed"] + 1, shipped["seed"] + count):
        folder = options.folder / "seeds" / str(seed)
        same = {n: v for n, v in shipped.items() if n in SAME or n.endswith("_digest")}
        done = _finished(folder, same | {"seed": seed})
        reports.append(done or _train(entry, replace(options, folder=folder), seed))
    summary = {"count": count, "stage": "valid", "figures": _figures(entry, reports)}
    with replacing(options.folder / SEEDS) as draft:
        draft.write_text(json.dumps(summary, indent=2, sort_keys=True) + "\n")
    return summary


def _finished(folder: Path, asked: dict[str, Any]) -> dict[str, Any] | None:
    """The report of a finished run in `folder`, if what it says is what is asked."""
    report = run.finished(folder)
    same = report is not None and all(report[name] == value for name, value in asked.items())
    return report if same else None


def _train(entry: str, options: Options, seed: int) -> dict[str, Any]:
    """Train one further seed, from its last epoch where it was stopped, else from the beginning."""
    stopped = can_resume(options.folder) and not (options.folder / RUN).is_file()
    how = replace(options, seed=seed, resume=stopped, overwrite=not stopped, from_stage=None)
    try:
        return run.train(entry, how)
    except UnfitOptions:
        return run.train(entry, replace(how, resume=False, overwrite=True))


def _figures(entry: str, reports: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Mean and standard deviation over seeds; nothing for an entry that follows no gradient."""
    best = [report["best"] for report in reports if report["best"]]
    monitored = family.of(recipe.load(entry).module.TASK).monitored
    values = {
        each.name: np.array([row[part] for row in best])
        for part, each in monitored.items()
        if best and part in best[0]
    }
    return {
        name: {"mean": float(v.mean()), "sd": float(v.std(ddof=1))} for name, v in values.items()
    }
