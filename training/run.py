"""One training from its recipe to a run folder that holds all that an export needs."""

from typing import Any

from training import family, recipe
from training.begin import Options


def train(entry: str, options: Options) -> dict[str, Any]:
    """Train `entry` by its recipe, as its family is trained; returns what run.json has.

    Raises InvalidOption or UnfitOptions for an entry without a recipe, a wrong option or a folder
    that holds another run, and what the training raises.
    """
    options.check()
    chosen = recipe.load(entry, options.variant)
    return family.of(chosen.module.TASK).train(chosen, options)
