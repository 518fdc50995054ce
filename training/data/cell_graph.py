"""The cell of budding yeast as a graph of genes, reactions and metabolites, from the yeast files.

Genes are joined by physical interactions and by regulation; a reaction node is one set of genes
that together catalyse one reaction in one direction, and has signed amounts of metabolites. Where
any one of several sets suffices, their nodes share `gem_reaction` and `direction`.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int64

from contracts.errors import ArtefactError
from contracts.genes.vocabulary import Vocabulary
from training.data.files import DataFiles
from training.data.pairs import require_coverage
from training.data.perturbations import PerturbationData
from training.data.yeast import FLOOR

Edges = Int64[np.ndarray, "2 edges"]

NAMED = {"physical": ("gene_a", "gene_b"), "regulatory": ("tf", "gene"), "gpr": ("orf",)}
"""The columns of genes, by the table that has them."""


@dataclass(frozen=True)
class CellGraph:
    """Nodes by their names, and what joins them by positions.

    `genes` are first those of the vocabulary, in its order, and then, sorted, those that only
    networks or reactions know. `physical` has every edge in both directions, `regulatory` from the
    regulator to its target; neither has loops. `gene_reaction` has gene and reaction node.
    `stoichiometry` has metabolite and reaction node, and `coefficient` the molecules of it that the
    reaction makes (positive) or uses (negative). `gem_reaction` of a reaction node is a position in
    `gem_reactions`, `direction` is 1 (as written) or -1.
    """

    genes: tuple[str, ...]
    in_vocabulary: int
    physical: Int64[np.ndarray, "2 physical"]
    regulatory: Int64[np.ndarray, "2 regulatory"]
    reaction_nodes: tuple[str, ...]
    gem_reactions: tuple[str, ...]
    gem_reaction: Int64[np.ndarray, "nodes"]
    direction: Int64[np.ndarray, "nodes"]
    gene_reaction: Int64[np.ndarray, "2 entries"]
    metabolites: tuple[str, ...]
    stoichiometry: Int64[np.ndarray, "2 terms"]
    coefficient: Float64[np.ndarray, "terms"]


def cell_graph(data: PerturbationData, files: DataFiles) -> CellGraph:
    """Build the graph around the genes of `data`.

    Raises:
        LowCoverage: names of genes that SGD's table does not have, over the floor of yeast.load.
        ArtefactError: an entry that points outside its table or stands there twice, a name that is
            lacking or stands there twice, a direction or an amount that is none.
    """
    columns = {name: list(named) for name, named in NAMED.items()}
    columns["gpr"].append("reaction_idx")
    named = {name: _table(files, name, each) for name, each in columns.items()}
    reactions = _table(files, "reactions", ["reaction_node", "gem_reaction", "direction"])
    metabolites = _table(files, "metabolites", ["metabolite"])
    terms = _table(files, "stoichiometry", ["metabolite_idx", "reaction_idx", "stoich"])
    genes = _genes(data.vocabulary, named, set(_table(files, "genes", ["orf"])["orf"]))
    position = {gene: place for place, gene in enumerate(genes)}
    entries = named["gpr"].assign(orf=named["gpr"]["orf"].map(position))
    gem_reaction, gem_reactions = pd.factorize(reactions["gem_reaction"])
    nodes, met = reactions["reaction_node"], metabolites["metabolite"]
    for name, column in (("reactions", nodes), ("metabolites", met)):
        _check(name, column, ~column.duplicated(), "it names '{}' twice")
    way, amount = reactions["direction"], terms["stoich"]
    expected = "expected 1 (as written) or -1 (the reverse)"
    _check("reactions", way, way.isin((-1, 1)), f"the direction {{}}, {expected}")
    expected = "expected a finite number of molecules that is not 0"
    sound = np.isfinite(amount) & (amount != 0)
    _check("stoichiometry", amount, sound, f"the amount {{}}, {expected}")
    return CellGraph(
        genes=genes,
        in_vocabulary=len(data.vocabulary),
        physical=_edges(named["physical"], position, both_ways=True),
        regulatory=_edges(named["regulatory"], position, both_ways=False),
        reaction_nodes=tuple(nodes),
        gem_reactions=tuple(gem_reactions),
        gem_reaction=gem_reaction.astype(np.int64),
        direction=way.to_numpy(np.int64),
        gene_reaction=_entries("gpr", entries, {"orf": len(genes), "reaction_idx": len(reactions)}),
        metabolites=tuple(met),
        stoichiometry=_entries(
            "stoichiometry",
            terms,
            {"metabolite_idx": len(metabolites), "reaction_idx": len(reactions)},
        ),
        coefficient=amount.to_numpy(np.float64),
    )


def _table(files: DataFiles, name: str, columns: list[str]) -> pd.DataFrame:
    """These columns of a table; raises ArtefactError where a cell of them is empty."""
    table = files.table(f"yeast/{name}.tsv.gz", usecols=columns)[columns]
    for column in columns:
        _check(name, table[column], table[column].notna(), f"{column} is empty")
    return table


def _check(name: str, column: pd.Series, sound: pd.Series, fault: str) -> None:
    """Raise ArtefactError with the first line of a column that is not sound.

    `fault` says what is wrong with it, and has {} where the value belongs.
    """
    if not sound.all():
        line = int((~sound).to_numpy().argmax())
        told = fault.format(column.iloc[line])
        raise ArtefactError(f"yeast/{name}.tsv.gz, line {line + 2}: {told}.")


def _genes(
    vocabulary: Vocabulary, named: dict[str, pd.DataFrame], listed: set[str]
) -> tuple[str, ...]:
    """All genes; raises LowCoverage where SGD's table lacks too many."""
    known = vocabulary.genes
    share = float(np.isin(known, sorted(listed)).mean())
    require_coverage("genes of the vocabulary", share, FLOOR)
    others: set[str] = set()
    for name, columns in NAMED.items():
        frame = named[name][list(columns)]
        share = float(frame.isin(listed).all(axis=1).mean())
        require_coverage(f"rows of yeast/{name}.tsv.gz", share, FLOOR)
        others.update(frame.to_numpy().ravel())
    return (*known, *sorted(others - set(known)))


def _edges(table: pd.DataFrame, position: dict[str, int], both_ways: bool) -> Edges:
    """The edges between two different genes, each once, sorted."""
    first, second = (table[column].map(position).to_numpy(np.int64) for column in table)
    pairs = np.stack([first, second], axis=1)
    if both_ways:
        pairs = np.concatenate([pairs, pairs[:, ::-1]])
    pairs = np.unique(pairs, axis=0)
    return np.ascontiguousarray(pairs[pairs[:, 0] != pairs[:, 1]].T)


def _entries(name: str, table: pd.DataFrame, totals: dict[str, int]) -> Edges:
    """The entries of two columns, in the table's order; raises ArtefactError, see cell_graph."""
    for column, total in totals.items():
        fault = f"{column} is {{}}, expected a row of its table, 0 to {total - 1}"
        _check(name, table[column], table[column].between(0, total - 1), fault)
    first = ~table.duplicated(list(totals))
    _check(name, table[next(iter(totals))], first, "the entry stands there twice")
    return np.stack([table[column].to_numpy(np.int64) for column in totals])
