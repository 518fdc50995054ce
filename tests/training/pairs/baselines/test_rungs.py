"""Every rung against naive loops or closed forms, and on modules that are there to be found."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.training.pairs.baselines import planted
from training.pairs.baselines import DEGREE_PRESERVING, UNIFORM, Context
from training.pairs.baselines.bilinear import components
from training.pairs.baselines.nearest_neighbours import Voters
from training.pairs.family import FAMILY
from training.pairs.split import PARTS

NEW = ("knowledge_boosting", "marbach")
"""Rungs of data with more than expression; see test_knowledge.py."""
RUNGS = [name for name in FAMILY.rungs() if name not in NEW]
LEARN_MODULES = ("bilinear", "expression_boosting", "nearest_neighbours", "spectral_boosting")


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fifth of the trees find the planted modules as well."""
    for name in ("expression_boosting", "spectral_boosting"):
        monkeypatch.setattr(FAMILY.rung(name), "TREES", 30)


def auroc(context: Context, name: str) -> float:
    pairs, label = context.valid(DEGREE_PRESERVING)
    return roc_auc_score(label, FAMILY.rung(name).fit(context, DEGREE_PRESERVING)(pairs))


@pytest.mark.parametrize("name", LEARN_MODULES)
def test_modules_are_found_where_there_are_some(context: Context, name: str):
    assert auroc(context, name) > 0.7


@pytest.mark.parametrize("name", LEARN_MODULES)
def test_nothing_is_found_where_edges_are_random(name: str):
    data = planted.data(signal=False)
    assert 0.38 < auroc(Context.of(data, planted.split(data)), name) < 0.62


@pytest.mark.parametrize("kind", [UNIFORM, DEGREE_PRESERVING])
@pytest.mark.parametrize("name", RUNGS)
def test_scores_are_finite_and_of_the_pair_alone(context: Context, name: str, kind: str):
    score = FAMILY.rung(name).fit(context, kind)
    pairs, _ = context.valid(kind)
    together = score(pairs)
    assert together.dtype == np.float64
    assert together.shape == (len(pairs),)
    assert np.isfinite(together).all()
    np.testing.assert_allclose(score(pairs[::-1])[::-1], together, rtol=1e-5, atol=1e-6)
    assert score(pairs[:0]).shape == (0,)


@pytest.mark.parametrize("name", RUNGS)
def test_nothing_is_fitted_to_test_edges(context: Context, name: str):
    """Without its test part the split gives the same scores, of the test edges too."""
    pairs, part = context.data.pairs, context.split.part.copy()
    part[part == PARTS.index("test")] = PARTS.index("unused")
    negatives = {k: v for k, v in context.split.negatives.items() if not k.startswith("test")}
    without = Context.of(context.data, replace(context.split, part=part, negatives=negatives))
    fit = FAMILY.rung(name).fit
    np.testing.assert_allclose(
        fit(without, UNIFORM)(pairs), fit(context, UNIFORM)(pairs), rtol=1e-6, atol=1e-9
    )


def test_degrees_order_as_counted(context: Context):
    pairs = context.data.pairs[::7]
    tf = [sum(1 for t, _ in context.train.tolist() if t == one) for one in pairs[:, 0]]
    gene = [sum(1 for _, g in context.train.tolist() if g == one) for one in pairs[:, 1]]
    by_tf = FAMILY.rung("tf_degree").fit(context, UNIFORM)(pairs)
    product = FAMILY.rung("degree_product").fit(context, UNIFORM)(pairs)
    np.testing.assert_allclose(np.exp(by_tf), np.array(tf) + 0.5, rtol=1e-5)
    expected = (np.array(tf) + 0.5) * (np.array(gene) + 0.5)
    np.testing.assert_allclose(np.exp(product), expected, rtol=1e-5)


@pytest.mark.parametrize("cells", [30, 0])
def test_correlation_is_that_of_numpy(cells: int):
    data = planted.data(cells=cells)
    if cells:
        data.cells[3] = 2.5
    context = Context.of(data, planted.split(data))
    pairs = np.array([[0, 1], [3, 7], [5, 3], [11, 90], [39, 159], [4, 4]])
    values = data.cells if cells else context.features
    expected = [
        0.0 if cells and 3 in (t, g) else abs(np.corrcoef(values[t], values[g])[0, 1])
        for t, g in pairs.tolist()
    ]
    found = FAMILY.rung("correlation").fit(context, UNIFORM)(pairs)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_bilinear_is_a_quadratic_form(context: Context):
    parts = components(context)
    listed = parts[context.listed_genes, :-1]
    np.testing.assert_allclose(np.cov(listed.T), np.eye(listed.shape[1]), atol=1e-6)
    score = FAMILY.rung("bilinear").fit(context, UNIFORM)
    tfs, genes = np.arange(planted.TFS), np.arange(planted.GENES)
    grid = np.stack(np.meshgrid(tfs, genes, indexing="ij"), -1).reshape(-1, 2)
    table = score(grid).reshape(planted.TFS, planted.GENES)
    rest = table - parts[: planted.TFS] @ np.linalg.pinv(parts[: planted.TFS]) @ table
    assert np.abs(rest).max() < 1e-8 * np.abs(table).max() + 1e-10


def test_votes_are_those_of_a_loop(context: Context):
    count, edge_share = 5, 0.5
    pairs, _ = context.valid(UNIFORM)
    found = Voters(context).score(pairs[:40], count, edge_share, lift=False)
    regulators = {g: {t for t, o in context.train.tolist() if o == g} for g in range(planted.GENES)}
    centred = context.features - context.features.mean(0)

    def alike(one: int, other: int) -> float:
        a, b = centred[one], centred[other]
        common = sum(1 / context.degrees.tf[t] for t in regulators[one] & regulators[other])
        norms = [sum(1 / context.degrees.tf[t] for t in regulators[g]) for g in (one, other)]
        edges = common / np.sqrt(np.prod(norms)) if min(norms) else 0.0
        cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        return (1 - edge_share) * cosine + edge_share * edges

    for (tf, gene), value in zip(pairs[:40].tolist(), found, strict=True):
        others = [g for g in regulators if regulators[g] and g != gene]
        nearest = sorted(((alike(gene, g), g) for g in others), reverse=True)[:count]
        total = sum(max(s, 0) for s, _ in nearest)
        expected = sum(max(s, 0) for s, g in nearest if tf in regulators[g]) / total
        assert value == pytest.approx(expected, abs=1e-5)
