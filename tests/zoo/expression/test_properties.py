"""What must hold of the changes of any sets, and any control."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from contracts import strategies
from contracts.expression.task import RESPONSE
from tests import tiny_expression as toy
from zoo.expression.control import Control

SETS = st.lists(
    st.lists(st.sampled_from(toy.GENES), max_size=toy.LIMIT, unique=True), min_size=1, max_size=6
)
INPUTS = strategies.inputs(RESPONSE, toy.SIZES)
HIGH = np.full(toy.R, 19.5, np.float32)
"""A control that nothing is clipped at."""


def written(inputs: dict[str, np.ndarray]) -> list[list[str]]:
    """The sets of a graph's inputs by name."""
    ends = np.cumsum(inputs["order"])
    return [
        [toy.GENES[gene] for gene in inputs["member"][end - order : end]]
        for end, order in zip(ends, inputs["order"], strict=True)
    ]


@given(INPUTS)
def test_whatever_the_contract_allows_is_answered_as_by_arithmetic(model, inputs):
    sets = written(inputs)
    positions = [[toy.GENES.index(gene) for gene in one] for one in sets]
    np.testing.assert_array_equal(model.expression_matrix(sets), toy.change(positions))
    outputs = model._opened.graphs["response"].run(inputs, verify=True)
    change = toy.change(positions, inputs["control"])
    np.testing.assert_array_equal(outputs["change"], change)


@given(SETS, st.randoms())
def test_the_order_of_members_does_not_matter(model, sets: list[list[str]], random):
    shuffled = [random.sample(one, len(one)) for one in sets]
    table = model.predict_expression(sets)
    assert model.predict_expression(shuffled).equals(table)
    assert model.predict_expression([{*one} for one in sets]).equals(table)


@given(SETS)
def test_a_set_does_not_depend_on_the_others(model, sets: list[list[str]]):
    together = model.expression_matrix(sets)
    alone = [model.expression_matrix([one])[0] for one in sets]
    np.testing.assert_array_equal(together, alone)


@given(st.permutations(toy.GENES), st.integers(0, toy.LIMIT))
def test_an_additive_entry_adds_where_nothing_is_clipped(model, genes: list[str], order: int):
    members = genes[:order]
    control = np.nextafter(HIGH, 0)
    singles = [model.expression_matrix([[one]], Control(control))[0] for one in members]
    whole = model.expression_matrix([members], Control(control))[0]
    np.testing.assert_array_equal(whole, np.sum(singles, axis=0) if singles else np.zeros(toy.R))


@given(SETS, st.floats(0.5, 2))
def test_a_control_moves_what_is_clipped_alone(model, sets: list[list[str]], factor: float):
    control = (toy.CONTROL * np.float32(factor)).astype(np.float32)
    free = model.expression_matrix(sets, Control(HIGH))
    answer = model.answer(sets, Control(control))
    np.testing.assert_array_equal(answer.change, np.maximum(free, -control))
    assert (control + answer.low >= 0).all()
    assert (answer.low <= answer.change).all()
    assert (answer.high >= answer.change).all()
