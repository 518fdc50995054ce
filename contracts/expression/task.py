"""The task of expression entries: a set of perturbed genes to the change of expression.

Sets stand end to end, as in contracts.sets.inputs. The unit of expression is the entry's, and its
manifest names it; a change is the perturbed mean less the mean of unperturbed cells. Expression
cannot fall below zero: what the cells do not express cannot be lost.
"""

from types import MappingProxyType

import numpy as np

from contracts.sets.inputs import MEMBER, ORDER, RELATIONS, SET, SETS, settle
from contracts.task import Task
from contracts.tensors import Arrays, Axis, Contract, Invariant, numbers

FAMILY = "expression"

TOLERANCE = 1e-5
"""What rounding in single precision may do to a sum of profiles."""

_READOUTS = Axis("readouts", fixed=True)

_CONTROL = "mean expression of each readout gene in unperturbed cells, in the entry's unit"
_CHANGE = "mean expression of the perturbed cells less `control`, in the entry's unit"
_DEVIATION = "standard deviation of the error that `change` has as an estimate of the true change"


def _negative(arrays: Arrays) -> str | None:
    if "control" not in arrays:
        return None
    control = arrays["control"]
    low = np.argwhere(control + arrays["change"] < -TOLERANCE * (1 + control))
    if not len(low):
        return None
    row, gene = low[0].tolist()
    change = arrays["change"][row, gene]
    return f"change {change:g} of readout {gene} in set {row}, where control is {control[gene]:g}"


def _wildtype(arrays: Arrays) -> str | None:
    if "order" not in arrays:
        return None
    moved = np.flatnonzero((arrays["change"] != 0).any(axis=1) & (arrays["order"] == 0))
    return f"a change in set {moved[0]}, which has no member" if len(moved) else None


RESPONSE = Contract(
    inputs=(MEMBER, SET, ORDER, numbers("control", _READOUTS, about=_CONTROL, minimum=0)),
    outputs=(
        numbers("change", SETS, _READOUTS, about=_CHANGE),
        numbers("deviation", SETS, _READOUTS, about=_DEVIATION, minimum=0),
    ),
    invariants=(
        Invariant("expression_not_negative", "control + change is 0 or more", _negative),
        Invariant("wildtype_unchanged", "change = 0 for a set without members", _wildtype),
    ),
    input_invariants=RELATIONS,
    settle=settle,
)

EXPRESSION_RESPONSE = Task(
    name="expression_response",
    family=FAMILY,
    description=(
        "The change of expression of every readout gene when a set of genes is perturbed, with the "
        "standard deviation of its error, given the mean expression of unperturbed cells."
    ),
    graphs=MappingProxyType({"response": RESPONSE}),
)
