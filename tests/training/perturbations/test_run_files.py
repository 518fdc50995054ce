"""What an architecture names besides is written beside its run, and ships."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

from export.package import IF_THERE
from tests.training.perturbations import planted
from training.begin import Options
from training.perturbations import run
from training.perturbations.fits import Job, fit
from training.perturbations.labels import Labels
from training.recipe import RECIPES, Recipe

NODES = {"reactions": ["r_1", "r_2"], "metabolites": []}


def test_the_files_of_a_fit_are_in_its_run(tmp_path: Path):
    text = tomllib.loads((RECIPES / "multiplicative-yeast.toml").read_text())
    chosen = Recipe.model_validate(text | {"entry": "multiplicative-planted", "split_seed": 4})
    data, split = planted.data(), planted.split()
    labels = Labels.of(data, split.rows(data, "train"))
    job = Job(chosen, data, split, labels, 0, Options(tmp_path, progress=False))
    fitted = fit(job)
    assert fitted.files == {}
    run.write(job, replace(fitted, files={"nodes.json": NODES}), {})
    assert json.loads((tmp_path / "nodes.json").read_text()) == NODES
    assert "nodes.json" in IF_THERE
