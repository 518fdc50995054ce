"""Calibration against an optimiser of our own, on logits with a known law."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch import nn

from contracts.errors import ZooError
from training.pairs.batches import Degrees, fill_tables
from training.pairs.calibrate import NotCalibrated, calibrate
from zoo.architectures import degree
from zoo.architectures._pairs import Popularity


class Table(nn.Module):
    """A pair model that looks its logits up."""

    def __init__(self, logits: np.ndarray):
        super().__init__()
        self.logits = torch.from_numpy(logits.astype(np.float32))
        self.popularity = Popularity(*logits.shape)

    def pair_logit(self, tf, gene):
        return self.logits[tf, gene]


@pytest.fixture
def degrees(toy_data, toy_split):
    return Degrees.count(toy_data, toy_split.positives(toy_data, "train"))


@pytest.fixture
def asked(toy_data, toy_split):
    """Validation pairs, listed and drawn evenly, and their labels."""
    positives = toy_split.positives(toy_data, "valid")
    pairs = np.concatenate([positives, toy_split.negatives["valid/uniform"]])
    return pairs, np.arange(len(pairs)) < len(positives)


def best_weights(columns: np.ndarray, label: np.ndarray) -> np.ndarray:
    """Weights and intercept of the smallest log loss, by BFGS."""
    design = np.column_stack([columns, np.ones(len(label))]).astype(np.float64)
    sign = np.where(label, 1.0, -1.0)

    def loss(weights: np.ndarray) -> float:
        return float(np.logaddexp(0, -sign * (design @ weights)).mean())

    return minimize(loss, np.zeros(design.shape[1]), method="BFGS", options={"gtol": 1e-9}).x


def table_of(toy_data, strength: float, seed: int = 0) -> Table:
    """Listed pairs have a higher logit on average, by `strength`."""
    logits = np.random.default_rng(seed).normal(size=(120, 520))
    logits[tuple(toy_data.pairs.T)] += strength
    return Table(logits)


def test_the_numbers_are_those_of_the_smallest_log_loss(toy_data, toy_split, degrees, asked):
    model = table_of(toy_data, 1.0)
    fill_tables(model, toy_data, degrees)
    numbers = calibrate(model, toy_data, toy_split, degrees)
    pairs, label = asked
    tf, gene = pairs.T
    columns = np.stack([model.logits.numpy()[tf, gene], degrees.log_tf[tf], degrees.log_gene[gene]])
    expected = best_weights(columns.T, label)
    names = ("specific_weight", "tf_weight", "gene_weight", "intercept")
    np.testing.assert_allclose([numbers[name] for name in names], expected, rtol=2e-3, atol=2e-3)
    for name in names:
        written = getattr(model.popularity, name).item()
        assert written == pytest.approx(numbers[name], rel=1e-6)


def test_the_terms_of_a_calibrated_model_are_the_fitted_logit(toy_data, toy_split, degrees, asked):
    model = table_of(toy_data, 1.0)
    fill_tables(model, toy_data, degrees)
    numbers = calibrate(model, toy_data, toy_split, degrees)
    tf, gene = asked[0].T
    expected = (
        numbers["specific_weight"] * model.logits.numpy()[tf, gene]
        + numbers["tf_weight"] * degrees.log_tf[tf]
        + numbers["gene_weight"] * degrees.log_gene[gene]
        + numbers["intercept"]
    )
    with torch.no_grad():
        tf, gene = torch.from_numpy(tf.copy()), torch.from_numpy(gene.copy())
        p = model.popularity
        got = p.specific_weight * model.pair_logit(tf, gene) + p.of_tfs(tf) + p.of_genes(gene)
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-4, atol=1e-5)


def test_calibrated_probabilities_have_the_rate_of_the_pairs(toy_data, toy_split, degrees, asked):
    """A maximum of the likelihood with an intercept: mean probability = share of listed pairs."""
    model = degree.Model(degree.Config(tfs_total=120, genes_total=520))
    fill_tables(model, toy_data, degrees)
    numbers = calibrate(model, toy_data, toy_split, degrees)
    assert set(numbers) == {"tf_weight", "gene_weight", "intercept"}
    assert model.popularity.specific_weight == 1.0
    pairs, label = asked
    with torch.no_grad():
        probability = model(*torch.from_numpy(pairs).T)[0].numpy()
    assert probability.mean() == pytest.approx(label.mean(), abs=1e-4)
    tf, gene = pairs.T
    expected = best_weights(np.stack([degrees.log_tf[tf], degrees.log_gene[gene]], 1), label)
    got = [numbers[name] for name in ("tf_weight", "gene_weight", "intercept")]
    np.testing.assert_allclose(got, expected, rtol=2e-3, atol=2e-3)


def test_a_network_that_is_upside_down_is_refused(toy_data, toy_split, degrees):
    model = table_of(toy_data, -1.0)
    fill_tables(model, toy_data, degrees)
    with pytest.raises(NotCalibrated, match=r"weight -\d.*learned nothing.*Train longer"):
        calibrate(model, toy_data, toy_split, degrees)
    assert issubclass(NotCalibrated, ZooError)
    assert model.popularity.specific_weight == 1.0, "the refused weight was written all the same"
