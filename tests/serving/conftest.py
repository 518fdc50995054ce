"""One real `zoo serve`, with tiny entries beside the bundled ones, sound and unsound."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest

from contracts.manifest import FILENAME as MANIFEST
from tests import tiny
from tests.serving.servers import ZOO, Server, free_port, running
from zoo.store import folders

PARITY = {"score": {"max_abs_difference": 0.0}}


@pytest.fixture(scope="session")
def cache(tiny_root: Path, saturn_toy: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder with the tiny entries; three give NaN, two are damaged, one has no card."""
    folder = tmp_path_factory.mktemp("cache")
    shutil.copytree(tiny_root, folder, dirs_exist_ok=True)
    shutil.copytree(saturn_toy, folder / saturn_toy.name)
    (folder / tiny.TABLE / "parity.json").write_text(json.dumps(PARITY))
    folders.record(folder / tiny.TABLE, "parity.json")
    with (_copy(folder, "tiny_table-damaged") / "score.onnx").open("ab") as stream:
        stream.write(b"\0")
    (_copy(folder, "tiny_table-broken") / MANIFEST).write_text("{}")
    (_copy(folder, "tiny_table-uncarded") / "card.md").unlink()
    _spoil(_copy(folder, "tiny_table-not_finite") / "score.onnx", "pair_specific_table")
    _spoil(_copy(folder, "tiny_product-not_finite", tiny.PRODUCT) / "head.onnx", "weights")
    _spoil(_copy(folder, "tiny_response-not_finite", tiny.RESPONDING) / "response.onnx", "effect")
    return folder


def _copy(folder: Path, entry: str, source: str = tiny.TABLE) -> Path:
    """A copy of an entry under another name."""
    copy = shutil.copytree(folder / source, folder / entry)
    text = (copy / MANIFEST).read_text()
    (copy / MANIFEST).write_text(text.replace(f'"{source}"', f'"{entry}"'))
    return copy


def _spoil(graph: Path, name: str) -> None:
    """Make every number of a table inside a graph NaN."""
    model = onnx.load(graph)
    (table,) = [array for array in model.graph.initializer if array.name == name]
    nothing = np.full_like(onnx.numpy_helper.to_array(table), np.nan)
    table.CopyFrom(onnx.numpy_helper.from_array(nothing, name))
    onnx.save(model, graph)
    folders.record(graph.parent, graph.name)


@pytest.fixture(scope="session")
def server(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`zoo serve` as anybody would start it, with small limits."""
    port = free_port()
    limits = {"MAX_BODY_BYTES": 20_000, "MAX_PAIRS": 25, "MAX_GENES": 5}
    limits |= {"MAX_SETS": 25, "MAX_SUBSETS": 60, "MAX_CELLS": 60, "MAX_CHANGES": 120}
    variables = {f"ZOO_SERVE_{name}": str(value) for name, value in limits.items()}
    command = [str(ZOO), "serve", "--port", str(port), "--preload", tiny.TABLE]
    folder = tmp_path_factory.mktemp("server")
    with running(command, port, folder, "/readyz", ZOO_CACHE=str(cache), **variables) as started:
        yield started
