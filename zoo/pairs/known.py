"""The pairs that resources list: known.safetensors, read when it is first asked for."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from jaxtyping import Int8, Shaped, UInt8, UInt16
from safetensors import safe_open

from contracts.errors import CorruptArtefact
from contracts.manifest import Manifest
from zoo.pairs.answers import Words
from zoo.pairs.codes import PairCodes, Positions
from zoo.store.files import read_tensors

FILE = "known.safetensors"


@dataclass(frozen=True, eq=False)
class Known:
    """Listed pairs, each with the resources that list it, a bit each, and its publications.

    `signs` has bits: 1 where a resource says activation, 2 where one says repression.
    """

    pairs: PairCodes
    names: tuple[str, ...]
    resources: UInt8[np.ndarray, "listed"]
    references: UInt16[np.ndarray, "listed"]
    signs: UInt8[np.ndarray, "listed"]

    @classmethod
    def read(cls, path: Path, manifest: Manifest) -> "Known":
        """Read the file; raises MissingArtefact, or CorruptArtefact for what is no such list."""
        tensors = read_tensors(path)
        with safe_open(path, framework="numpy") as opened:
            names = tuple((opened.metadata() or {}).get("resources", "").split(","))
        for name in ("pair", "resources", "references", "sign"):
            if name not in tensors or tensors[name].shape != tensors["pair"].shape:
                raise CorruptArtefact(path, f"{name}, one value for each pair", "none or another")
        tfs, genes = manifest.sizes["tfs_total"], manifest.sizes["genes_total"]
        codes = tensors["pair"].astype(np.int64)
        inside = not len(codes) or (codes[0] >= 0 and codes[-1] < tfs * genes)
        if not inside or (np.diff(codes) <= 0).any():
            raise CorruptArtefact(path, f"sorted pairs of {tfs} x {genes}", "others")
        if tensors["resources"].max(initial=0) >> len(names):
            raise CorruptArtefact(path, f"bits of {len(names)} resources", "more")
        known = PairCodes(codes, genes)
        return cls(known, names, tensors["resources"], tensors["references"], tensors["sign"])

    def words(self, tf: Positions, gene: Positions) -> Words:
        """Which resources list each pair, such as `DoRothEA, TRRUST`; empty where none does."""
        return Words(self._combinations, self._at(self.resources, tf, gene))

    def reference_counts(self, tf: Positions, gene: Positions) -> Positions:
        """Publications that the resources cite for each pair, 0 where no resource lists it."""
        return self._at(self.references, tf, gene)

    @property
    def effects(self) -> Int8[np.ndarray, "listed"]:
        """1 for an activation, -1 for a repression, 0 where neither or both are said."""
        return np.array([0, 1, -1, 0], np.int8)[self.signs & 3]

    @cached_property
    def _combinations(self) -> tuple[str, ...]:
        """The resources of every number that their bits make."""
        bits = range(len(self.names))
        return tuple(
            ", ".join(self.names[bit] for bit in bits if number >> bit & 1)
            for number in range(1 << len(self.names))
        )

    def _at(
        self, values: Shaped[np.ndarray, "listed"], tf: Positions, gene: Positions
    ) -> Positions:
        return np.append(values, 0)[self.pairs.find(tf, gene)].astype(np.int64)
