"""DANGO against its formulas gene by gene and set by set, and its graph against torch."""

import math

import numpy as np
import onnxruntime
import pytest
import torch
from pydantic import ValidationError
from scipy.sparse import coo_array
from torch import Tensor, nn

from contracts import tasks
from contracts.sets.kinds import KINDS
from export.to_onnx import write_graphs
from tests.zoo.architectures import dango_formulas as formulas
from tests.zoo.architectures.dango_formulas import FIELDS, NETWORKS, SOURCES, edges
from tests.zoo.architectures.sets import GENES, ORDERS, ragged
from training.losses.graph import neighbours
from zoo.architectures import dango

PAPER = {
    "genes_total": 6607,
    "networks": tuple(f"channel_{number}" for number in range(6)),
    "sources": ("tau",),
    "epsilon_source": "tau",
    "tau_source": "tau",
}


def random_model(**changed: object) -> dango.Model:
    """In float64 and in evaluation, every parameter and buffer random."""
    generator = torch.Generator().manual_seed(3)
    model = dango.Model(dango.Config(**(FIELDS | changed))).double()
    for tensor in model.state_dict().values():
        drawn = torch.randn(tensor.shape, generator=generator, dtype=torch.float64)
        tensor.copy_(drawn / 2)
    model.single_fitness.abs_()
    return model.eval()


def frozen() -> dango.Model:
    return random_model().freeze(edges())


def deleted(member: Tensor, kind: Tensor, segment: Tensor, row: int) -> list[int]:
    return member[(segment == row) & (kind == 0)].tolist()


def test_the_published_configuration_has_its_3138270_parameters():
    model = dango.Model(dango.Config(**PAPER))
    network = model.cell.networks.channel_0
    parts = {
        "genes": model.cell.genes,
        "gnn": nn.ModuleList([network.first, network.second]),
        "decoder": network.decoder,
        "meta": model.cell.meta,
        "sagnn": model.sagnn,
    }
    counts = {name: sum(p.numel() for p in part.parameters()) for name, part in parts.items()}
    assert counts == {
        "genes": 422_848,
        "gnn": 16_512,
        "decoder": 429_455,
        "meta": 2_113,
        "sagnn": 37_507,
    }
    total = 422_848 + 6 * (16_512 + 429_455) + 2_113 + 37_507
    assert sum(p.numel() for p in model.parameters()) == total == 3_138_270


def test_static_embeddings_are_the_formula():
    model = random_model()
    got = model.encode(edges()).detach().numpy()
    expected = formulas.static(formulas.numbers(model))
    assert np.ptp(expected) > 0.1
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-13)


def test_rows_are_reconstructed_from_one_network_alone():
    model, rows = random_model(), torch.tensor([5, 0, 5])
    state = formulas.numbers(model)
    got = model.reconstruction("physical", edges()["physical"], rows).detach().numpy()
    seen = formulas.network(state, "physical")
    expected = [formulas.linear(state, "cell.networks.physical.decoder", seen[row]) for row in rows]
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-13)


