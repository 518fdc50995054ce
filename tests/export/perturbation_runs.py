"""Finished runs of three perturbation entries of 30 genes, as training would leave them."""

import json
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors
from torch import nn

from contracts.genes.vocabulary import FILENAME, GeneRecord, Vocabulary
from tests.export import encoder
from zoo.architectures import multiplicative, ridge

GENES, LIMIT = 30, 20
FEATURES = ["degree", "enzyme", "fitness"]
ENTRIES: dict[str, tuple[ModuleType, dict]] = {
    "encoder-toy": (
        encoder,
        {
            "tokens_total": GENES + 1,
            "features": FEATURES,
            "dim": 8,
            "key_dim": 5,
            "value_dim": 6,
        },
    ),
    "multiplicative-toy": (multiplicative, {"genes_total": GENES}),
    "ridge-toy": (ridge, {"genes_total": GENES}),
}


def random_model(module: ModuleType, config: dict) -> nn.Module:
    """Every parameter and buffer random, and no fitness below 0."""
    torch.manual_seed(4)
    model = module.Model(module.Config(**config))
    for name, tensor in model.state_dict().items():
        tensor.copy_(torch.rand_like(tensor) if "fitness" in name else torch.randn_like(tensor) / 3)
    return model.eval()


def write(entry: str, folder: Path) -> Path:
    """A run folder; genes 3 and 7 have no training record."""
    folder.mkdir(parents=True)
    module, config = ENTRIES[entry]
    rng = np.random.default_rng(6)
    save_tensors(random_model(module, config).state_dict(), folder / "weights.safetensors")
    records = rng.integers(1, 50, size=GENES).astype(np.int32)
    records[[3, 7]] = 0
    state = {"gene_records": records, "kind_records": np.array([99, 0, 0, 0], np.int32)}
    state["single_measured"] = np.ones(GENES, np.uint8)
    if module is encoder:
        state["features"] = rng.normal(size=(GENES, len(FEATURES))).astype(np.float32)
        state["feature_scale"] = np.tile([0.0, 1.0, 0.0], (len(FEATURES), 1))
    save_file(state, folder / "state.safetensors")
    save_file({"train": np.arange(3)}, folder / "split.safetensors")
    order = rng.integers(1, 4, size=40)
    sets = [rng.choice(GENES, size, replace=False) for size in order]
    member = np.concatenate(sets)
    sample = {"member": member, "kind": np.zeros_like(member), "order": order}
    save_file(sample, folder / "sets.safetensors")
    Vocabulary.from_records(GeneRecord(f"Y{i:02d}W") for i in range(GENES)).save(folder / FILENAME)
    (folder / "run.json").write_text(json.dumps(report(entry)))
    return folder


def report(entry: str) -> dict:
    """run.json."""
    module, config = ENTRIES[entry]
    sizes = {"genes_total": GENES, "members_limit": LIMIT}
    if module is encoder:
        sizes |= {"tokens_total": GENES + 1, "features": len(FEATURES)}
    return {
        "entry": entry,
        "max_steps": None,
        "config": config,
        "sizes": sizes,
        "recipe": {
            "version": "0.1",
            "summary": "A toy.",
            "species": "yeast",
            "tissue": "none",
            "weights_licence": "CC0-1.0",
        },
        "licences": {"toy": "CC0-1.0"},
        "data": {},
        "seed": 1,
        "commit": None,
        "packages": {"torch": torch.__version__},
    }
