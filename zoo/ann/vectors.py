"""The vectors that an approximate index is over: an entry's, or those of a file of one's own."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Float32

from contracts.errors import AnyPath, ContractViolation, InvalidOption, MissingArtefact, Violation
from zoo.loading import load_of

SIDES = ("tfs", "genes")

LARGEST = 1e15
"""Largest absolute value allowed: products of such vectors are far from overflow in float32."""

BLOCK_ROWS = 1 << 16
"""Vectors read at once: 8 MB for 32 values each."""

Vectors = Float32[np.ndarray, "items dim"]
Queries = Float32[np.ndarray, "queries dim"]


@dataclass(frozen=True)
class Items:
    """What is searched: vectors, their popularity (None: it counts for nothing), their origin.

    `vectors` and `popularity` may be memory-mapped; they are read in blocks. Two Items are of the
    same embedding if their digests agree.
    """

    vectors: Vectors
    popularity: Float32[np.ndarray, "items"] | None = None
    entry: str | None = None
    version: str | None = None
    side: str | None = None

    def __post_init__(self) -> None:
        """Check shapes, dtypes and values; raises ContractViolation."""
        check_matrix(self.vectors, "vectors")
        if self.popularity is not None:
            total = len(self)
            _check(self.popularity, "popularity", (total,), f"float32 [{total}]")

    def __len__(self) -> int:
        return len(self.vectors)

    @property
    def dim(self) -> int:
        """How many values a vector has, popularity not counted."""
        return self.vectors.shape[1]

    @property
    def command(self) -> str:
        """What to type to index these."""
        named = f" {self.entry} --side {self.side}" if self.entry else " --vectors FILE.npy"
        return f"zoo index{named} -o PATH"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of a line with the shape, the vectors row by row, and the popularity if any."""
        shape = f"float32 {len(self)} {self.dim} {self.popularity is not None}\n"
        digest = hashlib.sha256(shape.encode())
        for rows in blocks(len(self)):
            digest.update(self.vectors[rows].astype("<f4").tobytes())
        if self.popularity is not None:
            digest.update(self.popularity.astype("<f4").tobytes())
        return digest.hexdigest()

    @cached_property
    def longest(self) -> float:
        """The length of the longest vector."""
        squares = (
            np.einsum("sd,sd->s", some, some, dtype=np.float64).max()
            for some in (self.vectors[rows] for rows in blocks(len(self)))
        )
        return float(np.sqrt(max(squares)))

    @cached_property
    def largest(self) -> float:
        """The largest absolute popularity."""
        return 0.0 if self.popularity is None else float(np.abs(self.popularity).max())

    def replaced(self, vectors: AnyPath, popularity: AnyPath | None = None) -> "Items":
        """Vectors of a file in place of these, of the same entry, side and width."""
        given = of_files(vectors, popularity)
        check_matrix(given.vectors[:1], "vectors", self.dim)
        return Items(given.vectors, given.popularity, self.entry, self.version, self.side)

    def augmented(self, rows: Any) -> Float32[np.ndarray, "some width"]:
        """Vectors with their popularity as one more coordinate, copied into memory."""
        if self.popularity is None:
            return np.array(self.vectors[rows], order="C")
        return np.column_stack([self.vectors[rows], self.popularity[rows]])


def blocks(total: int, step: int = BLOCK_ROWS) -> Iterator[slice]:
    """Slices that cover `total` rows in order."""
    return (slice(start, min(start + step, total)) for start in range(0, total, step))


def of_entry(entry: str, side: str) -> Items:
    """All regulators (side "tfs") or genes ("genes") of an entry of task pair_embed.

    Raises:
        InvalidOption: `side` is neither.
        Unsupported: the entry has no vectors.
        And what zoo.load raises.
    """
    if side not in SIDES:
        raise InvalidOption("side", side, "tfs or genes")
    model = load_of("pairs", entry, "vectors", device="cpu")
    vocabulary = model.vocabulary
    tfs, genes = np.arange(len(vocabulary.regulators)), np.arange(len(vocabulary.genes))
    if side == "tfs":
        vectors = model.embed_tfs(vocabulary.regulators)
        popularity = model.terms(tfs, np.zeros_like(tfs)).tf_popularity
    else:
        vectors = model.embed_genes(vocabulary.genes)
        popularity = model.terms(np.zeros_like(genes), genes).gene_popularity
    return Items(vectors, popularity, model.entry, model.manifest.version, side)


def of_files(vectors: AnyPath, popularity: AnyPath | None = None) -> Items:
    """Vectors [items, dim] and their popularity [items], float32 .npy files, memory-mapped.

    Raises MissingArtefact, InvalidOption or ContractViolation for files that hold no such arrays.
    """
    terms = None if popularity is None else read_array(popularity)
    return Items(read_array(vectors), terms)


def read_array(path: AnyPath) -> np.ndarray:
    """A .npy file, memory-mapped; raises MissingArtefact, or InvalidOption if it is none."""
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise MissingArtefact(path, "Write it with numpy.save.") from None
    except (OSError, ValueError, EOFError) as error:
        expected = "a whole .npy file of numbers, as numpy.save writes it"
        raise InvalidOption("file", str(path), expected) from error


def check_matrix(array: Any, where: str, dim: int | None = None) -> None:
    """Raise ContractViolation unless it is float32 [rows, dim] and finite."""
    width = "dim" if dim is None else dim
    _check(array, where, (None, dim), f"a float32 array [rows, {width}] with one row at least")


def _check(array: Any, where: str, shape: tuple[int | None, ...], expected: str) -> None:
    """Raise ContractViolation for another dtype or shape, or the first row with a wrong value.

    A value is wrong if it is not finite, or too large to multiply.
    """
    fits = isinstance(array, np.ndarray) and array.dtype == np.dtype("<f4") and array.size > 0
    if not fits or len(shape) != array.ndim or shape[-1] not in (None, array.shape[-1]):
        is_array = isinstance(array, np.ndarray)
        got = f"{array.dtype} {list(array.shape)}" if is_array else type(array).__name__
        raise ContractViolation([Violation(where, got, expected)])
    for rows in blocks(len(array)):
        # Not `> LARGEST`: a comparison with NaN is false.
        if (wrong := ~(np.abs(array[rows]) <= LARGEST)).any():
            first = int(wrong.reshape(len(wrong), -1).any(axis=1).argmax())
            got = str(array[rows][first][wrong[first]].ravel()[0])
            limit = f"finite values between -{LARGEST:g} and {LARGEST:g}"
            raise ContractViolation([Violation(f"{where}[{rows.start + first}]", got, limit)])
