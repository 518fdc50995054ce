"""How an entry and a baseline say the types of cells, and what is told beside the figures."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int64
from sklearn.decomposition import PCA

from training.cells.baselines import Predict, levels
from training.cells.questions import Transfer
from training.data.cells import CellData
from training.family import Ground, Notes
from training.scoring.measures import Values
from training.scoring.question import Ask, Question
from training.scoring.table import ENTRY, Series
from zoo.cells.scorer import CellEmbedder

if TYPE_CHECKING:
    import anndata

COLUMNS = ("cell", "type", "predicted", "second", "confidence", "assigned", "code", "x", "y")
MAPPED = 500
"""Cells of a species that the map has at most: drawn by chance."""
ANY = 0.0
"""The threshold of confidence that leaves no cell unassigned."""


def annotated(data: CellData, species: str, rows: Int64[np.ndarray, "cells"]) -> "anndata.AnnData":
    """Some cells of a species as people have them: raw counts of all genes, and their types."""
    import anndata
    from scipy import sparse

    one = data.species[species]
    obs = pd.DataFrame({"type": one.labels.iloc[rows]})
    counts = sparse.csr_matrix(one.counts[rows])
    return anndata.AnnData(counts, obs=obs, var=pd.DataFrame(index=list(one.genes)))


def transferred(
    data: CellData, about: Transfer, scorer: CellEmbedder, threshold: float | None = ANY
) -> pd.DataFrame:
    """What an entry says of all cells of the query."""
    reference = annotated(data, about.species[0], about.reference)
    query = annotated(data, about.species[1], about.query)
    return scorer.transfer_labels(reference, "type", query, about.species, threshold=threshold)


def coded(data: CellData, given: pd.DataFrame) -> Values:
    """The labels that were given, as positions in `data.types`."""
    place = {name: code for code, name in enumerate(data.types)}
    return given["label"].map(place).to_numpy(np.float64)


def entry_asking(data: CellData, scorer: CellEmbedder) -> Ask:
    """A loaded entry as a model."""

    def ask(question: Question) -> Values:
        about: Transfer = question.about
        return coded(data, transferred(data, about, scorer))[about.rows]

    return ask


def answer(ground: Ground, question: Question, scorer: CellEmbedder) -> pd.DataFrame:
    """A row a cell: its type, what is predicted, the next best, and its place on the map.

    Every cell is given a type, however sure; `assigned` says whether the entry's own threshold
    would have done so. `x` and `y` are the first principal components of the vectors of the test
    cells of both species, the same axes in all tables.
    """
    data, about = ground.data, question.about
    given, sure = (transferred(data, about, scorer, threshold) for threshold in (ANY, None))
    x, y = drawn(ground, scorer)[about.species[1]].T
    table = pd.DataFrame(
        {
            "cell": given["cell"].to_numpy(),
            "type": data.species[about.species[1]].labels.iloc[about.query].to_numpy(),
            "predicted": given["label"].to_numpy(),
            "second": given["second"].to_numpy(),
            "confidence": given["confidence"].to_numpy(),
            "assigned": (given["label"] == sure["label"]).to_numpy(),
            "code": coded(data, given),
            "x": x,
            "y": y,
        }
    )
    return table.iloc[about.rows].reset_index(drop=True)


def drawn(ground: Ground, scorer: CellEmbedder) -> dict[str, Float64[np.ndarray, "_ 2"]]:
    """By species the test cells on the first two principal components of all their vectors."""
    data, split = ground.data, ground.split
    vectors = {
        species: scorer.embed(annotated(data, species, split.cells(data, species, "test")), species)
        for species in data.species
    }
    axes = PCA(2, svd_solver="full").fit(np.concatenate(list(vectors.values())).astype(np.float64))
    return {species: axes.transform(each) for species, each in vectors.items()}


def asking(data: CellData, predict: Predict) -> Ask:
    """A fitted baseline as a model: it sees all of the query, and says the types that are asked."""

    def ask(question: Question) -> Values:
        about: Transfer = question.about
        types = predict(levels(data, about.species[1], about.query))
        return types[about.rows].astype(np.float64)

    return ask


def notes(
    ground: Ground,
    question: Question,
    table: pd.DataFrame,
    answers: Mapping[str, Values],
    best: str | None,
) -> Notes:
    """What the entry's own threshold leaves unassigned, the confusion of types, and the map."""
    right = table["type"] == table["predicted"]
    assigned = table["assigned"]
    values = {"assigned": float(assigned.mean())}
    if assigned.any():
        values["accuracy_assigned"] = float(right[assigned].mean())
    counts = table.groupby(["type", "predicted"]).size().reset_index(name="cells")
    found = [("confusion", counts), ("types", by_type(table))]
    if not question.name:
        rows = np.random.default_rng(0).permutation(len(table))[:MAPPED]
        found.append(("map", table.iloc[np.sort(rows)][["x", "y", "type"]].round(3)))
    place = {"protocol": question.protocol, "question": question.name, "model": ENTRY}
    series = [
        Series(**place, kind=kind, columns=list(each), rows=each.to_numpy(object).tolist())
        for kind, each in found
    ]
    return Notes(values=values, series=series)


def by_type(table: pd.DataFrame) -> pd.DataFrame:
    """Cells of each type, the share that is right, and what most of the others are taken for."""
    rows = []
    for name, cells in table.groupby("type"):
        wrong = cells.loc[cells["predicted"] != name, "predicted"].value_counts()
        rows.append((name, len(cells), 1 - wrong.sum() / len(cells), next(iter(wrong.index), "")))
    return pd.DataFrame(rows, columns=["type", "cells", "right", "other"])
