"""Masks of deleted genes against the rules, evaluated by loops on made-up graphs and yeast's."""

import os
from pathlib import Path

import numpy as np
import pytest

from contracts.errors import ContractViolation, InvalidOption
from training.data.cell_masks import CellEdges, CellMasks, Deletions, Ragged

FOLDER = os.environ.get("ZOO_DATA")
KEPT = ("genes", "physical", "regulatory", "gene_reaction", "reaction_nodes", "stoichiometry")
KEPT = (*KEPT, "reactions")

HAND = CellEdges(
    genes=7,
    physical=np.array([[0, 1, 1, 2], [1, 0, 2, 1]]),
    regulatory=np.array([[3, 0], [0, 2]]),
    gene_reaction=np.array([[0, 1, 2, 0, 1, 4], [0, 0, 1, 2, 2, 3]]),
    stoichiometry=np.array([[0, 1, 0, 1, 0, 1, 2, 2], [0, 0, 1, 1, 2, 2, 3, 4]]),
    reaction=np.array([0, 0, 1, 2, 3]),
    gem_reaction=np.array([0, 0, 0, 1, 2]),
)
"""Node 0 (genes 0 and 1) or node 1 (gene 2) catalyse reaction 0; node 2 (0 and 1) its reverse,
reaction 1; node 3 (gene 4) reaction 2; node 4 has no genes. Genes 5 and 6 have no edges."""


