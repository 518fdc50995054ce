"""Matrices of predicted changes as people have them: AnnData, Parquet, CSV or TSV.

A table is wide, a column `perturbation` and one a gene, or long: perturbation, gene, change.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float32

from contracts.errors import BadTable
from contracts.wording import shorten

PERTURBATION = ("perturbation", "condition")
NAMELESS = ("", "__index_level_0__")
"""What pandas calls an index without a name in a text and in Parquet; it has the perturbations."""
GENE, CHANGE = "gene", "change"
ROWS = 256
"""Rows of a text that are read at a time."""
COLUMNS = 500
"""Columns of a Parquet file that are read at a time."""
SHAPES = (
    "Give an .h5ad (perturbations in obs, genes in var), or a .parquet, .csv or .tsv with a column "
    "perturbation and a column for each gene, or with the columns perturbation, gene, change."
)


@dataclass(frozen=True, eq=False)
class Predicted:
    """What a file has: a row a perturbation and a column a gene, by the names of the file."""

    path: Path
    perturbations: list[str]
    genes: list[str]
    change: Float32[np.ndarray, "perturbations genes"]


def read(path: Path) -> Predicted:
    """Read a file; raises BadTable where it is no matrix of predictions, or has no number in it."""
    ending = next((each for each in READERS if path.name.endswith(each)), None)
    if ending is None:
        raise BadTable(path, f"the extension {path.suffix!r} is none of a matrix", SHAPES)
    if not path.is_file():
        raise BadTable(path, "there is no such file", "Give the path of a file that exists.")
    try:
        found = READERS[ending](path)
    except (OSError, ValueError, TypeError, KeyError) as error:
        if isinstance(error, BadTable):
            raise
        raise BadTable(path, f"it cannot be read ({error})", SHAPES) from error
    if not found.change.size:
        raise BadTable(path, "it has no numbers", SHAPES)
    return found


def _h5ad(path: Path) -> Predicted:
    import warnings

    import anndata
    from scipy import sparse

    with warnings.catch_warnings():
        # Repeated names are told by the checks, with what to do.
        warnings.filterwarnings("ignore", ".*names are not unique.*")
        table = anndata.read_h5ad(path)
    column = next((name for name in PERTURBATION if name in table.obs), None)
    names = table.obs_names if column is None else table.obs[column]
    if table.X is None:
        raise BadTable(path, "it has no X", "Put the predictions into X, not into a layer.")
    matrix = table.X.toarray() if sparse.issparse(table.X) else np.asarray(table.X)
    change = np.asarray(matrix, np.float32)
    return Predicted(path, [*map(str, names)], [*map(str, table.var_names)], change)


def _parquet(path: Path) -> Predicted:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path, pre_buffer=False) as file:
        head = file.schema_arrow.names
        if _is_long(head):
            return _of_long(path, file.read().to_pandas())
        column, genes = _wide(path, head)
        names = file.read([column], use_threads=False)[column].to_pylist()
        change = np.empty((len(names), len(genes)), np.float32)
        for start in range(0, len(genes), COLUMNS):
            some = file.read(genes[start : start + COLUMNS], use_threads=False)
            for at, values in enumerate(some.itercolumns(), start):
                change[:, at] = _numbers(path, genes[at], values.to_pandas())
    # What Arrow and the schema of so many columns took is given back to the machine.
    for pool in (pa.default_memory_pool(), pa.system_memory_pool()):
        pool.release_unused()
    return Predicted(path, [*map(str, names)], genes, change)


def _text(path: Path) -> Predicted:
    separator = "\t" if ".tsv" in path.name else ","
    # Pandas gives the second of two equal names another one, so that the first line is read apart.
    as_texts: dict[str, Any] = {"nrows": 1, "header": None, "dtype": str, "na_filter": False}
    head = pd.read_csv(path, sep=separator, **as_texts).iloc[0].tolist()
    if _is_long(head):
        return _of_long(path, pd.read_csv(path, sep=separator))
    column, genes = _wide(path, head)
    place = head.index(column)
    kinds = {n: (str if n == place else np.float32) for n in range(len(head))}
    options: dict[str, Any] = {"sep": separator, "header": None, "skiprows": 1, "dtype": kinds}
    names: list[str] = []
    parts = []
    for part in pd.read_csv(path, chunksize=ROWS, **options):
        names += map(str, part.pop(place))
        parts.append(part.to_numpy(np.float32))
    if not parts:
        raise BadTable(path, "it has no row", SHAPES)
    return Predicted(path, names, genes, np.concatenate(parts))


def _is_long(head: Iterable[str]) -> bool:
    return {GENE, CHANGE} <= {*head} and any(name in head for name in PERTURBATION)


def _wide(path: Path, head: list[str]) -> tuple[str, list[str]]:
    """The column of perturbations, and those of genes."""
    column = next((name for name in (*PERTURBATION, *NAMELESS) if name in head), None)
    if column is None and GENE in head:
        reason = "it has a column gene and no column perturbation"
        raise BadTable(path, reason, f"If its rows are genes, transpose it. {SHAPES}")
    if column is None:
        first = shorten(head[0]) if head else "nothing"
        raise BadTable(path, f"it has no column perturbation; the first column is {first}", SHAPES)
    if GENE in head:
        reason = "it has the columns perturbation and gene and no column change"
        raise BadTable(path, reason, SHAPES)
    return column, [name for name in head if name != column]


def _of_long(path: Path, table: pd.DataFrame) -> Predicted:
    """A row a perturbation and gene; what is not there is NaN."""
    column = next(name for name in PERTURBATION if name in table)
    numbers = table.assign(**{CHANGE: _numbers(path, CHANGE, table[CHANGE])})
    repeated = numbers[numbers.duplicated([column, GENE])]
    if len(repeated):
        first = repeated.iloc[0]
        reason = f"it has {first[GENE]} of {first[column]} twice"
        raise BadTable(path, reason, "Give each perturbation and gene once.")
    wide = numbers.pivot(index=column, columns=GENE, values=CHANGE)
    change = wide.to_numpy(np.float32)
    return Predicted(path, [*map(str, wide.index)], [*map(str, wide.columns)], change)


def _numbers(path: Path, name: str, values: pd.Series) -> pd.Series:
    """A column of numbers; raises BadTable for anything else."""
    if values.dtype.kind not in "fiu":
        reason = f"the column {name} has other things than numbers"
        raise BadTable(path, reason, "Give numbers alone beside the column perturbation.")
    return values


READERS: dict[str, Callable[[Path], Predicted]] = {
    ".parquet": _parquet,
    ".h5ad": _h5ad,
    **dict.fromkeys((".csv", ".tsv", ".csv.gz", ".tsv.gz"), _text),
}
"""How a file is read, by what its name ends in."""
