"""The CLS-transformer: its encoder, its head with the algebra and without, and its graphs."""

import math

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from contracts.sets.kinds import ABSENT, KINDS, PRESENT
from zoo.architectures import cls_transformer
from zoo.architectures.cls_transformer import Config, Model

GENES, FEATURES = 12, ("single_fitness", "single_fitness_known", "degree")
SETS = [[], [3], [1, 4], [0, 2, 5], [6, 7, 8, 9, 10]]


@pytest.fixture
def model() -> Model:
    torch.manual_seed(0)
    config = Config(
        genes_total=GENES,
        features=FEATURES,
        sources=("first", "second", "third"),
        epsilon_source="second",
        tau_source="third",
        regularised={"physical": (0, 1)},
        identity_dim=4,
        token_hidden=8,
        dim=8,
        layers=2,
        heads=2,
        key_dim=3,
        value_dim=4,
        change_dim=6,
        hidden=8,
    )
    model = Model(config).double().eval()
    for layer in model.encoder.layers:
        torch.nn.init.normal_(layer.scale)  # so that attention has a say
    torch.nn.init.normal_(model.head.phi.change_of_dose[ABSENT].data)
    model.source_scale.copy_(torch.tensor([[0.0, 1.0], [0.1, 0.5], [-0.2, 2.0]]))
    model.fitness_scale.copy_(torch.tensor([0.9, 0.2]))
    return model


@pytest.fixture
def features() -> torch.Tensor:
    table = torch.randn(GENES, len(FEATURES), generator=torch.manual_seed(1)).double()
    table[:, 1] = torch.where(torch.arange(GENES) == 2, -3.0, 0.3)
    return table


def flat(sets, kinds=None) -> tuple[torch.Tensor, ...]:
    member = torch.tensor([gene for one in sets for gene in one], dtype=torch.int64)
    kind = torch.zeros_like(member) if kinds is None else torch.tensor(kinds)
    order = torch.tensor([len(one) for one in sets])
    segment = torch.repeat_interleave(torch.arange(len(sets)), order)
    return member, kind, segment, order


def state_of(model, features):
    return model.encode(torch.arange(GENES), features)[0]


def test_the_algebra_gives_what_its_definition_does(model, features):
    state, sets = state_of(model, features), flat(SETS)
    for quick, naive in zip(
        model.graphs()["head"](*sets, *state), model.naive()(*sets, *state), strict=True
    ):
        torch.testing.assert_close(quick, naive, rtol=0, atol=1e-12)


MIXED = [ABSENT, ABSENT, 3, PRESENT, 2, ABSENT, 3, PRESENT, 2, ABSENT, 3]
"""Kinds of the members of SETS, one after another."""


@pytest.fixture
def every_kind(model) -> Model:
    """The model as it would be had training seen every kind."""
    torch.nn.init.normal_(model.head.phi.change_of_dose.data, generator=torch.manual_seed(5))
    return model


def test_the_algebra_holds_for_mixed_kinds_that_change_something(every_kind, features):
    state, sets = state_of(every_kind, features), flat(SETS, MIXED)
    quick = every_kind.graphs()["head"](*sets, *state)
    for one, naive in zip(quick, every_kind.naive()(*sets, *state), strict=True):
        torch.testing.assert_close(one, naive, rtol=0, atol=1e-12)
    deletions = every_kind.graphs()["head"](*flat(SETS), *state)
    assert (quick[0] - deletions[0]).abs().max() > 1e-3
    # The triple has a member that is present: the graph gives its pair.
    alone = every_kind.graphs()["head"](*flat([[2, 5]], [2, ABSENT]), *state)
    torch.testing.assert_close(quick[0][3], alone[0][0])


def test_a_set_counts_as_large_as_what_changes_in_it(model, features):
    """In the graph as it stands, without a scorer that takes members off."""
    state, graph = state_of(model, features), model.graphs()["head"]
    for genes in ([1], [1, 4], [0, 2, 5]):
        plain = graph(*flat([genes]), *state)
        for kind in (PRESENT, 2, 3):
            kinds = [ABSENT] * len(genes) + [kind] * 2
            more = graph(*flat([[*genes, 7, 8]], kinds), *state)
            for with_them, without in zip(more, plain, strict=True):
                torch.testing.assert_close(with_them, without)


