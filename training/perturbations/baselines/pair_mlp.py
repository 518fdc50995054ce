"""A small network on pairs: gene embeddings, networks' spectra and degrees, all sources at once.

It knows each gene and each pair, and nothing of the cell around them: the rival that a model of
the whole cell must beat. Labels are z-scored source by source; the epoch is chosen on validation.
"""

import numpy as np
import torch
from jaxtyping import Float32, Float64, Int64
from torch import Tensor

from training.perturbations.baselines import Context, Members, Rung, Values, composed, labelled
from training.perturbations.baselines._pair_network import PairNetwork
from training.perturbations.labels import Labels

TITLE = "MLP on gene embeddings"
EPOCHS, PATIENCE, BATCH = 24, 5, 2048
LEARNING_RATE, WEIGHT_DECAY = 2e-3, 0.3
AVERAGED = 0.99
"""Validation and the result have a moving average of the weights over steps."""
HEADLINE_WEIGHT, WEIGHTS = 4.0, {"emap_s": 0.5}
"""How much a record weighs: of the headline source, and by its unit (1 if it is not named)."""
CHOSEN_ON = ("valid", "one_new_valid")
BLOCK = 65_536


def fit(context: Context) -> Rung:
    """Train it; the same seed gives the same network, and the caller's random state is kept."""
    return trained_on(context, context.features)


def trained_on(context: Context, features: Float32[np.ndarray, "genes features"]) -> Rung:
    """The same, told so much of each gene."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(context.seed)
        train = context.split.rows(context.data, "train")
        labels = Labels.of(context.data, train)
        network = _trained(context, labels, train, features)

    def interaction(members: Members, source: str) -> Values:
        number = labels.sources.index(source)
        mean, spread = labels.scale[number]
        return _predicted(network, members)[:, number] * spread + mean

    return composed(context, interaction)


def _trained(
    context: Context,
    labels: Labels,
    train: Int64[np.ndarray, "records"],
    features: Float32[np.ndarray, "genes features"],
) -> PairNetwork:
    """The network with the average of its weights at the best epoch."""
    network = PairNetwork(torch.from_numpy(features), len(labels.sources))
    columns = _columns(context, labels, train)
    average = torch.optim.swa_utils.AveragedModel(
        network, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(AVERAGED)
    )
    optimizer = torch.optim.AdamW(network.parameters(), LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    best, kept, since = -np.inf, None, 0
    for epoch in range(EPOCHS):
        _epoch(network, average, optimizer, columns, [context.seed, epoch])
        found = _validated(context, labels, average.module)
        since = 0 if found > best else since + 1
        if found > best:
            best = found
            kept = {name: value.clone() for name, value in average.module.state_dict().items()}
        if since == PATIENCE:
            break
    network.load_state_dict(kept or network.state_dict())
    return network.eval()


def _columns(
    context: Context, labels: Labels, train: Int64[np.ndarray, "records"]
) -> tuple[np.ndarray, ...]:
    """Members, source, z-score and weight of the training records with a label, by source."""
    records, train = context.data.records, train[np.isfinite(labels.z[train])]
    rows = train[np.argsort(labels.source[train], kind="stable")]
    usual = np.array([WEIGHTS.get(unit, 1.0) for unit in records.unit[rows].tolist()])
    own = records.source[rows] == context.data.headline_source
    weight = np.where(own, HEADLINE_WEIGHT, usual)
    return records.members[rows], labels.source[rows], labels.z[rows], weight


def _epoch(
    network: PairNetwork,
    average: torch.optim.swa_utils.AveragedModel,
    optimizer: torch.optim.AdamW,
    columns: tuple[np.ndarray, ...],
    seed: list[int],
) -> None:
    network.train()
    order = np.random.default_rng(seed).permutation(len(columns[0]))
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        members, source, label, weight = (torch.from_numpy(each[rows]) for each in columns)
        own = network(network.genes(), members).gather(1, source[:, None])[:, 0]
        loss = ((own - label.float()) ** 2 * weight.float()).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        average.update_parameters(network)


def _validated(context: Context, labels: Labels, network: PairNetwork) -> float:
    """Mean correlation over the validation parts of the headline source that have one."""
    source = context.data.headline_source
    found = []
    for part in CHOSEN_ON:
        held = labelled(context.part(part), source)
        values = _predicted(network, held.members)[:, labels.sources.index(source)]
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
