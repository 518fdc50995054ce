"""Tables that answer for sets, and the model that ships of them."""

import numpy as np
import pytest
import torch

from contracts.expression.task import EXPRESSION_RESPONSE
from tests.training.expression import planted
from training.expression.baselines import additive, mean, no_change
from training.expression.fits import find
from training.expression.response import Response

SETS = [(), (0,), (3, 1), (0, 2, 5)]


def graph(response: Response, data, sets, control):
    """What the architecture says of sets of the data's genes that are known."""
    _, model = response.model(data.perturbed, data.kind, data.unit)
    place = {gene: row for row, gene in enumerate(response.symbols(data.perturbed))}
    member = [place[data.perturbed.genes[gene]] for one in sets for gene in one]
    order = np.array([len(one) for one in sets])
    inputs = {
        "member": np.array(member, np.int64),
        "set": np.repeat(np.arange(len(sets)), order),
        "order": order,
        "control": control.astype(np.float32),
    }
    contract = EXPRESSION_RESPONSE.graphs["response"]
    sizes = {"genes_total": len(place), "readouts": len(control), "members_limit": 6}
    contract.check_inputs(inputs, sizes)
    outputs = model(*(torch.from_numpy(inputs[tensor.name]) for tensor in contract.inputs))
    named = {t.name: out.numpy() for t, out in zip(contract.outputs, outputs, strict=True)}
    contract.check_outputs(named, inputs, sizes)
    return named


@pytest.mark.parametrize("name", ["no_change", "mean", "additive", "shrunken_additive"])
def test_the_model_says_what_the_tables_say(name):
    data = planted.data()
    response = find(name)(data.profiles, data, 0)
    for control in (data.profiles.control, np.zeros(len(planted.READOUTS))):
        got = graph(response, data, SETS, control)
        np.testing.assert_allclose(got["change"], response.change(SETS, control), atol=1e-5)
        np.testing.assert_allclose(got["deviation"], response.deviation(SETS), atol=1e-5)
    assert (response.change(SETS, np.zeros(len(planted.READOUTS))) >= 0).all(), "nothing to lose"


def test_additive_sums_what_was_measured_alone_and_answers_for_no_other_gene():
    data = planted.data()
    train = data.profiles.take([one != (1,) for one in data.profiles.sets])
    response = additive.fit(train, data, 0)
    rows = train.place
    change = response.change([(2, 4), (0, 1), ()])
    np.testing.assert_allclose(change[0], train.change[rows[2,]] + train.change[rows[4,]])
    variance = train.variance[rows[2,]] + train.variance[rows[4,]]
    np.testing.assert_allclose(response.deviation([(2, 4)])[0], np.sqrt(variance))
    assert np.isnan(change[1]).all()
    assert np.isnan(response.deviation([(0, 1)])).all()
    assert (change[2] == 0).all()
    assert response.symbols(data.perturbed) == ("A", "C", "D", "E", "F")


def test_mean_and_no_change_have_the_errors_of_sets_left_out():
    data = planted.data()
    train, (rows, _) = data.profiles, data.profiles.change.shape
    errors = [
        train.change[row] - np.delete(train.change, row, axis=0).mean(axis=0) for row in range(rows)
    ]
    answer = mean.fit(train, data, 0)
    np.testing.assert_allclose(answer.change([(0, 5)])[0], train.change.mean(axis=0))
    expected = np.sqrt(np.mean(np.square(errors), axis=0))
    np.testing.assert_allclose(answer.deviation([(0, 5)])[0], expected)
    still = no_change.fit(train, data, 0)
    assert (still.change([(0, 5)]) == 0).all()
    expected = np.sqrt(np.mean(train.change**2, axis=0))
    np.testing.assert_allclose(still.deviation([(0, 5)])[0], expected)


def test_further_genes_stand_where_their_symbols_do():
    data = planted.data()
    base = additive.fit(data.profiles, data, 0)
    more = {"AA": np.full(len(base.direction), 2.0), "Z": np.zeros(len(base.direction))}
    wider = Response(**{**vars(base), "more": more})
    assert wider.symbols(data.perturbed) == ("A", "AA", "B", "C", "D", "E", "F", "Z")
    config, model = wider.model(data.perturbed, data.kind, data.unit)
    assert (config.genes_total, config.rank) == (8, len(base.direction))
    assert (model.loading[1] == 2).all()
    assert (model.noise_loading[1] == 0).all()
    np.testing.assert_array_equal(model.loading[2], base.loading[1])
