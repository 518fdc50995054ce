"""Which nodes of the cell's graph a set of deletions moves, and how far."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float32, Int64
from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.errors import (
    ContractViolation,
    CorruptArtefact,
    InvalidOption,
    MissingArtefact,
    Unsupported,
    Violation,
)
from contracts.perturbations.kinds import ABSENT, KINDS, is_kind, is_wildtype, unpack
from zoo.entry import OpenEntry
from zoo.perturbations.sets import located
from zoo.results import Columns

NODES = "nodes.json"
"""The file of an entry that names its reactions and its metabolites."""

NODE_KINDS = ("gene", "reaction", "metabolite")

NodeKind = Literal["gene", "reaction", "metabolite"]

WHERE = "perturbation"
_SET = "one set of genes such as ['YAL002W', 'YBR001C'], or [] or 'wildtype'"


class Nodes(BaseModel):
    """The names of reactions and metabolites, in the order of the graph's outputs."""

    model_config = ConfigDict(frozen=True, strict=True)

    reactions: list[str]
    metabolites: list[str]


@dataclass(frozen=True)
class Explanation:
    """What the graph `explain` says of one set, node by node: genes, reactions, metabolites.

    `kind` is a position in NODE_KINDS; `name` is the common name of a gene, and the node's own
    otherwise; `moved` is the distance between a node's states with and without the set, and of a
    node that is gone that between its state and 0; `share` is how long a gene's part is of what the
    whole cell moved, NaN for what is no gene.
    """

    node: list[str]
    name: list[str]
    kind: Int64[np.ndarray, "nodes"]
    gone: Bool[np.ndarray, "nodes"]
    moved: Float32[np.ndarray, "nodes"]
    share: Float32[np.ndarray, "nodes"]

    def columns(self, top: int, kind: str | None = None) -> Columns:
        """Those that moved most, as PerturbationScorer.explain has them, by name."""
        wanted = self.moved > 0
        if kind is not None:
            wanted &= self.kind == NODE_KINDS.index(kind)
        some = sorted(np.flatnonzero(wanted), key=lambda i: (-self.moved[i], self.node[i]))[:top]
        status = ("deleted", "lost", "lost")
        return {
            "rank": np.arange(1, len(some) + 1),
            "node": [self.node[i] for i in some],
            "name": [self.name[i] for i in some],
            "kind": [NODE_KINDS[self.kind[i]] for i in some],
            "status": [status[self.kind[i]] if self.gone[i] else "changed" for i in some],
            "moved": self.moved[some],
            "share": self.share[some],
        }


def explained(opened: OpenEntry, perturbation: Any) -> Explanation:
    """What the graph `explain` says of one set; see PerturbationScorer.explain for the errors."""
    check_offered(opened)
    nodes = nodes_of(opened)
    genes = opened.vocabulary
    member = deleted(opened, perturbation)
    outputs = opened.graphs["explain"].run({"member": member})
    parts = [outputs[f"{kind}_moved"] for kind in NODE_KINDS]
    total = [len(part) for part in parts]
    gone = np.zeros(total[0], bool)
    gone[member] = True
    others = [*nodes.reactions, *nodes.metabolites]
    return Explanation(
        node=[*genes.genes, *others],
        name=[*genes.common_names, *others],
        kind=np.repeat(np.arange(len(NODE_KINDS)), total),
        gone=np.concatenate([gone, outputs["reaction_lost"] > 0, np.zeros(total[2], bool)]),
        moved=np.concatenate(parts),
        share=np.append(outputs["gene_share"], np.full(len(others), np.nan, np.float32)),
    )


def check_options(top: object, kind: object) -> None:
    """Raise InvalidOption for what no table of nodes is cut by."""
    if isinstance(top, bool) or not isinstance(top, int | np.integer) or top < 1:
        raise InvalidOption("top", top, "a whole number of at least 1")
    if kind is not None and kind not in NODE_KINDS:
        raise InvalidOption("kind", kind, f"one of {', '.join(NODE_KINDS)}; without it all of them")


def check_offered(opened: OpenEntry) -> None:
    """Raise Unsupported where an entry has no graph `explain`."""
    if "explain" not in opened.graphs:
        instead = (
            "It has no graph of the cell whose nodes could move. Load an entry of "
            "`zoo search --task perturbation_graph`."
        )
        raise Unsupported(opened.manifest.entry, "explain", instead)


def deleted(opened: OpenEntry, perturbation: Any) -> Int64[np.ndarray, "members"]:
    """The positions of the genes of one set, all of which are deleted."""
    _check_one(perturbation)
    limit = opened.manifest.sizes["members_limit"]
    code = located([perturbation], opened.vocabulary, limit, "raise").sets.code
    gene, kind = unpack(code)
    wrong = np.flatnonzero(kind != ABSENT)
    if len(wrong):
        symbols = opened.vocabulary.genes
        expected = "a deletion: no node is known to move with another kind"
        raise ContractViolation(
            [Violation(symbols[gene[i]], repr(KINDS[kind[i]]), expected) for i in wrong.tolist()]
        )
    return gene


def _check_one(perturbation: Any) -> None:
    """Raise ContractViolation for a gene in place of a set, and for several sets."""
    if isinstance(perturbation, str) and not is_wildtype(perturbation):
        raise ContractViolation([Violation(WHERE, repr(perturbation), _SET)])
    if not isinstance(perturbation, list | tuple):
        return
    several = [one for one in perturbation if _is_set(one)]
    if several:
        call = f"explain({several[0]!r}), and once more for every other set"
        got = "several sets" if len(perturbation) > 1 else "a set in a list"
        raise ContractViolation([Violation(WHERE, got, f"one set: type {call}")])


def _is_set(member: Any) -> bool:
    """Whether it is a set of genes, and neither a name nor a name and a kind."""
    if isinstance(member, list | tuple) and len(member) == 2 and isinstance(member[0], str):
        return isinstance(member, list) and not is_kind(member[1])
    return isinstance(member, list | tuple | set | frozenset | dict)


def nodes_of(opened: OpenEntry) -> Nodes:
    """The names of an entry's reactions and metabolites.

    Raises:
        MissingArtefact, CorruptArtefact: nodes.json is not there, or not for the entry's graph.
    """
    path = opened.folder / NODES
    nodes = _read(path)
    for name in ("reactions", "metabolites"):
        size, names = opened.manifest.sizes[f"{name}_total"], getattr(nodes, name)
        if len(names) != size:
            raise CorruptArtefact(path, f"{size} {name}", str(len(names)))
    return nodes


def _read(path: Path) -> Nodes:
    try:
        return Nodes.model_validate(json.loads(path.read_text()))
    except FileNotFoundError:
        raise MissingArtefact(path) from None
    except (json.JSONDecodeError, ValidationError) as error:
        expected = "lists of the names of reactions and metabolites"
        raise CorruptArtefact(path, expected, str(error).splitlines()[0]) from error
