"""What a new gene may be called and described by."""

import numpy as np
import pytest

from contracts.errors import ContractViolation, EmptyInput, Unsupported
from tests import tiny_cells
from zoo.perturbations import PerturbationScorer


@pytest.mark.parametrize(
    ("genes", "message"),
    [
        (["NEW1"], r"genes: got \['NEW1'\], expected a dict: \{'XYZ1'"),
        ({"ADE2": {}}, r"genes\['ADE2'\]: got a name of YOR128C, expected a name that no gene"),
        ({"twin": {}}, r"genes\['twin'\]: got a name of YAL002W, YBR001C"),
        ({"NEW1": {}, " new1": {}}, r"genes\[' new1'\]: got 'NEW1' again"),
        ({"": {}, 7: {}}, r"genes\[''\]: got '' \(str\).*genes\[7\]: got 7 \(int\)"),
        ({"A|B": {}}, r"without surrounding space, tab, line break or '\|'"),
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
