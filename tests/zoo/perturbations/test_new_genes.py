"""What a new gene may be called and described by."""

import numpy as np
import pytest

from contracts.errors import ContractViolation, EmptyInput, UnknownGene, Unsupported
from tests import tiny_cells
from zoo.perturbations.feature_scale import FeatureScale
from zoo.perturbations.gene_descriptions import described
from zoo.perturbations.scorer import PerturbationScorer


@pytest.mark.parametrize(
    ("genes", "message"),
    [
        (["NEW1"], r"genes: got \['NEW1'\], expected a dict: \{'XYZ1'"),
        ({"ADE2": {}}, r"genes\['ADE2'\]: got a name of YOR128C, expected a name that no gene"),
        ({"twin": {}}, r"genes\['twin'\]: got a name of YAL002W, YBR001C"),
        ({"NEW1": {}, " new1": {}}, r"genes\[' new1'\]: got 'NEW1' again"),
        ({"": {}, 7: {}}, r"genes\[''\]: got '' \(str\).*genes\[7\]: got 7 \(int\)"),
        ({"A|B": {}}, r"got 'A\|B', and '\|' divides the genes of a set"),
        ({"A+B": {}}, r"got 'A\+B', and '\+' divides the genes of a set"),
        ({"A:added": {}}, r"got 'A:added', and ':' divides .* a gene from its kind"),
        ({" Wildtype": {}}, r"got the word for the cell that nothing was done to"),
        ({"NEW1": {"degre": 1}}, r"genes\['NEW1'\]: got a feature 'degre', expected one of degree"),
        ({"NEW1": {"x": 1}}, r"expected one of degree, complex, ... \(see .features\)"),
        ({"NEW1": [1]}, r"got 1 features, expected all 2 in order, or a dict of some"),
        ({"NEW1": 0.5}, r"got 0.5, expected a dict of feature to value, or all values in order"),
        ({"NEW1": "degree"}, r"got 'degree', expected a dict"),
        ({"NEW1": {"degree": "high"}}, r"got degree = 'high', expected finite numbers"),
        ({"NEW1": {"degree": True}}, "got degree = True"),
        ({"NEW1": {"degree": None}}, "got degree = None"),
        ({"NEW1": {"degree": 1e39}}, r"got degree = 1e\+39"),
        ({"NEW1": [np.nan, 1]}, r"got degree = nan, expected finite .*leave out what is not known"),
    ],
)
def test_what_is_wrong_is_said(cell: PerturbationScorer, genes: object, message: str):
    with pytest.raises(ContractViolation, match=message):
        cell.with_genes(genes)


def test_everything_that_is_wrong_is_said_at_once(cell: PerturbationScorer):
    with pytest.raises(ContractViolation) as caught:
        cell.with_genes({"ADE2": {}, "NEW1": {"x": 1, "y": 2}, "NEW2": [np.nan, np.inf]})
    assert len(caught.value.violations) == 5


def test_no_genes_is_empty_input(cell: PerturbationScorer):
    with pytest.raises(EmptyInput, match="genes is empty"):
        cell.with_genes({})


def test_an_entry_without_an_encoder_takes_none(product: PerturbationScorer):
    with pytest.raises(Unsupported, match=r"inside its graph.*perturbation_encoded"):
        product.with_genes({"NEW1": {}})
    assert product.features == ()


def test_features_may_come_in_any_form_of_number(cell: PerturbationScorer):
    assert cell.features == tiny_cells.FEATURES
    forms = [{"degree": 1, "complex": 0.5}, [1, 0.5], np.array([1, 0.5], np.float32)]
    forms += [{"complex": np.float64(0.5), "degree": np.int64(1)}, (1.0, 0.5)]
    rows = [cell.with_genes({"AAA1": form})._opened.state["features"][0] for form in forms]
    assert [row.tolist() for row in rows] == [[1, 0.5]] * len(forms)


