"""DANGO's formulas on single numbers: gene by gene, member by member, head by head."""

import math

import numpy as np
import torch
from torch import Tensor, nn

from tests.zoo.architectures.sets import GENES

NETWORKS, SOURCES = ("fusion", "physical"), ("digenic", "screen", "trigenic")
FIELDS = {
    "genes_total": GENES,
    "networks": NETWORKS,
    "sources": SOURCES,
    "epsilon_source": "digenic",
    "tau_source": "trigenic",
    "dim": 6,
    "heads": 3,
    "layers": 2,
}


def edges() -> dict[str, Tensor]:
    """Directed edges, each once; gene 0 hears nobody."""
    generator = torch.Generator().manual_seed(1)
    pairs = torch.cartesian_prod(torch.arange(GENES), torch.arange(1, GENES)).T
    pairs = pairs[:, pairs[0] != pairs[1]]
    return {
        name: pairs[:, torch.rand(pairs.shape[1], generator=generator) < 0.2] for name in NETWORKS
    }


def linear(state: dict[str, np.ndarray], name: str, x: np.ndarray) -> np.ndarray:
    return state[f"{name}.weight"] @ x + state.get(f"{name}.bias", 0)


def numbers(model: nn.Module) -> dict[str, np.ndarray]:
    return {name: tensor.numpy() for name, tensor in model.state_dict().items()}


def network(state: dict[str, np.ndarray], name: str) -> list[np.ndarray]:
    """W_1 mean of who is heard + W_2 oneself + b, then ReLU; twice."""
    x, (source, target) = list(state["cell.genes.weight"]), edges()[name].numpy()
    for layer in ("first", "second"):
        at = f"cell.networks.{name}.{layer}"
        heard = [[x[j] for j in source[target == gene]] for gene in range(GENES)]
        mean = [np.mean(them, 0) if them else np.zeros(len(x[0])) for them in heard]
        x = [
            np.maximum(linear(state, f"{at}.lin_l", m) + linear(state, f"{at}.lin_r", own), 0)
            for m, own in zip(mean, x, strict=True)
        ]
    return x


def static(state: dict[str, np.ndarray]) -> np.ndarray:
    """Every gene's embeddings, averaged by a softmax over networks."""
    seen = {name: network(state, name) for name in NETWORKS}
    rows = []
    for gene in range(GENES):
        weights = []
        for name in NETWORKS:
            hidden = np.maximum(linear(state, "cell.meta.weigh.0", seen[name][gene]), 0)
            weights.append(math.exp(linear(state, "cell.meta.weigh.2", hidden).item()))
        shares = [weight / sum(weights) for weight in weights]
        rows.append(sum(s * seen[n][gene] for s, n in zip(shares, NETWORKS, strict=True)))
    return np.stack(rows)


def attention(state: dict[str, np.ndarray], at: str, x: list[np.ndarray]) -> list[np.ndarray]:
    """Member by member, head by head, over the other members only."""
    heads, part = FIELDS["heads"], FIELDS["dim"] // FIELDS["heads"]
    query, key, value = (
        [linear(state, f"{at}.{name}", one).reshape(heads, part) for one in x]
        for name in ("query", "key", "value")
    )
    changed = []
    for i in range(len(x)):
        mixed = np.zeros((heads, part))
        others = [j for j in range(len(x)) if j != i]
        for head in range(heads):
            raw = [math.exp(query[i][head] @ key[j][head] / math.sqrt(part)) for j in others]
            for weight, j in zip(raw, others, strict=True):
                mixed[head] += weight / sum(raw) * value[j][head]
        changed.append(x[i] + state[f"{at}.beta"] * linear(state, f"{at}.out", mixed.ravel()))
    return changed


def score(state: dict[str, np.ndarray], rows: list[np.ndarray]) -> np.ndarray:
    """Mean over the members of a linear layer of (dynamic - static)^2, for every source."""
    dynamic = rows
    for layer in range(FIELDS["layers"]):
        dynamic = attention(state, f"sagnn.attention.{layer}", dynamic)
    scores = [
        linear(state, "sagnn.last", (d - np.maximum(linear(state, "sagnn.static", x), 0)) ** 2)
        for d, x in zip(dynamic, rows, strict=True)
    ]
    return np.mean(scores, 0) if scores else state["sagnn.last.bias"]
