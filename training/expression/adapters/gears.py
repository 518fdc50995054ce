"""GEARS (Roohani, Huang and Leskovec, Nature Biotechnology 2024), by its own package `cell-gears`.

GEARS downloads GO terms when its data are made, and a graph when its model is. Here both come from
the `graph` that the caller brings, and nothing is downloaded. Its defaults are kept but for the
number of epochs. What comes out is a table for `zoo evaluate-predictions`.
"""

import tempfile
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from contracts.errors import InvalidOption

CONTROL = "ctrl"
PARTNERS = 20
VALIDATION = 3
BATCH = 32
LEAST = 0.1


class Cells(sparse.csr_matrix):
    """A matrix that can be asked by a pandas mask, as GEARS does and scipy refuses."""

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(key.to_numpy() if isinstance(key, pd.Series) else key)


def shared_terms(terms: pd.DataFrame, least: float = LEAST) -> pd.DataFrame:
    """A graph of genes by the terms they share: source, target and importance (Jaccard index).

    `terms` has the columns gene and term. Pairs up to `least` are left out, as GEARS does.
    """
    of = pd.crosstab(terms["gene"], terms["term"]).clip(upper=1)
    there = of.to_numpy(np.float64)
    both, count = there @ there.T, there.sum(axis=1)
    jaccard = both / (count[:, None] + count - both)
    source, target = np.nonzero(jaccard > least)
    importance = jaccard[source, target]
    return pd.DataFrame(
        {"source": of.index[source], "target": of.index[target], "importance": importance}
    )


def predictions(
    cells: Any,
    graph: pd.DataFrame,
    left_out: Sequence[str],
    *,
    perturbation: str = "condition",
    control: str = "control",
    epochs: int = 20,
    seed: int = 0,
) -> pd.DataFrame:
    """The change of each perturbation after training without it, [perturbations, genes].

    `cells` is an AnnData of logarithms with the perturbation of every cell in obs, genes joined by
    "+". `graph` is as of `shared_terms`. Perturbations with a gene outside of it are not trained
    on. Raises InvalidOption for one that is to be left out and has such a gene, or no cells.
    """
    names = cells.obs[perturbation].astype(str)
    condition = names.map(lambda name: _condition(name, control))
    place, genes = set(graph["target"]), cells.var_names.astype(str)
    usable = [each for each in condition.unique() if set(_genes(each)) <= place]
    for name in left_out:
        if _condition(name, control) not in usable:
            raise InvalidOption("left_out", name, "a perturbation of cells with genes of the graph")
    own = condition.isin(usable).to_numpy()
    still = np.asarray(cells.X[(condition == CONTROL).to_numpy()].mean(axis=0)).ravel()
    rows = {}
    with tempfile.TemporaryDirectory() as folder:
        data = _data(cells[own], condition[own].to_numpy(), graph, folder)
        for name in left_out:
            rows[name] = _predicted(data, graph, _condition(name, control), epochs, seed) - still
    return pd.DataFrame.from_dict(rows, orient="index", columns=genes).rename_axis("perturbation")


def _condition(name: str, control: str) -> str:
    """A perturbation as GEARS writes it: A+B, A+ctrl, ctrl."""
    if name == control:
        return CONTROL
    return name if "+" in name else f"{name}+{CONTROL}"


def _genes(condition: str) -> list[str]:
    return [gene for gene in condition.split("+") if gene != CONTROL]


def _data(cells: Any, condition: np.ndarray, graph: pd.DataFrame, folder: str) -> Any:
    """PertData without its constructor, which downloads."""
    import anndata
    from gears import PertData

    about = pd.DataFrame({"condition": condition, "cell_type": "cells"}, index=cells.obs_names)
    genes = pd.DataFrame({"gene_name": cells.var_names.astype(str)}, index=cells.var_names)
    data = PertData.__new__(PertData)
    data.data_path, data.gene_set_path, data.default_pert_graph = folder, None, False
    data.gene2go = dict.fromkeys(graph["target"].unique(), ())
    data.subgroup = data.train_gene_set_size = None
    data.new_data_process("cells", anndata.AnnData(sparse.csr_matrix(cells.X), about, genes))
    data.adata.X = Cells(data.adata.X)
    return data


def _predicted(
    data: Any, graph: pd.DataFrame, asked: str, epochs: int, seed: int
) -> Iterable[float]:
    """Mean expression after one perturbation, by a model that was trained without it."""
    import torch
    from gears import GEARS
    from gears.utils import GeneSimNetwork

    np.random.seed(seed)  # noqa: NPY002 (GEARS draws control cells by it)
    torch.manual_seed(seed)
    others = sorted(set(data.adata.obs["condition"]) - {asked, CONTROL})
    doubles = [each for each in others if CONTROL not in each] or others
    count = min(VALIDATION, len(doubles))
    drawn = np.random.default_rng(seed).choice(doubles, count, replace=False).tolist()
    train = [CONTROL, *(each for each in others if each not in drawn)]
    data.set2conditions = {"train": train, "val": drawn, "test": [asked]}
    data.split, data.seed = "custom", f"{seed}-{asked}"
    data.get_dataloader(batch_size=BATCH)
    model = GEARS(data, device="cpu")
    ordered = graph.sort_values("importance", ascending=False)
    edges = ordered.groupby("target").head(PARTNERS + 1)
    edges = edges[edges["source"].isin(model.pert_list) & edges["target"].isin(model.pert_list)]
    network = GeneSimNetwork(edges, model.pert_list, model.node_map_pert)
    model.model_initialize(G_go=network.edge_index, G_go_weight=network.edge_weight)
    model.train(epochs=epochs)
    genes = _genes(asked)
    return model.predict([genes])["_".join(genes)]
