"""Approximate search among a million vectors or more: `[ann]`, an option and never the default."""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from zoo.ann.index import Found, Index, open_index
    from zoo.ann.vectors import Items, of_entry, of_files

__all__ = ("Found", "Index", "Items", "of_entry", "of_files", "open_index")


def __getattr__(name: str) -> object:
    """Import a public name on its first use (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"zoo.ann has no {name!r}: it exports {', '.join(__all__)}")
    home = "index" if name in ("Found", "Index", "open_index") else "vectors"
    return getattr(importlib.import_module(f"zoo.ann.{home}"), name)
