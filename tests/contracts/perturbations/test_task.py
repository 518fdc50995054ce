import numpy as np
import pytest

from contracts.errors import ContractViolation
from contracts.perturbations.task import PERTURBATION, PERTURBATION_ENCODED, PERTURBATION_GRAPH

SIZES = {"genes_total": 5, "members_limit": 3, "tokens_total": 6}
SIZES |= {"dim": 2, "key_dim": 3, "value_dim": 1, "features": 2}
REQUEST = {
    "member": ("int64", ("members",)),
    "kind": ("int64", ("members",)),
    "set": ("int64", ("members",)),
    "order": ("int64", ("sets",)),
}
CELL = {
    "hidden": ("float32", ("genes", "dim")),
    "key": ("float32", ("genes", "key_dim")),
    "value": ("float32", ("genes", "value_dim")),
    "single_fitness": ("float32", ("genes",)),
    "cell": ("float32", ("dim",)),
}
HEAD = PERTURBATION.graphs["head"]
ENCODED = PERTURBATION_ENCODED.graphs["head"]
ENCODE = PERTURBATION_ENCODED.graphs["encode"]
EXPLAIN = PERTURBATION_GRAPH.graphs["explain"]
GRAPH_SIZES = SIZES | {"reactions_total": 4, "metabolites_total": 2}


def names(tensors):
    return {t.name: (t.dtype, tuple(axis.name for axis in t.axes)) for t in tensors}


def request(**changes):
    """The wildtype, a pair and a single, perhaps with other columns."""
    columns = {"member": [4, 0, 1], "kind": [0, 3, 1], "set": [1, 1, 2], "order": [0, 2, 1]}
    return {name: np.array(column, np.int64) for name, column in (columns | changes).items()}


def outputs(interaction, expectation):
    return {
        "gene_interaction": np.array(interaction, np.float32),
        "expectation": np.array(expectation, np.float32),
    }


def test_the_names_and_axes_of_every_graph():
    assert (set(PERTURBATION.graphs), set(PERTURBATION_ENCODED.graphs)) == (
        {"head"},
        {"encode", "head"},
    )
    assert names(HEAD.inputs) == REQUEST
    assert names(ENCODED.inputs) == REQUEST | CELL
    assert list(names(ENCODED.inputs)) == [*REQUEST, *CELL]
    told = {"gene_interaction": ("float32", ("sets",)), "expectation": ("float32", ("sets",))}
    assert names(HEAD.outputs) == names(ENCODED.outputs) == told
    assert names(ENCODE.inputs) == {
        "token": ("int64", ("genes",)),
        "features": ("float32", ("genes", "features")),
    }
    assert names(ENCODE.outputs) == CELL


def test_the_cell_is_carried_and_a_request_is_not():
    assert names(ENCODED.carried) == CELL
    assert names(ENCODED.requested.inputs) == REQUEST
    assert HEAD.carried == ENCODE.carried == ()


def test_the_sizes_that_each_graph_needs():
    assert HEAD.fixed_sizes == {"genes_total", "members_limit"}
    assert ENCODED.fixed_sizes == HEAD.fixed_sizes | {"dim", "key_dim", "value_dim"}
    assert ENCODE.fixed_sizes == {"tokens_total", "features", "dim", "key_dim", "value_dim"}


@pytest.mark.parametrize(
    ("changes", "where", "got"),
    [
        ({"member": [4, 0, 5]}, "member", "5 at [2]"),
        ({"kind": [0, 4, 1]}, "kind", "4 at [1]"),
        ({"set": [1, 1, -1]}, "set", "-1 at [2]"),
        ({"order": [0, 4, 1]}, "order", "4 at [1]"),
        ({"set": [2, 1, 1]}, "sets_in_order", "set 1 after 2 at [1]"),
        ({"order": [1, 2, 1]}, "order_counts", "order 1 for set 0 of 0 members"),
        ({"set": [1, 1, 3]}, "order_counts", "a member of set 3 of 3 sets"),
        ({"member": [0, 0, 1]}, "genes_differ", "gene 0 twice in set 1"),
    ],
)
@pytest.mark.parametrize("contract", [HEAD, ENCODED])
def test_a_request_that_breaks_a_rule_is_refused(contract, changes, where, got):
    contract.requested.check_inputs(request(), SIZES)
    with pytest.raises(ContractViolation) as caught:
        contract.requested.check_inputs(request(**changes), SIZES)
    (violation,) = caught.value.violations
    assert (violation.where, violation.got) == (where, got)


