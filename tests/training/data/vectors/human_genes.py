"""A data folder with the names of a few human genes, and vectors of them."""

import gzip
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

HGNC = "brain/raw/hgnc_entries.tsv.gz"
HEAD = (
    *("HGNC ID", "Approved symbol", "Approved name", "Status", "Alias symbols"),
    *("UniProt ID(supplied by UniProt)", "Previous symbols", "Ensembl gene ID"),
)
ROWS = (
    ("HGNC:6345", "KLF1", "", "Approved", "EKLF", "Q13351", "", "ENSG00000105610"),
    ("HGNC:6843", "MAP2K3", "", "Approved", "MEK3, MKK3", "P46734", "PRKMK3", "ENSG00000034152"),
    ("HGNC:6846", "MAP2K6", "", "Approved", "MEK6", "P52564", "PRKMK6", "ENSG00000108984"),
    ("HGNC:6871", "MAPK1", "", "Approved", "ERK, ERK2, SHARED", "P28482", "", "ENSG00000100030"),
    ("HGNC:11773", "TGFBR2", "", "Approved", "SHARED", "P37173", "", "ENSG00000163513"),
    ("HGNC:132", "ACTB", "", "Approved", "", "P60709", "", "ENSG00000075624"),
    ("HGNC:397", "ALAS2", "", "Approved", "ASB", "P22557", "ASB", "ENSG00000158578"),
    ("HGNC:12692", "VIM", "", "Approved", "", "P08670", "", "ENSG00000026025"),
)
SYMBOLS = tuple(row[1] for row in ROWS)


def folder(place: Path) -> Path:
    """A folder for ZOO_DATA that has the names of genes and nothing else."""
    path = place / HGNC
    path.parent.mkdir(parents=True)
    lines = ["\t".join(row) for row in (HEAD, *ROWS)]
    path.write_bytes(gzip.compress("\n".join(lines).encode()))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (place / "SHA256SUMS").write_text(f"{digest}  {HGNC}\n")
    return place


def table(names: tuple[str, ...] = SYMBOLS, dim: int = 3) -> pd.DataFrame:
    """Vectors drawn by chance, a row a name."""
    drawn = np.random.default_rng(0).normal(size=(len(names), dim)).astype(np.float32)
    columns = [f"d{number}" for number in range(dim)]
    return pd.DataFrame(drawn, columns=columns, index=pd.Index(names, name="gene"))
