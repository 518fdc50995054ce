"""Files of gene vectors: each kind reads alike, and what is none is refused with its reason."""

from collections.abc import Callable
from pathlib import Path

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file
from scipy import sparse

from contracts.errors import BadTable
from training.data.vectors.reading import READERS, read

NAMES = ["TP53", "SOX2", "GFAP"]
MATRIX = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
WIDE = pd.DataFrame(MATRIX, columns=list("abcd")).assign(gene=NAMES)


def lists(path: Path) -> None:
    pd.DataFrame({"gene": NAMES, "vector": MATRIX.tolist()}).to_parquet(path)


def hdf5(path: Path) -> None:
    with h5py.File(path, "w") as file:
        for name, vector in zip(NAMES, MATRIX, strict=True):
            file[name] = vector


def h5ad(path: Path, matrix: object = MATRIX) -> None:
    obs, var = pd.DataFrame(index=NAMES), pd.DataFrame(index=list("abcd"))
    anndata.AnnData(matrix, obs=obs, var=var).write_h5ad(path)


WRITERS: dict[str, Callable[[Path], object]] = {
    "lists.parquet": lists,
    "wide.parquet": WIDE.to_parquet,
    "indexed.parquet": lambda path: WIDE.set_index("gene").to_parquet(path),
    "x.safetensors": lambda path: save_file(dict(zip(NAMES, MATRIX, strict=True)), path),
    "x.h5": hdf5,
    "x.hdf5": hdf5,
    "x.h5ad": h5ad,
    "sparse.h5ad": lambda path: h5ad(path, sparse.csr_matrix(MATRIX)),
    "x.csv": lambda path: WIDE.to_csv(path, index=False),
    "x.tsv": lambda path: WIDE.to_csv(path, index=False, sep="\t"),
    "first.csv": lambda path: WIDE.set_index("gene").to_csv(path, index_label="symbol"),
    "x.csv.gz": lambda path: WIDE.to_csv(path, index=False),
    "x.tsv.gz": lambda path: WIDE.to_csv(path, index=False, sep="\t"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_every_kind_of_file_gives_the_same_rows(tmp_path: Path, name: str):
    WRITERS[name](tmp_path / name)
    rows = read(tmp_path / name)
    places = [rows.names.index(gene) for gene in NAMES]
    np.testing.assert_allclose(rows.matrix[places], MATRIX, rtol=1e-6)
    assert rows.matrix.dtype == np.float32
    assert len(rows.names) == 3
    assert rows.columns in ((), tuple("abcd"))


def test_every_ending_is_in_this_test():
    assert set(READERS) == {"." + name.partition(".")[2] for name in WRITERS}


def test_a_gene_called_nan_is_a_name(tmp_path: Path):
    (tmp_path / "x.csv").write_text("gene,a,b\nNAN,1,2\nNA,3,4\n")
    assert read(tmp_path / "x.csv").names == ["NAN", "NA"]


REFUSED = {
    "nan.csv": ("gene,a,b\nTP53,1,nan\nSOX2,1,2\n", "not finite, first for TP53"),
    "infinite.csv": ("gene,a,b\nTP53,1,2\nSOX2,1,inf\n", "not finite, first for SOX2"),
    "gap.csv": ("gene,a,b\nTP53,1,\nSOX2,1,2\n", "not finite, first for TP53"),
    "words.csv": ("gene,a,b\nTP53,1,high\n", "line 2: .*b has 'high'"),
    "longer.csv": ("gene,a,b\nTP53,1,2\nSOX2,1,2,3\n", "cannot be read"),
    "shorter.csv": ("gene,a,b\nTP53,1,2\nSOX2,1\n", "not finite, first for SOX2"),
    "headless.csv": ("TP53,0.5,1.5\nSOX2,1,2\n", "no line of names"),
    "names.csv": ("gene\nTP53\n", "lacks vector"),
    "header.csv": ("gene,a,b\n", "has no gene"),
    "empty.csv": ("", "cannot be read"),
    "empty.parquet": ("", "cannot be read"),
    "x.pkl": ("", r"'\.pkl' is none.*pickle can run code"),
    "x.npy": ("", r"'\.npy' is none"),
    "x.txt": ("", r"'\.txt' is none"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_holds_no_gene_vectors_is_refused(tmp_path: Path, name: str):
    content, reason = REFUSED[name]
    (tmp_path / name).write_text(content)
    with pytest.raises(BadTable, match=reason):
        read(tmp_path / name)
