"""The HGNC table of human genes: what every other identifier is resolved to."""

from pathlib import Path

import pandas as pd

from contracts.genes.vocabulary import GeneRecord, Vocabulary

_COLUMNS = {
    "Approved symbol": "symbol",
    "HGNC ID": "hgnc_id",
    "Ensembl gene ID": "ensembl",
    "UniProt ID(supplied by UniProt)": "uniprot",
    "Previous symbols": "previous",
    "Alias symbols": "aliases",
}


def _split(cell: str) -> tuple[str, ...]:
    return tuple(name for name in (part.strip() for part in cell.split(",")) if name)


def read(path: Path) -> dict[str, GeneRecord]:
    """Every approved human gene by its symbol; withdrawn entries are left out."""
    table = pd.read_csv(path, sep="\t", dtype=str, keep_default_na=False)
    table = table[table["Status"] == "Approved"].rename(columns=_COLUMNS)
    return {
        row.symbol: GeneRecord(
            symbol=row.symbol,
            hgnc_id=row.hgnc_id,
            ensembl=_split(row.ensembl),
            uniprot=_split(row.uniprot),
            previous=_split(row.previous),
            aliases=_split(row.aliases),
        )
        for row in table[list(_COLUMNS.values())].itertuples(index=False)
    }


def resolve(vocabulary: Vocabulary, names: pd.Series) -> pd.Series:
    """Approved symbol of every name, in the order and with the index of `names`.

    Missing (NaN) where a name is unknown, or where it leads to several genes: an edge is never
    given to one of them by guess.
    """
    unique = list(names.unique())
    return names.map(dict(zip(unique, vocabulary.symbols(unique), strict=True)))
