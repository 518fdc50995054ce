"""Budding yeast: fitness and genetic interactions of gene deletions, networks, metabolism.

Genes of the vocabulary are those with a phenotype record, so that a perturbed strain exists; their
symbols are systematic names (YOR128C), and common names (ADE2) and SGD ids lead to them. Networks
reach further, to the essential genes that no deletion strain exists of. Records keep their source
and unit: epsilon, tau and S-scores are different quantities and are never pooled as they stand.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from jaxtyping import Float64
from scipy.sparse import coo_array, csr_array

from contracts.errors import ArtefactError
from contracts.genes.vocabulary import GeneRecord, Vocabulary
from training.data.files import DataFiles
from training.data.pairs import require_coverage
from training.data.perturbations import LARGEST, Network, PerturbationData, Records

LICENCES = {
    "SGA, TMI and E-MAP screens (Costanzo 2010 and 2016, Kuzmin 2018, Collins 2007, "
    "Schuldiner 2005), as gathered in public repositories": "published data, academic use",
    "Single-mutant fitness (SGA_Public)": "published data, academic use",
    "Protein-protein interactions (cell_viability_paper)": "published data",
    "YEASTRACT regulation (through inferelator)": "BSD",
    "STRING 9.1 channels (through DANGO)": "CC BY 4.0; MIT (repository)",
    "yeast-GEM 9.0.2": "CC BY 4.0",
    "S288C gene table (SGD)": "CC BY 4.0",
}
HEADLINE = "costanzo2016_dcell_subset"
CHANNELS = ("neighborhood", "database", "cooccurence", "fusion")
RARE = 12
"""A metabolite in more reactions than this (water, ATP, ...) makes no two genes neighbours."""

FLOOR = 0.98
"""Share of names that the gene table must know, of genes with records and of network edges."""

METABOLIC = ("reactions", "metabolites", "subsystems", "sole_reactions", "transport_reactions")


def load(files: DataFiles) -> PerturbationData:
    """Build the data set.

    `coverage` has the share of genes with records that SGD's table names and that a single mutant
    was measured of, and the share of each network's edges between two genes of the vocabulary.
    Raises LowCoverage under the floors, ArtefactError for a record that contradicts itself.
    """
    table = _records(files)
    rows = table["genes"].str.split("|")
    listed = files.table("yeast/genes.tsv.gz").set_index("orf")
    vocabulary = _vocabulary(listed, sorted({gene for row in rows for gene in row}))
    named = float(np.isin(vocabulary.genes, listed.index).mean())
    coverage = {"genes/named": require_coverage("genes with records", named, FLOOR)}
    smf = files.table("yeast/single_mutant_fitness.tsv.gz").set_index("orf")["smf"]
    single = smf.reindex(vocabulary.genes).to_numpy(np.float64)
    coverage["genes/single_fitness"] = float(np.isfinite(single).mean())
    position = {gene: place for place, gene in enumerate(vocabulary.genes)}
    several = (table["n_pert"] > 1).to_numpy()
    records = _encoded(table[several], rows[several], position)
    cell = Metabolism.read(files)
    networks = _networks(files, cell, position, set(listed.index), coverage)
    return PerturbationData(
        name="yeast",
        vocabulary=vocabulary,
        records=records,
        single_fitness=single,
        networks=networks,
        metabolism=cell.roles(position),
        metabolic_features=METABOLIC,
        headline_source=HEADLINE,
        coverage=coverage,
        digests=dict(files.used),
        licences=LICENCES,
        description=(
            f"{len(records):,} records of {len(vocabulary):,} genes of Saccharomyces cerevisiae: "
            "digenic interactions (epsilon) of a selected (2010) and an unselected (2016) part of "
            "the global network, digenic and trigenic (tau) interactions of a few query strains, "
            "and S-scores of two E-MAPs. Only the unselected part says how well interactions are "
            "predicted; the selected one was published because its pairs interact."
        ),
    )


def _records(files: DataFiles) -> pd.DataFrame:
    """All records; raises ArtefactError where a value and its unit do not stand together."""
    kinds = {"fitness_kind": "string", "gi_kind": "string", "genes": "string"}
    table = files.table("yeast/records.tsv.gz", dtype=kinds)
    if (table["gi"].isna() != table["gi_kind"].isna()).any():
        raise ArtefactError("yeast/records.tsv.gz has interactions without a unit, or units alone.")
    return table


def _vocabulary(table: pd.DataFrame, symbols: list[str]) -> Vocabulary:
    """The genes with records under all their names in SGD's table."""
    aliases = {
        orf: tuple(str(each) for each in (name, sgdid) if isinstance(each, str) and each != orf)
        for orf, name, sgdid in zip(table.index, table["name"], table["sgdid"], strict=True)
    }
    return Vocabulary.from_records(
        GeneRecord(symbol, aliases=aliases.get(symbol, ())) for symbol in symbols
    )


