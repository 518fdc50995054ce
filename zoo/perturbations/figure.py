"""A bar chart of the nodes that a set of deletions moves most, coloured by their kind."""

import importlib
import io
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from contracts.errors import InvalidOption
from zoo.perturbations.explain import NODE_KINDS
from zoo.runtime.optional import imported

EXTRA = "plot"
ENDINGS = (".png", ".svg", ".pdf")
COLOURS = dict(zip(NODE_KINDS, ("#2f7fe0", "#d9662b", "#1f9a6b"), strict=True))
WIDTH, MARGIN, BAR = 7.0, 1.35, 0.24
"""In inches: of the figure, above and below the bars, and of a bar."""


def check_target(path: Path) -> None:
    """Raise InvalidOption or MissingDependency where no figure can be written to the path."""
    if path.suffix.lower() not in ENDINGS:
        raise InvalidOption("--figure", str(path), f"a file that ends in {', '.join(ENDINGS)}")
    if not path.absolute().parent.is_dir():
        raise InvalidOption("--figure", str(path), "a file in a folder that is there")
    _matplotlib()


def draw(rows: Mapping[str, Any], title: str, path: Path) -> None:
    """Write the figure of the columns of PerturbationScorer.explained, the first on top."""
    figure_module = _matplotlib()
    count = len(rows["node"])
    figure = figure_module.Figure(figsize=(WIDTH, MARGIN + BAR * count), layout="constrained")
    ax = figure.subplots()
    for kind in dict.fromkeys(rows["kind"]):
        places = [i for i, one in enumerate(rows["kind"]) if one == kind]
        moved = [float(rows["moved"][i]) for i in places]
        ax.barh(places, moved, height=0.7, color=COLOURS[kind], label=kind)
    labels = [
        name if status == "changed" else f"{name} ({status})"
        for name, status in zip(rows["name"], rows["status"], strict=True)
    ]
    ax.set_yticks(range(count), labels, fontsize=8)
    ax.invert_yaxis()
    ax.set_xlabel("distance between the node's states with and without the set")
    ax.set_title(title, fontsize=9)
    ax.spines[["top", "right"]].set_visible(False)
    if count:
        figure.legend(frameon=False, fontsize=8, loc="outside lower center", ncols=3)
    kind = path.suffix.lower()[1:]
    stream = io.BytesIO()
    figure.savefig(stream, format=kind, dpi=150)
    path.write_bytes(stream.getvalue())


def _matplotlib() -> ModuleType:
    imported("matplotlib", EXTRA)
    return importlib.import_module("matplotlib.figure")
