"""What the graph of expression responses takes, gives and refuses."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import strategies
from contracts.errors import ContractViolation
from contracts.expression.task import EXPRESSION_RESPONSE, RESPONSE

SIZES = {"genes_total": 6, "readouts": 4, "members_limit": 3}


def outputs(sets: int, control: np.ndarray) -> dict[str, np.ndarray]:
    change = np.broadcast_to(-control, (sets, len(control))).copy()
    return {"change": change, "deviation": np.ones_like(change)}


def test_the_names_and_axes_of_the_graph():
    def axes(tensors):
        return {one.name: (one.dtype, *(axis.name for axis in one.axes)) for one in tensors}

    assert EXPRESSION_RESPONSE.family == "expression"
    assert axes(RESPONSE.inputs) == {
        "member": ("int64", "members"),
        "set": ("int64", "members"),
        "order": ("int64", "sets"),
        "control": ("float32", "readouts"),
    }
    number = ("float32", "sets", "readouts")
    assert axes(RESPONSE.outputs) == {"change": number, "deviation": number}
    assert RESPONSE.fixed_sizes == {"genes_total", "readouts", "members_limit"}


@given(data=st.data())
def test_drawn_inputs_keep_the_contract_and_broken_ones_are_refused(data: st.DataObject):
    RESPONSE.check_inputs(data.draw(strategies.inputs(RESPONSE, SIZES, smallest=0)), SIZES)
    broken = data.draw(strategies.invalid_inputs(RESPONSE, SIZES))
    with pytest.raises(ContractViolation) as told:
        RESPONSE.check_inputs(broken.arrays, SIZES)
    assert [violation.where for violation in told.value.violations] == [broken.tensor]


@given(data=st.data())
def test_no_expression_is_lost_that_was_not_there(data: st.DataObject):
    inputs = data.draw(strategies.inputs(RESPONSE, SIZES))
    inputs["order"] = np.full_like(inputs["order"], 1)
    given_out = outputs(len(inputs["order"]), inputs["control"])
    RESPONSE.check_outputs(given_out, inputs, SIZES)
    given_out["change"][-1, 2] -= 0.1 + inputs["control"][2] / 1000
    with pytest.raises(ContractViolation, match=r"not_negative: got change .* readout 2"):
        RESPONSE.check_outputs(given_out, inputs, SIZES)


def test_the_empty_set_changes_nothing():
    control = np.array([1, 2, 3, 4], np.float32)
    inputs = {"order": np.array([1, 0]), "control": control}
    given_out = outputs(2, control)
    with pytest.raises(ContractViolation, match="wildtype_unchanged: got a change in set 1"):
        RESPONSE.check_outputs(given_out, inputs, SIZES)
    given_out["change"][1] = 0
    RESPONSE.check_outputs(given_out, inputs, SIZES)
    given_out["deviation"][0, 0] = -1
    with pytest.raises(ContractViolation, match="deviation"):
        RESPONSE.check_outputs(given_out, inputs, SIZES)
