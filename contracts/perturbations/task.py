"""The tasks of perturbation entries: any set of gene perturbations of one cell.

What a graph gives is composed to fitness by the scorer, so that fitness and interaction agree by
construction.
"""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

from contracts.sets.inputs import (
    MEMBER,
    MEMBERS,
    MEMBERS_DIFFER,
    ORDER,
    RELATIONS,
    SET,
    SETS,
    settle,
    settle_one,
)
from contracts.sets.kinds import KINDS
from contracts.task import Task
from contracts.tensors import Arrays, Axis, Contract, Invariant, Tensor, numbers, whole

FAMILY = "perturbations"

_GENES = Axis("genes")
_DIM, _KEY, _VALUE = (Axis(name, fixed=True) for name in ("dim", "key_dim", "value_dim"))
_FEATURES = Axis("features", fixed=True)
_GENES_TOTAL, _REACTIONS_TOTAL, _METABOLITES_TOTAL = (
    Axis(name, fixed=True) for name in ("genes_total", "reactions_total", "metabolites_total")
)

_KIND = f"what is done to it: {', '.join(KINDS)}"
_REQUEST = (MEMBER, whole("kind", MEMBERS, _KIND, maximum=len(KINDS) - 1), SET, ORDER)

_INTERACTION = "epsilon for two genes, tau for three (Kuzmin 2018); 0 for fewer"
_EXPECTATION = "product of the fitness of the absent members alone; 1 for the wildtype"
_PREDICTED = (
    numbers("gene_interaction", SETS, about=_INTERACTION),
    numbers("expectation", SETS, about=_EXPECTATION, minimum=0),
)

_FITNESS = "fitness of the cell without this gene alone"
_CELL = (
    numbers("hidden", _GENES, _DIM, about="each gene in the wildtype cell"),
    numbers("key", _GENES, _KEY, about="what a perturbed gene's query meets"),
    numbers("value", _GENES, _VALUE, about="what an unperturbed gene adds to the cell's state"),
    numbers("single_fitness", _GENES, about=_FITNESS, minimum=0),
    numbers("cell", _DIM, about="the whole wildtype cell"),
)
"""The cell as the encoder gives it, and as the head takes it."""


def _exactly(name: str, value: float, most: int) -> Callable[[Arrays], str | None]:
    """Holds where an output has one value for every set of at most so many members."""

    def holds(arrays: Arrays) -> str | None:
        if "order" not in arrays:
            return None
        found = arrays[name][arrays["order"] <= most]
        wrong = found[found != value]
        return f"{wrong[0]} in {len(wrong)} of {len(found)} such sets" if len(wrong) else None

    return holds


_OF_OUTPUTS = (
    Invariant(
        "no_interaction_of_one",
        "gene_interaction = 0 for the wildtype and for a single gene",
        _exactly("gene_interaction", 0, most=1),
    ),
    Invariant(
        "wildtype_expectation",
        "expectation = 1 for the wildtype",
        _exactly("expectation", 1, most=0),
    ),
)


def _head(cell: tuple[Tensor, ...] = ()) -> Contract:
    return Contract(
        inputs=(*_REQUEST, *(replace(part, carried=True) for part in cell)),
        outputs=_PREDICTED,
        invariants=_OF_OUTPUTS,
        input_invariants=RELATIONS,
        settle=settle,
    )


PERTURBATION = Task(
    name="perturbation",
    family=FAMILY,
    description=(
        "The genetic interaction and the multiplicative expectation of any set of gene "
        "perturbations; what the graph needs to know of the cell is inside it."
    ),
    graphs=MappingProxyType({"head": _head()}),
)

_DELETED = "position of a deleted gene; all of them are one set"
_MOVED = "distance between a gene's states in both cells; from 0 if it is deleted"
_SHARE = "length of what a gene adds to the difference between both cells' vectors"
_REACTION = "the distance for a reaction; from 0 if it is lost"
_LOST = "1 where a reaction needs a gene that is deleted"
_METABOLITE = "the distance for a metabolite"
_EXPLAIN = Contract(
    inputs=(whole("member", MEMBERS, _DELETED, below="genes_total"),),
    outputs=(
        numbers("gene_moved", _GENES_TOTAL, about=_MOVED, minimum=0),
        numbers("gene_share", _GENES_TOTAL, about=_SHARE, minimum=0),
        numbers("reaction_moved", _REACTIONS_TOTAL, about=_REACTION, minimum=0),
        whole("reaction_lost", _REACTIONS_TOTAL, _LOST, maximum=1),
        numbers("metabolite_moved", _METABOLITES_TOTAL, about=_METABOLITE, minimum=0),
    ),
    input_invariants=(MEMBERS_DIFFER,),
    settle=settle_one,
)

PERTURBATION_GRAPH = Task(
    name="perturbation_graph",
    family=FAMILY,
    description=(
        "The genetic interaction and the multiplicative expectation of any set of gene "
        "perturbations, and how far a set of deletions moves every node of the cell's graph, "
        "which is inside."
    ),
    graphs=MappingProxyType({"head": _head(), "explain": _EXPLAIN}),
)

_TOKEN = "i for gene i of training, the last one for any new gene"
_FEATURE = "what is known of each gene; 0 is unknown or average"
PERTURBATION_ENCODED = Task(
    name="perturbation_encoded",
    family=FAMILY,
    description=(
        "The genetic interaction and the multiplicative expectation of any set of gene "
        "perturbations of a cell that is encoded once, and again when genes are added."
    ),
    graphs=MappingProxyType(
        {
            "encode": Contract(
                inputs=(
                    whole("token", _GENES, _TOKEN, below="tokens_total"),
                    numbers("features", _GENES, _FEATURES, about=_FEATURE),
                ),
                outputs=_CELL,
            ),
            "head": _head(_CELL),
        }
    ),
)