def test_edges_as_a_sparse_matrix_give_the_same():
    model, listed = random_model().float(), edges()
    matrices = {}
    for name, (source, target) in listed.items():
        where = (target.numpy(), source.numpy())
        ones = np.ones(len(source), dtype=bool)
        matrices[name] = neighbours(coo_array((ones, where), (GENES, GENES)).tocsr())
    torch.testing.assert_close(model.encode(matrices), model.encode(listed), rtol=1e-5, atol=1e-6)
    model.encode(matrices).sum().backward()
    by_matrix = model.cell.genes.weight.grad.clone()
    model.zero_grad()
    model.encode(listed).sum().backward()
    torch.testing.assert_close(model.cell.genes.weight.grad, by_matrix, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("orders", ORDERS)
def test_the_score_is_the_formula_set_by_set(orders):
    model, (member, kind, segment, order) = random_model(), ragged(orders)
    state, static = formulas.numbers(model), model.encode(edges()).detach()
    got = model.score(static, member, kind, segment, order).detach().numpy()
    assert got.shape == (len(orders), len(SOURCES))
    for row in range(len(orders)):
        rows = [static[gene].numpy() for gene in deleted(member, kind, segment, row)]
        np.testing.assert_allclose(got[row], formulas.score(state, rows), rtol=1e-11, atol=1e-12)


def everything(orders: tuple[int, ...]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Sets of deletions only."""
    member, kind, segment, order = ragged(orders)
    return member, torch.zeros_like(kind), segment, order


def test_it_makes_a_difference_that_a_member_does_not_see_itself():
    model, sets = random_model(), everything((3,))
    static = model.encode(edges()).detach()
    attention = model.sagnn.attention[0]
    x = static[sets[0]][None]
    with_itself = attention(x, torch.ones(1, 1, 3, 3, dtype=torch.bool))
    without = attention(x, ~torch.eye(3, dtype=torch.bool)[None, None])
    assert (with_itself - without).abs().max() > 1e-3


def test_a_set_s_score_does_not_depend_on_the_sets_beside_it():
    model = random_model()
    static = model.encode(edges())
    member, kind, segment, order = everything((2, 0, 3, 1, 12, 2))
    together = model.score(static, member, kind, segment, order)
    for row, count in enumerate(order.tolist()):
        own = segment == row
        alone = (
            member[own],
            kind[own],
            torch.zeros(count, dtype=torch.int64),
            order[row : row + 1],
        )
        torch.testing.assert_close(
            model.score(static, *alone)[0], together[row], rtol=1e-12, atol=0
        )


def test_the_order_of_members_does_not_matter():
    model = random_model()
    static, (member, kind, segment, order) = model.encode(edges()), ragged((5, 2, 6))
    shuffled = torch.tensor([4, 2, 0, 1, 3, 6, 5, 9, 12, 7, 10, 8, 11])
    expected = model.score(static, member, kind, segment, order)
    got = model.score(static, member[shuffled], kind[shuffled], segment, order)
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("other", range(1, len(KINDS)))
def test_members_of_other_kinds_are_left_out(other):
    model = frozen()
    member, kind = torch.tensor([4, 7, 1]), torch.tensor([0, other, 0])
    got = model.graphs()["head"](member, kind, torch.tensor([0, 0, 0]), torch.tensor([3]))
    pair = torch.tensor([0, 0])
    expected = model.graphs()["head"](member[[0, 2]], pair, pair, torch.tensor([2]))
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=0)
    assert got[0].abs() > 1e-3


@pytest.mark.parametrize("orders", ORDERS)
def test_the_graph_gives_natural_units_by_the_number_of_deletions(orders):
    model, (member, kind, segment, order) = random_model(), ragged(orders)
    z = model.score(model.encode(edges()), member, kind, segment, order)
    interaction, expected = model.freeze(edges()).graphs()["head"](member, kind, segment, order)
    for row in range(len(orders)):
        genes = deleted(member, kind, segment, row)
        source = SOURCES.index("trigenic" if len(genes) > 2 else "digenic")
        mean, deviation = model.source_scale[source]
        natural = (z[row, source] * deviation + mean).item() if len(genes) > 1 else 0
        assert interaction[row].item() == pytest.approx(natural, rel=1e-11)
        product = math.prod(model.single_fitness[genes].tolist())
        assert expected[row].item() == pytest.approx(product, rel=1e-13)


def test_nothing_interacts_with_nothing():
    interaction, expected = frozen().float().graphs()["head"](*everything((0, 1, 2, 3, 0)))
    assert (interaction == 0).tolist() == [True, True, False, False, True]
    assert (expected == 1).tolist() == [True, False, False, False, True]


def test_every_parameter_that_a_score_depends_on_has_a_finite_gradient():
    model = random_model().train()
    scores = model.score(model.encode(edges()), *everything((0, 1, 2, 3)))
    scores.square().sum().backward()
    silent = {name for name, p in model.named_parameters() if p.grad is None}
    assert silent == {
        f"cell.networks.{n}.decoder.{p}" for n in NETWORKS for p in ("weight", "bias")
    }
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)


def test_attention_starts_without_any_say():
    model = dango.Model(dango.Config(**FIELDS))
    assert [layer.beta.item() for layer in model.sagnn.attention] == [0, 0]


def test_a_frozen_model_has_the_static_embeddings_and_no_network():
    model = random_model()
    shipped = model.freeze(edges())
    torch.testing.assert_close(shipped.static, model.encode(edges()).detach(), rtol=0, atol=0)
    kept = {name for name in model.state_dict() if not name.startswith("cell.")}
    assert set(shipped.state_dict()) == kept | {"static"}
    for name in kept:
        assert shipped.state_dict()[name].equal(model.state_dict()[name])
    assert not shipped.training
    again = dango.Model(dango.Config.model_validate_json(shipped.config.model_dump_json()))
    again.load_state_dict(shipped.state_dict())
    assert list(shipped.graphs()) == list(tasks.get(dango.TASK).graphs)


def test_a_model_with_networks_has_no_graph():
    with pytest.raises(dango.NotFrozen, match=r"model\.freeze\(edges\)\.graphs\(\)"):
        random_model().graphs()


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"dim": 8}, "dim is 8; type an even number that heads = 3 divides"),
        ({"tau_source": "quadruple"}, "tau_source is 'quadruple'; type digenic or screen"),
        ({"networks": ("fusion", "fusion")}, "type every name once"),
        ({"networks": ("a.b",)}, "pattern"),
        ({"colour": 1}, "Extra inputs"),
    ],
)
def test_a_config_that_cannot_be_is_told(changed, told):
    with pytest.raises(ValidationError, match=told):
        dango.Config(**(FIELDS | changed))


@pytest.fixture(scope="module")
def exported(tmp_path_factory) -> tuple[dango.Model, onnxruntime.InferenceSession]:
    """A frozen model in float32 and its graph."""
    folder, model = tmp_path_factory.mktemp("dango"), frozen().float()
    files = write_graphs(model, dango.TASK, folder, {"genes_total": GENES, "members_limit": 12})
    assert (folder / files["head"]).stat().st_size < 100_000
    return model, onnxruntime.InferenceSession(folder / files["head"])


def none_of(sets: int) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Empty sets only."""
    empty = torch.zeros(0, dtype=torch.int64)
    return empty, empty, empty, torch.zeros(sets, dtype=torch.int64)


@pytest.mark.parametrize("orders", [*ORDERS, (0, 0, 0), (0, 1, 2, 3, 4, 5, 6), (2,) * 500])
def test_onnxruntime_equals_torch_on_ragged_sets(exported, orders):
    model, session = exported
    sets = ragged(orders) if sum(orders) else none_of(len(orders))
    names = [tensor.name for tensor in session.get_inputs()]
    got = session.run(None, dict(zip(names, (part.numpy() for part in sets), strict=True)))
    with torch.no_grad():
        expected = model.graphs()["head"](*sets)
    for one, other in zip(got, expected, strict=True):
        assert one.shape == (len(orders),)
        np.testing.assert_allclose(one, other.numpy(), rtol=1e-5, atol=1e-5)


def test_no_set_at_all_has_no_answer(exported):
    model, session = exported
    names = [tensor.name for tensor in session.get_inputs()]
    empty = none_of(0)
    got = session.run(None, dict(zip(names, (part.numpy() for part in empty), strict=True)))
    assert [one.shape for one in (*got, *model.graphs()["head"](*empty))] == [(0,)] * 4
