"""An entry as it was after the first stage of its training: an autoencoder that saw no types.

The entry ships what the encoder was then, and it answers as the entry does in every other way.
"""

import importlib
import json
from dataclasses import replace

import torch
from safetensors.numpy import load_file

from contracts.cells.task import weight_of
from training.scoring.contest import Contest
from zoo.cells.scorer import CellEmbedder
from zoo.entry import open_parts
from zoo.runtime.torch import TorchSession

STAGE_ONE = "stage_one"
FILE = "stage1.safetensors"
"""The encoder's tensors by name, and `<species>_weight` where macrogenes were not frozen after."""


def stage_one(contest: Contest) -> CellEmbedder | None:
    """The entry with what it ships of its first stage, run by torch; None if it ships nothing."""
    if FILE not in contest.manifest.files:
        return None
    tensors, manifest = load_file(contest.folder / FILE), contest.manifest
    opened = open_parts(contest.folder, manifest, "onnx", "cpu", 1)
    module = importlib.import_module(f"zoo.architectures.{manifest.architecture}")
    model = module.Model(module.Config.model_validate_json(json.dumps(manifest.config)))
    weights = {weight_of(species) for species in opened.graphs}
    encoder = {n: torch.from_numpy(each) for n, each in tensors.items() if n not in weights}
    model.encoder.load_state_dict(encoder, strict=True)
    graphs = {}
    for species, graph in opened.graphs.items():
        session = TorchSession(torch, model.graphs()[species], graph.contract, "cpu", 1)
        name = weight_of(species)
        weight = tensors[name].astype("float32") if name in tensors else graph.carried[name]
        graphs[species] = replace(graph, session=session).carrying({name: weight})
    return CellEmbedder(replace(opened, graphs=graphs))
