"""Write contracts/genes/known: `python -m training.data.known_genes`, a second.

Reads the tables of HGNC and SGD from the folder of ZOO_DATA.
"""

import gzip
import os
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from contracts.genes import known


def _save(species: str, names: Iterable[str]) -> None:
    text = "\n".join(sorted({name.upper() for name in names}))
    path = Path(known.__file__).with_name(f"{species}.txt.gz")
    path.write_bytes(gzip.compress(text.encode("ascii"), mtime=0))


def main() -> None:
    """Write the names of all human and yeast genes."""
    data = Path(os.environ["ZOO_DATA"])
    human = pd.read_csv(data / "brain/raw/hgnc_entries.tsv.gz", sep="\t", dtype=str)
    _save("human", human.loc[human["Status"] == "Approved", "Approved symbol"])
    yeast = pd.read_csv(data / "yeast/genes.tsv.gz", sep="\t", dtype=str, keep_default_na=False)
    _save("yeast", (name for column in ("orf", "name") for name in yeast[column] if name))


if __name__ == "__main__":
    main()
