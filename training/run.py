"""One training from an entry's recipe to a run folder that holds all that an export needs."""

from typing import Any

from training import family, recipe
from training.begin import Options


def train(entry: str, options: Options) -> dict[str, Any]:
    """Train `entry` by its recipe, as its family of tasks is trained; returns what run.json has.

    Raises InvalidOption for an entry without a recipe, and what the training raises.
    """
    options.check()
    chosen = recipe.load(entry, options.variant)
    return family.of(chosen.module.TASK).train(chosen, options)