def test_the_head_is_the_formula_set_by_set(model, features):
    """Everything again in numpy, one set at a time."""
    state = state_of(model, features)
    h, _, _, _, cell = (each.detach().numpy() for each in state)
    head, phi = model.head, model.head.phi
    weight, bias = phi.weight.weight.detach().numpy(), phi.weight.bias.detach().numpy()
    dose = phi.change_of_dose[ABSENT].detach().numpy()
    key, query = head.key.weight.detach().numpy(), head.query.weight.detach().numpy()
    f = h @ weight.T + bias
    found = head.vectors(state, *flat(SETS)).detach().numpy()
    for row, genes in enumerate(SETS):
        delta = dose * f[genes]
        q = (delta.sum(0) / max(len(genes), 1)) @ query.T
        score = (h @ key.T) @ q / math.sqrt(len(q))
        beta = np.exp(score - score.max())
        beta /= beta.sum()
        changed = f.copy()
        changed[genes] += delta
        z = beta @ changed[:, : head.value_dim]
        pairs = sum((delta[i] * delta[j] for i in range(len(genes)) for j in range(i)), np.zeros(6))
        apart = sum(
            ((delta[i] - delta[j]) ** 2 for i in range(len(genes)) for j in range(i)), np.zeros(6)
        )
        expected = np.concatenate([cell, delta.sum(0), pairs, apart, z])
        np.testing.assert_allclose(found[row], expected, atol=1e-10)


def test_attention_is_that_of_its_logits(model, features):
    """The layers' attention, from a plain softmax over the logits that the graph loss sees."""
    _, inputs = model.encode(torch.arange(GENES), features)
    layer, x = model.encoder.layers[0], inputs[0]
    rows = torch.arange(GENES + 1)
    _, _, value = layer.split(x)
    heads = [layer.logits(x, rows, head).softmax(-1) @ value[head] for head in range(2)]
    x = x + layer.scale[0] * layer.out(torch.cat(heads, -1))
    x = x + layer.scale[1] * layer.feed(layer.norm_out(x))
    torch.testing.assert_close(x, inputs[1])


def test_genes_have_no_positions(model, features):
    order = torch.randperm(GENES, generator=torch.manual_seed(3))
    plain = state_of(model, features)
    moved = model.encode(order, features[order])[0]
    for before, after in zip(plain[:4], moved[:4], strict=True):
        torch.testing.assert_close(after, before[order])
    torch.testing.assert_close(moved[4], plain[4])


def test_a_kind_that_training_has_not_seen_changes_nothing(model, features):
    state = state_of(model, features)
    for name in ("present", "added", "overexpressed"):
        kinds = [KINDS.index(name)] * 2
        changed = model.head.vectors(state, *flat([[1, 4]], kinds))
        wildtype = model.head.vectors(state, *flat([[]]))
        torch.testing.assert_close(changed, wildtype)


def test_other_kinds_keep_no_change_in_training(model, features):
    """They get no gradient from deletions, and weight decay leaves zeros where they are."""
    optimizer = torch.optim.AdamW(model.parameters(), 0.1, weight_decay=0.5)
    z = model.head(state_of(model, features), *flat(SETS))
    z.square().sum().backward()
    optimizer.step()
    change = model.head.phi.change_of_dose
    assert (change[PRESENT:] == 0).all()
    assert (change[ABSENT] != 0).all()


def test_outputs_are_in_natural_units(model, features):
    state, sets = state_of(model, features), flat(SETS)
    z = model.head(state, *sets)
    interaction, expectation = model.graphs()["head"](*sets, *state)
    assert interaction[:2].tolist() == [0, 0]
    torch.testing.assert_close(interaction[2], z[2, 1] * 0.5 + 0.1)
    torch.testing.assert_close(interaction[3:], z[3:, 2] * 2.0 - 0.2)
    single = state[3].detach()
    expected = [math.prod(float(single[gene]) for gene in one) for one in SETS]
    torch.testing.assert_close(expectation, torch.tensor(expected).double())


def test_single_fitness_is_measured_or_estimated(model, features):
    h, _, _, single, _ = state_of(model, features)
    measured = torch.relu(0.9 + 0.2 * features[:, 0])
    unknown = torch.arange(GENES) == 2
    torch.testing.assert_close(single[~unknown], measured[~unknown], rtol=1e-6, atol=1e-6)
    estimate = torch.relu(0.9 + 0.2 * model.estimate(h))
    torch.testing.assert_close(single[unknown], estimate[unknown], rtol=1e-6, atol=1e-6)


def test_a_new_gene_takes_the_last_token(model, features):
    token = torch.cat([torch.arange(GENES), torch.tensor([GENES])])
    more = torch.cat([features, torch.zeros(1, len(FEATURES)).double()])
    state = model.encode(token, more)[0]
    assert state[0].shape[0] == GENES + 1
    assert all(each.isfinite().all() for each in state)


def test_identity_dropout_treats_genes_as_new(model, features):
    model.train()
    model.encoder.tokens.dropout = 1.0 - 1e-9
    tokens = model.encoder.tokens
    tokens.net.eval()
    dropped = tokens(torch.arange(GENES), features)
    new = tokens(torch.full((GENES,), GENES), features)
    torch.testing.assert_close(dropped, new)


def test_a_key_that_there_is_not_is_an_error():
    with pytest.raises(ValidationError, match="value_dims"):
        Config(genes_total=3, features=FEATURES, sources=("a",), epsilon_source="a",
               tau_source="a", value_dims=3)  # fmt: skip


def test_the_task_is_that_of_an_encoded_cell(model):
    assert cls_transformer.TASK == "perturbation_encoded"
    assert set(model.graphs()) == {"encode", "head"}
