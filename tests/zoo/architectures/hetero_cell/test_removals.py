"""What deletions take out of one layer's sums, against the cell encoded anew with masks."""

import copy
import itertools
import warnings

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from pydantic import ValidationError
from torch import Tensor

from contracts import tasks
from contracts.errors import ZooError
from contracts.sets.kinds import ABSENT, KINDS
from export.perturbations import family
from export.to_onnx import trace
from tests.zoo.architectures.hetero_cell.test_model import SETS, flat
from tests.zoo.architectures.hetero_formulas import (
    ALONE,
    GENES,
    JOINT,
    NODES,
    SIZES,
    Sets,
    drawn,
    made_up,
    random_model,
)
from zoo.architectures.hetero_cell import model as hetero_cell
from zoo.architectures.hetero_cell import removals
from zoo.architectures.hetero_cell.blocks import Graph
from zoo.architectures.hetero_cell.deletions import Lists, Relation, Structure
from zoo.architectures.hetero_cell.removals import Removals

COMPACT = {"layers": 1, "pool": "attention"}
VARIANTS = {
    "physical": {"regulatory": False},
    "regulatory": {"physical": False, "heads": 3},
    "reactions": {"physical": False, "regulatory": False, "metabolism_to_genes": True},
    "networks": {"metabolism": False, "features": ("fitness", "degree")},
    "every": {"metabolism_to_genes": True, "identity_dim": 3, "heads": 1},
    "residual": {"metabolism_to_genes": True, "residual": True, "features": ("fitness", "degree")},
}
EXACT = {"rtol": 1e-12, "atol": 1e-12}
OUTPUTS = ("digenic", "trigenic", "fitness")
SERVED = COMPACT | VARIANTS["residual"] | {
    "outputs": OUTPUTS,
    "epsilon_source": "digenic",
    "tau_source": "trigenic",
    "gain": 10.0,
    "members": True,
    "hidden": 5,
}  # fmt: skip


@pytest.fixture(params=VARIANTS)
def variant(request) -> dict:
    return COMPACT | VARIANTS[request.param]


def dense(model: hetero_cell.Model, graph: Graph, sets: Sets) -> Tensor:
    return model.change(model.wildtype(graph), graph, *flat(sets))


def removed(model: hetero_cell.Model, graph: Graph, sets: Sets) -> Tensor:
    structure, one = Structure.of(graph, model.config), Removals(model)
    return one.change(structure, one.stored(structure, graph), *flat(sets))


def listed(graph: Graph, node: int) -> Sets:
    """The genes of a reaction node, and the neighbours of a gene, by each relation."""
    gene, reaction = graph.gene_reaction
    into = [edges[0][edges[1] == node] for edges in (graph.physical, graph.regulatory)]
    found = [gene[reaction == JOINT], *into, torch.cat(into).unique()]
    return [tuple(each[each != node].tolist()) for each in found]


