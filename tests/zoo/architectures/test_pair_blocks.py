"""What the architectures of pairs share: identities, their dropout, and strict configurations."""

import importlib
import pkgutil

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from contracts import tasks
from zoo import architectures
from zoo.architectures import cross_encoder, degree, late_interaction, two_tower
from zoo.architectures._pairs import Identity

NETWORKS = (cross_encoder, late_interaction, two_tower)
MODULES = [
    importlib.import_module(f"zoo.architectures.{module.name}")
    for module in pkgutil.iter_modules(architectures.__path__)
    if not module.name.startswith("_")
]


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.__name__.rpartition(".")[2])
def test_every_module_has_what_is_found_by_name(module):
    assert tasks.get(module.TASK).name == module.TASK
    assert module.Config.model_config["frozen"]
    assert module.Config.model_config["extra"] == "forbid"
    assert issubclass(module.Model, torch.nn.Module)


@pytest.mark.parametrize("module", [*NETWORKS, degree])
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"hiden": 3}, "hiden"),
        ({"genes_total": 0}, "genes_total"),
        ({"genes_total": "11"}, "genes_total"),
        ({"genes_total": 11.0}, "genes_total"),
    ],
)
def test_a_configuration_takes_nothing_wrong(module, change, named, fields):
    module.Config(**fields[module])
    with pytest.raises(ValidationError, match=named):
        module.Config(**fields[module] | change)


@pytest.mark.parametrize("module", [*NETWORKS, degree])
def test_a_configuration_lacks_nothing_and_never_changes(module, fields):
    for name in fields[module]:
        with pytest.raises(ValidationError, match=name):
            module.Config(**{k: v for k, v in fields[module].items() if k != name})
    config = module.Config(**fields[module])
    with pytest.raises(ValidationError, match="frozen"):
        config.genes_total = 5


@pytest.mark.parametrize("module", NETWORKS)
@pytest.mark.parametrize("share", [-0.1, 1.0])
@pytest.mark.parametrize("name", ["dropout", "identity_dropout"])
def test_a_share_is_at_least_0_and_under_1(module, name, share, fields):
    with pytest.raises(ValidationError, match=name):
        module.Config(**fields[module] | {name: share})


@pytest.mark.parametrize("module", NETWORKS)
def test_a_fresh_model_knows_no_identity(module, fields):
    model = module.Model(module.Config(**fields[module]))
    assert (model.tf.identity.row == fields[module]["tfs_known"]).all()
    assert (model.gene.identity.row == fields[module]["genes_known"]).all()


@pytest.mark.parametrize("module", NETWORKS)
def test_entities_without_edges_share_the_unknown_row(module, random, fields):
    model, _ = random(module)
    unknown = fields[module]["genes_known"]
    model.gene.identity.row[:] = torch.tensor([0, 1, 2, 3, 4, 5, *[unknown] * 5])
    model.gene.profile.codes[7:9] = model.gene.profile.codes[6]
    tf, gene = torch.full((11,), 2), torch.arange(11)
    with torch.no_grad():
        before = model.pair_logit(tf, gene)
        # Same row and same profile; a batched product may round each of them otherwise.
        np.testing.assert_allclose(before[7:9], before[6].expand(2), rtol=1e-12)
        assert len(torch.unique(before.round(decimals=9))) == 9
        model.gene.identity.vectors.weight[unknown] += 1.0
        changed = (model.pair_logit(tf, gene) - before).abs() > 1e-9
    np.testing.assert_array_equal(changed.numpy(), np.arange(11) >= 6)


def test_identities_are_dropped_in_training_only():
    identity = Identity(50, 50, 3, 0.4)
    identity.row.copy_(torch.arange(50))
    index = torch.arange(50).repeat(400)

    def dropped() -> float:
        return (identity.rows(index) == identity.unknown).float().mean().item()

    torch.manual_seed(0)
    identity.train()
    # 20,000 draws: their standard deviation is 0.0035.
    assert abs(dropped() - 0.4) < 0.015
    identity.eval()
    assert dropped() == 0.0
    identity.train().dropout = 0.0
    assert dropped() == 0.0


@pytest.mark.parametrize("module", NETWORKS)
def test_the_unknown_row_is_learned(module, random):
    model, _ = random(module)
    model.train()
    model.gene.identity.row[:] = torch.arange(11) % 6
    torch.manual_seed(1)
    model.pair_logit(torch.zeros(64, dtype=torch.int64), torch.arange(64) % 11).sum().backward()
    assert model.gene.identity.vectors.weight.grad[6].abs().sum() > 0


@pytest.mark.parametrize("module", NETWORKS)
def test_dropout_is_off_in_evaluation(module, random, naive):
    model, _ = random(module)
    pairs = torch.from_numpy(naive.grid).T
    with torch.no_grad():
        assert torch.equal(model.pair_logit(*pairs), model.pair_logit(*pairs))
        model.train()
        assert not torch.equal(model.pair_logit(*pairs), model.pair_logit(*pairs))
