"""Files of cells for the commands, and the entry that they name."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest

import zoo
from zoo.cells.scorer import CellEmbedder


@pytest.fixture
def entry(saturn_toy: Path) -> str:
    """saturn-toy, registered."""
    return zoo.register(saturn_toy)


@pytest.fixture
def model(entry: str) -> CellEmbedder:
    return zoo.load(entry, device="cpu")


@pytest.fixture
def whole(adata: anndata.AnnData) -> anndata.AnnData:
    """Cells with all that an AnnData may have beside its counts."""
    adata.layers["log"] = adata.X.log1p()
    adata.layers["dense"] = adata.X.toarray().astype(np.float64)
    adata.obsm["X_pca"] = np.ones((adata.n_obs, 2))
    adata.uns["note"] = "stays"
    adata.obs["number"] = range(adata.n_obs)
    adata.obs["some"] = pd.Categorical([None, *["a", "b"] * 40][: adata.n_obs])
    return adata


@pytest.fixture
def path(whole: anndata.AnnData, tmp_path: Path) -> Path:
    whole.write_h5ad(tmp_path / "in.h5ad")
    return tmp_path / "in.h5ad"


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[anndata.AnnData], Path]:
    """Writes an AnnData to other.h5ad."""

    def save(data: Any) -> Path:
        data.write_h5ad(tmp_path / "other.h5ad")
        return tmp_path / "other.h5ad"

    return save
