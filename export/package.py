"""Build an entry's folder from a run folder: graphs, golden vectors, parity, manifest.

The folder is built beside its place and put there in one step, after parity was certified: a
failing entry leaves what was there before.
"""

import importlib
import importlib.metadata
import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from safetensors.torch import load_file as load_tensors
from torch import nn

from contracts import tasks
from contracts.errors import ArtefactError, CorruptArtefact, InvalidOption
from contracts.genes import FILENAME as VOCABULARY
from contracts.manifest import FILENAME, FileRecord, Licences, Manifest, split_entry
from export import golden, parity, to_onnx
from export.lanes import onnx_lane, torch_lane
from zoo.entry import STATE
from zoo.files import sha256
from zoo.torch_backend import WEIGHTS

RUN, SPLIT, PARITY = "run.json", "split.safetensors", "parity.json"
COPIED = (RUN, SPLIT, STATE, WEIGHTS, VOCABULARY)
IF_THERE = ("seeds.json",)


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
    for name in (*COPIED, golden.PAIRS):
        if not (source / name).is_file():
            raise NoRun(
                f"{source / name} is missing, so there is no finished run to export. "
                f"Type: zoo train {target.name}, or give its folder with --run."
            )
    run = json.loads((source / RUN).read_text())
    if run["entry"] != target.name:
        raise InvalidOption("--run", f"a run of {run['entry']}", f"a run of {target.name}")
    if run["max_steps"] is not None and not smoke:
        raise SmokeRun(
            f"{source} is a run of {run['max_steps']} steps, cut short by --max-steps. "
            f"Type: zoo train {run['entry']} --overwrite, or add --smoke to export it all the same."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".export-", dir=target.parent) as scratch:
        folder = Path(scratch) / target.name
        folder.mkdir()
        manifest = _build(run, source, folder)
        _exchange(folder, target, Path(scratch) / "before")
    return manifest


def _build(run: dict, source: Path, folder: Path) -> Manifest:
    """Fill `folder` and return its manifest."""
    for name in (*COPIED, *(name for name in IF_THERE if (source / name).is_file())):
        shutil.copyfile(source / name, folder / name)
    module = importlib.import_module(f"zoo.architectures.{split_entry(run['entry'])[0]}")
    model = load_model(module, run["config"], folder / WEIGHTS)
    graphs = to_onnx.write_graphs(model, module.TASK, folder)
    sizes = _sizes(run)
    if tasks.get(module.TASK).parts.keys() & graphs:
        sizes |= _write_parts(model, folder)
    reference = torch_lane(model, module.TASK, torch.float64)
    golden.write(reference, module.TASK, graphs, sizes, source, folder)
    manifest = _manifest(run, module.TASK, sizes, graphs, folder)
    if module.TASK == "pair_embed":
        _write_vectors(folder, manifest)
    report = parity.certify(model, folder, manifest)
    (folder / PARITY).write_text(json.dumps(report, indent=2, sort_keys=True) + "\n")
    manifest = _manifest(run, module.TASK, sizes, graphs, folder)
    manifest.save(folder / FILENAME)
    for path in folder.iterdir():
        path.chmod(0o644)
    return manifest


def load_model(module, config: dict, weights: Path) -> nn.Module:
    """The architecture with its weights, loaded strictly, in evaluation mode."""
    model = module.Model(module.Config.model_validate_json(json.dumps(config)))
    try:
        model.load_state_dict(load_tensors(weights), strict=True)
    except RuntimeError as error:
        raise CorruptArtefact(weights, "the weights of this architecture", str(error)) from error
    return model.eval()


def _sizes(run: dict) -> dict[str, int]:
    """Fixed axis sizes of the contract."""
    sizes = {name: run["sizes"][name] for name in ("tfs_total", "genes_total")}
    return sizes | ({"dim": run["config"]["dim"]} if "dim" in run["config"] else {})


def _write_parts(model: nn.Module, folder: Path) -> dict[str, int]:
    """Add what joins the two sides' parts to the state; returns the sizes of its axes."""
    with torch.inference_mode():
        parts = {n: t.numpy().copy(order="C") for n, t in model.part_state().items()}
    save_file(load_file(folder / STATE) | parts, folder / STATE)
    return dict(zip(("factor", "hidden"), parts["product_weight"].shape, strict=True))


def _write_vectors(folder: Path, manifest: Manifest) -> None:
    """Add both towers' vectors and terms of all entities, as the shipped graphs give them."""
    run = onnx_lane(folder, manifest, "cpu")
    state = load_file(folder / STATE)
    for side, total in (("tf", "tfs_total"), ("gene", "genes_total")):
        outputs = run(f"{side}_tower", {side: np.arange(manifest.sizes[total])})
        state[f"{side}_vectors"] = outputs[f"{side}_vector"]
        state[f"{side}_popularity"] = outputs[f"{side}_popularity"]
    save_file(state, folder / STATE)


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
    return Manifest(
        entry=run["entry"],
        version=chosen["version"],
        task=task,
        architecture=split_entry(run["entry"])[0],
        summary=chosen["summary"],
        species=chosen["species"],
        tissue=chosen["tissue"],
        config=run["config"],
        sizes=sizes,
        graphs=graphs,
        files=files,
        licences=Licences(
            code="Apache-2.0", weights=chosen["weights_licence"], data=run["licences"]
        ),
        evidence="native" if run["max_steps"] is None else f"smoke test, {run['max_steps']} steps",
        recipe=f"training/recipes/{run['entry']}.toml",
        data=run["data"],
        seeds=[run["seed"]],
        commit=run["commit"],
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
