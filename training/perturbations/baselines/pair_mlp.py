"""A small network on pairs: gene embeddings, networks' spectra and degrees, all sources at once.

It knows each gene and each pair, and nothing of the cell around them: the rival that a model of
the whole cell must beat. Labels are z-scored source by source; the epoch is chosen on validation.
"""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64
from torch import Tensor

from training.perturbations.baselines import Context, Members, Rung, Values, composed, labelled
from training.perturbations.baselines._pair_network import PairNetwork

TITLE = "MLP on gene embeddings"
EPOCHS, PATIENCE, BATCH = 24, 5, 2048
LEARNING_RATE, WEIGHT_DECAY = 2e-3, 0.3
AVERAGED = 0.99
"""Validation and the result have a moving average of the weights over steps."""
HEADLINE_WEIGHT, WEIGHTS = 4.0, {"emap_s": 0.5}
"""How much a record weighs: of the headline source, and by its unit (1 if it is not named)."""
CHOSEN_ON = ("valid", "one_new_valid")
BLOCK = 65_536


@dataclass(frozen=True, eq=False)
class Labels:
    """Training sets of all sources with z-scored labels, and how to undo the scores."""

    members: Int64[np.ndarray, "sets 3"]
    source: Int64[np.ndarray, "sets"]
    label: Float64[np.ndarray, "sets"]
    weight: Float64[np.ndarray, "sets"]
    mean: Float64[np.ndarray, "sources"]
    spread: Float64[np.ndarray, "sources"]


def fit(context: Context) -> Rung:
    """Train it; the same seed gives the same network, and the caller's random state is kept."""
    return trained_on(context, context.features)


def trained_on(context: Context, features: Float32[np.ndarray, "genes features"]) -> Rung:
    """The same, told so much of each gene."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(context.seed)
        labels = _labels(context)
        network = _trained(context, labels, features)
    place = {name: number for number, name in enumerate(context.sources)}

    def interaction(members: Members, source: str) -> Values:
        number = place[source]
        values = _predicted(network, members)[:, number]
        return values * labels.spread[number] + labels.mean[number]

    return composed(context, interaction)


def _labels(context: Context) -> Labels:
    parts = [labelled(context.train, source) for source in context.sources]
    means = np.array([each.interaction.mean() for each in parts])
    spreads = np.array([each.interaction.std() or 1.0 for each in parts])
    weights = [
        HEADLINE_WEIGHT
        if name == context.data.headline_source
        else WEIGHTS.get(str(each.unit[0]), 1.0)
        for name, each in zip(context.sources, parts, strict=True)
    ]
    number = np.repeat(np.arange(len(parts)), [len(each) for each in parts])
    label = np.concatenate([each.interaction for each in parts])
    return Labels(
        members=np.concatenate([each.members for each in parts]),
        source=number,
        label=(label - means[number]) / spreads[number],
        weight=np.array(weights)[number],
        mean=means,
        spread=spreads,
    )


def _trained(
    context: Context, labels: Labels, features: Float32[np.ndarray, "genes features"]
) -> PairNetwork:
    """The network with the average of its weights at the best epoch."""
    network = PairNetwork(torch.from_numpy(features), len(context.sources))
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGED)
    )
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    best, kept, since = -np.inf, None, 0
    for epoch in range(EPOCHS):
        _epoch(network, average, optimizer, labels, [context.seed, epoch])
        found = _validated(context, average.module)
        since = 0 if found > best else since + 1
        if found > best:
            best = found
            kept = {name: value.clone() for name, value in average.module.state_dict().items()}
        if since == PATIENCE:
            break
    network.load_state_dict(kept or network.state_dict())
    return network.eval()


def _epoch(
    network: PairNetwork,
    average: torch.optim.swa_utils.AveragedModel,
    optimizer: torch.optim.AdamW,
    labels: Labels,
    seed: list[int],
) -> None:
    network.train()
    order = np.random.default_rng(seed).permutation(len(labels.label))
    columns = (labels.members, labels.source, labels.label, labels.weight)
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        members, source, label, weight = (torch.from_numpy(each[rows]) for each in columns)
        own = network(network.genes(), members).gather(1, source[:, None])[:, 0]
        loss = ((own - label.float()) ** 2 * weight.float()).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average.update_parameters(network)


def _validated(context: Context, network: PairNetwork) -> float:
    """Mean correlation over the validation parts of the headline source that have one."""
    source = context.data.headline_source
    found = []
    for part in CHOSEN_ON:
        held = labelled(context.part(part), source)
        values = _predicted(network, held.members)[:, context.sources.index(source)]
        if len(held) > 1 and np.ptp(values) > 0 and np.ptp(held.interaction) > 0:
            found.append(np.corrcoef(values, held.interaction)[0, 1])
    return float(np.mean(found)) if found else 0.0


def _predicted(network: PairNetwork, members: Members) -> Float64[np.ndarray, "sets sources"]:
    """All outputs, as z-scores."""
    network.eval()
    with torch.inference_mode():
        genes = network.genes()
        blocks: list[Tensor] = [
            network(genes, torch.from_numpy(members[start : start + BLOCK]))
            for start in range(0, max(len(members), 1), BLOCK)
        ]
    return torch.cat(blocks).double().numpy()
