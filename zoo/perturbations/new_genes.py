"""Genes that training did not know: new tokens beside the old ones, and the cell encoded again."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Float64

from contracts.errors import Unsupported
from contracts.genes.vocabulary import GeneRecord
from zoo.entry import OpenEntry, State
from zoo.perturbations.feature_scale import STATE as FEATURE_SCALE
from zoo.perturbations.feature_scale import FeatureScale
from zoo.perturbations.gene_descriptions import KNOWN, SINGLE, described
from zoo.runtime.graph import Graph


def carried(opened: OpenEntry, encode: Graph) -> State:
    """The cell as this encoder gives it, for all genes of the entry's state."""
    state = opened.state
    features = np.array(state["features"])
    token = state.get("token", np.arange(len(features)))
    return encode.run({"token": np.asarray(token), "features": features})


def told_of(opened: OpenEntry, gene: int, names: Sequence[str]) -> dict[str, float]:
    """The features of a gene by name, in natural units; raises Unsupported without an encoder."""
    _need_encoder(opened, "features_of")
    scale = FeatureScale.read(opened.state[FEATURE_SCALE])
    natural = scale.natural(np.asarray(opened.state["features"])[[gene]])[0]
    if KNOWN in names:
        known = names.index(KNOWN)
        natural[known] = np.rint(natural[known])
    return dict(zip(names, natural.tolist(), strict=True))


def with_added(opened: OpenEntry, head: Graph, genes: Any, names: Sequence[str]) -> OpenEntry:
    """The entry with further genes, the cell encoded again; the old one is left as it is.

    `head` is the graph whose sizes grow, `names` are those of the features. See
    PerturbationScorer.with_genes for what is raised.
    """
    _need_encoder(opened, "with_genes")
    features = np.asarray(opened.state["features"])
    scale = FeatureScale.read(opened.state[FEATURE_SCALE])
    new = described(genes, opened.vocabulary, names, scale)
    natural = np.stack(list(new.values()))
    vocabulary = opened.vocabulary.extended(GeneRecord(name) for name in new)
    known, added = (vocabulary.gene_index(each) for each in (opened.vocabulary.genes, new))
    total = len(vocabulary)

    def grown(old: np.ndarray, of_new: Any) -> np.ndarray:
        """A column of the state with a row for every gene."""
        column = np.zeros((total, *old.shape[1:]), old.dtype)
        column[known], column[added] = old, of_new
        return column

    token = opened.state.get("token", np.arange(len(features)))
    state = {
        **opened.state,
        "features": grown(features, _told(natural, names, scale)),
        "token": grown(np.asarray(token), opened.manifest.sizes["tokens_total"] - 1),
        "gene_records": grown(np.asarray(opened.state["gene_records"]), 0),
        "single_measured": grown(
            np.asarray(opened.state["single_measured"]), _is_measured(natural, names)
        ),
    }
    larger = replace(opened, vocabularies={"vocabulary": vocabulary}, state=state)
    cell = carried(larger, opened.graphs["encode"])
    head = head.carrying(cell, {**head.sizes, "genes_total": total})
    return replace(larger, state={**state, **cell}, graphs={**opened.graphs, "head": head})


def _need_encoder(opened: OpenEntry, asked: str) -> None:
    if "encode" not in opened.graphs:
        instead = (
            "What it knows of the cell is inside its graph. Load an entry of "
            "`zoo search --task perturbation_encoded`."
        )
        raise Unsupported(opened.manifest.entry, asked, instead)


def _told(
    natural: Float64[np.ndarray, "new features"], names: Sequence[str], scale: FeatureScale
) -> Float32[np.ndarray, "new features"]:
    """Features as the encoder takes them; a measured fitness is passed on however low it is."""
    features = scale.standardised(natural)
    if SINGLE in names:
        place = names.index(SINGLE)
        features[:, place] = scale.standardised(natural, limit=np.inf)[:, place]
    return features


def _is_measured(
    natural: Float64[np.ndarray, "new features"], names: Sequence[str]
) -> Bool[np.ndarray, "new"]:
    """Which of the new genes come with a measured single mutant."""
    return natural[:, names.index(KNOWN)] > 0 if KNOWN in names else np.zeros(len(natural), bool)
