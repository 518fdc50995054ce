import numpy as np
import pytest
import torch

from tests.findings.modular import toy
from tests.findings.modular.toy import study

Failures = study.gradients.Failures
ARCHITECTURES = study.models.ARCHITECTURES
CrossEncoder = study.models.CrossEncoder
TwoTower = study.models.TwoTower
GENES = study.prior.GENES
TFS = study.prior.TFS

TF, GENE = torch.tensor([0, 3, 3]), torch.tensor([5, 0, 6])


@pytest.mark.parametrize(
    ("name", "count"), [("two_tower", 5_581_824), ("cross_encoder", 5_581_313)]
)
def test_parameter_counts_are_the_published_ones(name: str, count: int):
    with torch.device("meta"):
        model = ARCHITECTURES[name](TFS, GENES, Failures())
    assert sum(weight.numel() for weight in model.parameters()) == count


def arrays(model: torch.nn.Module) -> dict[str, np.ndarray]:
    return {name: tensor.double().numpy() for name, tensor in model.state_dict().items()}


def layer(state: dict[str, np.ndarray], name: str, x: np.ndarray) -> np.ndarray:
    return x @ state[f"{name}.weight"].T + state[f"{name}.bias"]


def test_two_towers_are_a_dot_product_over_the_temperature():
    model = TwoTower(4, 7, Failures(), width=8)
    model.gene.side.expression.uniform_()
    state = arrays(model)

    def tower(side: str, rows: torch.Tensor) -> np.ndarray:
        parts = [state[f"{side}.side.embedding.weight"], state[f"{side}.side.expression"]]
        hidden = layer(state, f"{side}.hidden", np.hstack(parts)[rows.numpy()])
        return layer(state, f"{side}.out", np.maximum(hidden, 0))

    expected = (tower("tf", TF) * tower("gene", GENE)).sum(1) / 0.05
    np.testing.assert_allclose(model(TF, GENE).detach().numpy(), expected, rtol=1e-4)


def test_cross_encoder_sees_both_sides_and_their_product():
    model = CrossEncoder(4, 7, Failures(), width=8)
    model.tf.expression.uniform_()
    state, tf, gene = arrays(model), TF.numpy(), GENE.numpy()
    e_t, e_g = state["tf.embedding.weight"][tf], state["gene.embedding.weight"][gene]
    x_t, x_g = state["tf.expression"][tf], state["gene.expression"][gene]
    hidden = layer(state, "first", np.hstack([e_t, e_g, x_t, x_g, e_t * e_g]))
    hidden = layer(state, "second", np.maximum(hidden, 0))
    expected = layer(state, "out", np.maximum(hidden, 0))[:, 0]
    np.testing.assert_allclose(model(TF, GENE).detach().numpy(), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("name", "spread"), [("two_tower", 0.01), ("cross_encoder", 0.1)])
def test_weights_start_as_in_the_study(name: str, spread: float):
    torch.manual_seed(1)
    model = ARCHITECTURES[name](200, 300, Failures(), 32)
    for module in model.modules():
        if isinstance(module, torch.nn.Embedding):
            assert float(module.weight.detach().std()) == pytest.approx(spread, rel=0.05)
        if isinstance(module, torch.nn.Linear) and module.out_features > 1:
            bound = (2 / module.in_features) ** 0.5
            assert bound * 0.95 < float(module.weight.detach().abs().max()) <= bound
            assert float(module.weight.detach().std()) == pytest.approx(bound / 3**0.5, rel=0.1)
            assert not module.bias.any()


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_expression_is_eleven_zeros_a_side(name: str):
    found = toy.prior()
    model = ARCHITECTURES[name](len(found.tfs), len(found.genes), Failures(), 8)
    profiles = [b for n, b in model.named_buffers() if n.endswith("expression")]
    assert sorted(p.shape[0] for p in profiles) == sorted((len(found.tfs), len(found.genes)))
    assert all(p.shape[1] == 11 and not p.any() for p in profiles)
