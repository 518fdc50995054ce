"""The linear model against its closed form, and against the conventions of the R benchmark."""

import numpy as np
import pytest

from tests.training.expression import planted
from training.data.vectors import VectorSource
from training.expression import linear, vectors
from training.expression.baselines import LINEAR
from training.expression.fits import find
from training.expression.vectors import GeneVectors


@pytest.mark.parametrize("penalty", [0.1, 2.0])
def test_the_solution_is_the_naive_closed_form(penalty):
    rng = np.random.default_rng(1)
    change, factors, embedding = (rng.normal(size=size) for size in ((30, 12), (30, 4), (12, 3)))
    got = linear.solve(change, factors, embedding, penalty)
    b = np.array([row.sum() / 12 for row in change])
    left = np.linalg.inv(factors.T @ factors + penalty * np.identity(4))
    right = np.linalg.inv(embedding.T @ embedding + penalty * np.identity(3))
    expected = left @ factors.T @ (change - b[:, None]) @ embedding @ right
    np.testing.assert_allclose(got.weight, expected, atol=1e-8, rtol=0)
    np.testing.assert_allclose(got.offset, b, atol=1e-8, rtol=0)


def test_without_penalty_it_is_least_squares_on_the_kronecker_product():
    rng = np.random.default_rng(2)
    change, factors, embedding = (rng.normal(size=size) for size in ((20, 9), (20, 3), (9, 2)))
    got = linear.solve(change, factors, embedding, 0.0)
    centred = change - change.mean(axis=1, keepdims=True)
    flat = np.linalg.lstsq(np.kron(embedding, factors), centred.T.reshape(-1))[0]
    np.testing.assert_allclose(got.weight, flat.reshape(2, 3).T, atol=1e-8)


def benchmark(train, names, readouts, asked, dim, penalty=0.1):
    """The R benchmark's steps, by singular vectors: single genes among the readouts, and ctrl.

    Rows of Y are genes. G are scores of the genes in a PCA whose columns are the profiles and ctrl;
    P are the rows of G of perturbed genes, and ctrl has zeros.
    """
    profiles = np.column_stack([train.mean.T, train.control])
    centred = profiles - profiles.mean(axis=0)
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    g = u[:, :dim] * s[:dim]
    columns = [
        row for row, one in enumerate(train.sets) if len(one) == 1 and names[one[0]] in readouts
    ]
    y = np.column_stack([*(train.mean[row] - train.control for row in columns), train.control * 0])
    of = [readouts.index(names[train.sets[row][0]]) for row in columns]
    p = np.column_stack([*(g[row] for row in of), np.zeros(dim)])
    centre = y.mean(axis=1)
    eye = penalty * np.identity(dim)
    k = np.linalg.inv(g.T @ g + eye) @ g.T @ (y - centre[:, None]) @ p.T
    k = k @ np.linalg.inv(p @ p.T + eye)
    return g @ k @ g[readouts.index(asked)] + centre


def test_rows_of_readouts_are_the_benchmarks_convention():
    data = planted.data()
    train = data.profiles.take([len(one) == 1 for one in data.profiles.sets])
    names, readouts = data.perturbed.genes, list(data.readouts.genes)
    dim = min(10, len(train) + 1)
    response = LINEAR["linear_readouts"].fit(train, data, 0)
    for position, name in enumerate(names[:2]):
        expected = benchmark(train, names, readouts, name, dim)
        np.testing.assert_allclose(response.change([(position,)])[0], expected, atol=1e-8)
    assert response.about["fitted_sets"] == 2
    assert response.about["genes_without_vector"] == ["C", "D", "E", "F"]
    offset = response.change([(3,)])[0]
    np.testing.assert_allclose(offset, response.change([(2, 4)])[0])
    np.testing.assert_allclose(offset, response.offset)
    assert "R00" in response.more


def of_effects(scale=1.0) -> GeneVectors:
    """Vectors that tell everything: random mixtures of the true effects."""
    found = planted.effects()
    mixed = np.random.default_rng(3).normal(size=(len(planted.READOUTS), 4))
    rows = {gene: scale * (one @ mixed) for gene, one in found.items()}
    return GeneVectors("true", "The truth.", "CC0-1.0", rows)


def test_sets_have_the_sum_of_their_vectors_and_errors_are_of_sets_left_out():
    data = planted.data()
    kind = lambda factors: of_effects()  # noqa: E731
    response, train = linear.fit(data.profiles, data, kind), data.profiles
    one, two, both = (response.change([genes])[0] for genes in ((0,), (4,), (0, 4)))
    np.testing.assert_allclose(both, one + two - response.offset)
    errors = []
    for row, genes in enumerate(train.sets):
        others = train.take(np.arange(len(train)) != row)
        again = linear.fit(others, data, kind).change([genes], train.control)[0]
        errors.append(again - train.change[row])
    expected = np.sqrt(np.mean(np.square(errors), axis=0))
    np.testing.assert_allclose(response.deviation([(1, 2)])[0], expected)


def test_vectors_are_reduced_to_a_root_mean_square_of_1():
    rng = np.random.default_rng(5)
    wide = (rng.normal(size=(50, 40)) @ rng.normal(size=(40, 40)) * 30).astype(np.float32)
    source = VectorSource("wide", "Wide.", "CC0-1.0", tuple(f"G{n:02d}" for n in range(50)), wide)
    found = vectors.reduced(source)
    rows, known = found.rows(["G07", "none", "G49"])
    assert rows.shape == (3, vectors.DIM)
    assert known.tolist() == [True, False, True]
    assert (rows[1] == 0).all()
    every = np.stack([*found.vector.values()])
    assert np.mean(every**2) == pytest.approx(1)
    wide = wide.astype(np.float64)
    u, s, _ = np.linalg.svd(wide - wide.mean(axis=0))
    scores = u[:, :10] * s[:10]
    np.testing.assert_allclose(np.abs(every), np.abs(scores) / np.sqrt(np.mean(scores**2)), 1e-6)
    narrow = VectorSource("few", "Few.", "CC0-1.0", ("A", "B"), np.diag([3, 1]).astype(np.float32))
    np.testing.assert_allclose(vectors.reduced(narrow).vector["A"], [3 / np.sqrt(2.5), 0])


def test_the_best_kind_inside_of_the_training_is_chosen_and_never_random(monkeypatch):
    data = planted.data()
    train = data.profiles.take(np.arange(len(data.profiles)) != 2)
    drawn = {g: np.random.default_rng(n).normal(size=4) for n, g in enumerate(planted.GENES)}
    kinds = {"true": of_effects(), "noise": GeneVectors("noise", "", "MIT", drawn)}
    kinds["random"] = of_effects()  # As good as the best, and still only a control.
    monkeypatch.setattr(vectors, "names", lambda: ["random", "noise", "true"])
    monkeypatch.setattr(vectors, "of_source", lambda name, seed: kinds[name])
    response = find("linear")(train, data, 0)
    figures = response.about["left_out_l2"]
    assert response.about["vectors"]["name"] == "true"
    assert set(figures) == {"random", "noise", "true"}
    assert figures["random"] == figures["true"] < figures["noise"]
    assert response.licences == {"Gene vectors true": "CC0-1.0"}
    alone = linear.fit(train, data, lambda factors: kinds["true"])
    np.testing.assert_array_equal(response.change([(2,)]), alone.change([(2,)]))
