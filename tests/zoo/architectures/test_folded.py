"""Ensembles as tables: the mean of their members, and the deviation, within 8-bit rounding."""

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from zoo.architectures import cross_encoder, late_interaction, two_tower
from zoo.architectures._folded import FoldedConfig, Sign
from zoo.architectures._pairs import Coded
from zoo.pairs import exhaustive
from zoo.pairs.exhaustive import Joint, Side
from zoo.runtime.torch import WEIGHTS, load_model

MEMBERS = 3
BLIND = {"sees_profile": False}
"""Joint networks of ensembles see encodings alone."""
MODULES = {cross_encoder: BLIND, late_interaction: {}, two_tower: {}}
SIDES = ("tf", "gene")


@pytest.fixture(params=MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def ensemble(request, random, fields):
    """The module, networks of one configuration, and the ensemble that they are folded into."""
    return folded(request.param, random, fields)


def folded(module, random, fields):
    further = MODULES[module]
    members = [random(module, seed, **further)[0] for seed in range(MEMBERS)]
    given = fields[module] | {"members": MEMBERS}
    form = module.FoldedConfig
    model = module.Folded(form(**{n: given[n] for n in form.model_fields if n in given})).double()
    model.fold(members)
    return module, members, model.eval()


@pytest.fixture
def pairs(naive):
    """Every regulator with every gene."""
    return tuple(torch.from_numpy(naive.grid).T)


def member_logits(members, pairs) -> np.ndarray:
    """What the networks themselves say, before calibration [pairs, members]."""
    with torch.no_grad():
        return np.stack([member.pair_logit(*pairs).numpy() for member in members], -1)


def outputs(model, pairs) -> list[np.ndarray]:
    """What the ensemble says of pairs, and the logits of its members before calibration."""
    with torch.no_grad():
        return [each.numpy() for each in (*model(*pairs), model.member_logits(*pairs))]


def test_the_logit_is_the_mean_of_the_members(ensemble, pairs):
    _, members, model = ensemble
    each, weight = member_logits(members, pairs), model.popularity.specific_weight.item()
    _, specific, *_, tables = outputs(model, pairs)
    np.testing.assert_allclose(weight * tables.mean(-1), specific, rtol=1e-9)
    # A code is off by at most 1/510 of its column's range.
    assert np.abs(specific - weight * each.mean(-1)).max() < 0.02 * weight * np.ptp(each)
    assert np.corrcoef(specific, each.mean(-1))[0, 1] > 0.999


def test_uncertainty_is_the_deviation_of_the_members(ensemble, pairs):
    _, members, model = ensemble
    each, weight = member_logits(members, pairs), model.popularity.specific_weight.item()
    *_, spread, tables = outputs(model, pairs)
    np.testing.assert_allclose(spread, weight * tables.std(-1), rtol=1e-9)
    assert np.abs(spread - weight * each.std(-1)).max() < 0.02 * weight * np.ptp(each)


def test_popularity_is_that_of_the_members(ensemble, pairs):
    _, members, model = ensemble
    probability, specific, b_tf, c_gene, *_ = outputs(model, pairs)
    popularity = members[0].popularity
    np.testing.assert_array_equal(b_tf, popularity.of_tfs(pairs[0]).numpy())
    np.testing.assert_array_equal(c_gene, popularity.of_genes(pairs[1]).numpy())
    expected = 1 / (1 + np.exp(-(specific + b_tf + c_gene)))
    np.testing.assert_allclose(probability, expected, rtol=1e-12)


def test_towers_say_the_same_as_the_ensemble(random, fields, pairs):
    """Blocks of the vectors, `members` times their product, are the members' calibrated logits."""
    _, _, model = folded(two_tower, random, fields)
    towers = model.graphs()
    assert towers.keys() == {"tf_tower", "gene_tower"}
    with torch.no_grad():
        _, specific, b_tf, c_gene, spread = model(*pairs)
        vectors, terms = zip(
            *(towers[f"{side}_tower"](index) for side, index in zip(SIDES, pairs, strict=True)),
            strict=True,
        )
    blocks = [each.numpy().reshape(len(each), MEMBERS, -1) for each in vectors]
    members = MEMBERS * (blocks[0] * blocks[1]).sum(-1)
    np.testing.assert_allclose((vectors[0] * vectors[1]).sum(-1), specific, rtol=1e-9)
    np.testing.assert_allclose(members.std(axis=1), spread, rtol=1e-9)
    np.testing.assert_array_equal(torch.stack(terms), torch.stack([b_tf, c_gene]))


def test_all_with_all_from_parts_is_the_graph(random, fields, pairs):
    """In float32, as entries are shipped."""
    _, _, model = folded(cross_encoder, random, fields)
    model = model.float()
    graphs = model.graphs()
    assert graphs.keys() == {"score", "tf_part", "gene_part"}
    with torch.no_grad():
        _, specific, b_tf, c_gene, _ = graphs["score"](*pairs)
        sides = [
            Side(*(part.numpy() for part in graphs[f"{side}_part"](index.unique())))
            for side, index in zip(SIDES, pairs, strict=True)
        ]
        state = {name: part.numpy() for name, part in model.part_state().items()}
    joint = Joint(
        np.ascontiguousarray(state["product_weight"]),
        state["output_weight"],
        np.float32(state["output_bias"].item()),
    )
    got = exhaustive.logits(*sides, joint)
    expected = (specific + b_tf + c_gene).numpy().reshape(got.shape)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-4)


def test_codes_are_off_by_half_a_step_at_most():
    values = torch.randn(50, 4, generator=torch.Generator().manual_seed(1)) * torch.tensor(
        [1.0, 100.0, 0.01, 0.0]
    )
    table = Coded(50, 4)
    table.write(values)
    steps = np.ptp(values.numpy(), axis=0) / 255
    off = (table(torch.arange(50)) - values).abs().numpy()
    assert (off <= 0.5 * steps * (1 + 1e-3) + 1e-6 * values.abs().max().item()).all()
    assert (off[:, 3] == 0).all()


def test_a_sign_is_the_sigmoid_of_a_product():
    rng = np.random.default_rng(2)
    tf, gene = (rng.normal(size=(n, 4)).astype(np.float32) for n in (5, 7))
    config = FoldedConfig(tfs_total=5, genes_total=7, members=2, dim=3, sign_dim=4)
    sign = Sign(config)
    sign.write(tf, gene)
    index = torch.arange(5)
    expected = 1 / (1 + np.exp(-(tf * gene[:5]).sum(1)))
    np.testing.assert_allclose(sign(index, index), expected, atol=0.02)


@pytest.mark.parametrize("module", MODULES)
def test_a_configuration_without_members_is_a_single_network(module, random, fields, tmp_path):
    """So entries made before there were ensembles load as they are."""
    model, _ = random(module)
    save_file(model.float().state_dict(), tmp_path / WEIGHTS)
    loaded = load_model(module, fields[module], tmp_path / WEIGHTS)
    assert type(loaded) is module.Model
    assert "partner_dim" not in fields[module]
    _, _, ensemble = folded(module, random, fields)
    save_file(ensemble.float().state_dict(), tmp_path / WEIGHTS)
    config = ensemble.config.model_dump(mode="json")
    assert type(load_model(module, config, tmp_path / WEIGHTS)) is module.Folded
