"""Human brain regulators: curated edges of three resources, expression of brain cells and tissues.

Every id is resolved to its approved HGNC symbol before anything is merged, because a merge of mixed
namespaces tells positives from negatives by their spelling alone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from contracts.genes.vocabulary import GeneRecord, Vocabulary
from training.data import hgnc
from training.data.files import DataFiles
from training.data.pairs import PairData, Profile, require_coverage

SOURCES = ("dorothea", "trrust", "collectri")
CORE = ("dorothea", "trrust")
DESCRIPTION = (
    "The task is the reconstruction of curated edges: which regulator two resources, DoRothEA and "
    "TRRUST, list with a gene, from expression in cell types of the human cortex (Darmanis "
    "2015) and in tissues (Human Protein Atlas) and from the other edges. CollecTRI's further "
    "edges are left out of training and test, and are never used as negatives."
)
LICENCES = {
    "DoRothEA edges (through OmniPath)": "academic use, https://saezlab.github.io/dorothea/",
    "TRRUST v2 edges": "CC-BY-SA-4.0",
    "CollecTRI edges (through OmniPath)": "mixed sources, https://omnipathdb.org/info",
    "HGNC gene names": "CC0-1.0",
    "Darmanis 2015 counts (GSE67835)": "GEO public, https://www.ncbi.nlm.nih.gov/geo/",
    "Human Protein Atlas RNA consensus": "CC-BY-SA-4.0",
    "Lambert 2018 and HGNC regulator lists (through pySCENIC)": "GPL-3.0 (package), public lists",
}
NOT_GENES = ["no_feature", "ambiguous", "alignment_not_unique"]
"""Rows of the count table in which HTSeq counts the reads that it gave to no gene."""
IDS_FLOOR = 0.95
EXPRESSION_FLOOR = 0.90


def load(files: DataFiles) -> PairData:
    """Build the brain dataset.

    `coverage` holds, per resource, the share of its rows whose two ids were resolved, and per
    expression table the share of benchmark regulators and targets that it measures.
    """
    known = hgnc.read(files.path("brain/raw/hgnc_entries.tsv.gz"))
    human = Vocabulary.from_records(known.values())
    coverage: dict[str, float] = {}
    edges = _edges(files, human, coverage)
    cells, cell_type = _darmanis(files, human)
    profile = _expression(files, human, cells, cell_type)
    listed = _listed_regulators(files, human)
    vocabulary = _vocabulary(known, edges, profile.index, listed)
    _expression_coverage(edges[edges["core"]], profile, coverage)
    edges = edges.assign(
        tf_index=vocabulary.regulator_index(edges["tf"]),
        gene_index=vocabulary.gene_index(edges["gene"]),
    )
    table = Profile.from_log(profile.reindex(vocabulary.genes))
    return PairData(
        name="brain",
        vocabulary=vocabulary,
        edges=edges,
        core_sources=CORE,
        profile=table,
        cells=cells.reindex(vocabulary.genes, fill_value=0).to_numpy(np.float32),
        coverage=coverage,
        digests=dict(files.used),
        licences=LICENCES,
        description=DESCRIPTION,
        external="training.pairs.external",
    )


def _resources(files: DataFiles) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each resource: source and target, as it names them."""
    yield "dorothea", files.table("brain/raw/dorothea_raw.tsv.gz")
    names = ["source", "target", "mode", "pmid"]
    yield "trrust", files.table("brain/raw/trrust_raw.tsv.gz", names=names)
    columns = ["source", "target", "type", "sources"]
    table = pd.read_parquet(files.path("brain/raw/omnipath.parquet"), columns=columns)
    table = table[(table["type"] == "transcriptional") & table["sources"].str.contains("CollecTRI")]
    of_complex = [table[side].str.startswith("COMPLEX") for side in ("source", "target")]
    yield "collectri", table[~(of_complex[0] | of_complex[1])]


