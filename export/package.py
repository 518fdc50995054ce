"""Build an entry's folder from a run folder: graphs, golden vectors, parity, manifest.

The folder is built beside its place and put there in one step, after parity was certified: a
failing entry leaves what was there before.
"""

import importlib
import importlib.metadata
import json
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import torch

from contracts import evidence, tasks
from contracts.errors import ArtefactError, InvalidOption
from contracts.manifest import FILENAME, FileRecord, Licences, Manifest, split_entry
from export import family as families
from export import golden, parity, to_onnx
from export.lanes import torch_lane
from zoo.entry import STATE, rules
from zoo.runtime.torch import WEIGHTS, load_model
from zoo.store.files import sha256

RUN, SPLIT, PARITY = "run.json", "split.safetensors", "parity.json"
COPIED = (RUN, SPLIT, STATE, WEIGHTS)
IF_THERE = ("seeds.json", "nodes.json", "stage1.safetensors", "known.safetensors", "sign.json")


class SmokeRun(ArtefactError):
    """A run cut short by --max-steps is no entry."""

    code = "smoke-run"


class NoRun(ArtefactError):
    """The folder holds no finished training."""


def package(source: Path, target: Path, *, smoke: bool = False) -> Manifest:
    """Build the entry of the run folder `source` at `target`, replacing what is there.

    Raises NoRun for a folder without a finished run, InvalidOption for another entry's run,
    SmokeRun for one cut short (unless `smoke`), CorruptArtefact for weights that are not the
    architecture's, GraphMismatch or ParityFailed for graphs that are not to be trusted.
    """
    _find(COPIED, source, target.name)
    run = json.loads((source / RUN).read_text())
    if run["entry"] != target.name:
        raise InvalidOption("--run", f"a run of {run['entry']}", f"a run of {target.name}")
    if run["max_steps"] is not None and not smoke:
        raise SmokeRun(
            f"{source} is a run of {run['max_steps']} steps, cut short by --max-steps. "
            f"Type: zoo train {run['entry']} --overwrite, or add --smoke to export it all the same."
        )
    module = importlib.import_module(f"zoo.architectures.{split_entry(run['entry'])[0]}")
    _find([*_vocabularies(module.TASK), families.of(module.TASK).samples], source, target.name)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=target.parent) as scratch:
        folder = Path(scratch) / target.name
        folder.mkdir()
        manifest = _build(run, module, source, folder)
        _exchange(folder, target, Path(scratch) / "before")
    return manifest


def _find(names: Iterable[str], source: Path, entry: str) -> None:
    """Raise NoRun for the first file of these that the run folder lacks."""
    for name in names:
        if not (source / name).is_file():
            raise NoRun(
                f"{source / name} is missing, so there is no finished run to export. "
                f"Type: zoo train {entry}, or give its folder with --run."
            )


def _vocabularies(task: str) -> Iterable[str]:
    """The files of the genes of a task's entries."""
    return rules(tasks.get(task).family).vocabularies.values()


def _build(run: dict, module: ModuleType, source: Path, folder: Path) -> Manifest:
    """Fill `folder` and return its manifest."""
    task, family = module.TASK, families.of(module.TASK)
    there = (name for name in IF_THERE if (source / name).is_file())
    for name in (*COPIED, *_vocabularies(task), *there):
        shutil.copyfile(source / name, folder / name)
    model = load_model(module, run["config"], folder / WEIGHTS)
    sizes = family.sizes(run, model)
    graphs = to_onnx.write_graphs(model, task, folder, sizes)
    reference = family.fed(task, torch_lane(model, task, torch.float64), folder)
    golden.write(reference, task, graphs, sizes, source, folder)
    manifest = _manifest(run, task, sizes, graphs, folder)
    family.complete(model, folder, manifest)
    report = parity.certify(model, folder, manifest)
    (folder / PARITY).write_text(json.dumps(report, indent=2, sort_keys=True) + "\n")
    manifest = _manifest(run, task, sizes, graphs, folder)
    manifest.save(folder / FILENAME)
    for path in folder.iterdir():
        path.chmod(0o644)
    return manifest


def _manifest(
    run: dict, task: str, sizes: dict[str, int], graphs: dict[str, str], folder: Path
) -> Manifest:
    """The manifest of the files that `folder` holds now."""
    chosen = run["recipe"]
    files = {
        path.name: FileRecord(sha256=sha256(path), bytes=path.stat().st_size)
        for path in sorted(folder.iterdir())
        if path.name != FILENAME
    }
    exported = {name: importlib.metadata.version(name) for name in ("onnx", "onnxscript")}
    rung = evidence.IMPORTED if run.get("imported") else evidence.NATIVE
    return Manifest(
        **{name: run[name] for name in ("entry", "config", "data", "commit")},
        **{name: chosen[name] for name in ("version", "summary", "species", "tissue")},
        task=task,
        architecture=split_entry(run["entry"])[0],
        sizes=sizes,
        graphs=graphs,
        files=files,
        licences=Licences(
            code="Apache-2.0", weights=chosen["weights_licence"], data=run["licences"]
        ),
        evidence=evidence.written(rung, run["max_steps"]),
        recipe=f"training/recipes/{run['entry']}.toml",
        folds=run.get("rotation", {}).get("weights", {}),
        seeds=[run["seed"]],
        packages=run["packages"] | exported,
        metrics={},
    )


def _exchange(folder: Path, target: Path, before: Path) -> None:
    """Put `folder` in the place of `target`; on failure, what was there comes back."""
    if target.exists():
        target.rename(before)
    try:
        folder.rename(target)
    except OSError:
        if before.exists():
            before.rename(target)
        raise
