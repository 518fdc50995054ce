"""What a graph takes and gives: named tensors over named axes, checked all at once.

A Contract is plain data. The exporter reads names and dynamic axes from it, the runtime checks
arrays against it at the door, the tests draw inputs from it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from contracts.errors import ContractViolation, Violation
from contracts.wording import shorten

Arrays = Mapping[str, NDArray[Any]]
Sizes = Mapping[str, int]
Bound = dict[str, tuple[int, str]]
"""The size of each axis that was met, and why it must be that."""


@dataclass(frozen=True)
class Axis:
    """A named axis; `size` None means dynamic, or fixed by the entry's manifest.

    `fixed` asks every entry for its size even where an input has the axis, too.
    """

    name: str
    size: int | None = None
    fixed: bool = False


@dataclass(frozen=True)
class Tensor:
    """A named tensor: dtype, axes and the range of its values.

    `minimum` and `maximum` are inclusive. `below` names the size that an index tensor stays
    under: 0 <= value < sizes[below]; `up_to` one that a count may reach: 0 <= value <=
    sizes[up_to]. `finite` refuses NaN and infinities. What is `carried` comes with the entry, in
    its state, and not with a request. Not every entry has an `optional` output; those come last.
    """

    name: str
    dtype: Literal["float32", "int64"]
    axes: tuple[Axis, ...]
    minimum: float | None = None
    maximum: float | None = None
    below: str | None = None
    finite: bool = True
    description: str = ""
    up_to: str | None = None
    carried: bool = False
    optional: bool = False

    def bounds(self, sizes: Sizes) -> tuple[float | None, float | None]:
        """The lowest and the highest value, None where there is no limit.

        `sizes` must have those that `below` and `up_to` name.
        """
        if self.below is not None:
            return 0, sizes[self.below] - 1
        if self.up_to is not None:
            return 0, sizes[self.up_to]
        return self.minimum, self.maximum


def numbers(
    name: str,
    *axes: Axis,
    about: str = "",
    minimum: float | None = None,
    maximum: float | None = None,
    carried: bool = False,
    optional: bool = False,
) -> Tensor:
    """A tensor of finite float32 numbers; `about` describes what they are."""
    return Tensor(
        name,
        "float32",
        axes,
        minimum,
        maximum,
        description=about,
        carried=carried,
        optional=optional,
    )


def whole(
    name: str,
    axis: Axis,
    about: str,
    below: str | None = None,
    up_to: str | None = None,
    maximum: int | None = None,
) -> Tensor:
    """A list of whole numbers from 0; see Tensor for their upper limit."""
    minimum = 0 if below is None and up_to is None else None
    return Tensor(name, "int64", (axis,), minimum, maximum, below, description=about, up_to=up_to)


@dataclass(frozen=True)
class Invariant:
    """A relation between tensors; `holds` returns what is wrong, or None.

    It is called only with arrays that satisfy every single-tensor rule. `spoil` is for those who
    test: of arrays that keep every relation it makes some that break this one and no other, or
    returns None where these leave no way to.
    """

    name: str
    description: str
    holds: Callable[[Arrays], str | None]
    spoil: Callable[[Arrays], Arrays | None] | None = None


@dataclass(frozen=True)
class Contract:
    """The inputs, outputs and invariants of one graph.

    `invariants` hold for what comes out, perhaps beside what went in, `input_invariants` for what
    goes in. `settle` makes inputs that are right one by one right together, perhaps with fewer
    rows: what draws inputs at random needs it where there are input invariants.
    """

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    invariants: tuple[Invariant, ...] = ()
    input_invariants: tuple[Invariant, ...] = ()
    settle: Callable[[Arrays, Sizes], Arrays] | None = None

    @property
    def fixed_sizes(self) -> frozenset[str]:
        """The sizes an entry's manifest must give: limits, fixed axes, axes only outputs have."""
        tensors = (*self.inputs, *self.outputs)
        limits = {name for tensor in tensors for name in (tensor.below, tensor.up_to) if name}
        fixed = {axis.name for tensor in tensors for axis in tensor.axes if axis.fixed}
        given = {axis.name for tensor in self.inputs for axis in tensor.axes}
        made = {a.name for tensor in self.outputs for a in tensor.axes if a.size is None}
        return frozenset(limits | fixed | (made - given))

    @property
    def carried(self) -> tuple[Tensor, ...]:
        """The inputs that come with the entry."""
        return tuple(tensor for tensor in self.inputs if tensor.carried)

    @cached_property
    def requested(self) -> "Contract":
        """The same graph, seen by who sends a request: without the inputs that are carried."""
        return replace(self, inputs=tuple(one for one in self.inputs if not one.carried))

    def check_inputs(self, arrays: Arrays, sizes: Sizes | None = None) -> None:
        """Check what goes into the graph; raises ContractViolation with all violations.

        Relations between inputs are looked at once every tensor by itself is as it must be.
        """
        found = _violations(self.inputs, arrays, sizes or {}, {})
        if found := found or _broken(self.input_invariants, arrays):
            raise ContractViolation(found)

    def check_outputs(
        self, arrays: Arrays, inputs: Arrays | None = None, sizes: Sizes | None = None
    ) -> None:
        """Check what came out, also against the sizes of what went in.

        Raises ContractViolation with all violations. Invariants are evaluated once every tensor
        by itself is as it must be.
        """
        bound: Bound = {}
        for tensor in self.inputs:
            array = (inputs or {}).get(tensor.name)
            if array is not None and array.ndim == len(tensor.axes):
                _bind(tensor, array.shape, bound)
        found = _violations(self.outputs, arrays, sizes or {}, bound)
        if found := found or _broken(self.invariants, {**(inputs or {}), **arrays}):
            raise ContractViolation(found)


