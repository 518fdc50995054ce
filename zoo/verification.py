"""Verify an entry on this machine: digests, vocabulary, golden vectors, contract, state.

What does not hold is told in the report, not raised. A graph runs only if every digest is right.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Shaped

from contracts.errors import CorruptArtefact, ZooError
from contracts.manifest import FILENAME, Manifest
from zoo.entry import STATE, OpenEntry, open_parts, rules
from zoo.runtime.compared import difference
from zoo.runtime.graph import Graph
from zoo.store import folders
from zoo.store.digests import check_digest
from zoo.store.files import read_tensors

VECTORS = "vectors.safetensors"
RUN = "run.json"

Tensors = dict[str, Shaped[np.ndarray, "..."]]


@dataclass(frozen=True)
class Check:
    """One thing looked at: what, whether it holds, and what was seen."""

    name: str
    ok: bool
    detail: str


@dataclass(frozen=True)
class Report:
    """All checks of one entry."""

    entry: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether every check holds."""
        return all(check.ok for check in self.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that do not hold."""
        return tuple(check for check in self.checks if not check.ok)


@dataclass(frozen=True)
class GoldenCase:
    """Recorded inputs and outputs of one run of a graph."""

    name: str
    inputs: Tensors
    outputs: Tensors


def verify(name: str) -> Report:
    """Check an entry's digests, vocabulary, golden vectors, contracts and state.

    The graphs run in onnxruntime on the CPU with one thread, whatever else is there.

    Returns:
        A Report: `.ok`, and `.checks` with one Check for each thing looked at.

    Raises:
        UnknownEntry: there is none of that name.
        Offline, RemoteError, CacheNotWritable: it could not be fetched.
    """
    folder = folders.locate(name)
    try:
        manifest = folders.read_manifest(folder, name)
    except ZooError as error:
        return Report(name, (Check("manifest", False, str(error)),))
    checks = [Check("manifest", True, f"version {manifest.version}, task {manifest.task}")]
    checks += [
        _check(f"digest of {filename}", partial(_digest, folder, manifest, filename))
        for filename in manifest.files
    ]
    if all(check.ok for check in checks):
        checks += [_check("folds", partial(_folds, folder, manifest))] * _rotated(folder, manifest)
        checks += _runs(folder, manifest)
    return Report(name, tuple(checks))


def golden_cases(path: Path, role: str) -> list[GoldenCase]:
    """The recorded runs of a role's graph, from keys `<role>/<case>/<in|out>/<tensor>`.

    Raises:
        MissingArtefact, CorruptArtefact: no such file, or no case of that role in it.
    """
    found: dict[str, GoldenCase] = {}
    for key, array in read_tensors(path).items():
        its_role, case, side, tensor = key.split("/")
        if its_role == role:
            golden = found.setdefault(case, GoldenCase(case, {}, {}))
            (golden.inputs if side == "in" else golden.outputs)[tensor] = array
    if not found:
        raise CorruptArtefact(path, f"golden cases of {role}", "none")
    return list(found.values())


def _check(name: str, look: Callable[[], str]) -> Check:
    """Run one check; an error that the zoo raises is what was seen."""
    try:
        return Check(name, True, look())
    except ZooError as error:
        return Check(name, False, str(error))


def _digest(folder: Path, manifest: Manifest, filename: str) -> str:
    record = manifest.files[filename]
    check_digest(folder / filename, record)
    return f"sha256 {record.sha256[:12]}..., {record.bytes} bytes"


def _rotation(folder: Path, manifest: Manifest) -> dict[str, Any]:
    """What run.json says of the models of the folds; empty where figures are the entry's own."""
    return (
        json.loads((folder / RUN).read_text()).get("rotation", {}) if RUN in manifest.files else {}
    )


def _rotated(folder: Path, manifest: Manifest) -> bool:
    return bool(manifest.folds or _rotation(folder, manifest))


def _folds(folder: Path, manifest: Manifest) -> str:
    """Hold the digests of the fold models against those of the training."""
    about = _rotation(folder, manifest)
    trained, listed = about.get("weights", {}), manifest.folds
    if listed != trained or len(listed) != about.get("folds"):
        got = f"folds {', '.join(listed) or 'none'}"
        raise CorruptArtefact(folder / FILENAME, f"the digests of folds in {RUN}", got)
    return f"figures are out-of-fold over {len(listed)} fold models; weights trained on all edges"


def _runs(folder: Path, manifest: Manifest) -> Iterable[Check]:
    """Open the entry, run every golden case, compare what was computed once."""
    try:
        opened = open_parts(folder, manifest, "onnx", "cpu", 1)
        golden = {role: golden_cases(folder / VECTORS, role) for role in manifest.graphs}
    except ZooError as error:
        yield Check("opening", False, str(error))
        return
    yield Check("opening", True, _sizes(opened))
    for role, cases in golden.items():
        for case in cases:
            yield _check(
                f"golden case {role}/{case.name}",
                partial(_golden, opened.graphs[role], case, folder / VECTORS),
            )
    for name, look in rules(manifest.family).looks(opened, folder / STATE):
        yield _check(name, look)


def _sizes(opened: OpenEntry) -> str:
    """How many regulators and genes there are, or genes of each species."""
    totals = rules(opened.manifest.family).totals(*opened.vocabularies.values())
    words = {"tfs_total": "regulators", "genes_total": "genes"}
    called = {size: words.get(size, size.replace("_", " ")) for size in totals}
    return ", ".join(f"{total} {called[size]}" for size, total in totals.items())


def _golden(graph: Graph, case: GoldenCase, path: Path) -> str:
    """Run a case, with both sides held against the contract."""
    outputs = graph.run(case.inputs, verify=True)
    worst = max(difference(name, outputs[name], case.outputs[name], path) for name in case.outputs)
    return f"within the contract, largest difference {worst:.2g}"
