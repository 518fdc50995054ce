"""Small tables of gene names as HGNC and HCOP have them."""

import gzip
from collections.abc import Iterable
from pathlib import Path

from training.data.gene_records import HCOP, HGNC

HGNC_HEAD = (
    "HGNC ID\tApproved symbol\tStatus\tEnsembl gene ID\tUniProt ID(supplied by UniProt)\t"
    "Previous symbols\tAlias symbols"
)
HCOP_HEAD = "Gene stable ID,Gene name,Mouse gene stable ID,Mouse gene name,supporting_source"


def names_written(
    root: Path, hgnc: Iterable[tuple[str, ...]], hcop: Iterable[tuple[str, ...]]
) -> None:
    """Write both; `hgnc` has id, symbol, Ensembl id, previous symbols and aliases a gene."""
    rows = ["\t".join((*row[:2], "Approved", row[2], "", *row[3:])) for row in hgnc]
    _write(root / HGNC, [HGNC_HEAD, *rows])
    _write(root / HCOP, [HCOP_HEAD, *(",".join(row) for row in hcop)])


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(("\n".join(lines) + "\n").encode()))
