"""What is known of regulators and of genes beside their edges, as a few numbers a gene.

Three groups, each with what is in the one before: `sequence` (DNA-binding domains, protein domains,
motifs), `literature_free` (regulatory circuits of motifs and activity, co-expression), and `all`
(ontology, protein interactions, co-mentions), which partly restates the articles that curated edges
come from. `none` has nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float, Int64
from scipy import sparse

from contracts.errors import InvalidOption
from contracts.genes.vocabulary import Vocabulary
from training.data import hgnc, motifs
from training.data.files import DataFiles
from training.data.vectors import factors
from training.data.vectors.kinds import go, omnipath

SEQUENCE, LITERATURE_FREE, ALL = "sequence", "literature_free", "all"
GROUPS = ("none", SEQUENCE, LITERATURE_FREE, ALL)
TITLES = {
    "none": "expression alone",
    SEQUENCE: "expression and sequence",
    LITERATURE_FREE: "without the literature",
    ALL: "all knowledge",
}
"""What networks that see a group are called beside the entry."""
SEED = 0
MARBACH = "tf_knowledge/marbach2016_regulatory_circuits.tsv.gz"


@dataclass(frozen=True)
class Knowledge:
    """Features of every gene of a vocabulary, named `<kind>:<number>`, NaN where nothing is known.

    `licences` has one a source.
    """

    table: pd.DataFrame
    licences: Mapping[str, str]

    def coverage(self, edges: pd.DataFrame) -> dict[str, float]:
        """By kind the shares of the regulators and the targets of `edges` that it knows."""
        kinds = self.table.columns.str.partition(":").get_level_values(0)
        return {
            f"{kind}/{side}": float(known[edges[column].unique()].mean())
            for kind in dict.fromkeys(kinds)
            for known in [self.table.loc[:, kinds == kind].notna().any(axis=1)]
            for side, column in (("regulators", "tf"), ("targets", "gene"))
        }


@dataclass(frozen=True)
class Kind:
    """One kind of knowledge: its group, how a table [genes, numbers] is made, and its licence."""

    group: str
    make: Callable[[DataFiles, Vocabulary], pd.DataFrame]
    licence: tuple[str, str]


def gather(files: DataFiles, human: Vocabulary, vocabulary: Vocabulary) -> Knowledge:
    """All that is known of the genes of `vocabulary`."""
    tables = [kind.make(files, human).add_prefix(f"{name}:") for name, kind in KINDS.items()]
    genes = pd.DataFrame(index=pd.Index(vocabulary.genes))
    return Knowledge(
        genes.join([each.reindex(genes.index) for each in tables]),
        dict(kind.licence for kind in KINDS.values()),
    )


def only(features: Sequence[str], group: str) -> Bool[np.ndarray, "features"]:
    """Which features, named `<kind>:<name>`, a group has; those of no kind here it always has.

    Raises InvalidOption for a group that there is not.
    """
    if group not in GROUPS:
        raise InvalidOption("knowledge", group, f"one of {', '.join(GROUPS)}")
    kinds = (KINDS.get(name.partition(":")[0]) for name in features)
    return np.array([not k or GROUPS.index(k.group) <= GROUPS.index(group) for k in kinds], bool)


def marbach(
    files: DataFiles, human: Vocabulary, vocabulary: Vocabulary
) -> Int64[np.ndarray, "pairs"]:
    """Keys (regulator * genes + gene) of the edges of Marbach 2016 among these genes, sorted."""
    edges = _resolved(files, human, MARBACH)
    regulators, genes = (pd.Index(each) for each in (vocabulary.regulators, vocabulary.genes))
    tf, gene = regulators.get_indexer(edges["tf"]), genes.get_indexer(edges["gene"])
    there = (tf >= 0) & (gene >= 0)
    return np.unique(tf[there].astype(np.int64) * len(genes) + gene[there])


def _resolved(files: DataFiles, human: Vocabulary, name: str) -> pd.DataFrame:
    """The rows tf, gene of a table under approved symbols, unresolved ones left out."""
    edges = files.table(name, usecols=["tf", "gene"]).drop_duplicates()
    sides = {side: hgnc.resolve(human, edges[side]) for side in ("tf", "gene")}
    return pd.DataFrame(sides).dropna()


def _frame(symbols: list[str], matrix: Float[np.ndarray, "genes dim"], dim: int) -> pd.DataFrame:
    """The first numbers of each gene; rows of zeros are left out."""
    table = pd.DataFrame(matrix[:, :dim], index=pd.Index(symbols))
    table.columns = [f"{number:02d}" for number in range(table.shape[1])]
    return table[(table != 0).any(axis=1)]


def _listed(name: str, dim: int) -> Callable[[DataFiles, Vocabulary], pd.DataFrame]:
    """Spectral factors of a table of regulators and genes: of a gene as target, and as regulator.

    The singular vectors of D_tf^-1/2 A D_gene^-1/2, singular values shared evenly, so that the
    product of a regulator's and a target's factors approximates the normalised table.
    """

    def make(files: DataFiles, human: Vocabulary) -> pd.DataFrame:
        edges = _resolved(files, human, name)
        table, tfs, genes = factors.table(edges["tf"], edges["gene"])
        scale = [sparse.diags_array(1 / np.sqrt(table.sum(axis))) for axis in (1, 0)]
        normal = sparse.csr_array(scale[0] @ table @ scale[1])
        left, right = factors.both_sides(normal, SEED, dim)
        sides = {"tf": _frame(tfs, left, dim), "gene": _frame(genes, right, dim)}
        named = [side.add_prefix(f"{called}-") for called, side in sides.items()]
        return named[0].join(named[1], how="outer")

    return make


def _domains(files: DataFiles, human: Vocabulary) -> pd.DataFrame:
    """Protein domains (Pfam) of every gene."""
    rows = files.table("tf_knowledge/human_pfam.tsv.gz")
    return _annotated(hgnc.resolve(human, rows["symbol"]), rows["pfam"], 32)


def _binding(files: DataFiles, human: Vocabulary) -> pd.DataFrame:
    """DNA-binding family and motif status (Lambert 2018), motif class and family (JASPAR)."""
    lambert = files.table("tf_knowledge/lambert2018_human_tfs.tsv.gz")
    symbol = hgnc.resolve(human, lambert["HGNC symbol"])
    jaspar = files.table("tf_knowledge/jaspar2026_core_tf_table.tsv.gz")
    jaspar = jaspar.assign(uniprot=jaspar["uniprot"].astype(str).str.split(r"[;,:\s]+"))
    jaspar = jaspar.explode("uniprot", ignore_index=True)
    owner = hgnc.resolve(human, jaspar["uniprot"])
    terms = [
        *((symbol, column + "=" + lambert[column].astype(str)) for column in _LAMBERT),
        *((owner, column + "=" + jaspar[column].astype(str)) for column in ("class", "family")),
    ]
    return _annotated(*(pd.concat(side) for side in zip(*terms, strict=True)), 48)


_LAMBERT = ("DBD", "Binding mode", "Motif status")


def _annotated(genes: pd.Series, terms: pd.Series, dim: int) -> pd.DataFrame:
    """Singular vectors of which gene has which term, rare terms weighing more."""
    rows = pd.DataFrame({"gene": genes.to_numpy(), "term": terms.to_numpy()}).dropna()
    counts, symbols, _ = factors.table(rows["gene"], rows["term"])
    return _frame(symbols, factors.of_annotation(counts, SEED, dim), dim)


def _ontology(files: DataFiles, human: Vocabulary) -> pd.DataFrame:
    source = go.make(files, SEED)
    return _frame(list(source.symbols), source.matrix, 64)


def _interactions(files: DataFiles, human: Vocabulary) -> pd.DataFrame:
    source = omnipath.make(files, SEED)
    return _frame(list(source.symbols), source.matrix, 48)


_CHEA3 = "no licence file, https://github.com/MaayanLab/chea3"
KINDS = {
    "binding": Kind(
        SEQUENCE, _binding, ("Lambert 2018 Table S1 and JASPAR 2026 families", "CC-BY-4.0 (JASPAR)")
    ),
    "pfam": Kind(
        SEQUENCE, _domains, ("Pfam domains (through org.Hs.eg.db)", "Artistic-2.0 (package)")
    ),
    "motif": Kind(
        SEQUENCE, motifs.gene_profile, ("EPDnew human promoters", "EPD, https://epd.expasy.org")
    ),
    "reads": Kind(
        SEQUENCE, motifs.regulator_profile,
        ("JASPAR 2026 matrices (through pyjaspar 4.0.0)", "CC-BY-4.0"),
    ),
    "marbach": Kind(
        LITERATURE_FREE, _listed(MARBACH, 48),
        ("Marbach 2016 regulatory circuits", "CC0-1.0 (package tftargets)"),
    ),
    "archs4": Kind(
        LITERATURE_FREE, _listed("tf_knowledge/chea3_archs4.tsv.gz", 48),
        ("ChEA3: co-expression in ARCHS4", _CHEA3),
    ),
    "gtex": Kind(
        LITERATURE_FREE, _listed("tf_knowledge/chea3_gtex.tsv.gz", 48),
        ("ChEA3: co-expression in GTEx", _CHEA3),
    ),
    "go": Kind(ALL, _ontology, ("Gene Ontology 2022-07", "CC-BY-4.0")),
    "omnipath": Kind(
        ALL, _interactions,
        ("OmniPath protein interactions", "mixed sources, https://omnipathdb.org/info"),
    ),
    "enrichr": Kind(
        ALL, _listed("tf_knowledge/chea3_enrichr.tsv.gz", 48),
        ("ChEA3: co-occurrence in Enrichr queries", _CHEA3),
    ),
    "biogrid": Kind(
        ALL, _listed("tf_knowledge/chea3_biogrid.tsv.gz", 32),
        ("ChEA3: protein interactions in BioGRID", "MIT (BioGRID)"),
    ),
}  # fmt: skip