def test_a_gene_may_be_in_two_sets_and_there_may_be_no_set():
    HEAD.check_inputs(request(member=[4, 0, 4]), SIZES)
    HEAD.check_inputs(request(member=[], kind=[], set=[], order=[]), SIZES)
    HEAD.check_inputs(request(member=[], kind=[], set=[], order=[0, 0]), SIZES)


@pytest.mark.parametrize("contract", [HEAD, ENCODED])
def test_outputs_of_small_sets_are_exact(contract):
    asked = request()
    contract.check_outputs(outputs([0, -0.5, 0], [1, 0.25, 0.5]), asked)
    with pytest.raises(ContractViolation, match=r"no_interaction_of_one: got 0.5 in 1 of 2 such"):
        contract.check_outputs(outputs([0, 0.25, 0.5], [1, 1, 1]), asked)
    with pytest.raises(ContractViolation, match=r"wildtype_expectation: got 0.5 in 1 of 1 such"):
        contract.check_outputs(outputs([0, 0, 0], [0.5, 1, 1]), asked)
    with pytest.raises(ContractViolation, match=r"expectation: got -1.0 at \[1\]"):
        contract.check_outputs(outputs([0, 0, 0], [1, -1, 1]), asked)
    contract.check_outputs(outputs([1, 0, 0], [0, 1, 1]))  # alone, of no known order


def explained(**changes):
    columns = {
        "gene_moved": np.array([0, 1, 0.5, 0, 2], np.float32),
        "gene_share": np.array([0, 0.5, 0, 0, 1], np.float32),
        "reaction_moved": np.array([0, 1, 0, 0.5], np.float32),
        "reaction_lost": np.array([0, 1, 0, 0]),
        "metabolite_moved": np.array([0, 3], np.float32),
    }
    return columns | changes


def test_the_graph_that_explains_has_a_row_for_every_node():
    assert set(PERTURBATION_GRAPH.graphs) == {"head", "explain"}
    head = PERTURBATION_GRAPH.graphs["head"]
    assert (head.inputs, head.outputs) == (HEAD.inputs, HEAD.outputs)
    assert names(EXPLAIN.inputs) == {"member": ("int64", ("members",))}
    assert names(EXPLAIN.outputs) == {
        "gene_moved": ("float32", ("genes_total",)),
        "gene_share": ("float32", ("genes_total",)),
        "reaction_moved": ("float32", ("reactions_total",)),
        "reaction_lost": ("int64", ("reactions_total",)),
        "metabolite_moved": ("float32", ("metabolites_total",)),
    }
    assert EXPLAIN.fixed_sizes == {"genes_total", "reactions_total", "metabolites_total"}
    assert EXPLAIN.carried == ()


def test_a_set_to_explain_has_every_gene_once_and_may_be_empty():
    for genes in ([], [4], [3, 0, 1]):
        EXPLAIN.check_inputs({"member": np.array(genes, np.int64)}, GRAPH_SIZES)
    with pytest.raises(ContractViolation, match="members_differ: got gene 3 twice, expected every"):
        EXPLAIN.check_inputs({"member": np.array([3, 0, 3])}, GRAPH_SIZES)
    with pytest.raises(ContractViolation, match=r"member: got 5 at \[1\]"):
        EXPLAIN.check_inputs({"member": np.array([0, 5])}, GRAPH_SIZES)


def test_what_is_explained_is_no_negative_distance_and_of_the_cells_size():
    asked = {"member": np.array([4])}
    EXPLAIN.check_outputs(explained(), asked, GRAPH_SIZES)
    for name, row in {
        "gene_moved": np.array([0, -1, 0, 0, 0], np.float32),
        "gene_share": np.zeros(4, np.float32),
        "reaction_moved": np.full(4, np.nan, np.float32),
        "reaction_lost": np.array([0, 2, 0, 0]),
        "metabolite_moved": np.zeros(3, np.float32),
    }.items():
        with pytest.raises(ContractViolation, match=name):
            EXPLAIN.check_outputs(explained(**{name: row}), asked, GRAPH_SIZES)
