"""Late interaction against its formula in numpy, vector by vector."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from contracts import tasks
from zoo.architectures import late_interaction, two_tower


def vectors(state: dict[str, np.ndarray], naive, side: str, index: int) -> np.ndarray:
    """The three vectors of one entity, each of unit length."""
    each = naive.encode(state, side, index)[0].reshape(3, -1)
    return np.stack([vector / np.sqrt(vector @ vector) for vector in each])


def logit(state: dict[str, np.ndarray], naive, tf: int, gene: int) -> float:
    """For each vector of the regulator the best cosine with one of the gene, summed."""
    total = 0.0
    for u in vectors(state, naive, "tf", tf):
        total += max(float(u @ v) for v in vectors(state, naive, "gene", gene))
    return float(np.exp(state["log_scale"]) * total + state["shift"])


def logits(model, naive) -> np.ndarray:
    with torch.no_grad():
        return model.pair_logit(*torch.from_numpy(naive.grid).T).numpy()


def test_the_pair_logit_is_the_sum_of_best_matches(random, naive):
    model, state = random(late_interaction)
    expected = [logit(state, naive, tf, gene) for tf, gene in naive.grid]
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(logits(model, naive), expected, rtol=1e-12, atol=1e-12)


def test_the_graph_adds_popularity_to_the_weighted_pair_logit(random, naive):
    model, state = random(late_interaction)
    graphs = model.graphs()
    assert list(graphs) == list(tasks.get(late_interaction.TASK).graphs)
    with torch.no_grad():
        outputs = [out.numpy() for out in graphs["score"](*torch.from_numpy(naive.grid).T)]
    rows = []
    for tf, gene in naive.grid:
        specific = 1.3 * logit(state, naive, tf, gene)
        b_tf, c_gene = naive.popularity(state, tf, gene)
        rows.append((1 / (1 + np.exp(-(specific + b_tf + c_gene))), specific, b_tf, c_gene))
    assert np.ptp([row[0] for row in rows]) > 0.1
    np.testing.assert_allclose(np.stack(outputs, 1), rows, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("side", ["tf", "gene"])
def test_the_order_of_an_entitys_vectors_does_not_matter(random, naive, side):
    model, _ = random(late_interaction)
    before = logits(model, naive)
    last = getattr(model, side).net[-1]
    with torch.no_grad():
        for tensor in (last.weight, last.bias):
            tensor.copy_(tensor.unflatten(0, (3, -1))[[2, 0, 1]].flatten(0, 1))
    np.testing.assert_allclose(logits(model, naive), before, rtol=1e-12, atol=1e-12)
    with torch.no_grad():
        last.bias.copy_(last.bias.roll(1))
    assert np.abs(logits(model, naive) - before).max() > 1e-3


def test_the_sides_are_not_exchangeable(random, naive):
    """The regulator's vectors are summed over, the gene's are chosen from."""
    model, state = random(late_interaction)
    turned = []
    for tf, gene in naive.grid:
        u, v = vectors(state, naive, "tf", tf), vectors(state, naive, "gene", gene)
        turned.append(np.exp(state["log_scale"]) * (u @ v.T).max(0).sum() + state["shift"])
    assert np.abs(logits(model, naive) - turned).max() > 1e-3


def test_with_one_vector_it_is_a_two_tower(random, naive, fields):
    towers, _ = random(two_tower)
    config = late_interaction.Config(**fields[late_interaction] | {"vectors": 1})
    one = late_interaction.Model(config).double().eval()
    one.load_state_dict(towers.state_dict() | {"shift": torch.zeros(())}, strict=True)
    assert np.ptp(logits(towers, naive)) > 0.1
    np.testing.assert_allclose(logits(one, naive), logits(towers, naive), rtol=1e-12, atol=1e-12)
    with torch.no_grad():
        one.shift.fill_(0.75)
    np.testing.assert_allclose(logits(one, naive) - 0.75, logits(towers, naive), atol=1e-12)


@pytest.mark.parametrize("smoothing", [0.05, 2.0])
def test_a_smooth_maximum_is_its_formula(random, naive, smoothing):
    model, state = random(late_interaction)
    model.smoothing = smoothing
    expected = []
    for tf, gene in naive.grid:
        total = 0.0
        for u in vectors(state, naive, "tf", tf):
            meets = [float(u @ v) for v in vectors(state, naive, "gene", gene)]
            total += smoothing * np.log(sum(np.exp(s / smoothing) for s in meets))
        expected.append(np.exp(state["log_scale"]) * total + state["shift"])
    np.testing.assert_allclose(logits(model, naive), expected, rtol=1e-11, atol=1e-11)


def test_a_smooth_maximum_tends_to_the_maximum(random, naive):
    model, _ = random(late_interaction)
    hard = logits(model, naive)
    model.smoothing = 1e-4
    near = np.abs(logits(model, naive) - hard).max()
    model.smoothing = 0.1
    far = np.abs(logits(model, naive) - hard).max()
    # Three terms exceed their maximum by t ln 3 at most, for each of three vectors.
    assert near <= model.log_scale.exp().item() * 3 * 1e-4 * np.log(3) + 1e-12
    assert far > 10 * near


@pytest.mark.parametrize(("name", "value"), [("vectors", 0), ("smoothing", -0.1)])
def test_a_configuration_outside_its_range_is_refused(fields, name, value):
    with pytest.raises(ValidationError, match=name):
        late_interaction.Config(**fields[late_interaction] | {name: value})


def test_parameters_are_as_many_as_the_formula_says(random, fields):
    f = fields[late_interaction]
    wide = f["vectors"] * f["dim"]
    encoder = (f["identity_dim"] + f["features"] + 1) * f["hidden"] + (f["hidden"] + 1) * wide
    rows = f["tfs_known"] + f["genes_known"] + 2
    model, _ = random(late_interaction)
    count = sum(p.numel() for p in model.parameters())
    assert count == 2 * encoder + rows * f["identity_dim"] + 2
