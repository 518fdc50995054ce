"""The residual of the additive model: what is chosen without a double, and what is learned."""

import numpy as np
import pandas as pd
import pytest

from tests.findings.scripts import scripts
from tests.training.expression import planted

residual = scripts("simple-baselines").residual


def learner_of(values):
    return lambda train, row: np.asarray(values[row], float)


def them(beyond):
    """Doubles whose residual is `beyond`, of three readouts far above 0."""
    truth = np.asarray(beyond, float)
    names = tuple(f"D{row}" for row in range(len(truth)))
    sets = tuple((2 * row, 2 * row + 1) for row in range(len(truth)))
    none = np.zeros_like(truth)
    return residual.Doubles(names, sets, truth, none, none, none, np.full(truth.shape[1], 9.0))


def test_a_double_has_no_part_in_the_choice_of_its_learner():
    """A learner that is right on all but one double is chosen for it, and for no other reason."""
    beyond = np.ones((4, 3))
    doubles = them(beyond)
    oracle = np.where(np.arange(4)[:, None] == 2, 5.0, 1.0) * np.ones((4, 3))
    choices = {residual.ADDITIVE: learner_of(np.zeros((4, 3))), "oracle": learner_of(oracle)}
    rows = pd.DataFrame(residual.nested(doubles, choices))
    third = rows[rows["double"] == "D2"].set_index("learner")
    assert third.loc["oracle", "chosen"]
    assert third.loc["oracle", "inner"] == 0
    assert third.loc["oracle", "left_out"] == pytest.approx(4 * np.sqrt(3))
    assert third.loc[residual.ADDITIVE, "left_out"] == pytest.approx(np.sqrt(3))
    first = rows[rows["double"] == "D0"].set_index("learner")
    assert first.loc["oracle", "inner"] == pytest.approx(4 * np.sqrt(3) / 3)
    assert first.loc[residual.ADDITIVE, "chosen"]
    assert np.isnan(first.loc["oracle", "left_out"])
    compared = residual.compared(rows.assign(base="additive"))
    assert compared.loc["additive", "nearer"] == 0
    assert compared.loc["additive", "added"] == pytest.approx(np.sqrt(3))


def test_learners_see_only_the_doubles_that_train():
    beyond = np.random.default_rng(0).normal(size=(4, 3))
    pair = np.random.default_rng(1).normal(size=(4, 2))
    other = beyond.copy()
    other[3] = 1e3
    features = np.random.default_rng(2).normal(size=(4, 3, 2))
    for make in (
        lambda d: residual.by_kernel(d, pair, 1.0),
        lambda d: residual.by_readout(d, features, residual.ridge(1.0)),
        lambda d: residual.by_readout(d, features, residual.network(1.0)),
    ):
        one, two = (make(them(values))(np.arange(3), 3) for values in (beyond, other))
        np.testing.assert_array_equal(one, two)


def test_a_kernel_of_like_pairs_gives_their_residual():
    pair = np.array([[1.0, 0], [1, 0], [0, 1]])
    learner = residual.by_kernel(them([[2.0, 0], [9, 9], [0, 5]]), pair, 1e-9)
    np.testing.assert_allclose(learner(np.array([0, 2]), 1), [2, 0], atol=1e-6)


@pytest.mark.parametrize("base", residual.BASES)
def test_doubles_are_those_whose_genes_were_measured_alone(base):
    data = planted.data()
    doubles = residual.doubles(data, base)
    assert doubles.names == ("A+B", "A+F", "C+D")
    if base == "additive":
        np.testing.assert_allclose(doubles.added, doubles.first + doubles.second)
    features = residual.of_changes(doubles)
    assert features.shape == (3, len(planted.READOUTS), 6)
    swapped = residual.Doubles(
        **{**vars(doubles), "first": doubles.second, "second": doubles.first}
    )
    np.testing.assert_allclose(residual.of_changes(swapped), features)
