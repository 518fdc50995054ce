"""The cross-encoder against its formula in numpy."""

import numpy as np
import torch

from contracts import tasks
from zoo.architectures import cross_encoder


def logit(state: dict[str, np.ndarray], naive, tf: int, gene: int) -> float:
    """[e_t, e_g, x_t, x_g, e_t * e_g] -> Linear, ReLU, Linear."""
    (e_t, x_t), (e_g, x_g) = naive.encode(state, "tf", tf), naive.encode(state, "gene", gene)
    joint = np.concatenate([e_t, e_g, x_t, x_g, e_t * e_g])
    hidden = np.maximum(state["joint.0.weight"] @ joint + state["joint.0.bias"], 0)
    return (state["joint.3.weight"] @ hidden + state["joint.3.bias"]).item()


def test_the_pair_logit_is_the_formula(random, naive):
    model, state = random(cross_encoder)
    expected = [logit(state, naive, tf, gene) for tf, gene in naive.grid]
    with torch.no_grad():
        got = model.pair_logit(*torch.from_numpy(naive.grid).T)
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-12, atol=1e-12)


def test_the_graph_adds_popularity_to_the_weighted_pair_logit(random, naive):
    model, state = random(cross_encoder)
    graphs = model.graphs()
    task = tasks.get(cross_encoder.TASK)
    assert list(graphs) == [*task.graphs, *task.parts]
    with torch.no_grad():
        outputs = [out.numpy() for out in graphs["score"](*torch.from_numpy(naive.grid).T)]
    rows = []
    for tf, gene in naive.grid:
        specific = 1.3 * logit(state, naive, tf, gene)
        b_tf, c_gene = naive.popularity(state, tf, gene)
        rows.append((1 / (1 + np.exp(-(specific + b_tf + c_gene))), specific, b_tf, c_gene))
    assert np.ptp([row[0] for row in rows]) > 0.1
    np.testing.assert_allclose(np.stack(outputs, 1), rows, rtol=1e-11, atol=1e-12)


def test_the_parts_of_both_sides_give_the_pair_logit(random, naive):
    model, state = random(cross_encoder)
    graphs, index = model.graphs(), {"tf": naive.grid[:, 0], "gene": naive.grid[:, 1]}
    with torch.no_grad():
        joint = {name: tensor.numpy() for name, tensor in model.part_state().items()}
        (a, f, b_tf), (b, h, c_gene) = (
            [out.numpy() for out in graphs[f"{side}_part"](torch.from_numpy(index[side]))]
            for side in ("tf", "gene")
        )
    units = np.maximum(a + b + (f * h) @ joint["product_weight"], 0)
    specific = units @ joint["output_weight"] + joint["output_bias"]
    expected = [1.3 * logit(state, naive, tf, gene) for tf, gene in naive.grid]
    np.testing.assert_allclose(specific, expected, rtol=1e-11, atol=1e-12)
    terms = np.array([naive.popularity(state, tf, gene) for tf, gene in naive.grid])
    np.testing.assert_allclose(np.stack([b_tf, c_gene], 1), terms, rtol=1e-12)


def test_parameters_are_as_many_as_the_formula_says(random, fields):
    f = fields[cross_encoder]
    encoder = (f["identity_dim"] + f["features"] + 1) * f["hidden"] + (f["hidden"] + 1) * f["dim"]
    rows = f["tfs_known"] + f["genes_known"] + 2
    joint = (3 * f["dim"] + 2 * f["features"] + 1) * f["joint_hidden"] + f["joint_hidden"] + 1
    model, _ = random(cross_encoder)
    expected = 2 * encoder + rows * f["identity_dim"] + joint
    assert sum(p.numel() for p in model.parameters()) == expected
