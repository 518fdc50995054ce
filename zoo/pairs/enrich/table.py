"""Which regulators explain a list of genes: by listed edges and by scores, against a background.

Three pieces of evidence speak for a regulator:

- *enriched*: it has more listed edges in the list than a list drawn at random (`overlap`).
- *targets*: the listed edges that it has in the list, each of the weight: resources that list it
  over regulators that are listed for its gene. A gene with many regulators says little of each.
- *predicted*: the mean logit of its pairs with the genes of the list, popularity included.

Regulators are ranked by each, and `score` is the mean of RANK_OFFSET / (RANK_OFFSET + rank - 1), 1
for the first in everything: reciprocal rank fusion (Cormack 2009), as search engines join rankings.
An entry without listed edges has only the last. No gene is evidence for itself as a regulator.

The p-value asks of chance alone, so that fame does not count: it is twice the smaller of two, of
Fisher's exact test of the listed edges, and of a normal test of the mean pair-specific logit (the
part without popularity) between the list and genes of the background.
"""

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Int64

from zoo.pairs.enrich.effects import effects
from zoo.pairs.enrich.evidence import Listed, Scored
from zoo.pairs.enrich.gene_list import GeneList
from zoo.pairs.known import Known
from zoo.results import frame
from zoo.tables.inputs import check_k

if TYPE_CHECKING:
    import pandas as pd

    from zoo.pairs.scorer import PairScorer

RANK_OFFSET = 6
"""How little the first ranks stand out; chosen on signatures of perturbed regulators."""
COLUMNS = (
    "rank",
    "tf",
    "score",
    "p_value",
    "q_value",
    "listed",
    "expected",
    "predicted",
    "known_share",
    "activity",
    "tf_edges",
    "genes",
)
OPTIONAL = {"known_share", "activity"}
"""Columns with NaN where nothing is known."""
STRONG = 0.99
"""A pair that no resource lists is `predicted` where its pair-specific logit is above this quantile
of the regulator's with the background."""

PerTf = Float[np.ndarray, "tfs"]
Counts = Int64[np.ndarray, "tfs"]
Genes = Int64[np.ndarray, "..."]


@dataclass(frozen=True, eq=False)
class Carried:
    """The genes of the list that speak for one regulator.

    Those that it is listed with, the most often published first, and those of no resource whose
    pair-specific logit is above the quantile STRONG of the background's, the highest first.
    """

    tf: int
    listed: Genes
    predicted: Genes

    @classmethod
    def of(cls, about: "Enrichment", tf: int) -> "Carried":
        """The genes of one regulator."""
        logits, strong = about.scored.specific[tf], np.nanquantile(about.scored.beside[tf], STRONG)
        order = np.argsort(-logits, kind="stable")
        predicted = about.genes.genes[order[logits[order] > strong]]  # NaN is above nothing
        if about.known is None or about.listed is None:
            return cls(tf, np.empty(0, np.int64), predicted)
        its = about.listed.at[about.listed.tf == tf]
        at = its[np.argsort(-about.known.references[its].astype(np.int64), kind="stable")]
        genes = about.known.pairs.codes[at] % about.known.pairs.genes_total
        return cls(tf, genes, predicted[~np.isin(predicted, genes)])

    @property
    def genes(self) -> Genes:
        """All of them."""
        return np.concatenate([self.listed, self.predicted])

    @property
    def known_share(self) -> float:
        """The share that resources list; NaN of none."""
        return len(self.listed) / len(self.genes) if len(self.genes) else float("nan")

    def activity(self, about: "Enrichment") -> float:
        """From -1 to 1: whether its genes go where it sends them (1) or the other way.

        Each gene that is up or down counts as much as is known of its edge's sign; NaN of none.
        """
        where = np.searchsorted(about.genes.genes, self.genes)
        tf = np.full(len(where), self.tf)
        effect = effects(about.model, about.known, tf, self.genes)
        direction = about.genes.signs[where]
        weight = np.abs(effect * direction).sum()
        return float((effect * direction).sum() / weight) if weight else float("nan")


