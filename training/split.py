"""The part of every row of a data set: how a split is saved, and held against the data."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Int64, UInt8
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from contracts.errors import ArtefactError

DRAWN = "negatives/"


class StaleSplit(ArtefactError):
    """A saved split was made for other data, or of other parts."""

    code = "stale-split"


@dataclass(frozen=True)
class Parts:
    """The part of every row, and what was drawn for a part once and for all, by name.

    Parts are stored by the table's rows, not as what stands there: the resources' own rows are not
    copied, and `digest` tells whether the data is the same. A family's split says its `PARTS`, what
    its `TABLE` is called, and by which name files have the `DIGEST`.
    """

    part: UInt8[np.ndarray, "rows"]
    digest: str
    seed: int
    negatives: dict[str, Int64[np.ndarray, "pairs 2"]] = field(default_factory=dict)

    PARTS: ClassVar[tuple[str, ...]]
    TABLE: ClassVar[str]
    DIGEST: ClassVar[str]

    def rows(self, data: Any, part: str) -> Int64[np.ndarray, "some"]:
        """Positions of the rows of `part`. Raises StaleSplit."""
        self.require(data)
        return np.flatnonzero(self.part == self.PARTS.index(part))

    def require(self, data: Any) -> None:
        """Raise StaleSplit where `data` is not the table that was split."""
        if data.digest != self.digest:
            raise StaleSplit(
                f"The split belongs to the {self.TABLE} {self.digest[:12]}, and the data gives "
                f"{data.digest[:12]}. Train again: zoo train ENTRY."
            )

    @property
    def about(self) -> dict[str, Any]:
        """What run.json says of it: the rows of every part, and the digest."""
        rows = {name: int((self.part == number).sum()) for number, name in enumerate(self.PARTS)}
        return {"split": rows, self.DIGEST: self.digest}

    def save(self, path: Path) -> None:
        """Write the split as safetensors."""
        # safetensors writes an array's memory as it lies, so it must lie row by row.
        tensors = {"part": self.part} | {
            f"{DRAWN}{name}": np.ascontiguousarray(pairs, np.int32)
            for name, pairs in self.negatives.items()
        }
        meta = {self.DIGEST: self.digest, "seed": str(self.seed), "parts": ",".join(self.PARTS)}
        save_file(tensors, path, metadata=meta)

    @classmethod
    def load(cls, path: Path) -> "Parts":
        """Read what `save` wrote. Raises StaleSplit where it was written with other parts."""
        with safe_open(path, "numpy") as stream:
            meta = stream.metadata()
        if meta["parts"] != ",".join(cls.PARTS):
            raise StaleSplit(f"{path} was split into other parts. Train again: zoo train ENTRY.")
        tensors = load_file(path)
        part = tensors.pop("part")
        drawn = {k.removeprefix(DRAWN): v.astype(np.int64) for k, v in tensors.items()}
        return cls(part, meta[cls.DIGEST], int(meta["seed"]), drawn)
