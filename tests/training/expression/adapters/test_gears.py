"""GEARS by its own package: the graph it is given, and, where it is installed, a toy training."""

import importlib.util

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from contracts.errors import InvalidOption
from training.expression.adapters import gears

GENES = [f"G{number}" for number in range(30)]
TERMS = pd.DataFrame(
    [(gene, f"T{term}") for row, gene in enumerate(GENES[:12]) for term in (row % 3, 9)],
    columns=["gene", "term"],
)
NAMES = ["control", "G0", "G1", "G2", "G0+G1", "G1+G2", "G0+G2", "G3+G4", "G29"]


def cells() -> anndata.AnnData:
    """Twelve cells of each perturbation."""
    rng = np.random.default_rng(0)
    obs = pd.DataFrame({"condition": np.repeat(NAMES, 12)})
    obs.index = obs.index.astype(str)
    values = np.log1p(rng.poisson(2, (len(obs), len(GENES)))).astype(np.float32)
    return anndata.AnnData(sparse.csr_matrix(values), obs, pd.DataFrame(index=GENES))


def test_genes_of_the_graph_share_terms():
    graph = gears.shared_terms(TERMS).set_index(["source", "target"])["importance"]
    terms = TERMS.groupby("gene")["term"].agg(set)
    for one in GENES[:12]:
        for other in GENES[:12]:
            both, either = terms[one] & terms[other], terms[one] | terms[other]
            assert graph[one, other] == pytest.approx(len(both) / len(either))
    assert len(graph) == 144
    assert len(gears.shared_terms(TERMS, least=0.5)) < 144


def test_a_matrix_can_be_asked_by_a_mask_of_pandas():
    matrix = gears.Cells(np.eye(3))
    assert matrix[pd.Series([True, False, True])].toarray().tolist() == np.eye(3)[[0, 2]].tolist()
    assert matrix[1].toarray().tolist() == [[0, 1, 0]]


@pytest.mark.parametrize("name", ["G29", "G5"])
def test_what_the_graph_or_the_cells_lack_cannot_be_left_out(name):
    with pytest.raises(InvalidOption, match=name):
        gears.predictions(cells(), gears.shared_terms(TERMS), [name])


@pytest.mark.skipif(importlib.util.find_spec("gears") is None, reason="the extra gears is missing")
@pytest.mark.filterwarnings("ignore")  # GEARS and scanpy warn of what they do themselves
def test_gears_predicts_what_it_was_not_trained_on():
    table = gears.predictions(cells(), gears.shared_terms(TERMS), ["G0+G1", "G2"], epochs=1)
    assert table.index.tolist() == ["G0+G1", "G2"]
    assert table.columns.tolist() == GENES
    assert np.isfinite(table.to_numpy()).all()
