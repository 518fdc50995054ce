"""saturn-toy, loaded, and cells for it: see tests/cell_runs.py."""

from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import zoo
from tests import cell_runs
from zoo.cells.scorer import CellEmbedder
from zoo.store import folders

CELLS = 60
UNKNOWN = ["UNHEARD1", "UNHEARD2", "UNHEARD3"]


@pytest.fixture(scope="session")
def saturn(saturn_toy: Path) -> CellEmbedder:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(folders._registered, cell_runs.ENTRY, saturn_toy)
        return zoo.load(cell_runs.ENTRY, device="cpu")


def counts(species: str, cells: int = CELLS, seed: int = 5) -> pd.DataFrame:
    """Counts of all genes of the entry, shuffled, and of three that it does not know."""
    rng = np.random.default_rng(seed)
    genes = [record.symbol for record in cell_runs.records(species)] + UNKNOWN
    rate = rng.gamma(0.5, 4, len(genes)) * rng.gamma(2, 0.5, (cells, 1))
    drawn = rng.poisson(rate).astype(np.float32)
    drawn[drawn[:, :-3].sum(1) == 0, 0] = 1
    columns = rng.permutation(len(genes))
    names = [f"{species}-cell-{number}" for number in range(cells)]
    return pd.DataFrame(drawn[:, columns], names, np.take(genes, columns).tolist())


def as_anndata(frame: pd.DataFrame) -> anndata.AnnData:
    """The same with a sparse matrix, a type a cell and the Ensembl ids of its genes."""
    obs = pd.DataFrame({"kind": np.resize(["A", "B", "C"], len(frame))}, frame.index)
    species = frame.index[0].partition("-")[0]
    ids = {record.symbol: record.ensembl[0] for record in cell_runs.records(species)}
    var = pd.DataFrame({"ensembl": [ids.get(n, n) for n in frame.columns]}, frame.columns)
    return anndata.AnnData(sparse.csr_matrix(frame.to_numpy()), obs, var)


@pytest.fixture
def human() -> pd.DataFrame:
    return counts("human")


@pytest.fixture
def adata(human: pd.DataFrame) -> anndata.AnnData:
    return as_anndata(human)


@pytest.fixture
def mouse() -> anndata.AnnData:
    return as_anndata(counts("mouse", 30))
