import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import tasks
from contracts.cells.task import CELL_EMBED
from contracts.errors import ContractViolation, InvalidOption
from contracts.expression.task import EXPRESSION_RESPONSE
from contracts.pairs.task import PAIR_EMBED, PAIR_SCORE
from contracts.perturbations.task import PERTURBATION, PERTURBATION_ENCODED, PERTURBATION_GRAPH
from contracts.tasks import everything

LOGITS = st.floats(-200, 200, width=32)


def test_tasks_are_found_by_name():
    pairs = {"pair_score": PAIR_SCORE, "pair_embed": PAIR_EMBED}
    sets = {"perturbation": PERTURBATION, "perturbation_encoded": PERTURBATION_ENCODED}
    sets |= {"perturbation_graph": PERTURBATION_GRAPH}
    others = {"cell_embed": CELL_EMBED, "expression_response": EXPRESSION_RESPONSE}
    assert dict(everything()) == pairs | sets | others
    assert tasks.get("pair_embed") is PAIR_EMBED
    with pytest.raises(
        InvalidOption, match=r"task='pair' .* one of cell_embed, expression_response, pair_e"
    ):
        tasks.get("pair")


def test_the_names_and_axes_of_every_graph():
    def names(tensors):
        return {t.name: (t.dtype, tuple(axis.name for axis in t.axes)) for t in tensors}

    score = PAIR_SCORE.graphs["score"]
    assert names(score.inputs) == {"tf": ("int64", ("pairs",)), "gene": ("int64", ("pairs",))}
    parts = ["probability", "pair_specific", "tf_popularity", "gene_popularity", "uncertainty"]
    assert list(names(score.outputs)) == parts
    assert [tensor.name for tensor in score.outputs if tensor.optional] == ["uncertainty"]
    for task in (PAIR_SCORE, PAIR_EMBED):
        assert list(names(task.extras["sign"].outputs)) == ["activates"]
    assert set(names(score.outputs).values()) == {("float32", ("pairs",))}
    towers = PAIR_EMBED.graphs
    assert set(towers) == {"tf_tower", "gene_tower"}
    for side, axis in (("tf", "tfs"), ("gene", "genes")):
        tower = towers[f"{side}_tower"]
        assert names(tower.inputs) == {side: ("int64", (axis,))}
        assert names(tower.outputs) == {
            f"{side}_vector": ("float32", (axis, "dim")),
            f"{side}_popularity": ("float32", (axis,)),
        }


def test_the_sizes_that_each_graph_needs():
    assert PAIR_SCORE.graphs["score"].fixed_sizes == {"tfs_total", "genes_total"}
    assert PAIR_EMBED.graphs["tf_tower"].fixed_sizes == {"tfs_total", "dim"}
    assert PAIR_EMBED.graphs["gene_tower"].fixed_sizes == {"genes_total", "dim"}


def scored(rows: list[tuple[float, float, float]], error: float = 0) -> dict[str, np.ndarray]:
    parts = np.array(rows, np.float32).reshape(-1, 3)
    exact = [1 / (1 + math.exp(-float(row.astype(np.float64).sum()))) for row in parts]
    return {
        "probability": np.array(exact, np.float32) + np.float32(error),
        "pair_specific": parts[:, 0],
        "tf_popularity": parts[:, 1],
        "gene_popularity": parts[:, 2],
    }


@given(st.lists(st.tuples(LOGITS, LOGITS, LOGITS), max_size=5))
def test_the_sigmoid_of_the_three_parts_is_a_probability(rows):
    PAIR_SCORE.graphs["score"].check_outputs(scored(rows))


def test_another_probability_than_the_sigmoid_is_refused():
    contract = PAIR_SCORE.graphs["score"]
    contract.check_outputs(scored([(1, 2, -3)], 5e-6))
    with pytest.raises(ContractViolation, match="probability_is_sigmoid: got a difference of 2e-0"):
        contract.check_outputs(scored([(0, 0, 0), (1, 2, -3)], 2e-5))
    with pytest.raises(ContractViolation, match=r"probability: got 1.5 at \[0\]"):
        contract.check_outputs(scored([(0, 0, 0)], 1))


def test_vectors_of_one_norm_pass_whatever_the_norm():
    contract = PAIR_EMBED.graphs["tf_tower"]
    angles = np.linspace(0, 6, 7)
    circle = np.stack([np.cos(angles), np.sin(angles)], 1)
    for norm in (1e-3, 1.0, 12.5):
        vectors = (norm * circle).astype(np.float32)
        outputs = {"tf_vector": vectors, "tf_popularity": np.zeros(7, np.float32)}
        contract.check_outputs(outputs, sizes={"dim": 2, "tfs_total": 9})
    empty = {"tf_vector": vectors[:0], "tf_popularity": np.zeros(0, np.float32)}
    contract.check_outputs(empty, sizes={"dim": 2, "tfs_total": 9})


def test_a_vector_of_another_norm_is_refused():
    outputs = {
        "gene_vector": np.array([[3, 4], [0, 5.01]], np.float32),
        "gene_popularity": np.zeros(2, np.float32),
    }
    with pytest.raises(ContractViolation, match=r"gene_vector_norm: got norms from 5 to 5\.01"):
        PAIR_EMBED.graphs["gene_tower"].check_outputs(outputs, sizes={"dim": 2})