@dataclass(frozen=True, eq=False)
class Enrichment:
    """All regulators beside a gene list, by an entry and the edges that resources list."""

    model: "PairScorer"
    known: Known | None
    genes: GeneList

    @classmethod
    def of(cls, model: "PairScorer", genes: GeneList) -> "Enrichment":
        """By the edges that the entry ships."""
        return cls(model, model.evidence.known, genes)

    @cached_property
    def own(self) -> Counts:
        """The gene that each regulator is."""
        return self.model.vocabulary.gene_index(self.model.vocabulary.regulators)

    @cached_property
    def listed(self) -> Listed | None:
        """The listed edges; None without any."""
        return self.known and Listed.of(self.known, self.own, self.genes)

    @cached_property
    def scored(self) -> Scored:
        """The scores."""
        return Scored.of(self.model, self.own, self.genes)

    @property
    def evidence(self) -> dict[str, PerTf]:
        """Each piece of evidence, the more the better."""
        edges = self.listed
        counted = {} if edges is None else {"enriched": edges.z, "targets": edges.weighted}
        return {**counted, "predicted": self.scored.mean_logit}

    @property
    def score(self) -> PerTf:
        """The pieces of evidence joined by rank, from 0 to 1."""
        from scipy.stats import rankdata

        # Equal up to the rounding of sums is equal.
        ranks = np.array([rankdata(-np.round(piece, 9)) for piece in self.evidence.values()])
        return (RANK_OFFSET / (RANK_OFFSET - 1 + ranks)).mean(axis=0)

    @property
    def p_value(self) -> PerTf:
        """How likely chance alone gives as much; twice the smaller one where there are two."""
        if self.listed is None:
            return self.scored.p_value
        return np.minimum(1, 2 * np.minimum(self.listed.p_value, self.scored.p_value))

    def table(self, k: int) -> "pd.DataFrame":
        """The k best regulators, as `PairScorer.enrich` gives them."""
        from scipy.stats import false_discovery_control

        k = check_k(k, len(self.own), "regulators")
        score, p_value = self.score, self.p_value
        sound = np.isfinite(p_value).all()
        q_value = false_discovery_control(p_value) if sound else np.full(len(p_value), np.nan)
        best = np.argsort(-score, kind="stable")[:k]
        carried = [Carried.of(self, tf) for tf in best.tolist()]
        symbols = np.array(self.model.vocabulary.genes, object)
        columns = {
            "rank": np.arange(1, k + 1),
            "tf": [self.model.vocabulary.regulators[tf] for tf in best.tolist()],
            "score": score[best],
            "p_value": p_value[best],
            "q_value": q_value[best],
            "predicted": [len(each.predicted) for each in carried],
        }
        if self.listed is not None:
            columns["listed"] = self.listed.hits[best]
            columns["expected"] = self.listed.expected[best]
            columns["known_share"] = [each.known_share for each in carried]
        if self.genes.signs is not None:
            columns["activity"] = [each.activity(self) for each in carried]
        columns["tf_edges"] = self.model.tf_edges[best]
        columns["genes"] = [", ".join(symbols[each.genes]) for each in carried]
        table = frame({name: columns[name] for name in COLUMNS if name in columns})
        table.attrs |= {
            "genes": len(self.genes.genes),
            "background": len(self.genes.background),
            "skipped": [asdict(left) for left in self.genes.skipped],
        }
        return table


def records(table: "pd.DataFrame") -> list[dict[str, Any]]:
    """The rows of a table as JSON has them: `genes` as a list, None for what is not known."""
    rows = table.to_dict("records")
    for row in rows:
        row["genes"] = row["genes"].split(", ") if row["genes"] else []
        for name in OPTIONAL & set(row):
            row[name] = None if np.isnan(row[name]) else row[name]
    return rows