def test_the_other_genes_keep_what_is_known_of_them(cell: PerturbationScorer):
    more = cell.with_genes({"YGR000W": {"degree": 1}})
    kept = more.vocabulary.gene_index(tiny_cells.GENES)
    state = more._opened.state
    np.testing.assert_array_equal(state["features"][kept], tiny_cells.FEATURE_ROWS)
    np.testing.assert_array_equal(state["gene_records"][kept], tiny_cells.GENE_RECORDS)
    assert state["token"][kept].tolist() == list(range(12))
    added = more.vocabulary.gene_index(["YGR000W"])
    assert (state["token"][added], state["gene_records"][added]) == (12, 0)
    assert len(cell._opened.state["features"]) == 12


NAMES = ("single_fitness", "single_fitness_known", "degree")
SCALE = FeatureScale(np.array([0.9, 0.8, 2.0]), np.array([0.1, 0.4, 1.5]), np.array([0, 0, 1]) > 0)


def read(cell: PerturbationScorer, given: object) -> list[float]:
    """Features in natural units, as they are read."""
    return described({"NEW1": given}, cell.vocabulary, NAMES, SCALE)["NEW1"].tolist()


def test_a_single_fitness_that_is_told_counts_as_measured(cell: PerturbationScorer):
    assert read(cell, {"single_fitness": 0.3}) == [0.3, 1, 0]
    whole = {"single_fitness": 0.3, "single_fitness_known": 1, "degree": 7}
    assert read(cell, whole) == [0.3, 1, 7]
    assert read(cell, [0.3, 1, 7]) == [0.3, 1, 7]


def test_a_single_fitness_that_is_not_told_is_unknown_and_no_zero(cell: PerturbationScorer):
    for given in ({}, {"degree": 0}, {"single_fitness_known": 0}, [0.0, 0, 0]):
        assert read(cell, given) == [0.9, 0, 0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"single_fitness": -0.1},
            r"single_fitness = -0.1, expected growth relative .* from 0 to 2",
        ),
        ({"single_fitness": 85}, r"single_fitness = 85, expected growth relative to the wildtype"),
        ({"degree": -1}, r"degree = -1, expected a number of 0 or more, as it was counted"),
        ({"single_fitness_known": 0.5}, r"= 0.5, expected 1 where single_fitness was measured"),
        ({"single_fitness_known": 1}, r"= 1 without single_fitness, expected single_fitness, too"),
    ],
)
def test_what_is_in_no_natural_unit_is_refused(
    cell: PerturbationScorer, given: object, message: str
):
    with pytest.raises(ContractViolation, match=message):
        read(cell, given)


def test_natural_units_are_standardised_as_in_training():
    rows = np.array([[0.8, 1, 0], [1.0, 0, np.e - 1]])
    expected = [[-1, 0.5, -4 / 3], [1, -2, -2 / 3]]
    np.testing.assert_allclose(SCALE.standardised(rows), expected, atol=1e-3)
    assert SCALE.standardised(np.array([[9, 0, 1e9]])).max() == 5
    again = FeatureScale.read(SCALE.array)
    np.testing.assert_array_equal(again.standardised(rows), SCALE.standardised(rows))


def test_what_is_told_of_a_gene_can_be_told_again():
    natural = np.array([[0.85, 1, 12.0], [0.9, 0, 0.0]])
    np.testing.assert_allclose(SCALE.natural(SCALE.standardised(natural)), natural, atol=0.01)


def test_the_features_of_a_known_gene_are_shown(cell: PerturbationScorer):
    shown = cell.features_of("ADE2")
    row = tiny_cells.FEATURE_ROWS[tiny_cells.GENES.index("YOR128C")]
    assert shown == dict(zip(tiny_cells.FEATURES, row.tolist(), strict=True))
    twin = cell.with_genes({"TWIN2": shown})._opened.state["features"]
    place = cell.with_genes({"TWIN2": shown}).vocabulary.gene_index(["TWIN2"])
    np.testing.assert_array_equal(twin[place[0]], row)
    with pytest.raises(UnknownGene):
        cell.features_of("QQQ9")


def test_only_an_encoder_is_told_features(product: PerturbationScorer):
    with pytest.raises(Unsupported, match=r"features_of.*perturbation_encoded"):
        product.features_of("ADE2")
