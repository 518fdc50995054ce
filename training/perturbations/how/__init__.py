"""What a card says of how a model works: one file an architecture, by its name, where there is one.

Each has `tell(run) -> str`, a few paragraphs from what run.json holds.
"""

import importlib
import importlib.util

from training.perturbations.shipped import Shipped

TITLE = "## How it works"


def told(shipped: Shipped) -> list[str]:
    """The section of the card; none where the architecture has no file here."""
    name = f"{__name__}.{shipped.manifest.architecture}"
    if importlib.util.find_spec(name) is None:
        return []
    return [TITLE, importlib.import_module(name).tell(shipped.run)]