def _encoded(table: pd.DataFrame, rows: pd.Series, position: dict[str, int]) -> Records:
    """The records with positions for names."""
    members = np.full((len(table), LARGEST), -1, np.int64)
    for row, genes in enumerate(rows):
        places = sorted(position[gene] for gene in genes)
        if len(set(places)) != len(places) or len(places) > LARGEST:
            raise ArtefactError(f"yeast/records.tsv.gz names the set {'|'.join(genes)}.")
        members[row, : len(places)] = places
    return Records(
        members=members,
        order=(members >= 0).sum(axis=1),
        fitness=table["fitness"].to_numpy(np.float64),
        interaction=table["gi"].to_numpy(np.float64),
        unit=table["gi_kind"].fillna("").to_numpy(str),
        source=table["source"].to_numpy(str),
        derived=(table["fitness_kind"] == "derived").fillna(False).to_numpy(bool),
        selected=(table["selected"] == 1).to_numpy(bool),
    )


def _networks(
    files: DataFiles,
    cell: "Metabolism",
    position: dict[str, int],
    listed: set[str],
    coverage: dict[str, float],
) -> dict[str, Network]:
    """Physical, regulatory, the channels of STRING, and genes of neighbouring reactions."""
    pairs = {
        "physical": files.table("yeast/physical.tsv.gz")[["gene_a", "gene_b"]],
        "regulatory": files.table("yeast/regulatory.tsv.gz")[["tf", "gene"]],
    }
    string = files.table("yeast/string91.tsv.gz")
    for channel in CHANNELS:
        rows = string["channel"] == channel
        pairs[f"string_{channel}"] = string.loc[rows, ["gene_a", "gene_b"]]
    pairs["co_reaction"] = cell.neighbours
    everything = dict(position)
    for name, frame in pairs.items():
        named = frame.isin(listed).all(axis=1).mean()
        coverage[f"edges/{name}"] = require_coverage(f"edges of {name}", float(named), FLOOR)
        for gene in sorted(set(frame.to_numpy().ravel()) - set(everything)):
            everything[gene] = len(everything)
    return {
        name: _network(
            frame.apply(lambda column: column.map(everything)).to_numpy(np.int64),
            len(everything),
            undirected=name != "regulatory",
        )
        for name, frame in pairs.items()
    }


def _network(pairs: np.ndarray, genes: int, undirected: bool) -> Network:
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    if undirected:
        pairs = np.concatenate([pairs, pairs[:, ::-1]])
    pairs = np.unique(pairs, axis=0)
    ones = np.ones(len(pairs), bool)
    adjacency = csr_array(coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(genes, genes)))
    covered = np.zeros(genes, bool)
    covered[pairs.ravel()] = True
    return Network(adjacency, covered)


class Metabolism(NamedTuple):
    """Which genes catalyse which reactions, and of which metabolites."""

    gpr: pd.DataFrame
    reactions: pd.DataFrame
    stoichiometry: pd.DataFrame
    metabolites: pd.DataFrame

    @classmethod
    def read(cls, files: DataFiles) -> "Metabolism":
        """The tables of the metabolic model."""
        return cls(*(files.table(f"yeast/{name}.tsv.gz") for name in cls._fields))

    @property
    def neighbours(self) -> pd.DataFrame:
        """Pairs of genes of one reaction, or of two reactions that share a rare metabolite."""
        genes, met = (
            table.assign(place=table["reaction_idx"].map(self.reactions["gem_reaction"]))[
                [name, "place"]
            ].drop_duplicates()
            for table, name in ((self.gpr, "orf"), (self.stoichiometry, "metabolite_idx"))
        )
        rare = met.groupby("metabolite_idx")["place"].transform("size") <= RARE
        through = genes.merge(met[rare], on="place")[["orf", "metabolite_idx"]].drop_duplicates()
        pairs = [
            side.merge(side, on=key)[["orf_x", "orf_y"]]
            for side, key in ((genes, "place"), (through, "metabolite_idx"))
        ]
        return pd.concat(pairs).drop_duplicates()

    def roles(self, position: dict[str, int]) -> Float64[np.ndarray, "genes roles"]:
        """How many reactions, metabolites and subsystems a gene takes part in.

        Of a reaction's gene sets any one suffices; `sole_reactions` are those that die with the
        gene because every set has it. `transport_reactions` have more than one compartment's
        metabolites.
        """
        gpr, reactions, stoichiometry, metabolites = self
        nodes = gpr.assign(
            reaction=gpr["reaction_idx"].map(reactions["gem_reaction"]),
            subsystem=gpr["reaction_idx"].map(reactions["subsystem"]),
        )
        sets = reactions.groupby("gem_reaction").size()
        per_node = nodes.groupby(["orf", "reaction"])["reaction_idx"].nunique().reset_index()
        sole = per_node[per_node["reaction_idx"] == per_node["reaction"].map(sets)]
        where = stoichiometry["metabolite_idx"].map(metabolites["compartment"])
        crossing = where.groupby(stoichiometry["reaction_idx"]).nunique()
        nodes["transport"] = nodes["reaction_idx"].map(crossing) > 1
        taken = nodes.merge(stoichiometry, on="reaction_idx")
        columns = (
            nodes.groupby("orf")["reaction"].nunique(),
            taken.groupby("orf")["metabolite_idx"].nunique(),
            nodes.groupby("orf")["subsystem"].nunique(),
            sole.groupby("orf").size(),
            nodes[nodes["transport"]].groupby("orf")["reaction"].nunique(),
        )
        values = [column.reindex(list(position)).fillna(0) for column in columns]
        return np.stack(values, axis=1).astype(np.float64)
