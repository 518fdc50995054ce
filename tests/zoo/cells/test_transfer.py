"""Labels of one set of cells for another."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from contracts.errors import ContractViolation, InvalidOption, LowCoverage
from tests.cell_runs import TEMPERATURE, THRESHOLD
from zoo.cells.transfer import UNASSIGNED, Prototypes


def unit(rows) -> np.ndarray:
    vectors = np.array(rows, np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_a_prototype_is_the_mean_direction_of_its_type():
    vectors = unit([[1, 0], [0, 1], [0, 1], [-1, 0]])
    found = Prototypes.of(vectors, ["b", "b", "a", "a"])
    assert found.types == ("a", "b")
    np.testing.assert_allclose(found.vectors, unit([[-1, 1], [1, 1]]), atol=1e-7)


def test_confidence_is_a_softmax_of_cosines():
    """Two types at a right angle: a cell between them is undecided."""
    types = Prototypes.of(unit([[1, 0], [0, 1]]), ["A", "B"])
    asked = unit([[1, 0], [1, 1], [0.6, 0.8], [1, 1.01]])
    found = types.assign(asked, 0.1, 0.6)
    expected = softmax(asked.astype(np.float64) / 0.1, axis=1).max(1)
    np.testing.assert_allclose(found.confidence, expected)
    assert found.label == ["A", UNASSIGNED, "B", UNASSIGNED]
    assert found.second == ["B", "B", "A", "A"]


def test_types_far_apart_do_not_overflow():
    found = Prototypes.of(unit([[1, 0], [-1, 0]]), ["A", "B"]).assign(unit([[1, 0]]), 1e-5, 1.0)
    assert (found.label, found.confidence.tolist()) == (["A"], [1.0])


def test_one_type_is_no_choice():
    with pytest.raises(InvalidOption, match="at least two types"):
        Prototypes.of(unit([[1, 0], [0, 1]]), ["A", "A"])


def test_labels_go_from_species_to_species(saturn, adata, mouse):
    table = saturn.transfer_labels(adata, "kind", mouse, ("human", "mouse"))
    assert table.columns.tolist() == ["cell", "label", "confidence", "second"]
    assert table["cell"].tolist() == mouse.obs_names.tolist()
    assert set(table["label"]) <= {"A", "B", "C", UNASSIGNED}
    assert (table["label"] == UNASSIGNED).equals(table["confidence"] < THRESHOLD)
    known, vectors = saturn.embed(adata, "human"), saturn.embed(mouse, "mouse")
    means = pd.DataFrame(known.astype(float)).groupby(adata.obs["kind"].to_numpy()).mean()
    cosine = vectors @ unit(means).T
    np.testing.assert_allclose(
        table["confidence"], softmax(cosine / TEMPERATURE, axis=1).max(1), atol=1e-5
    )
    by_hand = saturn.transfer_labels(
        adata, adata.obs["kind"].tolist(), mouse, ("human", "mouse"), threshold=0
    )
    assert by_hand["label"].tolist() == means.index[cosine.argmax(1)].tolist()


def test_each_side_may_be_standardised_its_own_way(saturn, adata, mouse):
    ways = "data", "entry"
    few = mouse[:5].copy()
    table = saturn.transfer_labels(adata, "kind", few, ("human", "mouse"), standardise=ways)
    assert len(table) == 5
    with pytest.raises(InvalidOption, match="at least 20 cells"):
        saturn.transfer_labels(adata, "kind", few, ("human", "mouse"), standardise="data")


def test_a_reference_gets_its_own_labels_back(saturn, adata):
    """Types that lie apart: the vectors of a cell decide them."""
    vectors = saturn.embed(adata, "human")
    kinds = np.where(vectors[:, 0] > np.median(vectors[:, 0]), "high", "low")
    table = saturn.transfer_labels(adata, kinds, adata, ("human", "human"), threshold=0)
    assert (table["label"] == kinds).mean() > 0.8


def test_labels_by_the_names_of_cells_are_put_in_their_order(saturn, adata, mouse):
    species = ("human", "mouse")
    expected = saturn.transfer_labels(adata, "kind", mouse, species)
    shuffled = adata.obs["kind"].sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(saturn.transfer_labels(adata, shuffled, mouse, species), expected)
    plain = adata.obs["kind"].reset_index(drop=True)
    pd.testing.assert_frame_equal(saturn.transfer_labels(adata, plain, mouse, species), expected)
    others = shuffled.rename(lambda name: f"other {name}")
    with pytest.raises(ContractViolation, match="a Series of other cells"):
        saturn.transfer_labels(adata, others, mouse, species)


def test_no_type_is_called_unassigned(saturn, adata, mouse):
    labels = ["unassigned", *adata.obs["kind"].astype(str)[1:]]
    with pytest.raises(ContractViolation, match=r"labels\[0\]: got unassigned"):
        saturn.transfer_labels(adata, labels, mouse, ("human", "mouse"))


def test_a_threshold_is_a_number(saturn, adata, mouse):
    with pytest.raises(InvalidOption, match="a number from 0 to 1"):
        saturn.transfer_labels(adata, "kind", mouse, ("human", "mouse"), threshold="0.5")


def test_too_few_genes_are_told_of_the_side_that_lacks_them(saturn, adata, mouse):
    with pytest.raises(LowCoverage, match=r"It is that of the query\. "):
        saturn.transfer_labels(adata, "kind", mouse[:, :5], ("human", "mouse"))
