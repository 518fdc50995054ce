"""Lists of genes that change when a regulator is perturbed, and how well methods find it in them.

ChEA3's human signatures, the half to choose on. The perturbed regulator is taken out of its own
list. What is measured is its rank among all regulators.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Int64

from training.data import hgnc
from training.data.files import DataFiles
from zoo.pairs.enrich.evidence import Listed
from zoo.pairs.enrich.gene_list import GeneList
from zoo.pairs.enrich.table import Enrichment
from zoo.pairs.known import Known
from zoo.pairs.scorer import PairScorer

FILE = "tf_knowledge/tf_perturbation_sets_dev.tsv.gz"
TOPS = (10, 50)
DRAWS, SEED = 2000, 0

PerTf = Float[np.ndarray, "tfs"]


@dataclass(frozen=True)
class Signature:
    """The regulator that was perturbed, as a position, and the genes that changed."""

    tf: int
    genes: GeneList


def read(files: DataFiles, model: PairScorer) -> Iterator[Signature]:
    """The human signatures, under the names of an entry; names that it does not know are left out.

    The background is the whole vocabulary.
    """
    table, vocabulary = files.table(FILE), model.vocabulary
    table = table[table["set"].str.contains("HUMAN")]
    table = table.assign(**{side: hgnc.resolve(vocabulary, table[side]) for side in ("tf", "gene")})
    everyone = np.arange(len(vocabulary))
    for _, rows in table.dropna().groupby("set"):
        regulator = rows["tf"].iloc[0]
        genes = vocabulary.gene_index(rows.loc[rows["gene"] != regulator, "gene"])
        (tf,) = vocabulary.regulator_index([regulator])
        yield Signature(int(tf), GeneList(np.unique(genes), everyone, None, ()))


def methods(model: PairScorer, known: Known, genes: GeneList) -> dict[str, PerTf]:
    """What each method ranks regulators by, the higher the better."""
    enrichment = Enrichment(model, known, genes)
    return {
        "out-degree": np.bincount(
            known.pairs.codes // known.pairs.genes_total, minlength=len(enrichment.own)
        ).astype(float),
        "Fisher's exact test on the listed edges": -enrichment.listed.p_value,
        "univariate linear model on CollecTRI": linear_model(enrichment, "CollecTRI"),
        "mean pair-specific logit": -enrichment.scored.p_value,
        **{f"evidence: {name}": value for name, value in enrichment.evidence.items()},
        "zoo enrich": enrichment.score,
    }


def linear_model(enrichment: Enrichment, resource: str) -> PerTf:
    """The t value of membership in the list on being a target: decoupler's ULM, all weights 1.

    A regulator's own gene is left out.
    """
    known, genes = enrichment.known, enrichment.genes
    bit = known.names.index(resource)
    listed = (known.resources >> bit & 1).astype(bool)
    only = Known(
        type(known.pairs)(known.pairs.codes[listed], known.pairs.genes_total),
        known.names,
        *(column[listed] for column in (known.resources, known.references, known.signs)),
    )
    counted = Listed.of(only, enrichment.own, genes)
    n, size = (
        len(some) - np.isin(enrichment.own, some) for some in (genes.genes, genes.background)
    )
    targets = counted.expected * size / n
    spread = np.sqrt(n * (size - n) * np.maximum(targets * (size - targets), 1))
    r = (size * counted.hits - n * targets) / spread
    return r * np.sqrt((size - 2) / (1 - r**2))


def ranks(model: PairScorer, known: Known, signatures: list[Signature]) -> pd.DataFrame:
    """The rank of the perturbed regulator, one row a signature: tf, then a column a method.

    Regulators that a method cannot tell apart share their mean rank.
    """
    rows = []
    for signature in signatures:
        scores = methods(model, known, signature.genes)
        rows.append(
            {"tf": signature.tf} | {name: _rank(x, signature.tf) for name, x in scores.items()}
        )
    return pd.DataFrame(rows)


def _rank(values: PerTf, tf: int) -> float:
    return 1 + float((values > values[tf]).sum()) + float((values == values[tf]).sum() - 1) / 2


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """One row a method and top: the share of signatures, and its interval over regulators."""
    draws = _draws(table["tf"].to_numpy())
    rows = []
    for method in table.columns.drop("tf"):
        for top in TOPS:
            hits = (table[method] <= top).to_numpy(float)
            low, high = np.quantile((draws @ hits) / draws.sum(axis=1), [0.025, 0.975])
            rows.append((method, top, hits.mean(), low, high))
    return pd.DataFrame(rows, columns=["method", "top", "share", "low", "high"])


def _draws(tfs: Int64[np.ndarray, "signatures"]) -> Float[np.ndarray, "draws signatures"]:
    """How often each signature counts when regulators are drawn with replacement."""
    _, which = np.unique(tfs, return_inverse=True)
    total = which.max() + 1
    drawn = np.random.default_rng(SEED).multinomial(total, np.full(total, 1 / total), DRAWS)
    return drawn[:, which].astype(float)
