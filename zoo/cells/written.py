"""Vectors of cells written to an h5ad file: a copy of the input with one matrix more."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np


class H5adWriter:
    """The input copied as it is, and obsm[key] filled batch by batch beside its matrices.

    What the input has as obsm[key] and uns[key] is replaced.
    """

    def __init__(
        self, source: Path, draft: Path, key: str, shape: tuple[int, int], about: Mapping[str, Any]
    ) -> None:
        """Copy `source` to `draft`; `about` becomes uns[key]."""
        import h5py
        from anndata.io import write_elem

        shutil.copyfile(source, draft)
        self._file = h5py.File(draft, "r+")
        for name in ("obsm", "uns"):
            if name not in self._file:
                write_elem(self._file, name, {})
            if key in self._file[name]:
                del self._file[name][key]
        write_elem(self._file["uns"], key, dict(about))
        self._vectors = self._file["obsm"].create_dataset(key, shape, np.float32)
        self._vectors.attrs.update({"encoding-type": "array", "encoding-version": "0.2.0"})
        self._done = 0

    def write(self, batch: Any) -> None:
        """Add the vectors of a record batch: its first column has names, each other a dimension."""
        columns = [column.to_numpy() for column in batch.columns[1:]]
        stop = self._done + batch.num_rows
        self._vectors[self._done : stop] = np.stack(columns, axis=1)
        self._done = stop

    def close(self) -> None:
        """Write what is left in memory."""
        self._file.close()
