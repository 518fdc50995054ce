"""Human brain regulators: curated edges of three resources, expression and knowledge of genes.

Every id is resolved to its approved HGNC symbol before anything is merged, because a merge of mixed
namespaces tells positives from negatives by their spelling alone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from contracts.genes.vocabulary import GeneRecord, Vocabulary
from training.data import families, hgnc, knowledge, roles
from training.data.files import DataFiles
from training.data.pairs import PairData, Profile, require_coverage

SOURCES = {"dorothea": "DoRothEA", "trrust": "TRRUST", "collectri": "CollecTRI"}
"""The resources of edges, as columns and as they are called."""
DESCRIPTION = (
    "The task is the reconstruction of curated edges: which regulator DoRothEA, TRRUST or "
    "CollecTRI list with a gene, from expression in cell types of the human cortex (Darmanis 2015) "
    "and in tissues (Human Protein Atlas), from what is known of both genes (domains, motifs, "
    "co-expression, ontology, protein interactions) and from the other edges."
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
ACTIVATION, REPRESSION = 1, 2
"""Bits of a sign; a resource that says both contradicts itself, and one with neither says none."""
TRRUST_SIGNS = {"Activation": ACTIVATION, "Repression": REPRESSION, "Unknown": 0}


def load(files: DataFiles) -> PairData:
    """Build the brain dataset, with all that training.data.knowledge knows of genes.

    `coverage` holds, per resource, the share of its rows whose two ids were resolved, and per
    table of features the share of benchmark regulators and targets that it knows.
    """
    known = hgnc.read(files.path("brain/raw/hgnc_entries.tsv.gz"))
    human = Vocabulary.from_records(known.values())
    coverage: dict[str, float] = {}
    edges = _edges(files, human, coverage)
    cells, cell_type = _darmanis(files, human)
    profile = _expression(files, human, cells, cell_type)
    listed = _listed_regulators(files, human)
    vocabulary = _vocabulary(known, edges, profile.index, listed)
    _expression_coverage(edges, profile, coverage)
    edges = edges.assign(
        core=True,
        tf_index=vocabulary.regulator_index(edges["tf"]),
        gene_index=vocabulary.gene_index(edges["gene"]),
    )
    facts = knowledge.gather(files, human, vocabulary)
    coverage |= facts.coverage(edges)
    table = Profile.from_log(profile.reindex(vocabulary.genes))
    return PairData(
        name="brain",
        vocabulary=vocabulary,
        edges=edges,
        core_sources=tuple(SOURCES),
        profile=table.beside(Profile.standardised(facts.table)),
        cells=cells.reindex(vocabulary.genes, fill_value=0).to_numpy(np.float32),
        coverage=coverage,
        digests=dict(files.used),
        licences=LICENCES | facts.licences,
        description=DESCRIPTION,
        external="training.pairs.external",
        memberships={"marbach": knowledge.marbach(files, human, vocabulary)},
        resources=SOURCES,
        families=families.of_human(files, human),
        roles=roles.of_regulators(files, human, vocabulary),
    )


def _resources(files: DataFiles) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each resource: source and target as it names them, sign bits and PMIDs."""
    table = files.table("brain/raw/dorothea_raw.tsv.gz")
    yield "dorothea", table[["source", "target"]].assign(sign=0, pmids="")
    table = files.table("brain/raw/trrust_raw.tsv.gz", names=["source", "target", "mode", "pmids"])
    yield "trrust", table.assign(sign=table["mode"].map(TRRUST_SIGNS))
    columns = ["source", "target", "type", "sources", "references_stripped"]
    columns += ["is_stimulation", "is_inhibition"]
    table = pd.read_parquet(files.path("brain/raw/omnipath.parquet"), columns=columns)
    table = table[(table["type"] == "transcriptional") & table["sources"].str.contains("CollecTRI")]
    of_complex = [table[side].str.startswith("COMPLEX") for side in ("source", "target")]
    table = table[~(of_complex[0] | of_complex[1])]
    sign = ACTIVATION * table["is_stimulation"].astype(int)
    sign += REPRESSION * table["is_inhibition"].astype(int)
    yield "collectri", table.assign(sign=sign, pmids=table["references_stripped"].fillna(""))


def _edges(files: DataFiles, human: Vocabulary, coverage: dict[str, float]) -> pd.DataFrame:
    """All edges as approved symbols, one row a pair.

    One column a resource says whether it lists the pair, `trrust_sign` and `collectri_sign` have
    the sign bits that stand in any of its rows, `references` counts the PMIDs of both together.
    """
    parts = []
    for source, raw in _resources(files):
        part = raw[["sign", "pmids"]].assign(
            tf=hgnc.resolve(human, raw["source"]), gene=hgnc.resolve(human, raw["target"])
        )
        part = part.dropna(subset=["tf", "gene"])
        kept = len(part) / len(raw)
        coverage[f"ids/{source}"] = require_coverage(f"the rows of {source}", kept, IDS_FLOOR)
        parts.append(part.assign(source=source))
    rows = pd.concat(parts, ignore_index=True)
    pairs = ["tf", "gene"]
    table = rows.assign(there=True).pivot_table(
        index=pairs, columns="source", values="there", aggfunc="any", fill_value=False
    )
    table = table.reindex(columns=list(SOURCES)).astype(bool)
    for source in ("trrust", "collectri"):
        said = rows[rows["source"] == source].groupby(pairs)["sign"]
        signs = said.agg(lambda each: np.bitwise_or.reduce(each.to_numpy()))
        table[f"{source}_sign"] = signs.reindex(table.index, fill_value=0).astype(np.uint8)
    pmids = rows.assign(pmids=rows["pmids"].astype(str).str.split(";")).explode("pmids")
    counts = pmids[pmids["pmids"] != ""].groupby(pairs)["pmids"].nunique()
    table["references"] = counts.reindex(table.index, fill_value=0).astype(np.int64)
    return table.reset_index().rename_axis(columns=None).sort_values(pairs, ignore_index=True)


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
    edges: pd.DataFrame, profile: pd.DataFrame, coverage: dict[str, float]
) -> None:
    """Share of the benchmark's regulators and targets in each table; LowCoverage under 90 %."""
    for table in ("darmanis", "hpa"):
        columns = [name for name in profile.columns if name.startswith(f"{table}:")]
        measured = set(profile.index[profile[columns].notna().any(axis=1)])
        for side, column in (("regulators", "tf"), ("targets", "gene")):
            share = float(np.mean([name in measured for name in edges[column].unique()]))
            what = f"the {side} in the {table} table"
            coverage[f"{table}/{side}"] = require_coverage(what, share, EXPRESSION_FLOOR)
