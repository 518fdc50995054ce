"""Posterior means against a naive Bayes, and against the truth that was planted."""

import numpy as np
import pytest

from tests.training.expression import planted
from training.expression import shrinkage
from training.expression.fits.additive import fit as additive
from training.expression.fits.additive import singles
from training.expression.fits.shrunken_additive import fit as shrunken


def test_pooled_errors_are_those_of_all_cells_together():
    data = planted.data()
    train = singles(data.profiles)
    error, control_error = shrinkage.pooled_errors(train)
    squares = (train.error * 40 * 39).sum(axis=0) + train.control_error * 40 * 39
    np.testing.assert_allclose(error[0], squares / (39 * 7) / 40)
    np.testing.assert_allclose(control_error, error[0])


def test_effects_are_the_posterior_of_a_linear_mixed_model():
    """Level and effects at the fixed point solve the normal equations, gene by gene."""
    data = planted.data()
    train = singles(data.profiles)
    found = shrinkage.posterior(train, steps=3000)
    error, control_error = shrinkage.pooled_errors(train)
    for gene in range(len(planted.READOUTS)):
        sets = len(train)
        design = np.column_stack([np.ones(sets + 1), np.eye(sets + 1, sets, -1)])
        observed = np.r_[train.control[gene], train.mean[:, gene]]
        weight = np.diag(1 / np.r_[control_error[gene], error[:, gene]])
        penalty = np.diag(np.r_[0, 1 / found.prior[:, gene]])
        solved = np.linalg.solve(design.T @ weight @ design + penalty, design.T @ weight @ observed)
        np.testing.assert_allclose(found.level[gene], solved[0], rtol=1e-4)
        np.testing.assert_allclose(found.effect[:, gene], solved[1:], atol=1e-4)


def test_shrunken_changes_are_nearer_to_the_truth():
    gains = []
    for seed in range(5):
        data = planted.data(seed)
        doubles = [(0, 1), (2, 3), (1, 4)]
        true = np.array(
            [sum(planted.effects(seed)[data.perturbed.genes[g]] for g in one) for one in doubles]
        )
        away = [
            np.linalg.norm(fit(data.profiles, data, 0).change(doubles) - true, axis=1).mean()
            for fit in (additive, shrunken)
        ]
        gains.append(away[1] / away[0])
    assert max(gains) < 0.95
    assert np.mean(gains) < 0.85


@pytest.mark.parametrize("fit", [additive, shrunken])
def test_intervals_hold_the_truth_of_singles(fit):
    """Planted levels are known, so that a 95% interval must hold about 95% of them."""
    inside = []
    for seed in range(8):
        data = planted.data(seed)
        sets = [(gene,) for gene in range(6)]
        true = np.array([planted.effects(seed)[name] for name in data.perturbed.genes])
        response = fit(data.profiles, data, 0)
        off = np.abs(response.change(sets) - true)
        inside.append(np.mean(off <= 1.96 * response.deviation(sets)))
    assert 0.9 < np.mean(inside) <= 0.99


def test_no_noise_leaves_changes_as_they_are_and_genes_that_nobody_expresses_stay():
    data = planted.data()
    train = singles(data.profiles)
    exact = type(train)(
        train.sets, train.mean, train.error * 1e-9, train.cells, train.control,
        train.control_error * 1e-9, train.control_cells,
    )  # fmt: skip
    found = shrinkage.posterior(exact)
    np.testing.assert_allclose(found.level + found.effect, train.mean, atol=1e-6)
    silent = type(train)(
        train.sets, train.mean * 0, train.error * 0, train.cells, train.control * 0,
        train.control_error * 0, train.control_cells,
    )  # fmt: skip
    found = shrinkage.posterior(silent)
    assert (np.abs(found.effect) + np.abs(found.level) == 0).all()
    assert np.isfinite(found.variance).all()


def test_expression_is_predicted_from_the_level_and_a_change_from_nothing_else():
    """What the controls at hand are off by is in the expression, and not in the change."""
    data = planted.data()
    train, sets = data.profiles, [(0, 1), (2,), ()]
    response = shrunken(train, data, 0)
    level = shrinkage.posterior(singles(train)).level
    expression = train.control + response.against(sets, train.control)
    np.testing.assert_allclose(expression, level + response.change(sets, level), atol=1e-12)
    np.testing.assert_array_equal(response.change(sets, level)[2], 0)
    plain = additive(train, data, 0)
    np.testing.assert_array_equal(
        plain.against(sets, train.control), plain.change(sets, train.control)
    )
