"""A network of regulators as decoupler takes it: source, target and weight, no pair twice."""

from typing import TYPE_CHECKING

import numpy as np

from contracts.errors import InvalidOption, NothingLeft, Unsupported
from zoo.pairs.enrich.effects import effects
from zoo.results import frame

if TYPE_CHECKING:
    import pandas as pd

    from zoo.pairs.scorer import PairScorer


def table(
    model: "PairScorer", known: bool = True, top: int = 0, min_score: float = 0.0
) -> "pd.DataFrame":
    """Listed edges and predicted ones: source (a regulator), target and weight.

    The weight of a listed edge is 1, of a predicted one its probability. It is negative for a
    repression; where the sign is not known it is positive, as in CollecTRI.

    Args:
        model: the entry.
        known: whether the edges that resources list are in it.
        top: how many of its best unlisted targets each regulator has besides.
        min_score: those with a lower probability are left out.

    Raises:
        Unsupported: `known` of an entry without a list of known pairs.
        InvalidOption: `top` is not from 0 to the number of genes, or `min_score` not from 0 to 1.
        NothingLeft: there is no edge.
    """
    genes = len(model.vocabulary)
    if isinstance(top, bool) or not isinstance(top, int) or not 0 <= top <= genes:
        raise InvalidOption("top", top, f"a whole number from 0 to {genes}")
    if not 0 <= min_score <= 1:
        raise InvalidOption("min_score", min_score, "a number from 0 to 1")
    listed = model.evidence.known
    if known and listed is None:
        raise Unsupported(
            model.entry, "listed edges", "Ask for predicted ones: --no-known --top 50"
        )
    edges = listed.pairs.codes if known and listed else np.empty(0, np.int64)
    weight = np.ones(len(edges))
    if top:
        unlisted = "exclude" if listed else "include"
        best = model.targets(model.vocabulary.regulators, top, known=unlisted)
        best = best[best["score"] >= min_score]
        tf = model.vocabulary.regulator_index(best["tf"])
        edges = np.append(edges, tf * genes + model.vocabulary.gene_index(best["gene"]))
        weight = np.append(weight, best["score"])
    if not len(edges):
        raise NothingLeft("The network has no edge", "Give a larger --top or a lower --min-score")
    order = np.argsort(edges, kind="stable")
    tf, gene = np.divmod(edges[order], genes)
    sign = np.where(effects(model, listed, tf, gene) < 0, -1.0, 1.0)
    regulators, targets = (
        np.array(x) for x in (model.vocabulary.regulators, model.vocabulary.genes)
    )
    columns = {"source": regulators[tf], "target": targets[gene], "weight": sign * weight[order]}
    return frame(columns)
