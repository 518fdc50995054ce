"""What is compared for perturbation sets, and the figures of it."""

import numpy as np
import pytest

from contracts.perturbations.task import PERTURBATION, PERTURBATION_GRAPH
from export.parity import BATCHES, ParityFailed
from export.perturbations import family
from export.perturbations.parity import NAIVE_BATCHES, Answers, PerturbationProbe

SIZES = {"genes_total": 80, "members_limit": 64}
PROBE = PerturbationProbe.draw(SIZES)


def answers(ranked: np.ndarray, expectation: float = 1.0) -> Answers:
    batch = {"gene_interaction": ranked[0], "expectation": np.full(len(ranked[0]), expectation)}
    return Answers([batch], ranked)


def test_the_sample_keeps_the_contract_and_is_no_example():
    assert [len(batch["order"]) for batch in PROBE.batches] == [1, *BATCHES]
    assert [len(batch["order"]) for batch in PROBE.naive] == [1, *NAIVE_BATCHES]
    assert PROBE.batches[0]["order"].tolist() == [0], "the wildtype alone"
    contract = PERTURBATION.graphs["head"]
    for batch in (*PROBE.batches, *PROBE.naive):
        contract.check_inputs(batch, SIZES)
    example = family.FAMILY.example(contract, SIZES)
    contract.check_inputs(example, SIZES)
    assert len(example["order"]) not in BATCHES
    assert len(np.unique(PROBE.queries)) == 50
    assert sorted(PerturbationProbe.draw(SIZES | {"genes_total": 9}).queries) == list(range(9))


def test_an_example_has_no_length_twice():
    sizes = SIZES | {"tokens_total": 81, "features": 6, "dim": 5, "key_dim": 7, "value_dim": 9}
    from contracts.perturbations.task import PERTURBATION_ENCODED

    for contract in PERTURBATION_ENCODED.graphs.values():
        example = family.FAMILY.example(contract, sizes)
        contract.check_inputs(example, sizes)
        lengths = {
            axis.name: length
            for tensor in contract.inputs
            for axis, length in zip(tensor.axes, example[tensor.name].shape, strict=True)
        }
        assert len(set(lengths.values())) == len(lengths)


def test_sets_to_explain_are_drawn_for_a_task_that_explains():
    sizes = SIZES | {"reactions_total": 5, "metabolites_total": 6}
    contract = PERTURBATION_GRAPH.graphs["explain"]
    probe = family.FAMILY.probe("perturbation_graph", sizes)
    assert [len(one["member"]) for one in probe.explained] == list(range(6))
    for one in (*probe.explained, family.FAMILY.example(contract, sizes)):
        contract.check_inputs(one, sizes)
    assert len(family.FAMILY.example(contract, sizes)["member"]) not in sizes.values()
    assert family.FAMILY.probe("perturbation", SIZES).explained == ()
    assert probe.about() == PROBE.about() | {"explained_sets": 6}
    for one, other in zip(probe.batches, PROBE.batches, strict=True):
        np.testing.assert_array_equal(one["member"], other["member"])


def test_explained_nodes_are_compared_as_parts_of_what_is_above_1():
    ranked = np.zeros((2, 12))

    def moved(*far: float) -> Answers:
        rows = [{"gene_moved": np.array([0.0, 0.5, one])} for one in far]
        return Answers(answers(ranked).batches, ranked, rows)

    lane = PROBE.compare("lane", moved(20.0, 1.0), moved(20.0 + 1e-4, 1.0))
    assert lane["max_explained"] == pytest.approx(5e-6)
    for wrong in (20.001, np.nan):
        with pytest.raises(ParityFailed, match=r"lane differs from torch .* in gene_moved, and at"):
            PROBE.compare("lane", moved(20.0, 1.0), moved(wrong, 1.0))
    assert "max_explained" not in PROBE.compare("lane", answers(ranked), answers(ranked))


def test_a_lane_is_asked_for_every_partner_of_a_query():
    def run(role, inputs):
        assert role == "head"
        members = np.split(inputs["member"], np.cumsum(inputs["order"])[:-1])
        sums = np.array([genes.sum() for genes in members], np.float64)
        return {"gene_interaction": sums, "expectation": np.ones(len(sums))}

    got = PROBE.ask(run)
    assert len(got.batches) == len(PROBE.batches)
    for query, row in zip(PROBE.queries, got.ranked, strict=True):
        np.testing.assert_array_equal(row, [query + other for other in range(80) if other != query])


def test_the_figures_are_the_largest_differences():
    truth = np.random.default_rng(0).normal(size=(20, 40)) / 10
    got = truth.copy()
    got[3, 5] += 4e-6
    lane = PROBE.compare("lane", answers(truth), answers(got, 1 + 2e-6))
    assert lane["status"] == "certified"
    assert lane["max_abs_gene_interaction"] == pytest.approx(4e-6)
    assert lane["max_abs_expectation"] == pytest.approx(2e-6)
    with pytest.raises(ParityFailed, match=r"lane differs .* by 0.001 in expectation"):
        PROBE.compare("lane", answers(truth), answers(truth, 1.001))
    for wrong in (1e-3, np.nan):
        got[3, 5] = truth[3, 5] + wrong
        with pytest.raises(ParityFailed, match=r"lane differs .* in gene_interaction"):
            PROBE.compare("lane", answers(truth), answers(got))


def test_an_exchanged_rank_of_the_lowest_is_found():
    truth = np.tile(np.arange(40) * 2e-6, (20, 1))
    got = truth.copy()
    got[[2, 9], 3], got[[2, 9], 4] = truth[[2, 9], 4], truth[[2, 9], 3]
    with pytest.raises(ParityFailed, match=r"ranks the 10 lowest interactions of 2 of 20 genes"):
        PROBE.compare("lane", answers(truth), answers(got))
    beyond = truth.copy()
    beyond[:, 20], beyond[:, 21] = truth[:, 21], truth[:, 20]
    assert PROBE.compare("lane", answers(truth), answers(beyond))["top_order_equal"]


def test_interactions_that_float32_cannot_tell_apart_may_change_places():
    truth = np.tile(np.arange(40) * 0.01, (20, 1))
    truth[:, 1] = truth[:, 0] + 1e-7
    got = truth.copy()
    got[:, 0], got[:, 1] = truth[:, 1], truth[:, 0]
    assert PROBE.compare("lane", answers(truth), answers(got))["top_order_equal"]
