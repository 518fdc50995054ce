"""What holds between the inputs of a graph that takes sets, and how random ones are made to hold.

The members of all sets stand end to end, with the number of their set beside them, so that sets of
any size go through a graph together and without padding.
"""

import numpy as np

from contracts.sets.kinds import repeated
from contracts.tensors import Arrays, Axis, Invariant, Sizes, whole

MEMBERS, SETS = Axis("members"), Axis("sets")
_OF_MEMBERS = {"member", "kind", "set"}

_MEMBER = "position of a perturbed gene; the members of a set stand together"
_ORDER = "number of members of each set; 0 is the wildtype"
MEMBER = whole("member", MEMBERS, _MEMBER, below="genes_total")
SET = whole("set", MEMBERS, "which set it belongs to, ascending")
ORDER = whole("order", SETS, _ORDER, up_to="members_limit")


def _ascending(arrays: Arrays) -> str | None:
    steps = np.diff(arrays["set"])
    back = np.flatnonzero(steps < 0)
    if not len(back):
        return None
    row = int(back[0])
    return f"set {arrays['set'][row + 1]} after {arrays['set'][row]} at [{row + 1}]"


def _counts(arrays: Arrays) -> str | None:
    sets, order = arrays["set"], arrays["order"]
    if len(sets) and (highest := int(sets.max())) >= len(order):
        return f"a member of set {highest} of {len(order)} sets"
    members = np.bincount(sets, minlength=len(order))
    wrong = np.flatnonzero(members != order)
    if not len(wrong):
        return None
    row = int(wrong[0])
    return f"order {order[row]} for set {row} of {members[row]} members"


def _no_gene_twice(arrays: Arrays) -> str | None:
    ordered = np.lexsort((arrays["member"], arrays["set"]))
    member, sets = arrays["member"][ordered], arrays["set"][ordered]
    twice = repeated(sets, member)
    return f"gene {member[twice[0]]} twice in set {sets[twice[0]]}" if len(twice) else None


def _in_reverse(arrays: Arrays) -> Arrays | None:
    """The members from last to first: each set keeps its own."""
    if not len(np.unique(arrays["set"])) > 1:
        return None
    return {**arrays, **{name: arrays[name][::-1].copy() for name in _OF_MEMBERS & arrays.keys()}}


def _miscounted(arrays: Arrays) -> Arrays | None:
    """The largest set said to have one member less, or an empty one said to have one."""
    order = arrays["order"].copy()
    if not len(order):
        return None
    largest = order.argmax()
    order[largest] += -1 if order[largest] else 1
    return {**arrays, "order": order}


def _doubled(arrays: Arrays) -> Arrays | None:
    """A member of a set of several takes the gene of the one before it."""
    within = np.flatnonzero(np.diff(arrays["set"]) == 0)
    if not len(within):
        return None
    member = arrays["member"].copy()
    member[within[0] + 1] = member[within[0]]
    return {**arrays, "member": member}


RELATIONS = (
    Invariant("sets_in_order", "set ascending, row by row", _ascending, _in_reverse),
    Invariant("order_counts", "order[s] = the number of members of set s", _counts, _miscounted),
    Invariant("genes_differ", "no gene twice in a set", _no_gene_twice, _doubled),
)


def _member_twice(arrays: Arrays) -> str | None:
    genes, counts = np.unique(arrays["member"], return_counts=True)
    twice = genes[counts > 1]
    return f"gene {twice[0]} twice" if len(twice) else None


def _first_again(arrays: Arrays) -> Arrays | None:
    """The last member takes the gene of the first."""
    member = arrays["member"].copy()
    if len(member) < 2:
        return None
    member[-1] = member[0]
    return {**arrays, "member": member}


MEMBERS_DIFFER = Invariant("members_differ", "every gene once", _member_twice, _first_again)


def settle_one(arrays: Arrays, sizes: Sizes) -> Arrays:
    """The members of one set, each once, in the order that they came in."""
    _, first = np.unique(arrays["member"], return_index=True)
    return {"member": arrays["member"][np.sort(first)]}


def settle(arrays: Arrays, sizes: Sizes) -> Arrays:
    """Members that are right one by one, dealt out to sets that keep every relation.

    Each goes to the set it names, or to one of the next with room; what finds no room is left out.
    A gene that its set has already gives way to the next one that the set does not have. What is of
    no set, such as a profile of the cell, stays as it is.
    """
    total, sets = sizes["genes_total"], len(arrays["order"])
    room = min(total, sizes["members_limit"])
    dealt: list[dict[int, int]] = [{} for _ in range(sets)]
    kinds_of = arrays.get("kind", np.zeros(len(arrays["member"]), np.int64))
    rows: list[list[int]] = np.stack([arrays["set"], arrays["member"], kinds_of], 1).tolist()
    for wanted, gene, kind in rows:
        turn = [dealt[(wanted + step) % sets] for step in range(sets)]
        one = next((kinds for kinds in turn if len(kinds) < room), None)
        if one is not None:
            genes = ((gene + step) % total for step in range(total))
            one[next(other for other in genes if other not in one)] = kind
    order = np.array([len(kinds) for kinds in dealt], np.int64)
    settled = {
        "member": np.array([gene for kinds in dealt for gene in kinds], np.int64),
        "kind": np.array([kind for kinds in dealt for kind in kinds.values()], np.int64),
        "set": np.repeat(np.arange(sets), order),
        "order": order,
    }
    return {name: settled.get(name, array) for name, array in arrays.items()}
