import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.errors import ContractViolation
from contracts.tensors import Axis, Contract, Invariant, Tensor

SIZES = {"tfs_total": 3, "genes_total": 5, "dim": 2}
PAIRS = Axis("pairs")
CONTRACT = Contract(
    inputs=(
        Tensor("tf", "int64", (PAIRS,), below="tfs_total"),
        Tensor("gene", "int64", (PAIRS,), below="genes_total"),
        Tensor("mask", "float32", (PAIRS, Axis("slots", 4)), minimum=0, maximum=1),
        Tensor("effect", "float32", (Axis("other"),), finite=False),
    ),
    outputs=(
        Tensor("score", "float32", (PAIRS,)),
        Tensor("vector", "float32", (PAIRS, Axis("dim"))),
    ),
    invariants=(
        Invariant(
            "sum_is_score",
            "score = sum of vector",
            lambda arrays: (
                None if np.allclose(arrays["score"], arrays["vector"].sum(1)) else "another sum"
            ),
        ),
    ),
)


def good_inputs() -> dict[str, np.ndarray]:
    return {
        "tf": np.array([0, 2, 2]),
        "gene": np.array([4, 0, 4]),
        "mask": np.ones((3, 4), np.float32),
        "effect": np.array([np.nan, np.inf], np.float32),
    }


def good_outputs() -> dict[str, np.ndarray]:
    return {"score": np.full(3, 2, np.float32), "vector": np.ones((3, 2), np.float32)}


def violations(check, *args) -> list[tuple[str, str, str]]:
    with pytest.raises(ContractViolation) as caught:
        check(*args)
    return [(v.where, v.got, v.expected) for v in caught.value.violations]


def test_arrays_that_keep_the_contract_pass_unchanged():
    arrays = good_inputs()
    CONTRACT.check_inputs(arrays, SIZES)
    CONTRACT.check_outputs(good_outputs(), sizes=SIZES)
    CONTRACT.check_outputs(good_outputs(), arrays, SIZES)
    for name, array in good_inputs().items():
        np.testing.assert_array_equal(arrays[name], array)


def test_empty_axes_keep_the_contract():
    empty = {name: array[:0] for name, array in good_inputs().items()}
    CONTRACT.check_inputs(empty, SIZES)


@pytest.mark.parametrize(
    ("name", "array", "where", "got", "expected"),
    [
        ("tf", None, "tf", "nothing", "an array of int64 [pairs]"),
        ("tf", [0, 1, 2], "tf", "list [0, 1, 2]", "an array of int64 [pairs]"),
        ("tf", np.zeros(3, np.int32), "tf", "dtype int32", "an array of int64 [pairs]"),
        ("tf", np.zeros(3), "tf", "dtype float64", "an array of int64 [pairs]"),
        ("tf", np.zeros((3, 1), np.int64), "tf", "2 axes (3, 1)", "an array of int64 [pairs]"),
        ("tf", np.array(1), "tf", "0 axes ()", "an array of int64 [pairs]"),
        ("tf", np.array([0, -1, -2]), "tf", "-1 at [1] and 1 more", "0 <= value < 3 (tfs_total)"),
        ("tf", np.array([0, 2, 3]), "tf", "3 at [2]", "0 <= value < 3 (tfs_total)"),
        ("gene", np.zeros(2, np.int64), "gene", "pairs = 2", "pairs = 3, as in tf"),
        ("mask", np.ones((3, 5), np.float32), "mask", "slots = 5", "slots = 4, fixed"),
        ("mask", np.full((3, 4), np.nan, np.float32), "mask", "nan at [0, 0] and 11 more",
         "finite numbers"),
        ("mask", np.full((3, 4), -0.5, np.float32), "mask", "-0.5 at [0, 0] and 11 more",
         "0 <= value <= 1"),
        ("typo", np.zeros(3), "typo", "an unexpected tensor", "only tf, gene, mask, effect"),
    ],
)  # fmt: skip
def test_one_broken_rule_is_one_violation(name, array, where, got, expected):
    arrays = good_inputs() | {name: array}
    if array is None:
        del arrays[name]
    assert violations(CONTRACT.check_inputs, arrays, SIZES) == [(where, got, expected)]


def test_all_violations_come_at_once():
    arrays = {
        "tf": np.array([0.0]),
        "gene": np.array([7, 8]),
        "mask": np.full((3, 4), 2, np.float32),
        "extra": np.zeros(1),
    }
    found = violations(CONTRACT.check_inputs, arrays, SIZES)
    assert [where for where, _, _ in found] == ["extra", "tf", "gene", "mask", "mask", "effect"]
    assert found[3][1:] == ("pairs = 3", "pairs = 2, as in gene")


def test_nan_and_a_value_out_of_range_are_two_violations():
    mask = np.ones((3, 4), np.float32)
    mask[0, 0], mask[1, 1] = np.inf, 2
    found = violations(CONTRACT.check_inputs, good_inputs() | {"mask": mask}, SIZES)
    assert [got for _, got, _ in found] == ["inf at [0, 0]", "2.0 at [1, 1]"]


