"""What is left of a cell's graph once genes are deleted: genes, edges, and reactions.

The rules, for one set of deleted genes:

    a deleted gene     takes its physical and its regulatory edges with it, in either direction
    a reaction node    dies with any of its genes (they are joined by AND); it takes its entries of
                       genes and of metabolites with it; one without genes never dies
    a reaction         in one direction dies with the last of its nodes (they are joined by OR)
    a model's reaction is lost where it dies in every direction it has

Lists of what belongs to a gene, and to a reaction node, are made once; a set then costs what it
removes, and many sets are looked up at once, without an array of sets times edges.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from contracts.errors import ContractViolation, InvalidOption, Violation
from contracts.perturbations.kinds import repeated

WHERE = "perturbations"


@dataclass(frozen=True)
class CellEdges:
    """The graph of a cell by positions.

    `physical` and `regulatory` have the two genes of each edge, `gene_reaction` the gene and the
    reaction node of each entry, `stoichiometry` the metabolite and the reaction node. A reaction
    node is one set of genes that together suffice; `reaction` has the reaction in one direction
    that it belongs to, and `gem_reaction` that reaction whatever its direction.
    """

    genes: int
    physical: Int64[np.ndarray, "2 physical"]
    regulatory: Int64[np.ndarray, "2 regulatory"]
    gene_reaction: Int64[np.ndarray, "2 entries"]
    stoichiometry: Int64[np.ndarray, "2 terms"]
    reaction: Int64[np.ndarray, "nodes"]
    gem_reaction: Int64[np.ndarray, "nodes"]


@dataclass(frozen=True)
class Ragged:
    """Rows of different lengths end to end: row r is value[start[r] : start[r + 1]]."""

    start: Int64[np.ndarray, "starts"]
    value: Int64[np.ndarray, "values"]

    @classmethod
    def grouped(
        cls, row: Int64[np.ndarray, "values"], value: Int64[np.ndarray, "values"], rows: int
    ) -> "Ragged":
        """The values of each of `rows` rows, in the order in which they come."""
        return cls(_starts(row, rows), value[np.argsort(row, kind="stable")])

    @classmethod
    def distinct(
        cls,
        row: Int64[np.ndarray, "values"],
        value: Int64[np.ndarray, "values"],
        rows: int,
        total: int,
    ) -> "Ragged":
        """The distinct values of each row, ascending; they are under `total`."""
        code = np.sort(row * total + value)
        # Not np.unique, which takes several times as long.
        row, value = np.divmod(code[_first(code)], max(total, 1))
        return cls(_starts(row, rows), value)

    def __len__(self) -> int:
        return len(self.start) - 1

    def __getitem__(self, row: int) -> Int64[np.ndarray, "some"]:
        return self.value[self.start[row] : self.start[row + 1]]

    @property
    def row(self) -> Int64[np.ndarray, "values"]:
        """Which row each value belongs to."""
        return np.repeat(np.arange(len(self)), np.diff(self.start))

    def looked_up(
        self, keys: "Ragged"
    ) -> tuple[Int64[np.ndarray, "found"], Int64[np.ndarray, "found"]]:
        """For the rows of `keys`: the row, and the value, of all that their keys have here."""
        first, count = self.start[keys.value], np.diff(self.start)[keys.value]
        shift = np.repeat(first - (np.cumsum(count) - count), count)
        return np.repeat(keys.row, count), self.value[shift + np.arange(len(shift))]


@dataclass(frozen=True)
class CellRemovals:
    """What each set removes: one row a set, of positions in CellEdges, ascending.

    `reactions` are those in one direction; `reactions_lost` those of `gem_reaction`.
    """

    genes: Ragged
    physical: Ragged
    regulatory: Ragged
    gene_reaction: Ragged
    reaction_nodes: Ragged
    stoichiometry: Ragged
    reactions: Ragged
    reactions_lost: Ragged


@dataclass(frozen=True)
class CellMasks:
    """What one set leaves: True where it is kept; of `reactions_lost` the positions, ascending."""

    genes: Bool[np.ndarray, "genes"]
    physical: Bool[np.ndarray, "physical"]
    regulatory: Bool[np.ndarray, "regulatory"]
    gene_reaction: Bool[np.ndarray, "entries"]
    reaction_nodes: Bool[np.ndarray, "nodes"]
    stoichiometry: Bool[np.ndarray, "terms"]
    reactions: Bool[np.ndarray, "reactions"]
    reactions_lost: Int64[np.ndarray, "lost"]


class Deletions:
    """Deletes genes from one graph.

    Raises ContractViolation where an edge or an entry points outside the graph.
    """

    def __init__(self, edges: CellEdges):
        _check_inside(edges)
        self.edges, nodes = edges, len(edges.reaction)
        self._physical = _incident(edges.physical, edges.genes)
        self._regulatory = _incident(edges.regulatory, edges.genes)
        gene, node = edges.gene_reaction
        self._nodes = Ragged.grouped(gene, node, edges.genes)
        self._entries = Ragged.grouped(node, np.arange(len(node)), nodes)
        terms = edges.stoichiometry[1]
        self._terms = Ragged.grouped(terms, np.arange(len(terms)), nodes)
        self._reaction_size = np.bincount(edges.reaction)
        self._gem_reaction_size = np.bincount(edges.gem_reaction)

    def masks(self, genes: Int64[np.ndarray, "members"]) -> CellMasks:
        """What is left without these genes; without any, the wildtype.

        Raises ContractViolation for a gene outside the graph, or one that is named twice.
        """
        removed = self.removed(genes, np.zeros(len(genes), np.int64), 1)
        totals = {
            "genes": self.edges.genes,
            "physical": self.edges.physical.shape[1],
            "regulatory": self.edges.regulatory.shape[1],
            "gene_reaction": self.edges.gene_reaction.shape[1],
            "reaction_nodes": len(self.edges.reaction),
            "stoichiometry": self.edges.stoichiometry.shape[1],
            "reactions": len(self._reaction_size),
        }
        kept = {name: np.ones(total, bool) for name, total in totals.items()}
        for name, mask in kept.items():
            mask[getattr(removed, name).value] = False
        return CellMasks(**kept, reactions_lost=removed.reactions_lost.value)

    def removed(
        self,
        member: Int64[np.ndarray, "members"],
        segment: Int64[np.ndarray, "members"],
        sets: int,
    ) -> CellRemovals:
        """What each of so many sets removes.

        Args:
            member: the deleted genes of all sets, in any order.
            segment: which set each belongs to, from 0; a set without members is the wildtype.
            sets: how many sets there are.

        Raises:
            InvalidOption: fewer than no sets.
            ContractViolation: a gene outside the graph, a gene twice in a set, a set that is not
                one of `sets`.
        """
        edges = self.edges
        _check_members(member, segment, sets, edges.genes)
        genes = Ragged.distinct(segment, member, sets, edges.genes)
        nodes = _all_of(self._nodes, genes, len(edges.reaction))
        return CellRemovals(
            genes=genes,
            physical=_all_of(self._physical, genes, edges.physical.shape[1]),
            regulatory=_all_of(self._regulatory, genes, edges.regulatory.shape[1]),
            gene_reaction=_all_of(self._entries, nodes, edges.gene_reaction.shape[1]),
            reaction_nodes=nodes,
            stoichiometry=_all_of(self._terms, nodes, edges.stoichiometry.shape[1]),
            reactions=_complete(nodes, edges.reaction, self._reaction_size),
            reactions_lost=_complete(nodes, edges.gem_reaction, self._gem_reaction_size),
        )


def _starts(row: Int64[np.ndarray, "values"], rows: int) -> Int64[np.ndarray, "starts"]:
    """Where each row starts once they stand end to end, and where the last one ends."""
    start = np.zeros(rows + 1, np.int64)
    np.cumsum(np.bincount(row, minlength=rows), out=start[1:])
    return start


def _first(ascending: Int64[np.ndarray, "values"]) -> Bool[np.ndarray, "values"]:
    """Which values differ from the one before."""
    first = np.ones(len(ascending), bool)
    np.not_equal(ascending[1:], ascending[:-1], out=first[1:])
    return first


def _incident(edges: Int64[np.ndarray, "2 edges"], genes: int) -> Ragged:
    """The edges of each gene, whichever end it is."""
    return Ragged.grouped(edges.ravel(), np.tile(np.arange(edges.shape[1]), 2), genes)


def _all_of(lists: Ragged, keys: Ragged, total: int) -> Ragged:
    """What the keys of each row have in `lists`, each once."""
    row, value = lists.looked_up(keys)
    return Ragged.distinct(row, value, len(keys), total)


def _complete(
    nodes: Ragged, group: Int64[np.ndarray, "nodes"], size: Int64[np.ndarray, "groups"]
) -> Ragged:
    """The groups that are among the nodes of a row with all the nodes they have."""
    code = np.sort(nodes.row * len(size) + group[nodes.value])
    first = np.flatnonzero(_first(code))
    row, found = np.divmod(code[first], max(len(size), 1))
    whole = np.diff(first, append=len(code)) == size[found]
    return Ragged(_starts(row[whole], len(nodes)), found[whole])


def _check_inside(edges: CellEdges) -> None:
    nodes = len(edges.reaction)
    ends = (
        ("physical", edges.physical, "gene", edges.genes),
        ("regulatory", edges.regulatory, "gene", edges.genes),
        ("gene_reaction", edges.gene_reaction[0], "gene", edges.genes),
        ("gene_reaction", edges.gene_reaction[1], "reaction node", nodes),
        ("stoichiometry", edges.stoichiometry[1], "reaction node", nodes),
    )
    violations = [
        Violation(where, f"{kind} {_outside(index, total)[0]}", _expected(kind, total))
        for where, index, kind, total in ends
        if len(_outside(index, total))
    ]
    if violations:
        raise ContractViolation(violations)


def _check_members(
    member: Int64[np.ndarray, "members"],
    segment: Int64[np.ndarray, "members"],
    sets: int,
    genes: int,
) -> None:
    if sets < 0:
        raise InvalidOption("sets", sets, "0 or more")
    violations = [
        Violation("segment", f"set {number}", _expected("set", sets))
        for number in np.unique(_outside(segment, sets)).tolist()
    ]
    for at in np.flatnonzero((member < 0) | (member >= genes)).tolist():
        where, got = f"{WHERE}[{segment[at]}]", f"gene {member[at]}"
        violations.append(Violation(where, got, _expected("gene", genes)))
    ordered = np.lexsort((member, segment))
    gene, number = member[ordered], segment[ordered]
    for at in repeated(number, gene).tolist():
        where, got = f"{WHERE}[{number[at]}]", f"gene {gene[at]} twice"
        violations.append(Violation(where, got, "each gene once in a set"))
    if violations:
        raise ContractViolation(violations)


def _outside(index: Int64[np.ndarray, "..."], total: int) -> Int64[np.ndarray, "outside"]:
    return index[(index < 0) | (index >= total)]


def _expected(kind: str, total: int) -> str:
    return f"one of {total:,}, from 0 to {total - 1:,}" if total else f"no {kind} at all"
