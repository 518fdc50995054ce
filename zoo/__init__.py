"""Load a trained model of gene regulation by its name, and ask it.

    import zoo

    model = zoo.load("cross_encoder-brain")
    model.score([("SOX2", "GFAP"), ("NEUROD1", "MAP2")])
    model.regulators(["GFAP"], k=10)

Nothing heavy is imported before one of these names is used, and torch only for
`load(..., backend="torch")`.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.loading import load
    from zoo.store.catalogue import card, names, search
    from zoo.store.folders import register
    from zoo.verification import verify
    from zoo.version import __version__

__all__ = ("__version__", "card", "load", "names", "register", "search", "verify")

_HOME = {
    "__version__": "zoo.version",
    "card": "zoo.store.catalogue",
    "load": "zoo.loading",
    "names": "zoo.store.catalogue",
    "register": "zoo.store.folders",
    "search": "zoo.store.catalogue",
    "verify": "zoo.verification",
}


def __getattr__(name: str) -> object:
    """Import a public name on its first use (PEP 562)."""
    if name not in _HOME:
        raise AttributeError(f"zoo has no {name!r}: it exports {', '.join(__all__)}")
    return getattr(importlib.import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return sorted(__all__)