def made_up(seed: int) -> CellEdges:
    """A small graph with loops, nodes without genes, and directions that differ in their sets."""
    rng = np.random.default_rng(seed)
    genes, nodes, metabolites = 12, 15, 6
    pairs = [(g, n) for g in range(genes) for n in range(nodes) if rng.random() < 0.08]
    terms = [(m, n) for m in range(metabolites) for n in range(nodes) if rng.random() < 0.3]
    reaction = np.unique(rng.integers(0, 9, nodes), return_inverse=True)[1]
    return CellEdges(
        genes=genes,
        physical=rng.integers(0, genes, (2, 20)),
        regulatory=rng.integers(0, genes, (2, 9)),
        gene_reaction=np.array(pairs, np.int64).reshape(-1, 2).T,
        stoichiometry=np.array(terms, np.int64).reshape(-1, 2).T,
        reaction=reaction.astype(np.int64),
        gem_reaction=(reaction // 2).astype(np.int64),
    )


def yeast() -> CellEdges:
    """The real graph where it is at hand, else the one made by hand."""
    if not FOLDER:
        return HAND
    from training.data import yeast
    from training.data.cell_graph import cell_graph
    from training.data.files import DataFiles

    files = DataFiles.find(Path(FOLDER))
    return cell_graph(yeast.load(files), files).edges


@pytest.fixture(scope="module")
def real() -> CellEdges:
    return yeast()


def drawn(edges: CellEdges, sets: int, seed: int) -> list[list[int]]:
    """Sets of 0 to 4 genes; every other one prefers genes of reactions."""
    rng = np.random.default_rng(seed)
    metabolic = np.unique(edges.gene_reaction[0])
    rows = []
    for row in range(sets):
        pool = metabolic if row % 2 and len(metabolic) > 4 else np.arange(edges.genes)
        rows.append(rng.choice(pool, rng.integers(0, 5), replace=False).tolist())
    return rows


class Naive:
    """The rules of the module's first lines, node by node."""

    def __init__(self, edges: CellEdges):
        self.edges = edges
        self.genes_of: list[set[int]] = [set() for _ in edges.reaction]
        for gene, node in edges.gene_reaction.T.tolist():
            self.genes_of[node].add(gene)

    def __call__(self, deleted: list[int]) -> CellMasks:
        edges = self.edges
        dead = [not own.isdisjoint(deleted) for own in self.genes_of]
        groups = edges.reaction.tolist(), edges.gem_reaction.tolist()
        alive = [{group[n] for n, gone in enumerate(dead) if not gone} for group in groups]
        entry = [gene not in deleted for gene in edges.gene_reaction[0].tolist()]
        of_dead = [dead[node] for node in edges.gene_reaction[1].tolist()]
        return CellMasks(
            genes=np.array([gene not in deleted for gene in range(edges.genes)]),
            physical=untouched(edges.physical, deleted),
            regulatory=untouched(edges.regulatory, deleted),
            gene_reaction=np.array(entry, bool) & ~np.array(of_dead, bool),
            reaction_nodes=~np.array(dead),
            stoichiometry=np.array([not dead[n] for n in edges.stoichiometry[1].tolist()], bool),
            reactions=np.array([r in alive[0] for r in range(max(groups[0]) + 1)]),
            reactions_lost=np.array(sorted(set(groups[1]) - alive[1]), np.int64),
        )


def untouched(ends: np.ndarray, deleted: list[int]) -> np.ndarray:
    """The edges that have no deleted gene, one comparison a gene and end."""
    kept = np.ones(ends.shape[1], bool)
    for gene in deleted:
        kept &= (ends[0] != gene) & (ends[1] != gene)
    return kept


def flat(rows: list[list[int]]) -> tuple[np.ndarray, np.ndarray, int]:
    member = np.array([gene for row in rows for gene in row], np.int64)
    segment = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
    return member, segment.astype(np.int64), len(rows)


def assert_equal(got: CellMasks, expected: CellMasks) -> None:
    for name in (*KEPT, "reactions_lost"):
        np.testing.assert_array_equal(getattr(got, name), getattr(expected, name), err_msg=name)


def gone(masks: CellMasks, name: str) -> list[int]:
    return np.flatnonzero(~getattr(masks, name)).tolist()


def test_nothing_is_lost_with_nothing_deleted():
    masks = Deletions(HAND).masks(np.array([], np.int64))
    assert all(getattr(masks, name).all() for name in KEPT)
    assert masks.reactions_lost.tolist() == []


def test_a_node_dies_with_any_gene_and_its_reaction_with_the_last_node():
    masks = Deletions(HAND).masks(np.array([1]))
    assert gone(masks, "genes") == [1]
    assert gone(masks, "physical") == [0, 1, 2, 3]
    assert gone(masks, "regulatory") == []
    assert gone(masks, "reaction_nodes") == [0, 2]
    assert gone(masks, "gene_reaction") == [0, 1, 3, 4]
    assert gone(masks, "stoichiometry") == [0, 1, 4, 5]
    assert gone(masks, "reactions") == [1]
    assert masks.reactions_lost.tolist() == []


def test_both_sets_of_a_reaction_deleted_lose_it_entirely():
    masks = Deletions(HAND).masks(np.array([2, 0]))
    assert gone(masks, "regulatory") == [0, 1]
    assert gone(masks, "reactions") == [0, 1]
    assert masks.reactions_lost.tolist() == [0]


def test_all_genes_of_a_reaction_are_legal_and_a_node_without_genes_lives():
    masks = Deletions(HAND).masks(np.array([0, 1, 2, 4]))
    assert gone(masks, "reaction_nodes") == [0, 1, 2, 3]
    assert masks.reactions_lost.tolist() == [0, 1]


def test_a_gene_without_edges_loses_itself_alone():
    masks = Deletions(HAND).masks(np.array([6]))
    assert gone(masks, "genes") == [6]
    assert all(getattr(masks, name).all() for name in KEPT[1:])


@pytest.mark.parametrize("seed", range(20))
def test_masks_of_made_up_graphs_follow_the_rules(seed: int):
    edges = made_up(seed)
    deletions, naive = Deletions(edges), Naive(edges)
    for row in drawn(edges, 40, seed):
        assert_equal(deletions.masks(np.array(row, np.int64)), naive(row))


def test_masks_of_yeast_follow_the_rules(real: CellEdges):
    deletions, naive, lost = Deletions(real), Naive(real), 0
    for row in drawn(real, 1000, 5):
        masks = deletions.masks(np.array(row, np.int64))
        assert_equal(masks, naive(row))
        lost += len(masks.reactions_lost) > 0
    assert lost > 50


def test_a_batch_is_its_sets_one_by_one(real: CellEdges):
    deletions = Deletions(real)
    rows = drawn(real, 300, 6)
    member, segment, sets = flat(rows)
    order = np.random.default_rng(7).permutation(len(member))
    removed = deletions.removed(member[order], segment[order], sets)
    for number, row in enumerate(rows):
        masks = deletions.masks(np.array(row, np.int64))
        for name in KEPT:
            np.testing.assert_array_equal(getattr(removed, name)[number], gone(masks, name))
        np.testing.assert_array_equal(removed.reactions_lost[number], masks.reactions_lost)


def test_rows_of_a_batch_know_their_set():
    removed = Deletions(HAND).removed(np.array([6, 1]), np.array([3, 1]), 5)
    assert [len(removed.genes), len(removed.physical)] == [5, 5]
    assert removed.genes.value.tolist() == [1, 6]
    assert removed.genes.row.tolist() == [1, 3]
    assert removed.physical.start.tolist() == [0, 0, 4, 4, 4, 4]


def test_no_sets_at_all_remove_nothing():
    nothing = np.array([], np.int64)
    removed = Deletions(HAND).removed(nothing, nothing, 0)
    assert all(len(getattr(removed, name)) == 0 for name in KEPT)


def test_a_graph_without_reactions_and_edges_has_genes():
    ends, nothing = np.zeros((2, 0), np.int64), np.array([], np.int64)
    bare = CellEdges(3, ends, ends, ends, ends, nothing, nothing)
    masks = Deletions(bare).masks(np.array([1]))
    assert masks.genes.tolist() == [True, False, True]
    assert len(masks.reactions) == 0


def test_every_fault_of_the_sets_is_told_at_once():
    member, segment = np.array([3, 0, 7, 3, -1]), np.array([2, 0, 1, 2, 2])
    with pytest.raises(ContractViolation) as caught:
        Deletions(HAND).removed(member, segment, 3)
    told = [(fault.where, fault.got, fault.expected) for fault in caught.value.violations]
    assert told == [
        ("perturbations[1]", "gene 7", "one of 7, from 0 to 6"),
        ("perturbations[2]", "gene -1", "one of 7, from 0 to 6"),
        ("perturbations[2]", "gene 3 twice", "each gene once in a set"),
    ]


def test_the_same_gene_in_two_sets_is_legal():
    removed = Deletions(HAND).removed(np.array([3, 3]), np.array([0, 1]), 2)
    assert removed.genes.value.tolist() == [3, 3]


def test_sets_that_are_not_there_are_refused():
    deletions = Deletions(HAND)
    with pytest.raises(ContractViolation, match="segment: got set 2, expected one of 2"):
        deletions.removed(np.array([0]), np.array([2]), 2)
    with pytest.raises(InvalidOption, match="sets=-1 is not allowed: expected 0 or more"):
        deletions.removed(np.array([0]), np.array([0]), -1)


@pytest.mark.parametrize(
    ("name", "edges", "got"),
    [
        ("physical", [[0], [7]], "gene 7"),
        ("regulatory", [[-1], [0]], "gene -1"),
        ("gene_reaction", [[9], [0]], "gene 9"),
        ("gene_reaction", [[0], [5]], "reaction node 5"),
        ("stoichiometry", [[0], [-2]], "reaction node -2"),
    ],
)
def test_an_edge_that_points_outside_is_refused(name: str, edges: list, got: str):
    broken = CellEdges(**(vars(HAND) | {name: np.array(edges)}))
    with pytest.raises(ContractViolation, match=f"{name}: got {got}, expected one of"):
        Deletions(broken)


def test_rows_keep_the_order_of_their_values():
    lists = Ragged.grouped(np.array([1, 0, 1]), np.array([5, 4, 3]), 3)
    assert [lists[row].tolist() for row in range(3)] == [[4], [5, 3], []]