@pytest.mark.parametrize("residual", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_removals_are_what_masks_leave(variant, seed, residual):
    model, graph = random_model(**(variant | {"residual": residual})), made_up(seed)
    hub = int(graph.physical[1].bincount().argmax())
    target = int(graph.regulatory[1].bincount().argmax())
    special = [*listed(graph, hub), *listed(graph, target), (hub,), (hub, ALONE), (ALONE,)]
    sets = [*SETS, *special, *drawn(seed, GENES, 30, 0, 4)]
    torch.testing.assert_close(removed(model, graph, sets), dense(model, graph, sets), **EXACT)
    assert {len(genes) for genes in sets} >= {0, 1, 2, 3, 4}
    assert (graph.gene_reaction[1] == JOINT).sum() > 1
    assert max(len(genes) for genes in special) > 2


def test_every_pair_of_genes_is_what_masks_leave(variant):
    model, graph = random_model(**variant), made_up(1)
    sets = list(itertools.combinations(range(GENES), 2))
    expected = dense(model, graph, sets)
    torch.testing.assert_close(removed(model, graph, sets), expected, **EXACT)
    assert (expected.norm(dim=1) > 1e-3).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_an_empty_set_changes_nothing_at_all(variant, dtype):
    model, graph = random_model(**variant).to(dtype), cast(made_up(0), dtype)
    change = removed(model, graph, SETS)
    assert change.dtype == dtype
    assert (change == 0).all(1).tolist() == [not genes for genes in SETS]
    assert removed(model, graph, []).shape == (0, 6)
    assert removed(model, graph, [(), ()]).abs().max() == 0


def cast(graph: Graph, dtype: torch.dtype) -> Graph:
    changed = {n: getattr(graph, n).to(dtype) for n in ("coefficient", "features")}
    return graph._replace(**changed)


def test_single_precision_keeps_six_digits(variant):
    model, graph = random_model(**variant), made_up(0)
    sets = drawn(3, GENES, 60, 1, 4)
    expected = removed(model, graph, sets)
    got = removed(model.float(), cast(graph, torch.float32), sets)
    scale = model.wildtype(cast(graph, torch.float32)).z.abs().max().item()
    assert (got - expected).abs().max() <= 1e-6 * max(scale, 1)


def test_many_sets_are_each_one_alone(variant):
    model, graph = random_model(**variant), made_up(0)
    sets = [*SETS, *drawn(5, GENES, 20, 0, 4)]
    together = removed(model, graph, sets)
    alone = torch.cat([removed(model, graph, [genes]) for genes in sets])
    torch.testing.assert_close(together, alone, rtol=1e-12, atol=1e-13)
    back = removed(model, graph, sets[::-1]).flip(0)
    torch.testing.assert_close(together, back, rtol=1e-12, atol=1e-13)


def test_the_order_of_members_does_not_matter_and_segments_may_be_mixed(variant):
    model, graph = random_model(**variant), made_up(0)
    structure, one = Structure.of(graph, model.config), Removals(model)
    stored, (member, segment, sets) = one.stored(structure, graph), flat(SETS)
    expected = one.change(structure, stored, member, segment, sets)
    shuffled = torch.randperm(len(member), generator=torch.Generator().manual_seed(0))
    got = one.change(structure, stored, member[shuffled], segment[shuffled], sets)
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-13)
    twice = torch.cat([member, member[5:]]), torch.cat([segment, segment[5:]])
    got = one.change(structure, stored, *twice, sets)
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-13)


def test_gradients_are_those_of_masks(variant):
    graph, sets = made_up(0), [*SETS, *drawn(2, GENES, 12, 0, 4)]
    cotangent = torch.randn(len(sets), 6, dtype=torch.float64)
    found = {}
    for name, way in (("dense", dense), ("removed", removed)):
        model = random_model(**variant)
        (way(model, graph, sets) * cotangent).sum().backward()
        found[name] = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    moved = 0
    for name in found["dense"] | found["removed"]:
        one, other = (each.get(name, torch.zeros(())) for each in found.values())
        one, other = torch.broadcast_tensors(one, other)
        torch.testing.assert_close(other.double(), one.double(), rtol=1e-9, atol=1e-11)
        moved += bool(one.abs().max() > 0)
    assert moved > 10


def test_gradients_are_those_of_finite_differences():
    model, graph = random_model(**COMPACT, **VARIANTS["every"]), made_up(0)
    conv = model.layers[0]
    inputs = (
        conv.neighbours.att,
        conv.hyper["catalysed"].incidence.att,
        model.nodes.genes.weight,
        model.pool.gate[0].weight,
    )
    assert torch.autograd.gradcheck(lambda *_: removed(model, graph, SETS[1:5]), inputs)


def star(hub: int = 0) -> Graph:
    """One gene is all that four others hear, and a catalyst of all that catalyse."""
    leaves = torch.arange(1, 5)
    out = torch.stack([torch.full_like(leaves, hub), leaves])
    return made_up(0)._replace(physical=torch.cat([out, out.flip(0)], 1), regulatory=out)


def test_a_gene_that_loses_all_that_it_hears(variant):
    model, graph = random_model(**variant), star()
    sets = [(0,), (1, 2, 3, 4), (1,), (0, 1), (1, 2, 3), (2, 3, 4, ALONE), (0, ALONE)]
    torch.testing.assert_close(removed(model, graph, sets), dense(model, graph, sets), **EXACT)


