"""hypothesis strategies drawn from a Contract: what a graph must take, and what it must refuse.

Import this module only where hypothesis is installed; `contracts` itself does not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.errors import InvalidOption, MissingDependency
from contracts.tensors import Contract, Sizes, Tensor

try:
    from hypothesis import strategies as st
    from hypothesis.extra import numpy as hnp
except ImportError as error:
    raise MissingDependency("hypothesis", "test") from error

LARGEST_FLOAT = 1e3
"""Magnitude of drawn float32 values where the tensor sets no limit of its own."""

Drawn = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Broken:
    """Arrays that break exactly one rule, and which: of a tensor, or the relation of that name."""

    arrays: Drawn
    tensor: str
    rule: str


RELATION = "relation"
"""The rule that is broken where `Broken.tensor` names an invariant of the inputs."""


@st.composite
def inputs(
    draw: st.DrawFn, contract: Contract, sizes: Sizes, *, smallest: int = 1, largest: int = 8
) -> Drawn:
    """Inputs that satisfy the contract, without those that an entry carries.

    Axes of one name get one size from `smallest` (0 for empty axes) to `largest`; sizes of the
    entry and of the axis itself are kept; index tensors cover their whole range; rows may repeat.
    Where inputs depend on each other, the contract settles what was drawn, perhaps to fewer rows.
    """
    contract = contract.requested
    if not 0 <= smallest <= largest:
        raise InvalidOption("smallest", smallest, f"0 <= smallest <= largest ({largest})")
    axes = {axis.name: axis for tensor in contract.inputs for axis in tensor.axes}
    shape: dict[str, int] = {}
    for name, axis in sorted(axes.items()):
        length = axis.size if axis.size is not None else sizes.get(name)
        shape[name] = draw(st.integers(smallest, largest)) if length is None else length
    arrays: Drawn = {}
    for tensor in contract.inputs:
        size = tuple(shape[axis.name] for axis in tensor.axes)
        arrays[tensor.name] = draw(
            hnp.arrays(tensor.dtype, size, elements=_elements(tensor, sizes))
        )
    return arrays if contract.settle is None else dict(contract.settle(arrays, sizes))


@st.composite
def invalid_inputs(draw: st.DrawFn, contract: Contract, sizes: Sizes) -> Broken:
    """Inputs valid but for one rule of one tensor, or one relation, named in the result."""
    contract = contract.requested
    arrays = draw(inputs(contract, sizes))
    relations = [
        Broken(dict(spoilt), one.name, RELATION)
        for one in contract.input_invariants
        if one.spoil is not None and (spoilt := one.spoil(arrays)) is not None
    ]
    ways = [
        (tensor, rule, spoil)
        for rank, tensor in enumerate(contract.inputs)
        for rule, spoil in _ways(tensor, contract.inputs[:rank], sizes).items()
    ]
    way = draw(st.sampled_from([*ways, *relations]))
    if isinstance(way, Broken):
        return way
    tensor, rule, spoil = way
    spoilt = spoil(arrays[tensor.name])
    others = {name: array for name, array in arrays.items() if name != tensor.name}
    if rule == "unexpected":
        return Broken({**arrays, f"{tensor.name}_again": spoilt}, f"{tensor.name}_again", rule)
    if rule == "missing":
        return Broken(others, tensor.name, rule)
    return Broken({**others, tensor.name: spoilt}, tensor.name, rule)


def _elements(tensor: Tensor, sizes: Sizes) -> st.SearchStrategy[Any]:
    """Single values a tensor may hold."""
    low, high = tensor.bounds(sizes)
    if tensor.dtype == "int64":
        low = int(low) if low is not None else 0
        return st.integers(low, int(high) if high is not None else low + 100)
    low = low if low is not None else -LARGEST_FLOAT
    return st.floats(low, high if high is not None else LARGEST_FLOAT, width=32)


Spoil = Callable[[NDArray[Any]], NDArray[Any]]


def _ways(tensor: Tensor, earlier: tuple[Tensor, ...], sizes: Sizes) -> dict[str, Spoil]:
    """The rules that this tensor alone can break, and how.

    The first tensor with an axis sets its size, so only those after it can disagree.
    """
    other = "int32" if tensor.dtype == "int64" else "float64"
    ways: dict[str, Spoil] = {
        "missing": lambda array: array,
        "unexpected": lambda array: array,
        "dtype": lambda array: array.astype(other),
        "rank": lambda array: array[..., None],
    }
    for position, axis in enumerate(tensor.axes):
        is_set = any(axis in other_tensor.axes for other_tensor in earlier)
        if is_set or axis.size is not None or axis.name in sizes:
            ways[f"axis {axis.name}"] = _longer(position)
    low, high = tensor.bounds(sizes)
    if low is not None:
        ways["minimum"] = _with_value(low - 1)
    if high is not None:
        ways["maximum"] = _with_value(high + 1)
    if tensor.finite and tensor.dtype == "float32":
        ways["finite"] = _with_value(np.nan)
    return ways


def _longer(axis: int) -> Spoil:
    return lambda array: np.concatenate([array, array.take([0], axis=axis)], axis=axis)


def _with_value(value: float) -> Spoil:
    def spoil(array: NDArray[Any]) -> NDArray[Any]:
        spoilt = array.copy()
        spoilt.flat[-1] = value
        return spoilt

    return spoil
