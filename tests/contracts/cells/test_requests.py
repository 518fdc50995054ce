"""What is sent to have cells embedded or labelled, and what comes back."""

import json
import re
from typing import get_args

import pytest
from pydantic import ValidationError

from contracts.cells.requests import (
    EmbedCellsRequest,
    EmbedCellsResponse,
    SparseCounts,
    Species,
    TransferLabelsRequest,
)
from contracts.cells.species import SPECIES

CELLS = {"species": "human", "genes": ["INS", "GCG"], "counts": [[1, 2]]}
SPARSE = {"indptr": [0, 1], "indices": [1], "data": [2.0]}
ASKED = {"model": "saturn-pancreas", **CELLS}


def test_the_species_are_those_of_the_task():
    assert get_args(Species) == SPECIES


def test_counts_are_rows_or_the_parts_of_a_sparse_matrix():
    assert EmbedCellsRequest(**ASKED).counts == [[1, 2]]
    sparse = EmbedCellsRequest.model_validate_json(json.dumps({**ASKED, "counts": SPARSE}))
    assert sparse.counts == SparseCounts(**SPARSE)
    assert EmbedCellsRequest(**{**ASKED, "counts": sparse.counts}).counts == sparse.counts
    assert sparse.standardise == "entry"
    assert sparse.cells is None


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"counts": [[float("nan")]]}, "counts.rows.0.0"),
        ({"counts": [["1"]]}, "counts.rows.0.0"),
        ({"counts": []}, "counts.rows"),
        ({"counts": None}, "counts.rows"),
        ({"counts": SPARSE | {"indptr": [0]}}, "counts.sparse.indptr"),
        ({"counts": SPARSE | {"indices": [-1]}}, "counts.sparse.indices.0"),
        ({"counts": SPARSE | {"data": [float("inf")]}}, "counts.sparse.data.0"),
        ({"counts": SPARSE | {"shape": [1, 2]}}, "counts.sparse.shape"),
        ({"species": "yeast"}, "species"),
        ({"genes": []}, "genes"),
        ({"genes": [""]}, "genes.0"),
        ({"standardise": "none"}, "standardise"),
        ({"layer": "counts"}, "layer"),
    ],
)
def test_what_is_refused_says_where(change: dict, where: str):
    with pytest.raises(ValidationError) as told:
        EmbedCellsRequest(**{**ASKED, **change})
    assert ".".join(map(str, told.value.errors()[0]["loc"])) == where


def test_both_sides_of_labels_are_cells():
    reference = {**CELLS, "labels": ["alpha"]}
    asked = {"model": "saturn-pancreas", "reference": reference, "query": CELLS}
    assert TransferLabelsRequest(**asked).threshold is None
    with pytest.raises(ValidationError, match=re.escape("reference.labels")):
        TransferLabelsRequest(**{**asked, "reference": CELLS})
    with pytest.raises(ValidationError, match="threshold"):
        TransferLabelsRequest(**asked, threshold=1.1)


def test_a_vector_that_is_not_finite_is_no_answer():
    about = {"model": "one", "version": "1", "cells": ["x"]}
    coverage = {"share": 1.0, "found": 2, "genes": 2}
    with pytest.raises(ValidationError, match="finite"):
        EmbedCellsResponse(**about, vectors=[[float("nan")]], coverage=coverage)