def dominated(scale: float) -> tuple[hetero_cell.Model, Graph]:
    """Everyone hears everyone, and one source has nearly all the weight."""
    model, graph = random_model(**COMPACT, **VARIANTS["residual"]), made_up(0)
    torch.nn.init.ones_(model.nodes.mlp[1].weight)
    model.layers[0].neighbours.att.data *= scale
    model.layers[0].hyper["catalysed"].incidence.att.data *= scale
    everyone = torch.ones(GENES - 1, GENES - 1).nonzero().T
    catalysts = torch.stack([torch.arange(NODES - 1), torch.arange(NODES - 1)])
    both = torch.cat([graph.gene_reaction, catalysts], 1).unique(dim=1)
    return model, graph._replace(regulatory=everyone, gene_reaction=both)


def test_the_heaviest_source_of_a_gene_has_over_seven_eighths():
    model, graph = dominated(30.0)
    structure = Structure.of(graph, model.config)
    terms = Removals(model).stored(structure, graph).terms["regulatory"]
    target = structure.relations["regulatory"].target.long()
    share = terms.weight / terms.bottom[target]
    assert share.max() > 1 - removals.LOST


@pytest.mark.parametrize("scale", [30.0, 3e3])
def test_sums_that_lose_their_digits_are_made_anew(scale, monkeypatch):
    model, graph = dominated(scale)
    sets = [(gene,) for gene in range(GENES)] + drawn(0, GENES, 60, 1, 4)
    expected = dense(model, graph, sets)
    names, made, weighted = [*Structure.of(graph, model.config).relations], [], removals.weighted
    monkeypatch.setattr(removals, "weighted", lambda *a: made.append(a[-1]) or weighted(*a))
    torch.testing.assert_close(removed(model, graph, sets), expected, **EXACT)
    again = dict(zip(names, made[len(names) :], strict=True))  # after those of the wildtype
    assert again["regulatory"] > 0
    assert again["catalysed"] > 0
    monkeypatch.setattr(removals, "LOST", -1.0)
    assert not torch.allclose(removed(model, graph, sets), expected, **EXACT)


@pytest.mark.parametrize("lost", [0.0, 2.0])
def test_corrected_sums_are_those_made_anew(variant, lost, monkeypatch):
    model, graph = random_model(**variant), made_up(0)
    expected = removed(model, graph, SETS)
    monkeypatch.setattr(removals, "LOST", lost)
    torch.testing.assert_close(removed(model, graph, SETS), expected, rtol=1e-11, atol=1e-12)


def test_a_gene_with_most_of_the_pool_can_go():
    """Half of the cell's weight is one gene's; the rest is as sound as ever."""
    model, graph = random_model(**COMPACT), made_up(0)
    sets = [(gene,) for gene in range(GENES)]
    for scale in (1.0, 100.0):
        model.pool.gate[2].weight.data *= scale
        torch.testing.assert_close(
            removed(model, graph, sets), dense(model, graph, sets), rtol=1e-10, atol=1e-11
        )


@pytest.mark.parametrize("scale", [10.0, 30.0, 100.0])
def test_a_gene_with_nearly_all_of_the_pool_can_go(scale):
    model, graph = random_model(**COMPACT, **VARIANTS["residual"]), made_up(0)
    model.pool.gate[2].weight.data *= scale
    stored = Removals(model).stored(Structure.of(graph, model.config), graph)
    sets = [(int(stored.weight.argmax()),)]
    torch.testing.assert_close(
        removed(model, graph, sets), dense(model, graph, sets), rtol=1e-10, atol=1e-11
    )


def test_a_graph_without_edges():
    model, full = random_model(**COMPACT, **VARIANTS["every"]), made_up(0)
    none = torch.zeros(2, 0, dtype=torch.int64)
    graph = Graph(none, none, none, none, full.coefficient[:0], full.features)
    torch.testing.assert_close(removed(model, graph, SETS), dense(model, graph, SETS), **EXACT)


