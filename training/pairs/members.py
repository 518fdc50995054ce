"""An ensemble of pair networks: its members trained one after another, then folded into tables."""

from dataclasses import replace

import lightning
from torch import nn

from training import loop
from training.begin import Options
from training.data.pairs import PairData
from training.pairs.batches import Degrees, PairBatches, fill_tables, sizes
from training.pairs.learning import LOSSES, PairTraining
from training.pairs.sign import SignTables
from training.pairs.split import Split
from training.recipe import Recipe
from training.stages.stage import Stage

FOLDER = "members"
EVERY_EPOCH = Stage(name="fixed", losses={LOSSES[0]: 1.0}, monitored=False)
"""All epochs of the recipe are run, and the weights of the last one stay."""


def train(
    chosen: Recipe,
    data: PairData,
    split: Split,
    degrees: Degrees,
    options: Options,
    seed: int,
    epochs: int | None,
) -> tuple[list[nn.Module], list[loop.History]]:
    """Train the members from the seeds `seed`, `seed` + 1, ..., and return them with histories.

    With `epochs` each is trained for so many; without, until validation stops rising, and its best
    epoch is taken. A stopped ensemble goes on from its last checkpoint with `options.resume`.
    """
    assert chosen.fit is not None
    fit = chosen.fit if epochs is None else chosen.fit.model_copy(update={"max_epochs": epochs})
    networks, histories = [], []
    for number in range(count(chosen)):
        own = seed + number
        lightning.seed_everything(own, verbose=False)
        model, _ = build(chosen, data, degrees)
        batches = PairBatches(data, split, fit.batch_size, own)
        task = PairTraining(model.train(), fit, own, list(batches.monitored))
        task.stage = None if epochs is None else EVERY_EPOCH
        folder = options.folder / FOLDER / str(number)
        histories.append(loop.run(task, batches, replace(options, folder=folder)))
        networks.append(task.model.eval())
    return networks, histories


def count(chosen: Recipe) -> int:
    """How many members an ensemble has."""
    return int(chosen.objective.get("members", 1))


def build(chosen: Recipe, data: PairData, degrees: Degrees) -> tuple[nn.Module, dict]:
    """The recipe's network with its tables filled, and the configuration it was made from."""
    config = chosen.config(sizes(data, degrees))
    model = chosen.module.Model(config)
    fill_tables(model, data, degrees)
    return model, config.model_dump(mode="json")


def fold(
    chosen: Recipe, networks: list[nn.Module], signs: SignTables | None
) -> tuple[nn.Module, dict]:
    """The networks as one ensemble of tables, and its configuration."""
    given = networks[0].config.model_dump() | {"members": len(networks)}
    given["sign_dim"] = 0 if signs is None else signs.tf.shape[1]
    form = chosen.module.FoldedConfig
    config = form(**{name: given[name] for name in form.model_fields})
    model = chosen.module.Folded(config)
    model.fold(networks)
    if signs is not None:
        model.sign.write(signs.tf, signs.gene)
    return model.eval(), config.model_dump(mode="json")
