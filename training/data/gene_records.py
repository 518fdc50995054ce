"""What the genes of a data set of human and mouse are called: approved symbols, and further names.

Every gene stays one gene: no two are merged, and each has exactly one record. The symbol that the
data has always leads to its gene.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pandas as pd

from contracts.genes.vocabulary import GeneRecord, Vocabulary
from training.data import hgnc, orthologs
from training.data.files import DataFiles

HGNC = "brain/raw/hgnc_entries.tsv.gz"
HCOP = "pancreas/orthologs_hcop.csv.gz"
HCOP_COLUMNS = {
    "Gene stable ID": "human_id",
    "Mouse gene stable ID": "id",
    "Mouse gene name": "name",
    "supporting_source": "source",
}
UNNAMED = "-"


def human(files: DataFiles, symbols: Sequence[str]) -> tuple[GeneRecord, ...]:
    """The HGNC record of every gene, in order; a symbol alone where HGNC has none.

    R writes HLA-A as HLA.A: such a name is looked for with hyphens, too. Of two genes that HGNC has
    as one by now, the one that it names first has the record, and the other its symbol alone.
    """
    records, every = approved(files)
    names = pd.Series(symbols)
    found = hgnc.resolve(every, names)
    found = found.fillna(hgnc.resolve(every, names.str.replace(".", "-", regex=False)))
    own: dict[str, str] = {}
    for symbol, rows in names.groupby(found):
        listed = [name for name in _names(records[str(symbol)]) if name in set(rows)]
        own[(listed or list(rows))[0]] = str(symbol)
    gene = {name.upper(): own.get(name, name) for name in symbols}
    return tuple(
        _called(records[own[name]], name, gene) if name in own else GeneRecord(name)
        for name in symbols
    )


def approved(files: DataFiles) -> tuple[dict[str, GeneRecord], Vocabulary]:
    """All approved human genes by symbol, and all their names."""
    path = files.path(HGNC)
    return _approved(path, files.used[HGNC])


@lru_cache(maxsize=1)
def _approved(path: Path, digest: str) -> tuple[dict[str, GeneRecord], Vocabulary]:
    """The table of human genes, read once for all that is resolved in a row."""
    records = hgnc.read(path)
    return records, Vocabulary.from_records(records.values())


def _names(record: GeneRecord) -> tuple[str, ...]:
    return (record.symbol, *record.previous, *record.aliases)


def _called(record: GeneRecord, name: str, gene: dict[str, str]) -> GeneRecord:
    """The record with a name of the data set, and without those that `gene` gives to another."""
    previous, aliases = (
        tuple(each for each in names if gene.get(each.upper(), record.symbol) == record.symbol)
        for names in (record.previous, record.aliases)
    )
    further = () if name in _names(record) else (name,)
    return replace(record, previous=previous, aliases=(*aliases, *further))


def mouse(files: DataFiles, symbols: Sequence[str]) -> tuple[GeneRecord, ...]:
    """Symbol and Ensembl ids of every gene, in order.

    The symbols are those of the data, which may be old. A gene that the table of HCOP has under
    another name is found through its one-to-one ortholog, and has that name as an alias; so has
    one whose hyphen R wrote as a dot.
    """
    table = files.table(HCOP, sep=",", dtype=str, keep_default_na=False, usecols=[*HCOP_COLUMNS])
    table = table.rename(columns=HCOP_COLUMNS)
    table = table[~table["name"].isin(["", UNNAMED]) & ~table["id"].isin(["", UNNAMED])]
    pairs = table[["id", "name"]].drop_duplicates()
    pairs = pairs[~pairs["id"].duplicated(keep=False)]
    ids = {str(name): tuple(sorted(rows)) for name, rows in pairs["id"].groupby(pairs["name"])}
    renamed = _renamed(files, table, set(symbols), set(ids)) | _with_hyphens(set(symbols), set(ids))
    records = []
    for symbol in symbols:
        alias = renamed.get(symbol)
        known = ids.get(alias or symbol, ())
        records.append(GeneRecord(symbol, ensembl=known, aliases=(alias,) if alias else ()))
    return tuple(records)


def _with_hyphens(symbols: set[str], known: set[str]) -> dict[str, str]:
    """The known name of each symbol in which a dot stands for a hyphen: H2-Aa for H2.Aa."""
    hyphened = {symbol: symbol.replace(".", "-") for symbol in symbols - known if "." in symbol}
    return {old: name for old, name in hyphened.items() if name in known - symbols}


def _renamed(
    files: DataFiles, table: pd.DataFrame, symbols: set[str], known: set[str]
) -> dict[str, str]:
    """Of symbols that are not `known`, the name that the table has for their gene."""
    records, every = approved(files)
    pairs = orthologs.one_to_one(files)
    pairs = pairs[pairs["mouse"].isin(symbols - known)]
    symbol = hgnc.resolve(every, pairs["human"])
    table = table[table["source"].str.contains("Ensembl")].drop_duplicates(["human_id", "id"])
    for side in ("human_id", "id", "name"):
        table = table[~table[side].duplicated(keep=False)]
    name_of = dict(zip(table["human_id"], table["name"], strict=True))
    found: dict[str, str] = {}
    for old, human_symbol in zip(pairs["mouse"], symbol, strict=True):
        record = records.get(human_symbol)
        names = [name_of[each] for each in record.ensembl if each in name_of] if record else []
        if len(names) == 1 and names[0] not in symbols:
            found[old] = names[0]
    once = pd.Series(found).value_counts()
    return {old: name for old, name in found.items() if once[name] == 1}


def coverage(records: Sequence[GeneRecord]) -> float:
    """Share of the genes that have an Ensembl id."""
    return sum(bool(record.ensembl) for record in records) / len(records)
