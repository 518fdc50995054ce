import builtins
import importlib.util
import sys

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from contracts import strategies
from contracts.errors import ContractViolation, InvalidOption, MissingDependency
from contracts.tasks import everything
from contracts.tensors import Axis, Contract, Tensor

SIZES = {"tfs_total": 3, "genes_total": 5, "dim": 2}
CELL_SIZES = {"members_limit": 3, "tokens_total": 6, "key_dim": 3, "value_dim": 1, "features": 2}
SIZES |= CELL_SIZES
RAGGED = Contract(
    inputs=(
        Tensor("member", "int64", (Axis("members"),), minimum=-1, maximum=4),
        Tensor("mask", "float32", (Axis("sets"), Axis("slots", 3)), minimum=0, maximum=1),
        Tensor("effect", "float32", (Axis("sets"), Axis("dim"))),
        Tensor("note", "float32", (Axis("sets"),), finite=False),
    ),
    outputs=(),
)
CONTRACTS = [RAGGED, *(graph for task in everything().values() for graph in task.graphs.values())]
PAIR_SCORE = everything()["pair_score"].graphs["score"]
HEAD = everything()["perturbation_encoded"].graphs["head"]


@given(st.data(), st.sampled_from(CONTRACTS), st.integers(0, 2))
def test_drawn_inputs_keep_their_contract_and_bounds(data, contract, smallest):
    arrays = data.draw(strategies.inputs(contract, SIZES, smallest=smallest, largest=4))
    contract.requested.check_inputs(arrays, SIZES)
    for tensor in contract.requested.inputs:
        for axis, size in zip(tensor.axes, arrays[tensor.name].shape, strict=True):
            fixed = axis.size or SIZES.get(axis.name)
            lowest = 0 if contract.settle and axis.name == "members" else smallest
            assert size == fixed if fixed else lowest <= size <= 4


@pytest.mark.parametrize(
    ("what", "wanted"),
    [
        ("one pair", lambda a: len(a["tf"]) == 1),
        ("the most pairs", lambda a: len(a["tf"]) == 8),
        ("the last indices", lambda a: a["tf"].max() == 2 and a["gene"].max() == 4),
        ("the first indices", lambda a: a["tf"].min() == 0 and a["gene"].min() == 0),
        ("a repeated pair", lambda a: len(set(zip(*map(list, a.values()), strict=True))) == 1
         and len(a["tf"]) > 1 and a["tf"][0] > 0 and a["gene"][0] > 0),
        ("different pairs", lambda a: len(set(zip(*map(list, a.values()), strict=True))) > 2),
    ],
)  # fmt: skip
def test_drawn_inputs_include(what, wanted):
    assert wanted(find(strategies.inputs(PAIR_SCORE, SIZES), wanted)), what


@pytest.mark.parametrize(
    ("what", "wanted"),
    [
        ("sets of all sizes", lambda a: {0, 1, 2, 3} <= set(a["order"].tolist())),
        ("the last gene and kind", lambda a: a["member"].max() == 4 and a["kind"].max() == 3),
        ("a gene in two sets", lambda a: len(set(a["member"].tolist())) < len(a["member"])),
        ("an empty set at the end", lambda a: a["order"][-1] == 0 and len(a["order"]) > 1),
        ("eight members", lambda a: len(a["member"]) == 8),
    ],
)
def test_drawn_sets_include(what, wanted):
    drawn = find(strategies.inputs(HEAD, SIZES), wanted, settings=settings(max_examples=2000))
    assert list(drawn) == ["member", "kind", "set", "order"], what


def test_empty_axes_are_drawn_when_asked_for():
    drawn = find(strategies.inputs(PAIR_SCORE, SIZES, smallest=0), lambda a: len(a["tf"]) == 0)
    PAIR_SCORE.check_inputs(drawn, SIZES)


@given(st.data(), st.sampled_from(CONTRACTS))
def test_invalid_inputs_break_one_rule_which_the_check_finds(data, contract):
    broken = data.draw(strategies.invalid_inputs(contract, SIZES))
    with pytest.raises(ContractViolation) as caught:
        contract.requested.check_inputs(broken.arrays, SIZES)
    (violation,) = caught.value.violations
    assert violation.where == broken.tensor


@pytest.mark.parametrize(
    ("contract", "rules"),
    [
        (
            PAIR_SCORE,
            {"missing", "unexpected", "dtype", "rank", "axis pairs", "minimum", "maximum"},
        ),
        (
            RAGGED,
            {
                *("missing", "unexpected", "dtype", "rank", "axis sets", "axis slots", "axis dim"),
                *("minimum", "maximum", "finite"),
            },
        ),
        (
            HEAD,
            {
                *("missing", "unexpected", "dtype", "rank", "axis members"),
                *("minimum", "maximum", "relation"),
            },
        ),
    ],
)
def test_every_rule_of_a_contract_gets_broken(contract, rules):
    seen: set[str] = set()

    @settings(max_examples=400, derandomize=True, database=None, deadline=None)
    @given(strategies.invalid_inputs(contract, SIZES))
    def collect(broken):
        seen.add(broken.rule)

    collect()
    assert seen == rules


def test_every_relation_gets_broken():
    seen: set[str] = set()

    @settings(max_examples=400, derandomize=True, database=None, deadline=None)
    @given(strategies.invalid_inputs(HEAD, SIZES))
    def collect(broken):
        if broken.rule == strategies.RELATION:
            seen.add(broken.tensor)

    collect()
    assert seen == {relation.name for relation in HEAD.input_invariants}


def test_a_tensor_that_may_hold_nan_is_not_spoilt_with_one():
    @given(strategies.invalid_inputs(RAGGED, SIZES))
    def check(broken):
        assert (broken.tensor, broken.rule) != ("note", "finite")
        if broken.rule == "finite":
            assert np.isnan(broken.arrays[broken.tensor]).any()

    check()


@pytest.mark.parametrize(("smallest", "largest"), [(-1, 3), (4, 3)])
def test_bounds_that_leave_nothing_are_refused(smallest, largest):
    with pytest.raises(InvalidOption, match="smallest <= largest"):
        find(
            strategies.inputs(PAIR_SCORE, SIZES, smallest=smallest, largest=largest),
            lambda arrays: True,
        )


def test_without_hypothesis_the_error_says_what_to_type(monkeypatch):
    real = builtins.__import__

    def refuse(name, *args, **kwargs):
        if name.startswith("hypothesis"):
            raise ImportError(name)
        return real(name, *args, **kwargs)

    spec = importlib.util.spec_from_file_location("strategies_alone", strategies.__file__)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "strategies_alone", module)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(MissingDependency, match=r"pip install 'regzoo\[test\]' \(in a checkout"):
        spec.loader.exec_module(module)


def test_drawn_sets_to_explain_have_every_gene_once_and_can_be_spoilt():
    contract = everything()["perturbation_graph"].graphs["explain"]
    whole = find(strategies.inputs(contract, SIZES), lambda a: len(a["member"]) == 5)
    assert sorted(whole["member"].tolist()) == list(range(5))
    find(strategies.inputs(contract, SIZES, smallest=0), lambda a: len(a["member"]) == 0)
    broken = find(strategies.invalid_inputs(contract, SIZES), lambda b: b.rule == "relation")
    assert broken.tensor == "members_differ"
