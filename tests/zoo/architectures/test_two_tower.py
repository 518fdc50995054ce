"""The two towers against their formula in numpy."""

import numpy as np
import torch

from contracts import tasks
from zoo.architectures import two_tower


def cosine(state: dict[str, np.ndarray], naive, tf: int, gene: int) -> float:
    """Cosine of the two encodings."""
    u, v = naive.encode(state, "tf", tf)[0], naive.encode(state, "gene", gene)[0]
    return float(u @ v / np.sqrt((u @ u) * (v @ v)))


def test_the_pair_logit_is_the_scaled_cosine(random, naive):
    model, state = random(two_tower)
    scale = np.exp(state["log_scale"])
    expected = [scale * cosine(state, naive, tf, gene) for tf, gene in naive.grid]
    with torch.no_grad():
        got = model.pair_logit(*torch.from_numpy(naive.grid).T)
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-12, atol=1e-12)


def test_the_towers_dot_product_is_the_calibrated_pair_logit(random, naive):
    model, state = random(two_tower)
    graphs = model.graphs()
    assert list(graphs) == list(tasks.get(two_tower.TASK).graphs)
    tfs, genes = (torch.from_numpy(np.unique(column)) for column in naive.grid.T)
    with torch.no_grad():
        u, b_tf = (out.numpy() for out in graphs["tf_tower"](tfs))
        v, c_gene = (out.numpy() for out in graphs["gene_tower"](genes))
    root = np.sqrt(1.3 * np.exp(state["log_scale"]))
    for vectors in (u, v):
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), root, rtol=1e-12)
    for tf, gene in naive.grid:
        expected = 1.3 * np.exp(state["log_scale"]) * cosine(state, naive, tf, gene)
        np.testing.assert_allclose(u[tf] @ v[gene], expected, rtol=1e-11, atol=1e-12)
        terms = (b_tf[tf], c_gene[gene])
        np.testing.assert_allclose(terms, naive.popularity(state, tf, gene), rtol=1e-12)


def test_training_starts_from_the_scale_of_the_recipe(fields):
    model = two_tower.Model(two_tower.Config(**fields[two_tower] | {"initial_scale": 7.4}))
    assert abs(model.log_scale.exp().item() - 7.4) < 1e-5


def test_parameters_are_as_many_as_the_formula_says(random, fields):
    f = fields[two_tower]
    encoder = (f["identity_dim"] + f["features"] + 1) * f["hidden"] + (f["hidden"] + 1) * f["dim"]
    rows = f["tfs_known"] + f["genes_known"] + 2
    model, _ = random(two_tower)
    count = sum(p.numel() for p in model.parameters())
    assert count == 2 * encoder + rows * f["identity_dim"] + 1
