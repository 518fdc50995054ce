"""A recipe and a sweep of the planted data, small enough to train in a blink; no entry of a zoo."""

from pathlib import Path

import pytest

from tests.training.perturbations import entries
from training import recipe
from training.sweep import plan

ENTRY = "cls_transformer-planted"
RECIPE = """\
# A toy.
# Command: zoo train cls_transformer-planted
version = "0.1"
summary = "A toy."
species = "yeast"
tissue = "cell"
dataset = "planted"
split_seed = 4
seed = 3
weights_licence = "CC0-1.0"

[model]
identity_dim = 4
token_hidden = 8
dim = 8
layers = 2  # of the encoder
heads = 2
key_dim = 4
value_dim = 4
change_dim = 8
hidden = 8
dropout = 0.3

[objective]
genes = 0
headline_sets = 32
other_sets = 32
steps = 2
fitness_weight = 0.05
graph_weight = 0.02
graph_rows = 8

[objective.source_weights]
main = 2.0
chosen = 1.0

[fit]
max_epochs = 20
patience = 5
batch_size = 64
learning_rate = 0.002
weight_decay = 0.3
gradient_clip = 1.0
ema_decay = 0.9
"""
SWEEP = """\
seed = 7

[phases]
random = 3
tpe = 3

[pruning]
startup_trials = 2
warmup_epochs = 1

[fixed]
"fit.max_epochs" = 2

[space]
"fit.learning_rate" = { low = 5e-4, high = 4e-3, log = true }
"model.dropout" = { low = 0.1, high = 0.5 }
"model.layers" = { low = 1, high = 3 }
"objective.graph_weight" = [0.0, 0.02]
"objective.source_weights.main" = [1.0, 2.0, 4.0]
"objective.learned_noise" = [false, true]
"""
SPACE = (
    "fit.learning_rate",
    "model.dropout",
    "model.layers",
    "objective.graph_weight",
    "objective.source_weights.main",
    "objective.learned_noise",
)


def put_in_place(patch: pytest.MonkeyPatch, folder: Path) -> Path:
    """Let the code under test find the toy's two files, in `folder`, and the planted data."""
    entries.put_in_place(patch)
    (folder / "sweeps").mkdir(parents=True)
    (folder / f"{ENTRY}.toml").write_text(RECIPE)
    (folder / "sweeps" / f"{ENTRY}.toml").write_text(SWEEP)
    patch.setattr(recipe, "RECIPES", folder)
    patch.setattr(plan, "SWEEPS", folder / "sweeps")
    return folder


def edit(folder: Path, before: str, after: str, sweep: bool = True) -> None:
    """Change one of the toy's files."""
    path = folder / ("sweeps" if sweep else ".") / f"{ENTRY}.toml"
    text = path.read_text()
    assert text.count(before) == 1
    path.write_text(text.replace(before, after))


def rising(number: int) -> list[float]:
    """Two epochs, better from trial to trial."""
    return [0.1 + number / 100, 0.2 + number / 100]
