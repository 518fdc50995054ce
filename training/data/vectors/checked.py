"""Gene vectors of a file that are fit to be used: its names lead to genes, and its numbers differ.

What is refused is told with its reason; nothing is mended in silence.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from contracts.errors import BadTable
from contracts.genes.vocabulary import Vocabulary
from training.data.files import DataFiles
from training.data.pairs import require_coverage
from training.data.vectors import reading
from training.data.vectors.source import human

NAMES_FLOOR = 0.5
"""The least share of a file's names that must lead to one gene each."""
SHOWN = 3
SMALLEST = 1e-6
"""Numbers that differ by less of the largest one are the same."""


@dataclass(frozen=True, eq=False)
class Checked:
    """The genes of a file by approved symbol, and how many names lead to none or to several."""

    symbols: tuple[str, ...]
    matrix: Float32[np.ndarray, "genes dim"]
    unknown: int
    ambiguous: int


def read(path: Path, files: DataFiles) -> Checked:
    """Read and check a file.

    Raises BadTable for a file that cannot be read, a transposed matrix, two rows of one gene, and
    for vectors that are constant; LowCoverage where too few names lead to a gene.
    """
    rows, genes = reading.read(path), human(files)
    if not all(name.strip() for name in rows.names):
        raise BadTable(path, "a vector has no name", "Give the name of a gene with every vector.")
    symbols = genes.symbols(rows.names)
    there = [row for row, symbol in enumerate(symbols) if symbol is not None]
    share = len(there) / len(symbols)
    if share < NAMES_FLOOR and _share(genes, rows.columns) > max(share, NAMES_FLOOR):
        reason = "it is transposed: its columns are genes, and its rows are dimensions"
        raise BadTable(path, reason, "Write it again with a gene a row.")
    require_coverage(f"the names in {path.name}", share, NAMES_FLOOR)
    found = [str(symbols[row]) for row in there]
    _refuse_repeated(path, found, [rows.names[row] for row in there])
    matrix = rows.matrix[there]
    _refuse_constant(path, found, matrix)
    unclear = [genes.resolve(rows.names[n]).status for n, s in enumerate(symbols) if s is None]
    count = Counter(unclear)
    return Checked(tuple(found), matrix, count["unknown"], count["ambiguous"])


def _share(genes: Vocabulary, names: Sequence[str]) -> float:
    """How many of these names lead to a gene."""
    found = genes.symbols(name for name in names if name.strip())
    return sum(symbol is not None for symbol in found) / max(1, len(names))


def _refuse_repeated(path: Path, symbols: Sequence[str], names: Sequence[str]) -> None:
    """Raise BadTable where two rows lead to one gene: which of them is meant is not known."""
    names_of: dict[str, list[str]] = defaultdict(list)
    for symbol, name in zip(symbols, names, strict=True):
        names_of[symbol].append(name)
    repeated = {symbol: each for symbol, each in names_of.items() if len(each) > 1}
    if repeated:
        some = [f"{' and '.join(each)} are {symbol}" for symbol, each in repeated.items()]
        reason = f"{len(repeated)} genes have several rows: {', '.join(some[:SHOWN])}"
        raise BadTable(path, reason, "Leave one row of each gene.")


def _refuse_constant(
    path: Path, symbols: Sequence[str], matrix: Float32[np.ndarray, "genes dim"]
) -> None:
    """Raise BadTable for vectors that say nothing."""
    if matrix.shape[1] < 2:
        raise BadTable(path, "its vectors have one number", "Give vectors of two numbers or more.")
    limit = SMALLEST * np.abs(matrix).max()
    if (np.ptp(matrix, axis=0) <= limit).all():
        reason = "all its genes have the same vector"
        raise BadTable(path, reason, "Give vectors that tell genes apart.")
    constant = np.flatnonzero(np.ptp(matrix, axis=1) <= limit)
    if len(constant):
        some = ", ".join(symbols[row] for row in constant[:SHOWN])
        reason = f"{len(constant)} genes have a vector of one constant number: {some}"
        raise BadTable(path, reason, "Leave such genes out.")