def test_an_index_without_a_size_is_never_let_through():
    found = violations(CONTRACT.check_inputs, good_inputs(), {"genes_total": 5})
    assert found == [("tf", "no size 'tfs_total'", "it among ['genes_total']")]
    assert len(violations(CONTRACT.check_inputs, good_inputs())) == 2


def test_outputs_agree_with_the_inputs_and_with_the_entry():
    outputs = {"score": np.zeros(2, np.float32), "vector": np.zeros((2, 7), np.float32)}
    assert violations(CONTRACT.check_outputs, outputs, good_inputs(), SIZES) == [
        ("score", "pairs = 2", "pairs = 3, as in tf"),
        ("vector", "pairs = 2", "pairs = 3, as in tf"),
        ("vector", "dim = 7", "dim = 2, fixed by the entry"),
    ]


def test_a_broken_invariant_is_a_violation_once_the_tensors_are_right():
    outputs = good_outputs()
    outputs["score"] = outputs["score"] + 1
    expected = [("sum_is_score", "another sum", "score = sum of vector")]
    assert violations(CONTRACT.check_outputs, outputs, good_inputs(), SIZES) == expected
    outputs["score"][0] = np.nan
    (found,) = violations(CONTRACT.check_outputs, outputs, good_inputs(), SIZES)
    assert found[0] == "score"


def test_the_sizes_an_entry_must_give():
    assert CONTRACT.fixed_sizes == {"tfs_total", "genes_total", "dim"}


INDICES = st.lists(st.integers(-2, 6), max_size=6)


@given(INDICES, INDICES)
def test_the_check_agrees_with_a_loop_over_the_pairs(tfs, genes):
    contract = Contract(inputs=CONTRACT.inputs[:2], outputs=())
    arrays = {"tf": np.array(tfs, np.int64), "gene": np.array(genes, np.int64)}
    wrong = {"tf": any(not 0 <= i < 3 for i in tfs), "gene": any(not 0 <= i < 5 for i in genes)}
    expected = [name for name in wrong if wrong[name]]
    if len(tfs) != len(genes):
        expected.append("gene")
    if expected:
        found = violations(contract.check_inputs, arrays, SIZES)
        assert sorted(where for where, _, _ in found) == sorted(expected)
    else:
        contract.check_inputs(arrays, SIZES)


CARRIED = Contract(
    inputs=(
        Tensor("row", "int64", (PAIRS,), below="genes_total"),
        Tensor("count", "int64", (Axis("sets"),), up_to="genes_total"),
        Tensor("cell", "float32", (Axis("genes"), Axis("dim", fixed=True)), carried=True),
    ),
    outputs=(Tensor("score", "float32", (PAIRS,)),),
    input_invariants=(
        Invariant(
            "rows_counted",
            "the sum of count = the number of rows",
            lambda arrays: (
                None if arrays["count"].sum() == len(arrays["row"]) else f"{arrays['count'].sum()}"
            ),
        ),
    ),
)


def requested(**changes) -> dict[str, np.ndarray]:
    return {"row": np.array([4, 0]), "count": np.array([0, 2, 0]), **changes}


def test_a_fixed_axis_is_a_size_of_the_entry_though_an_input_has_it():
    assert CARRIED.fixed_sizes == {"genes_total", "dim"}
    with pytest.raises(ContractViolation, match=r"cell: got dim = 3, expected dim = 2, fixed by"):
        CARRIED.check_inputs(requested(cell=np.ones((5, 3), np.float32)), SIZES)


def test_what_is_carried_is_not_requested():
    assert [tensor.name for tensor in CARRIED.carried] == ["cell"]
    CARRIED.requested.check_inputs(requested(), SIZES)
    assert violations(CARRIED.check_inputs, requested(), SIZES)[0][:2] == ("cell", "nothing")
    cell = {"cell": np.ones((5, 2), np.float32)}
    CARRIED.check_inputs(requested(**cell), SIZES)
    found = violations(CARRIED.requested.check_inputs, requested(**cell), SIZES)
    assert found == [("cell", "an unexpected tensor", "only row, count")]


@pytest.mark.parametrize(("value", "good"), [(0, True), (5, True), (6, False), (-1, False)])
def test_a_count_may_reach_its_limit(value, good):
    arrays = requested(row=np.zeros(max(value, 0), np.int64), count=np.array([value]))
    if good:
        CARRIED.requested.check_inputs(arrays, SIZES)
        return
    found = violations(CARRIED.requested.check_inputs, arrays, SIZES)
    assert found == [("count", f"{value} at [0]", "0 <= value <= 5 (genes_total)")]


def test_a_limit_that_the_entry_does_not_give_is_told():
    found = violations(CARRIED.requested.check_inputs, requested(), {"dim": 2})
    expected = ("no size 'genes_total'", "it among ['dim']")
    assert found == [("row", *expected), ("count", *expected)]


def test_relations_of_inputs_are_looked_at_once_every_tensor_is_right():
    wrong = requested(count=np.array([0, 1, 0]))
    expected = ("rows_counted", "1", "the sum of count = the number of rows")
    assert violations(CARRIED.requested.check_inputs, wrong, SIZES) == [expected]
    wrong["row"] = np.array([5, 0])
    assert [one[0] for one in violations(CARRIED.requested.check_inputs, wrong, SIZES)] == ["row"]
