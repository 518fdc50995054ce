"""What holds for every entry whose cell is encoded apart, and so takes new genes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import zoo
from contracts.errors import ContractViolation
from tests import entries
from zoo.perturbations.scorer import ADDED, PerturbationScorer

NUMBERS = ["fitness", "gene_interaction", "expectation"]


@pytest.fixture(scope="module", params=entries.of_task("perturbation_encoded"))
def model(request: pytest.FixtureRequest, tiny_root: Path) -> Iterator[PerturbationScorer]:
    with entries.known(request.param, tiny_root) as name:
        yield zoo.load(name, device="cpu")


def draw_sets(model: PerturbationScorer) -> list[list[str]]:
    """The wildtype and random sets of genes."""
    draw = np.random.default_rng(0)
    orders = [0, 1, *[2] * 20, 3, 3]
    return [draw.choice(model.vocabulary.genes, order, replace=False).tolist() for order in orders]


def test_adding_a_gene_leaves_the_others_as_they_were(model: PerturbationScorer):
    more = model.with_genes({"NOVEL1": {}, "AAAA1": dict.fromkeys(model.features[:1], 0.5)})
    assert set(more.vocabulary.genes) == {*model.vocabulary.genes, "NOVEL1", "AAAA1"}
    rows = [state["features"] for state in (model._opened.state, more._opened.state)]
    kept = more.vocabulary.gene_index(model.vocabulary.genes)
    np.testing.assert_array_equal(rows[0], rows[1][kept])
    sets = draw_sets(model)
    before, after = model.predict(sets), more.predict(sets)
    np.testing.assert_allclose(after[NUMBERS], before[NUMBERS], atol=ADDED, rtol=ADDED)
    assert after["support"].tolist() == before["support"].tolist()
    assert more.predict([["NOVEL1"], ["novel1", "AAAA1"]])["support"].tolist() == [
        "unseen",
        "unseen",
    ]
    assert "NOVEL1" not in model.vocabulary


def test_a_measured_single_fitness_is_what_is_expected(model: PerturbationScorer):
    if "single_fitness" not in model.features:
        pytest.skip("no feature of this entry is the fitness of the single mutant")
    told = {f"NOVEL{n}": {"single_fitness": value} for n, value in enumerate((0.05, 0.3, 1.1))}
    table = model.with_genes(told).predict([[name] for name in told])
    np.testing.assert_allclose(table["expectation"], [0.05, 0.3, 1.1], atol=1e-3)
    assert (table["expectation_basis"] == "measured").all()
    unknown = model.with_genes({"NOVEL": {}}).predict([["NOVEL"]]).iloc[0]
    assert unknown["expectation_basis"] == "estimated"
    assert unknown["expectation"] > 0.5


def test_a_known_gene_under_another_name_is_predicted_alike(model: PerturbationScorer):
    gene, *partners = np.random.default_rng(1).choice(model.vocabulary.genes, 7, replace=False)
    more = model.with_genes({"TWIN9": model.features_of(str(gene))})
    rows = more.vocabulary.gene_index(["TWIN9", gene])
    one, other = more._opened.state["features"][rows]
    np.testing.assert_allclose(one, other, atol=2e-3, rtol=2e-3)
    own = more.predict([[gene, partner] for partner in partners])["expectation"]
    twin = more.predict([["TWIN9", partner] for partner in partners])["expectation"]
    np.testing.assert_allclose(twin, own, atol=0.1)


def test_what_is_wrong_with_a_new_gene_is_said(model: PerturbationScorer):
    width = model.manifest.sizes["features"]
    old = model.vocabulary.genes[0]
    for genes, message in (
        ({old.lower(): {}}, f"got a name of {old}"),
        ({"NOVEL1": {}, "novel1": {}}, "'NOVEL1' again"),
        ({"NOVEL1": {model.features[0]: float("nan")}}, f"{model.features[0]} = nan"),
        ({"NOVEL1": [float("inf")] * width}, "expected finite numbers"),
        ({"NOVEL1": [0.0] * (width + 1)}, f"got {width + 1} features, expected all {width}"),
        ({"NOVEL1": {"height": 1}}, "a feature 'height'"),
    ):
        with pytest.raises(ContractViolation, match=message):
            model.with_genes(genes)