def _broken(invariants: tuple[Invariant, ...], arrays: Arrays) -> list[Violation]:
    return [
        Violation(invariant.name, wrong, invariant.description)
        for invariant in invariants
        if (wrong := invariant.holds(arrays)) is not None
    ]


def _bind(tensor: Tensor, shape: tuple[int, ...], bound: Bound) -> None:
    """Remember the size of each axis not met before, and the tensor that set it."""
    for axis, size in zip(tensor.axes, shape, strict=True):
        bound.setdefault(axis.name, (size, f"as in {tensor.name}"))


def _violations(
    tensors: tuple[Tensor, ...], arrays: Arrays, sizes: Sizes, bound: Bound
) -> list[Violation]:
    names = [tensor.name for tensor in tensors]
    found = [
        Violation(str(name), "an unexpected tensor", f"only {', '.join(names)}")
        for name in arrays
        if name not in names
    ]
    for tensor in tensors:
        if tensor.optional and tensor.name not in arrays:
            continue
        found.extend(_check_tensor(tensor, arrays.get(tensor.name), sizes, bound))
    return found


def _check_tensor(tensor: Tensor, array: object, sizes: Sizes, bound: Bound) -> list[Violation]:
    """The violations of one tensor; its values are looked at only where its form is right."""
    shape = ", ".join(axis.name for axis in tensor.axes)
    expected = f"an array of {tensor.dtype} [{shape}]"
    if array is None:
        return [Violation(tensor.name, "nothing", expected)]
    if not isinstance(array, np.ndarray):
        return [Violation(tensor.name, f"{type(array).__name__} {shorten(array)}", expected)]
    array = cast(NDArray[Any], array)
    if array.dtype != np.dtype(tensor.dtype):
        return [Violation(tensor.name, f"dtype {array.dtype}", expected)]
    if array.ndim != len(tensor.axes):
        return [Violation(tensor.name, f"{array.ndim} axes {array.shape}", expected)]
    found = _check_axes(tensor, array.shape, sizes, bound)
    _bind(tensor, array.shape, bound)
    return found + _check_values(tensor, array, sizes)


def _check_axes(
    tensor: Tensor, shape: tuple[int, ...], sizes: Sizes, bound: Bound
) -> list[Violation]:
    found: list[Violation] = []
    for axis, got in zip(tensor.axes, shape, strict=True):
        if axis.size is not None:
            expected, why = axis.size, "fixed"
        elif axis.name in sizes:
            expected, why = sizes[axis.name], "fixed by the entry"
        else:
            expected, why = bound.get(axis.name, (got, ""))
        if got != expected:
            found.append(
                Violation(tensor.name, f"{axis.name} = {got}", f"{axis.name} = {expected}, {why}")
            )
    return found


def _check_values(tensor: Tensor, array: NDArray[Any], sizes: Sizes) -> list[Violation]:
    found: list[Violation] = []
    if tensor.finite and tensor.dtype == "float32":
        wrong = ~np.isfinite(array)
        if wrong.any():
            found.append(Violation(tensor.name, _first(array, wrong), "finite numbers"))
    limit = tensor.below or tensor.up_to
    if limit is not None and limit not in sizes:
        return [*found, Violation(tensor.name, f"no size {limit!r}", f"it among {sorted(sizes)}")]
    lowest, highest = tensor.bounds(sizes)
    wrong = np.zeros(array.shape, dtype=bool)
    if lowest is not None:
        wrong |= array < lowest
    if highest is not None:
        wrong |= array > highest
    if tensor.finite:
        wrong &= np.isfinite(array)
    if wrong.any():
        found.append(Violation(tensor.name, _first(array, wrong), _range(tensor, sizes)))
    return found


def _range(tensor: Tensor, sizes: Sizes) -> str:
    if limit := tensor.below or tensor.up_to:
        return f"0 <= value {'<' if tensor.below else '<='} {sizes[limit]} ({limit})"
    low = f"{tensor.minimum} <= " if tensor.minimum is not None else ""
    high = f" <= {tensor.maximum}" if tensor.maximum is not None else ""
    return f"{low}value{high}"


def _first(array: NDArray[Any], wrong: NDArray[np.bool_]) -> str:
    """The first wrong value, its place, and how many more there are."""
    place = tuple(int(index) for index in np.argwhere(wrong)[0])
    further = int(wrong.sum()) - 1
    more = f" and {further} more" if further else ""
    return f"{array[place]} at {list(place)}{more}"
