"""The names of all genes of a species, as its registry has them: read when an error is made."""

import gzip
from functools import cache
from pathlib import Path


@cache
def names(species: str) -> frozenset[str]:
    """Symbols and systematic names in capitals; none for a species without a list."""
    path = Path(__file__).with_name(f"{species}.txt.gz")
    return frozenset(gzip.decompress(path.read_bytes()).decode("ascii").split())