def test_the_edges_of_nodes_are_listed_one_node_after_another():
    rng = np.random.default_rng(0)
    end = torch.from_numpy(rng.choice([0, 1, 3, 4, 4, 4, 7], 40))
    lists = Lists.of(end, 9)
    for nodes in ([], [2], [8, 2], [4], [3, 3], [2, 4, 5, 0, 8, 8, 7, 1], [0, 2, 2, 2]):
        owner, edge = lists.listed(torch.tensor(nodes, dtype=torch.int64))
        expected = [(i, e) for i, node in enumerate(nodes) for e in range(40) if end[e] == node]
        assert list(zip(owner.tolist(), edge.tolist(), strict=True)) == expected
    empty = Lists.of(end[:0], 3)
    assert [x.tolist() for x in empty.listed(torch.tensor([0, 2]))] == [[], []]
    assert [x.tolist() for x in empty.listed(end[:0])] == [[], []]


def test_a_relation_is_found_from_either_end():
    edges = made_up(0).regulatory
    relation = Relation.of(edges, GENES, GENES)
    for lists, row in ((relation.out, 0), (relation.into, 1)):
        _, edge = lists.listed(torch.arange(GENES))
        assert edges[row, edge].tolist() == sorted(edges[row].tolist())
    assert torch.stack([relation.source, relation.target]).equal(edges.int())


@pytest.mark.parametrize("pairs", [[], [(1, 3)], [(1, 2), (0, 4), (1, 2), (0, 0), (2, 4), (0, 4)]])
@pytest.mark.parametrize("exporting", [True, False])
def test_the_different_nodes_of_sets_are_the_same_in_an_export(pairs, exporting, monkeypatch):
    monkeypatch.setattr(torch.compiler, "is_exporting", lambda: exporting)
    number, node = torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2).T
    found = removals.Distinct.of(number, node, 3, 5)
    rows = list(zip(found.set.tolist(), found.node.tolist(), strict=True))
    assert rows == sorted(set(pairs))
    assert [rows[place] for place in found.place.tolist()] == pairs


def shipped(**changed: object) -> hetero_cell.Model:
    """A frozen model, in float32."""
    model = random_model(**(SERVED | changed))
    single = torch.linspace(0.2, 1.1, GENES, dtype=torch.float64)
    single[[2, ALONE]] = torch.nan
    return model.freeze(made_up(0), single)


def asked(orders: tuple[int, ...], absent: bool = False) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """member, kind, set, order: no gene twice in a set, kinds at random."""
    rng = np.random.default_rng(len(orders))
    members = [rng.choice(GENES, size, replace=False) for size in orders]
    order = np.array(orders, np.int64)
    columns = (
        np.concatenate([*members, np.zeros(0)]).astype(np.int64),
        rng.integers(1 if absent else len(KINDS), size=order.sum()),
        np.repeat(np.arange(len(order)), order),
        order,
    )
    return tuple(torch.from_numpy(column) for column in columns)


ORDERS = ((), (0,), (1,), (2, 2), (3, 0, 1, 5, 2), (0, 1, 2, 3, 4, 5, 6), (2,) * 60)
DENSE = ({"layers": 2}, {"pool": "set_transformer"})


@pytest.mark.parametrize("absent", [True, False])
@pytest.mark.parametrize("changed", [{}, {"members": False}, {"residual": False}, *DENSE])
def test_what_is_served_is_what_masks_give(changed, absent):
    model = shipped(**changed).double()
    served, naive = model.graphs()["head"], model.naive()
    assert (served.removals is not None) == model.config.compact
    assert naive.removals is None
    with torch.no_grad():
        for orders in ORDERS:
            sets = asked(orders, absent)
            for one, other in zip(served(*sets), naive(*sets), strict=True):
                torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)


def test_the_sources_of_pairs_and_of_more_are_told_apart():
    """By hand from the wildtype, the head and the scales."""
    model = shipped().double()
    scale = [[0.1, 2.0], [-0.3, 0.5], [9.0, 9.0]]
    model.source_scale.copy_(torch.tensor(scale, dtype=torch.float64))
    sets = [(), (3,), (0, 1), (5, 2, 0)]
    member, segment, count = flat(sets)
    with torch.no_grad():
        z = model(model.cell, member, segment, count)
        order = torch.tensor([len(genes) for genes in sets])
        kind = torch.full_like(member, ABSENT)
        got, expected = model.graphs()["head"](member, kind, segment, order)
    digenic, trigenic = 0.1 + 2 * z[2, 0], -0.3 + 0.5 * z[3, 1]
    wanted = torch.stack([torch.zeros_like(digenic), torch.zeros_like(digenic), digenic, trigenic])
    torch.testing.assert_close(got, wanted, rtol=1e-9, atol=1e-9)
    single = model.single_fitness
    product = torch.stack([single[list(genes)].prod() for genes in sets])
    torch.testing.assert_close(expected, product, rtol=1e-12, atol=0)


