"""The same training from other seeds: how much of a figure is luck."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from contracts.errors import InvalidOption
from training import run
from training.begin import RUN, Options
from zoo.files import replacing

SEEDS = "seeds.json"
FIGURES = {"valid": "degree_preserving/auroc", "cold_gene_valid": "cold_gene/auroc"}
"""What the validation of a training monitors, under the protocol that asks the same of test."""


def repeat(entry: str, options: Options, count: int) -> dict[str, Any]:
    """Train `entry` from `count - 1` further seeds and write seeds.json into its run folder.

    The finished run of `options.folder` is the first; the others stay below it, in seeds/SEED, and
    are not trained again where they are finished. Only validation figures are compared: the test
    split is for the weights that ship. Raises InvalidOption for a count under 2.
    """
    if count < 2:
        raise InvalidOption("--seeds", count, "2 or more")
    first = json.loads((options.folder / RUN).read_text())
    reports = [first]
    for seed in range(first["seed"] + 1, first["seed"] + count):
        folder = options.folder / "seeds" / str(seed)
        reports.append(_finished(folder) or _train(entry, replace(options, folder=folder), seed))
    summary = {"count": count, "stage": "valid", "figures": _figures(reports)}
    with replacing(options.folder / SEEDS) as draft:
        draft.write_text(json.dumps(summary, indent=2, sort_keys=True) + "\n")
    return summary


def _finished(folder: Path) -> dict[str, Any] | None:
    path = folder / RUN
    return json.loads(path.read_text()) if path.is_file() else None


def _train(entry: str, options: Options, seed: int) -> dict[str, Any]:
    return run.train(entry, replace(options, seed=seed, resume=False, overwrite=False))


def _figures(reports: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Mean and standard deviation over seeds; nothing for an entry that follows no gradient."""
    best = [report["best"] for report in reports if report["best"]]
    values = {
        name: np.array([row[part] for row in best])
        for part, name in FIGURES.items()
        if best and part in best[0]
    }
    return {
        name: {"mean": float(v.mean()), "sd": float(v.std(ddof=1))} for name, v in values.items()
    }
