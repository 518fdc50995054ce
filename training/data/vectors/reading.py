"""Gene vectors of a file: Parquet, CSV or TSV, safetensors, HDF5, or AnnData with genes in obs.

No format that can run code of whoever wrote it is read.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float32
from safetensors import SafetensorError

from contracts.errors import BadTable

GENE, VECTOR, SPECIES = "gene", "vector", "species"
PICKLES = (".pkl", ".pickle", ".pt", ".pth", ".bin", ".ckpt", ".joblib", ".npy", ".npz")


@dataclass(frozen=True, eq=False)
class Rows:
    """What a file has: a name and a vector a row.

    `species` is that of each row, where the file says it, and `columns` what it calls dimensions.
    """

    names: list[str]
    matrix: Float32[np.ndarray, "_ dim"]
    species: np.ndarray | None = None
    columns: tuple[str, ...] = ()


def read(path: Path) -> Rows:
    """The vectors of a file, all finite and of one length.

    A table has the column `gene` and either `vector` (lists) or a column a dimension; safetensors
    and HDF5 have a vector for each name; h5ad has genes in obs and vectors in X. Raises BadTable.
    """
    ending = next((each for each in READERS if path.name.endswith(each)), None)
    if ending is None:
        kind = " (a pickle can run code)" if path.suffix in PICKLES else ""
        reason = f"the extension {path.suffix!r} is none of gene vectors{kind}"
        raise BadTable(path, reason, f"Give a file that ends in {', '.join(READERS)}.")
    if not path.is_file():
        raise BadTable(path, "there is no such file", "Give the path of a file that exists.")
    try:
        rows = READERS[ending](path)
    except BadTable:
        raise
    except (OSError, ValueError, TypeError, KeyError, SafetensorError) as error:
        hint = "Give vectors of numbers in a file of this kind."
        raise BadTable(path, f"it cannot be read as gene vectors ({error})", hint) from error
    if not rows.names:
        raise BadTable(path, "it has no gene", "Give a name and a vector for each gene.")
    if not np.isfinite(rows.matrix).all():
        first = rows.names[int((~np.isfinite(rows.matrix)).any(axis=1).argmax())]
        reason = f"it has numbers that are not finite, first for {first}"
        raise BadTable(path, reason, "Leave such genes out.")
    return rows


def _parquet(path: Path) -> Rows:
    table = pd.read_parquet(path)
    if GENE not in table and table.index.name == GENE:
        table = table.reset_index()
    if lacking := {GENE} - set(table):
        raise _lacks(path, lacking)
    return _of_table(path, table)


def _text(path: Path) -> Rows:
    """The names stand in the column `gene`, or in the first one."""
    separator = "\t" if ".tsv" in path.name else ","
    head = list(pd.read_csv(path, sep=separator, nrows=0).columns)
    gene = GENE if GENE in head else head[0]
    values = [name for name in head if name not in (gene, SPECIES)]
    if pd.to_numeric(pd.Series(values, dtype=str), errors="coerce").mod(1).gt(0).any():
        reason = "it has no line of names above the numbers"
        raise BadTable(path, reason, "Begin with a line such as gene,1,2,3.")
    texts = {gene: str, SPECIES: str}  # A converter: a gene called NAN stays a name.
    table = pd.read_csv(path, sep=separator, converters=texts, low_memory=False)
    for name in table[values].select_dtypes(exclude="number"):
        _refuse_words(path, table[name])
    return _of_table(path, table.rename(columns={gene: GENE}))


def _refuse_words(path: Path, column: pd.Series) -> None:
    """Raise BadTable for the first text in a column that is no number."""
    words = column[pd.to_numeric(column, errors="coerce").isna() & column.notna()]
    if len(words):
        line = int(words.index[0]) + 2  # Lines count from 1, and the first has names.
        reason = f"the column {column.name} has {words.iloc[0]!r}, which is no number"
        raise BadTable(path, reason, "Give numbers alone beside the column gene.", line)


def _of_table(path: Path, table: pd.DataFrame) -> Rows:
    names = list(table[GENE].astype(str))
    species = table[SPECIES].to_numpy(str) if SPECIES in table else None
    if VECTOR in table:
        return Rows(names, _stacked(path, table[VECTOR]), species)
    values = table.drop(columns=[GENE, SPECIES], errors="ignore")
    numbers = values.select_dtypes("number").shape[1]
    if len(table) and (not numbers or numbers != values.shape[1]):
        raise _lacks(path, {VECTOR})
    return Rows(names, values.to_numpy(np.float32), species, tuple(map(str, values.columns)))


def _lacks(path: Path, columns: set[str]) -> BadTable:
    hint = "It needs the column gene, and vector (lists) or a column of numbers a dimension."
    return BadTable(path, f"it lacks {', '.join(sorted(columns))}", hint)


def _h5ad(path: Path) -> Rows:
    import anndata
    from scipy import sparse

    table = anndata.read_h5ad(path)
    matrix = table.X.toarray() if sparse.issparse(table.X) else np.asarray(table.X)
    return Rows(list(table.obs_names), matrix.astype(np.float32), None, tuple(table.var_names))


def _safetensors(path: Path) -> Rows:
    from safetensors.numpy import load_file

    return _named(path, load_file(path))


def _hdf5(path: Path) -> Rows:
    import h5py

    with h5py.File(path, "r") as file:
        return _named(path, {name: file[name][()] for name in file})


def _named(path: Path, tensors: Mapping[str, np.ndarray]) -> Rows:
    return Rows(list(tensors), _stacked(path, tensors.values()))


def _stacked(path: Path, vectors: Iterable[object]) -> Float32[np.ndarray, "_ dim"]:
    rows = [np.asarray(each, np.float32) for each in vectors]
    if len({each.shape for each in rows}) != 1 or rows[0].ndim != 1:
        hint = "Give one list of as many numbers for each gene."
        raise BadTable(path, "its vectors are not all of one length", hint)
    return np.stack(rows)


READERS: dict[str, Callable[[Path], Rows]] = {
    ".parquet": _parquet,
    ".safetensors": _safetensors,
    ".h5": _hdf5,
    ".hdf5": _hdf5,
    ".h5ad": _h5ad,
    **dict.fromkeys((".csv", ".tsv", ".csv.gz", ".tsv.gz"), _text),
}
"""How a file is read, by what its name ends in."""