def _edges(files: DataFiles, human: Vocabulary, coverage: dict[str, float]) -> pd.DataFrame:
    """All edges as approved symbols, one row a pair, with one provenance column a resource."""
    parts = []
    for source, raw in _resources(files):
        part = pd.DataFrame(
            {"tf": hgnc.resolve(human, raw["source"]), "gene": hgnc.resolve(human, raw["target"])}
        )
        part = part.dropna()
        kept = len(part) / len(raw)
        coverage[f"ids/{source}"] = require_coverage(f"the rows of {source}", kept, IDS_FLOOR)
        parts.append(part.drop_duplicates().assign(source=source))
    flags = (
        pd.concat(parts)
        .assign(value=True)
        .pivot(index=["tf", "gene"], columns="source", values="value")
    )
    flags = flags.reindex(columns=list(SOURCES)).notna().reset_index().rename_axis(columns=None)
    flags["core"] = flags[list(CORE)].any(axis=1)
    return flags.sort_values(["tf", "gene"], ignore_index=True)


def _darmanis(files: DataFiles, human: Vocabulary) -> tuple[pd.DataFrame, pd.Series]:
    """The log1p CPM of Darmanis 2015 (genes x cells of human cortex), and each cell's type.

    Per million of the reads that a gene was given: the table ends with HTSeq's three counters of
    other reads (77 % of all), which are left out.
    """
    counts = files.table("brain/raw/darmanis2015_counts.csv.gz", index_col=0).drop(index=NOT_GENES)
    meta = files.table("brain/raw/darmanis2015_meta.csv.gz", index_col=0)
    log = np.log1p(counts / counts.sum() * 1e6)
    return _by_symbol(log, human), meta["cell type"].reindex(counts.columns)


def _by_symbol(table: pd.DataFrame, human: Vocabulary) -> pd.DataFrame:
    """Rows under their approved symbols, those of one gene averaged, unresolved ones left out."""
    symbols = hgnc.resolve(human, table.index.to_series()).to_numpy()
    return table.groupby(symbols).mean()


def _expression(
    files: DataFiles, human: Vocabulary, cells: pd.DataFrame, cell_type: pd.Series
) -> pd.DataFrame:
    """Mean log1p CPM per cell type (9 types), beside log1p of the consensus in 61 tissues."""
    means = cells.T.groupby(cell_type).mean().T.add_prefix("darmanis:")
    tissues = np.log1p(files.table("brain/raw/hpa_rna_tissue.tsv.gz", index_col=0))
    return means.join(_by_symbol(tissues.add_prefix("hpa:"), human), how="outer")


def _listed_regulators(files: DataFiles, human: Vocabulary) -> set[str]:
    """Regulators of the Lambert 2018 and HGNC lists, as approved symbols."""
    listed: set[str] = set()
    for name in ("tfs_lambert2018.txt", "tfs_hgnc.txt"):
        lines = pd.Series(files.path(f"brain/raw/{name}").read_text().split())
        symbols = hgnc.resolve(human, lines).dropna()
        require_coverage(f"the names of {name}", len(symbols) / len(lines), IDS_FLOOR)
        listed |= set(symbols)
    return listed


def _vocabulary(
    known: dict[str, GeneRecord], edges: pd.DataFrame, expressed: Iterable[str], listed: set[str]
) -> Vocabulary:
    """Every gene that is listed, expressed or on an edge; listed ones and sources regulate."""
    regulators = listed | set(edges["tf"])
    genes = regulators | set(edges["gene"]) | set(expressed)
    return Vocabulary.from_records(
        replace(known[symbol], regulator=symbol in regulators) for symbol in sorted(genes)
    )


def _expression_coverage(
    core: pd.DataFrame, profile: pd.DataFrame, coverage: dict[str, float]
) -> None:
    """Share of the benchmark's regulators and targets in each table; LowCoverage under 90 %."""
    for table in ("darmanis", "hpa"):
        columns = [name for name in profile.columns if name.startswith(f"{table}:")]
        measured = set(profile.index[profile[columns].notna().any(axis=1)])
        for side, column in (("regulators", "tf"), ("targets", "gene")):
            share = float(np.mean([name in measured for name in core[column].unique()]))
            what = f"the {side} in the {table} table"
            coverage[f"{table}/{side}"] = require_coverage(what, share, EXPRESSION_FLOOR)