def test_what_a_head_is_told_of_members_is_by_hand():
    model, graph, sets = random_model(**SERVED), made_up(0), [(0, 1), (5, 2, 0), (), (3,)]
    with torch.no_grad():
        z = removed(model, graph, sets).numpy() * 10
        single = removed(model, graph, [(gene,) for gene in range(GENES)]).numpy() * 10
        member, segment, _ = flat(sets)
        alone = torch.from_numpy(single / 10)[member]
        got = model.told(torch.from_numpy(z / 10), alone, segment).numpy()
    rows = []
    for genes, row in zip(sets, z, strict=True):
        pairs = [single[a] * single[b] for a, b in itertools.combinations(genes, 2)]
        apart = [(single[a] - single[b]) ** 2 for a, b in itertools.combinations(genes, 2)]
        nothing = np.zeros_like(row)
        rows.append(np.concatenate([row, sum(pairs, nothing), sum(apart, nothing)]))
    np.testing.assert_allclose(got, np.stack(rows), rtol=1e-9, atol=1e-10)


def test_a_model_without_a_graph_says_what_to_type():
    model = random_model(**SERVED)
    for serve in (model.graphs, model.naive, lambda: model.cell):
        with pytest.raises(hetero_cell.NotFrozen, match=r"Type: model\.freeze\(graph, single_fit"):
            serve()
    assert issubclass(hetero_cell.NotFrozen, ZooError)


@pytest.mark.parametrize("changed", [{}, {"members": False}, *DENSE])
def test_a_frozen_model_estimates_the_fitness_that_nobody_measured(changed):
    model, graph = random_model(**(SERVED | changed)), made_up(0)
    model.fitness_scale.copy_(torch.tensor([0.9, 0.2]))
    single = torch.linspace(0.2, 1.1, GENES, dtype=torch.float64)
    single[[2, ALONE]] = torch.nan
    frozen = model.freeze(graph, single)
    known = ~single.isnan()
    assert frozen.single_fitness[known].equal(single[known].float())
    genes = torch.arange(GENES)
    model.nodes = copy.deepcopy(
        frozen.nodes
    ).double()  # what goes into the first layer has few digits there
    with torch.no_grad():
        z = model(graph, genes, genes, GENES)[:, -1]
    expected = (0.9 + 0.2 * z).clamp(min=0).float()
    torch.testing.assert_close(frozen.single_fitness[~known], expected[~known], rtol=0, atol=1e-4)
    assert not frozen.training
    assert not model.config.frozen
    alone = torch.tensor([2])
    one = (alone, alone * 0 + ABSENT, alone * 0, alone * 0 + 1)
    assert frozen.graphs()["head"](*one)[1].item() == frozen.single_fitness[2].item()


def test_sets_name_the_genes_whose_fitness_is_given_and_no_other():
    model, few = random_model(**SERVED), GENES - 2
    single = torch.linspace(0.2, 1.1, GENES, dtype=torch.float64)
    whole, part = model.freeze(made_up(0), single), model.freeze(made_up(0), single[:few])
    assert part.config.vocabulary == len(part.single_fitness) == few
    member = torch.tensor([0, few - 1, 4])
    sets = member, torch.full_like(member, ABSENT), torch.tensor([0, 0, 1]), torch.tensor([2, 1])
    for one, other in zip(part.graphs()["head"](*sets), whole.graphs()["head"](*sets), strict=True):
        assert one.equal(other)


