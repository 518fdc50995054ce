"""Whether a regulator activates its target or represses it, given that it regulates it.

A logistic regression on numbers of the regulator and of the gene: how often TRRUST and CollecTRI
say activation of their other edges, what kind of factor the regulator is, and whether factors of a
like kind activate the gene more often than they activate others. It ends as two tables, and the
probability of activation is the sigmoid of the product of two rows.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float, Float32, Float64, Int64
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from training.data.pairs import PairData

SIGNED, FURTHER = "trrust_sign", "collectri_sign"
"""Labels, and signs of other edges. CollecTRI fills in activation where nothing is known."""
PRIOR = 2.0
"""Edges at the usual rate that are added to those of each regulator and gene."""
RANK = 16
MEMBERS = 5
"""Regulators that a family must have to be told apart."""
PENALTY = 0.03
NEAR = 3.0
"""Scale of the term of like factors, so that the penalty leaves it free."""

Rates = Float64[np.ndarray, "entities"]
Index = Int64[np.ndarray, "edges"]


@dataclass(frozen=True)
class SignTables:
    """Numbers of regulators and genes: activates = sigmoid(their dot product)."""

    tf: Float32[np.ndarray, "tfs dim"]
    gene: Float32[np.ndarray, "genes dim"]

    def logit(self, tf: Index, gene: Index) -> Float32[np.ndarray, "edges"]:
        """Log-odds of activation of pairs by position."""
        return (self.tf[tf] * self.gene[gene]).sum(axis=1)


def has_signs(data: PairData) -> bool:
    """Whether the data set says signs of edges and roles of regulators."""
    return data.roles is not None and SIGNED in data.edges


def activation(data: PairData, column: str) -> Float64[np.ndarray, "edges"]:
    """1 for activation, 0 for repression, NaN where a resource says neither or both."""
    return data.edges[column].map({1: 1.0, 2: 0.0}).to_numpy(np.float64)


@dataclass(frozen=True)
class Tally:
    """Activations among the signed edges of each regulator, or of each gene."""

    index: Index
    sign: Float64[np.ndarray, "edges"]
    total: int

    def log_odds(self) -> Rates:
        """Of every entity, drawn towards the usual rate."""
        return self._shrunken(*self._counts())

    def others(self) -> Rates:
        """At every edge, from the other edges of its entity."""
        activations, edges = (count[self.index] for count in self._counts())
        return self._shrunken(activations - self.sign, edges - 1)

    def majority(self) -> Rates:
        """The more frequent sign of every entity (1 or -1); of a tie the usual one."""
        activations, edges = self._counts()
        lead = np.sign(2 * activations - edges)
        return np.where(lead == 0, np.sign(self.sign.mean() - 0.5), lead)

    def _counts(self) -> tuple[Rates, Rates]:
        weights = (self.sign, np.ones(len(self.index)))
        return tuple(np.bincount(self.index, each, self.total) for each in weights)

    def _shrunken(self, activations: Rates, edges: Rates) -> Rates:
        usual = self.sign.mean()
        return logit((activations + PRIOR * usual) / (edges + PRIOR))


def fit(data: PairData, rows: Int64[np.ndarray, "training"]) -> SignTables:
    """Learn from the signs of these rows of the edge table alone.

    Only edges that TRRUST signs are labels. An edge's own sign is taken out of its rates.
    """
    tf_index, gene_index = data.pairs.T
    label, further = activation(data, SIGNED), activation(data, FURTHER)
    signed = rows[~np.isnan(label[rows])]
    other = rows[(data.edges[SIGNED].to_numpy()[rows] == 0) & ~np.isnan(further[rows])]
    tf, gene, sign = tf_index[signed], gene_index[signed], label[signed]
    tfs, genes = len(data.vocabulary.regulators), len(data.vocabulary.genes)
    tf_rate, gene_rate = Tally(tf, sign, tfs), Tally(gene, sign, genes)
    tf_other = Tally(tf_index[other], further[other], tfs).log_odds()
    gene_other = Tally(gene_index[other], further[other], genes).log_odds()
    traits = _traits(data)
    kind = _directions(traits, np.unique(tf_index))
    surprise = (sign - expit(tf_rate.log_odds()[tf]))[:, None] * kind[tf]
    pull, edges = np.zeros((genes, RANK)), np.bincount(gene, minlength=genes)[:, None]
    np.add.at(pull, gene, surprise)
    near = NEAR * (pull[gene] - surprise) / np.sqrt(edges[gene] - 1 + PRIOR) * kind[tf]
    columns = [tf_rate.others(), gene_rate.others(), tf_other[tf], gene_other[gene], near.sum(1)]
    model = LogisticRegression(C=PENALTY, max_iter=1000)
    model.fit(np.column_stack([*columns, traits[tf]]), sign)
    weights = model.coef_[0]
    of_tf = weights[0] * tf_rate.log_odds() + weights[2] * tf_other + traits @ weights[5:]
    of_gene = weights[1] * gene_rate.log_odds() + weights[3] * gene_other + model.intercept_
    pull *= weights[4] * NEAR / np.sqrt(edges + PRIOR)
    return SignTables(
        np.column_stack([of_tf, np.ones(tfs), kind]).astype(np.float32),
        np.column_stack([np.ones(genes), of_gene, pull]).astype(np.float32),
    )


def _traits(data: PairData) -> Float64[np.ndarray, "tfs traits"]:
    """Roles and common families of all regulators, standardised over those with an edge."""
    assert data.roles is not None
    family = pd.Series(data.vocabulary.regulators).map(dict(data.families))
    families = pd.get_dummies(family).to_numpy(np.float64)
    families = families[:, families.sum(axis=0) >= MEMBERS]
    traits = np.column_stack([data.roles.to_numpy(np.float64), families])
    with_edges = traits[np.unique(data.pairs[:, 0])]
    spread = with_edges.std(axis=0)
    return (traits - with_edges.mean(axis=0)) / np.where(spread > 0, spread, np.inf)


def _directions(
    traits: Float64[np.ndarray, "tfs traits"], with_edges: Int64[np.ndarray, "some"]
) -> Float[np.ndarray, "tfs rank"]:
    """Regulators as unit vectors: the cosine of two says how like they are."""
    axes = np.linalg.svd(traits[with_edges], full_matrices=False)[2][:RANK]
    reduced = np.zeros((len(traits), RANK))
    reduced[:, : len(axes)] = traits @ axes.T
    return reduced / np.maximum(np.linalg.norm(reduced, axis=1, keepdims=True), 1e-9)
