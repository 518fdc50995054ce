"""Small models of every pair architecture, with random weights and tables that mean nothing."""

from collections.abc import Callable, Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from zoo.architectures import cross_encoder, degree, late_interaction, two_tower

TFS, GENES, TFS_KNOWN, GENES_KNOWN, FEATURES, IDENTITY, HIDDEN, DIM = 7, 11, 4, 6, 5, 3, 6, 4
SIZES = {"tfs_total": TFS, "genes_total": GENES}
SIDES = SIZES | {
    "tfs_known": TFS_KNOWN,
    "genes_known": GENES_KNOWN,
    "features": FEATURES,
    "identity_dim": IDENTITY,
    "hidden": HIDDEN,
    "dim": DIM,
    "dropout": 0.5,
    "identity_dropout": 0.5,
}
FIELDS = {
    cross_encoder: SIDES | {"joint_hidden": 9},
    late_interaction: SIDES | {"vectors": 3, "smoothing": 0.0, "initial_scale": 5.0},
    two_tower: SIDES | {"initial_scale": 5.0},
    degree: SIZES,
}
GRID = np.stack(np.meshgrid(np.arange(TFS), np.arange(GENES), indexing="ij"), -1).reshape(-1, 2)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Torch on one core: small tensors wait longer for a second one than it helps."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def random_model(module: ModuleType, seed: int = 3, **fields: Any) -> nn.Module:
    """A model in float64 and in evaluation, every parameter and buffer random."""
    generator = torch.Generator().manual_seed(seed)
    model = module.Model(module.Config(**FIELDS[module] | fields)).double()
    for name, tensor in model.state_dict().items():
        if name.endswith("codes"):
            drawn = torch.randint(0, 256, tensor.shape, generator=generator)
        elif name.endswith("row"):
            drawn = torch.randint(0, tensor.max() + 1, tensor.shape, generator=generator)
        else:
            drawn = torch.randn(tensor.shape, generator=generator, dtype=torch.float64) / 2
        tensor.copy_(drawn / 100 if name.endswith("profile.scale") else drawn)
    model.popularity.specific_weight.fill_(1.3)
    return model.eval()


def encode(state: dict[str, np.ndarray], side: str, index: int) -> tuple[np.ndarray, np.ndarray]:
    """Encoding and profile of one entity, from the weights alone."""
    part = {k.removeprefix(f"{side}."): v for k, v in state.items() if k.startswith(f"{side}.")}
    profile = part["profile.codes"][index] * part["profile.scale"] + part["profile.offset"]
    identity = part["identity.vectors.weight"][part["identity.row"][index]]
    hidden = part["net.0.weight"] @ np.concatenate([identity, profile]) + part["net.0.bias"]
    return part["net.3.weight"] @ np.maximum(hidden, 0) + part["net.3.bias"], profile


def popularity(state: dict[str, np.ndarray], tf: int, gene: int) -> tuple[float, float]:
    """Both popularity terms of one pair, from the weights alone."""
    p = {k.removeprefix("popularity."): v for k, v in state.items() if "popularity." in k}
    return (
        p["tf_weight"] * p["tf_log_degree"][tf] + p["intercept"] / 2,
        p["gene_weight"] * p["gene_log_degree"][gene] + p["intercept"] / 2,
    )


@pytest.fixture(scope="session")
def naive() -> SimpleNamespace:
    """The mathematics in numpy, pair by pair."""
    return SimpleNamespace(encode=encode, popularity=popularity, grid=GRID)


@pytest.fixture(scope="session")
def fields() -> dict[ModuleType, dict]:
    """A valid configuration of every architecture."""
    return FIELDS


@pytest.fixture
def random() -> Callable[[ModuleType], tuple[nn.Module, dict[str, np.ndarray]]]:
    """A random model of an architecture, and its numbers by name."""

    def make(
        module: ModuleType, seed: int = 3, **fields: Any
    ) -> tuple[nn.Module, dict[str, np.ndarray]]:
        model = random_model(module, seed, **fields)
        return model, {name: tensor.numpy() for name, tensor in model.state_dict().items()}

    return make