def test_a_frozen_model_is_read_again_from_its_weights_and_its_configuration():
    model, graph = shipped(), made_up(0)
    again = hetero_cell.Model(
        hetero_cell.Config.model_validate_json(model.config.model_dump_json())
    )
    again.load_state_dict(model.state_dict())
    for name, one, other in zip(Graph._fields, again.cell, graph, strict=True):
        if one is not None and other is not None:
            assert one.equal(other.to(one.dtype)), name
    sets = asked((3, 0, 1, 5, 2))
    with torch.no_grad():
        for one, other in zip(
            again.eval().graphs()["head"](*sets), model.graphs()["head"](*sets), strict=True
        ):
            assert one.equal(other)
    assert list(model.graphs()) == list(tasks.get(hetero_cell.TASK).graphs)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"epsilon_source": "quadruple"}, "epsilon_source is 'quadruple'; type digenic or trig"),
        ({"tau_source": "quadruple"}, "tau_source is 'quadruple'; type digenic or trigenic"),
        ({"gain": 0.0}, "gain"),
        ({"head_dropout": 1.0}, "head_dropout"),
        ({"identity_dim": 0}, "identity_dim"),
    ],
)
def test_a_config_that_cannot_be_is_told(changed, told):
    with pytest.raises(ValidationError, match=told):
        random_model(**(SERVED | changed))


@pytest.mark.parametrize(("layers", "pool"), [(1, "set_transformer"), (2, "attention")])
def test_only_one_layer_with_a_gate_is_compact(layers, pool):
    assert not random_model(layers=layers, pool=pool).config.compact
    assert random_model(**COMPACT).config.compact


HEAD = tasks.get(hetero_cell.TASK).graphs["head"]
Exported = tuple[hetero_cell.Model, onnxruntime.InferenceSession]


FEW = {"members": False, "residual": False, "physical": False, "metabolism_to_genes": False}


@pytest.fixture(scope="module", params=["every", "few", "dense"])
def exported(request) -> Exported:
    """A frozen model and the graph of its head, exported without a warning."""
    changed = {"every": {}, "few": FEW, "dense": {"pool": "set_transformer"}}
    model, sizes = shipped(**changed[request.param]), SIZES | {"members_limit": 9}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        proto = trace(model.graphs()["head"], HEAD, family.FAMILY.example(HEAD, sizes), sizes)
    onnx.checker.check_model(proto, full_check=True)
    return model, onnxruntime.InferenceSession(proto.SerializeToString())


def answered(run: onnxruntime.InferenceSession, sets: tuple[Tensor, ...]) -> list[np.ndarray]:
    names = [tensor.name for tensor in run.get_inputs()]
    return run.run(None, dict(zip(names, (part.numpy() for part in sets), strict=True)))


@pytest.mark.parametrize("absent", [True, False])
@pytest.mark.parametrize("orders", [*ORDERS[1:], (0, 0, 0), (0, 2, 3, 2, 0, 1, 4)])
def test_onnxruntime_equals_torch_on_ragged_sets(exported, orders, absent):
    model, run = exported
    sets = asked(orders, absent)
    with torch.no_grad():
        expected = model.graphs()["head"](*sets)
    for one, other in zip(answered(run, sets), expected, strict=True):
        assert one.shape == (len(orders),)
        np.testing.assert_allclose(one, other.numpy(), rtol=1e-4, atol=1e-4)


def test_what_is_not_absent_has_no_say(exported):
    _, run = exported
    member, order = torch.tensor([0, 1, 5, 0, 1]), torch.tensor([3, 2])
    kind, number = torch.tensor([ABSENT, ABSENT, 2, ABSENT, ABSENT]), torch.tensor([0, 0, 0, 1, 1])
    for one in answered(run, (member, kind, number, order)):
        assert one[0] == pytest.approx(one[1], rel=1e-6)


def test_a_set_that_is_asked_twice_is_answered_twice(exported):
    _, run = exported
    sets = [(0, 1), (3,), (0, 1), (5, 2, 0), (3,), (0, 2, 5), (1, 0)]
    member, segment, _ = flat(sets)
    order = torch.tensor([len(genes) for genes in sets])
    for one in answered(run, (member, torch.full_like(member, ABSENT), segment, order)):
        np.testing.assert_allclose(one[[2, 4, 5, 6]], one[[0, 1, 3, 0]], rtol=1e-5, atol=1e-5)


def test_no_set_at_all_has_no_answer(exported):
    model, run = exported
    both = (*answered(run, asked(())), *model.graphs()["head"](*asked(())))
    assert [one.shape for one in both] == [(0,)] * 4
