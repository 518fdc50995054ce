"""Which nodes of the cell's graph a set of deletions moves, and how far."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
from jaxtyping import Int64
from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.errors import (
    ContractViolation,
    CorruptArtefact,
    InvalidOption,
    MissingArtefact,
    Unsupported,
    Violation,
)
from contracts.sets.kinds import ABSENT, KINDS, is_kind, is_wildtype, unpack
from zoo.entry import OpenEntry
from zoo.results import Columns
from zoo.sets.located import sets_of

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


def explained(opened: OpenEntry, perturbation: Any, top: Any, kind: Any) -> Columns:
    """Those that moved most, as PerturbationScorer.explain has them; see there for the errors."""
    check_offered(opened)
    check_options(top, kind)
    nodes, genes = nodes_of(opened), opened.vocabulary
    member = deleted(opened, perturbation)
    outputs = opened.graphs["explain"].run({"member": member})
    parts = [outputs[f"{one}_moved"] for one in NODE_KINDS]
    moved, total = np.concatenate(parts), [len(part) for part in parts]
    place = np.repeat(np.arange(len(NODE_KINDS)), total)
    gone = np.zeros(len(moved), bool)
    gone[member] = True
    gone[total[0] :][: total[1]] = outputs["reaction_lost"] > 0
    others = [*nodes.reactions, *nodes.metabolites]
    symbols, names = [*genes.genes, *others], [*genes.common_names, *others]
    lengths = outputs["gene_share"]  # of what each gene adds to what the pool of genes moves
    fraction = lengths / max(lengths.sum(), np.finfo(np.float32).tiny)
    share = np.append(fraction, np.full(len(others), np.nan, np.float32))
    wanted = moved > 0
    if kind is not None:
        wanted &= place == NODE_KINDS.index(kind)
    some = sorted(np.flatnonzero(wanted), key=lambda i: (-moved[i], symbols[i]))[:top]
    status = ("deleted", "lost", "lost")
    return {
        "rank": np.arange(1, len(some) + 1),
        "node": [symbols[i] for i in some],
        "name": [names[i] for i in some],
        "kind": [NODE_KINDS[place[i]] for i in some],
        "status": [status[place[i]] if gone[i] else "changed" for i in some],
        "moved": moved[some],
        "share": share[some],
    }


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
    code = sets_of([perturbation], opened.vocabulary, limit).sets.code
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
        return Nodes.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise MissingArtefact(path) from None
    except ValidationError as error:
        expected = "lists of the names of reactions and metabolites"
        raise CorruptArtefact(path, expected, str(error).splitlines()[0]) from error
