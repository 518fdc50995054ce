"""Raw data files: found through `ZOO_DATA`, and read only after their sha256 was checked."""

import hashlib
import os
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from contracts.errors import ArtefactError, CorruptArtefact

if TYPE_CHECKING:
    import anndata


class MissingData(ArtefactError):
    """The raw data folder, or a file in it, is not there."""

    code = "missing-data"


class LowCoverage(ArtefactError):
    """A join between tables kept less than the stated share of the rows."""

    code = "low-coverage"


@dataclass
class DataFiles:
    """A data folder with its SHA256SUMS; `used` has the digest of every file handed out."""

    root: Path
    expected: dict[str, str]
    used: dict[str, str] = field(default_factory=dict)

    @classmethod
    def find(cls, root: Path | None = None) -> "DataFiles":
        """Open `root`, or the folder that the environment variable ZOO_DATA names."""
        if root is None:
            setting = os.environ.get("ZOO_DATA")
            if not setting:
                raise MissingData(
                    "Training and evaluation read raw data, and ZOO_DATA is not set. "
                    "Type: export ZOO_DATA=/folder/with/SHA256SUMS"
                )
            root = Path(setting)
        sums = root / "SHA256SUMS"
        if not sums.is_file():
            raise MissingData(
                f"{root} holds no SHA256SUMS, so it is no data folder. "
                "Set ZOO_DATA to the folder that has one."
            )
        return cls(root, dict(_recorded(sums)))

    def path(self, name: str) -> Path:
        """The checked path of `name` (relative to the root).

        Raises MissingData where the file or its digest is not there, CorruptArtefact where the
        digest is another one.
        """
        path = self.root / name
        if name not in self.expected:
            raise MissingData(f"{self.root / 'SHA256SUMS'} has no line for {name}.")
        if not path.is_file():
            raise MissingData(f"{path} is missing; put it back or set ZOO_DATA to another folder.")
        if name not in self.used:
            with path.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            if digest != self.expected[name]:
                raise CorruptArtefact(path, self.expected[name], digest)
            self.used[name] = digest
        return path

    def table(self, name: str, **options: Any) -> pd.DataFrame:
        """The checked table `name`: tab-separated, unless `options` of pandas say otherwise."""
        return pd.read_csv(self.path(name), **({"sep": "\t"} | options))

    def cells(self, name: str) -> "anndata.AnnData":
        """The checked h5ad file `name`."""
        import anndata

        with warnings.catch_warnings():
            # Some files were written by a version of anndata that did not say so.
            warnings.filterwarnings("ignore", ".*was written without encoding metadata.*")
            return anndata.read_h5ad(self.path(name))

    def counts(self, name: str) -> "anndata.AnnData":
        """The checked h5ad file `name` of raw counts; raises CorruptArtefact for no counts."""
        cells = self.cells(name)
        if (cells.X.data < 0).any() or (cells.X.data % 1 != 0).any():
            raise CorruptArtefact(self.path(name), "counts", "negative or broken numbers")
        return cells


def _recorded(sums: Path) -> Iterator[tuple[str, str]]:
    """Name and digest of every line of SHA256SUMS; raises CorruptArtefact for a line without."""
    for number, line in enumerate(sums.read_text().splitlines(), 1):
        found = re.fullmatch(r"([0-9a-f]{64}) [ *](.+)", line)
        if found is None and line.strip():
            raise CorruptArtefact(sums, "a sha256 and a file name", f"{line!r} in line {number}")
        if found is not None:
            yield found[2], found[1]
