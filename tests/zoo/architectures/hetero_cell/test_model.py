"""HeteroCell against loops over nodes and edges, against torch-geometric, and against its count."""

import os
import warnings
from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from scipy.spatial.distance import pdist
from torch import Tensor

from tests.zoo.architectures import hetero_formulas as formulas
from tests.zoo.architectures.hetero_cell.encoded_alone import full
from tests.zoo.architectures.hetero_formulas import (
    ALONE,
    GENES,
    JOINT,
    METABOLITES,
    NODES,
    SIZES,
    Naive,
    made_up,
    random_model,
)
from zoo.architectures.hetero_cell import blocks
from zoo.architectures.hetero_cell import model as hetero_cell
from zoo.architectures.hetero_cell.blocks import Graph, Kept, kept

with warnings.catch_warnings():
    # torch-geometric scripts a class while it is imported, which torch deprecates.
    warnings.filterwarnings("ignore", ".torch.jit.script. is deprecated", DeprecationWarning)
    from torch_geometric import nn as geometric
    from torch_geometric.nn.aggr.utils import (
        InducedSetAttentionBlock,
        PoolingByMultiheadAttention,
        SetAttentionBlock,
    )

FOLDER = os.environ.get("ZOO_DATA")
PUBLISHED = {"genes_total": 6607, "reactions_total": 4881, "metabolites_total": 2534}
VARIANTS = {
    "published": {},
    "metabolism": {"metabolism_to_genes": True},
    "residual": {"metabolism_to_genes": True, "residual": True, "features": ("fitness", "degree")},
    "attention": {"pool": "attention", "residual": True, "heads": 1},
    "networks": {"metabolism": False, "outputs": ("fitness",)},
    "reactions": {"physical": False, "regulatory": False, "metabolism_to_genes": True},
    "regulation": {"physical": False, "features": ("fitness", "degree")},
}
SETS = [(), (ALONE,), (0, 1), (3,), (5, 2, 0), (7, 6, 2, 4), (), (1,), (2, 3, 4, 5)]
EXACT = {"rtol": 1e-9, "atol": 1e-10}


@pytest.fixture(params=VARIANTS)
def variant(request) -> dict:
    return VARIANTS[request.param]


def flat(sets: list[tuple[int, ...]]) -> tuple[Tensor, Tensor, int]:
    member = [gene for genes in sets for gene in genes]
    segment = [number for number, genes in enumerate(sets) for _ in genes]
    return torch.tensor(member, dtype=torch.int64), torch.tensor(segment).long(), len(sets)


def total(*parts: torch.nn.Module | torch.nn.Parameter) -> int:
    return sum(
        part.numel() if isinstance(part, Tensor) else sum(p.numel() for p in part.parameters())
        for part in parts
    )


def test_the_published_configuration_has_its_1167493_parameters():
    model = hetero_cell.Model(hetero_cell.Config(**PUBLISHED))
    nodes, pool, layer = model.nodes, model.pool, model.layers[1]
    gpr, reactions = layer.hyper["gpr"], layer.hyper["metabolism"]
    assert total(nodes.genes, nodes.reactions, nodes.metabolites) == 897_408
    assert total(nodes.mlp) == 8_448
    assert total(layer.neighbours) == 16_832
    assert total(gpr, layer.after["gpr"][0]) == 8_576 + 8_256
    assert total(reactions.incidence) == 8_192 + 256
    assert total(reactions, layer.after["metabolism"][0]) == 16_833
    assert sum(total(after[-3]) for after in layer.after.values()) == 512
    assert total(layer) == 51_009
    assert [total(b) for b in (pool.gather, pool.spread, pool.pool, pool.decode)] == [20_800] * 4
    assert total(pool.inducing, pool.lin, pool.seed) == 128 * 64 + 4_160 + 64
    assert total(pool) == 95_616
    assert total(model.head) == 12_994
    assert total(model) == 897_408 + 8_448 + 3 * 51_009 + 95_616 + 12_994 == 1_167_493


def test_gatv2_is_that_of_torch_geometric():
    torch.manual_seed(0)
    theirs = geometric.GATv2Conv(6, 6, heads=3, concat=False, add_self_loops=False).double()
    torch.nn.init.normal_(theirs.bias)
    ours = blocks.GATv2(6, 3).double()
    ours.load_state_dict(theirs.state_dict())
    x, edges = torch.randn(GENES, 6, dtype=torch.float64), made_up(1).physical
    got = ours(x[:, None], edges)[:, 0]
    torch.testing.assert_close(got, theirs(x, edges), rtol=1e-12, atol=1e-13)
    torch.testing.assert_close(got[ALONE], theirs.bias, rtol=0, atol=0)


def test_gene_to_reaction_is_half_of_torch_geometric_s_hypergraph_attention():
    torch.manual_seed(0)
    theirs = geometric.HypergraphConv(6, 6, use_attention=True, heads=2, bias=False).double()
    ours = blocks.Bipartite(6, 2).double()
    ours.incidence.load_state_dict(theirs.state_dict())
    torch.nn.init.normal_(ours.bias)
    genes = torch.randn(GENES, 6, dtype=torch.float64)
    reactions, entries = torch.randn(NODES, 6, dtype=torch.float64), made_up(1).gene_reaction
    halves = []
    theirs.register_propagate_forward_hook(lambda module, inputs, out: halves.append(out))
    theirs(genes, entries, hyperedge_attr=reactions, num_edges=NODES)
    size = torch.bincount(entries[1], minlength=NODES)[:, None]
    got = ours(genes[:, None], reactions[:, None], entries)[:, 0]
    expected = halves[0].reshape(NODES, -1) * size + ours.bias
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-13)
    assert size.unique().tolist()[:2] == [0, 1]
    assert size.max() > 1


def loaded(block: hetero_cell.AttentionBlock, theirs: torch.nn.Module) -> None:
    """Take over the weights of a MultiheadAttentionBlock."""
    attention = theirs.attn
    packed = (attention.in_proj_weight.chunk(3), attention.in_proj_bias.chunk(3))
    for mine, weight, bias in zip((block.query, block.key, block.value), *packed, strict=True):
        mine.load_state_dict({"weight": weight, "bias": bias})
    block.out.load_state_dict(attention.out_proj.state_dict())
    block.feed.load_state_dict(theirs.lin.state_dict())


def test_the_set_transformer_is_that_of_torch_geometric():
    torch.manual_seed(0)
    config = hetero_cell.Config(**(formulas.FIELDS | {"pool_heads": 2}))
    pool = hetero_cell.SetTransformer(config).double()
    isab = InducedSetAttentionBlock(6, 4, 2, layer_norm=False).double()
    pma = PoolingByMultiheadAttention(6, 1, 2, layer_norm=False).double()
    sab = SetAttentionBlock(6, 2, layer_norm=False).double()
    theirs = (isab.mab1, isab.mab2, pma.mab, sab.mab)
    for block, other in zip(
        (pool.gather, pool.spread, pool.pool, pool.decode), theirs, strict=True
    ):
        torch.nn.init.normal_(other.attn.in_proj_bias)
        torch.nn.init.normal_(other.attn.out_proj.bias)
        loaded(block, other)
    pool.lin.load_state_dict(pma.lin.state_dict())
    pool.inducing.data, pool.seed.data = isab.ind.data, pma.seed.data
    x, keep = torch.randn(GENES, 3, 6).double(), torch.rand(GENES, 3) < 0.6
    x, mask = x, keep.T
    expected = sab(pma(isab(x.transpose(0, 1), mask), mask))[:, 0]
    torch.testing.assert_close(pool(x, keep), expected, rtol=1e-11, atol=1e-12)


def test_gated_attention_is_that_of_torch_geometric():
    torch.manual_seed(0)
    pool = hetero_cell.GatedAttention(hetero_cell.Config(**formulas.FIELDS)).double()
    theirs = geometric.AttentionalAggregation(pool.gate)
    x, keep = torch.randn(GENES, 3, 6).double(), torch.rand(GENES, 3) < 0.6
    for number in range(3):
        expected = theirs(x[keep[:, number], number])[0]
        torch.testing.assert_close(pool(x, keep)[number], expected, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_wildtype_is_the_formula_node_by_node(variant, seed):
    model, graph = random_model(**variant), made_up(seed)
    got, naive = model.wildtype(graph), Naive(model, graph, set())
    expected = naive.states()
    assert len(got.states) == len(expected) == model.config.layers + 1
    for state, rows in zip(got.states, expected, strict=True):
        for tensor, numbers in zip(state, rows, strict=True):
            assert tensor.shape == (len(numbers), 1, 6)
            for i, row in numbers.items():
                np.testing.assert_allclose(tensor[i, 0].detach(), row, **EXACT)
    np.testing.assert_allclose(got.z.detach(), naive.z(), **EXACT)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_many_sets_at_once_are_each_set_alone(variant, seed):
    model, graph = random_model(**variant), made_up(seed)
    wildtype = model.wildtype(graph)
    change = model.change(wildtype, graph, *flat(SETS)).detach()
    for row, genes in enumerate(SETS):
        z = full(model, graph, torch.tensor(genes, dtype=torch.int64)).detach()
        np.testing.assert_allclose(z, Naive(model, graph, set(genes)).z(), **EXACT)
        torch.testing.assert_close(change[row], wildtype.z.detach() - z, **EXACT)
        assert change[row].abs().max() > 1e-6 or not genes
    outputs = model(graph, *flat(SETS))
    assert outputs.shape == (len(SETS), len(model.config.outputs))
    expected = [formulas.through(model.head, row) for row in change.numpy()]
    np.testing.assert_allclose(outputs.detach(), expected, **EXACT)


@pytest.mark.parametrize("seed", range(4))
def test_drawn_sets_of_0_to_4_are_each_set_alone(seed):
    rng, model, graph = np.random.default_rng(seed), random_model(), made_up(seed + 10)
    sets = [tuple(rng.choice(GENES, rng.integers(5), replace=False).tolist()) for _ in range(12)]
    wildtype = model.wildtype(graph)
    change = model.change(wildtype, graph, *flat(sets))
    for row, genes in enumerate(sets):
        z = full(model, graph, torch.tensor(genes, dtype=torch.int64))
        torch.testing.assert_close(change[row], wildtype.z - z, **EXACT)


def left(graph: Graph, deleted: tuple[int, ...], sizes: tuple[int, int]) -> Kept:
    """What a set leaves, node by node.

    A deleted gene takes its edges with it, and every reaction node that it has a part in, which
    takes its entries of genes and of metabolites with it.
    """
    genes_of: list[set[int]] = [set() for _ in range(sizes[1])]
    for gene, node in graph.gene_reaction.T.tolist():
        genes_of[node].add(gene)
    alive = [own.isdisjoint(deleted) for own in genes_of]

    def joined(edges: Tensor) -> Tensor:
        return torch.tensor([a not in deleted and b not in deleted for a, b in edges.T.tolist()])

    return Kept(
        genes=torch.tensor([gene not in deleted for gene in range(sizes[0])]),
        physical=joined(graph.physical),
        regulatory=joined(graph.regulatory),
        reactions=torch.tensor(alive),
        gene_reaction=torch.tensor([alive[node] for node in graph.gene_reaction[1].tolist()]),
        stoichiometry=torch.tensor([alive[node] for node in graph.stoichiometry[1].tolist()]),
    )


def check_kept(graph: Graph, sets: list[tuple[int, ...]], sizes: tuple[int, int]) -> None:
    found = kept(graph, *flat(sets), sizes)
    for row, genes in enumerate(sets):
        for name, expected in left(graph, genes, sizes)._asdict().items():
            np.testing.assert_array_equal(getattr(found, name)[:, row], expected, err_msg=name)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_follows_the_rules(seed):
    graph = made_up(seed)
    check_kept(graph, SETS, (GENES, NODES))
    assert not kept(graph, *flat([(0, 1)]), (GENES, NODES)).reactions[JOINT]


@pytest.mark.skipif(not FOLDER, reason="ZOO_DATA is not set: it names the folder with the raw data")
def test_what_is_kept_of_the_real_cell_follows_the_rules():
    from training.data import yeast
    from training.data.cell_graph import cell_graph
    from training.data.files import DataFiles

    files = DataFiles.find(Path(FOLDER or ""))
    cell = cell_graph(yeast.load(files), files)
    names = ("physical", "regulatory", "gene_reaction", "stoichiometry", "coefficient")
    graph = Graph(*(torch.from_numpy(getattr(cell, name)) for name in names))
    rng = np.random.default_rng(0)
    metabolic = np.unique(cell.gene_reaction[0])
    pools = (metabolic, np.arange(len(cell.genes)))
    sets = [tuple(rng.choice(pools[row % 2], row % 5, replace=False).tolist()) for row in range(20)]
    check_kept(graph, sets, (len(cell.genes), len(cell.reaction_nodes)))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("training", [False, True])
def test_an_empty_set_changes_nothing_at_all(variant, dtype, training):
    model = random_model(**(variant | {"dropout": 0.3})).to(dtype).train(training)
    graph = made_up(0)
    graph = graph._replace(
        coefficient=graph.coefficient.to(dtype), features=graph.features.to(dtype)
    )
    change = model.change(model.wildtype(graph), graph, *flat(SETS))
    assert (change == 0).all(1).tolist() == [not genes for genes in SETS]
    alone = model.change(model.wildtype(graph), graph, *flat([(), ()]))
    assert (alone == 0).all()


def test_the_order_of_members_and_of_sets_does_not_matter(variant):
    model, graph = random_model(**variant), made_up(0)
    member, segment, sets = flat(SETS)
    expected = model(graph, member, segment, sets)
    shuffled = torch.randperm(len(member), generator=torch.Generator().manual_seed(1))
    assert model(graph, member[shuffled], segment[shuffled], sets).equal(expected)
    twice = torch.cat([member, member]), torch.cat([segment, segment])
    assert model(graph, *twice, sets).equal(expected)
    back = model(graph, member, sets - 1 - segment, sets).flip(0)
    torch.testing.assert_close(back, expected, **EXACT)


def test_no_set_at_all_has_no_output(variant):
    model = random_model(**variant)
    assert model(made_up(0), *flat([])).shape == (0, len(model.config.outputs))


def test_a_node_that_hears_nothing_has_the_bias_alone():
    torch.manual_seed(0)
    graph, nothing = made_up(0), torch.zeros(1, 2, dtype=torch.bool)
    gat, half, hyper = blocks.GATv2(6, 2), blocks.Bipartite(6, 2), blocks.Stoichiometry(6, 2)
    for conv in (gat, half):
        torch.nn.init.normal_(conv.bias)
    genes, reactions, metabolites = (torch.randn(n, 1, 6) for n in (GENES, NODES, METABOLITES))
    entries, terms = graph.gene_reaction, graph.stoichiometry
    amounts = graph.coefficient.float()
    found = gat(genes, graph.physical, nothing.expand(graph.physical.shape[1], -1))
    assert found.equal(gat.bias.expand(GENES, 2, -1))
    found = half(genes, reactions, entries, nothing.expand(entries.shape[1], -1))
    assert found.equal(half.bias.expand(NODES, 2, -1))
    found = hyper(metabolites, reactions, terms, amounts, nothing.expand(terms.shape[1], -1))
    assert found.equal(torch.zeros(METABOLITES, 2, 12))


def test_large_scores_stay_finite():
    model, graph = random_model(metabolism_to_genes=True), made_up(0)
    for layer in model.layers:
        layer.neighbours.att.data *= 1e4
        layer.hyper["catalysed"].incidence.att.data *= 1e4
    outputs = model(graph, *flat(SETS))
    assert outputs.isfinite().all()
    outputs.sum().backward()
    assert all(p.grad.isfinite().all() for p in model.parameters() if p.grad is not None)


def reached(**changed: object) -> set[str]:
    """The parameters whose gradient is anything but 0 in one of some models."""
    found = set()
    for seed in range(4):
        model, graph = random_model(seed, layers=3, **changed), made_up(seed)
        # What adds the same to the wildtype and to every set cancels in the outputs.
        loss = model(graph, *flat(SETS)).square().sum() + model.wildtype(graph).z.square().sum()
        loss.backward()
        grads = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
        assert all(grad.isfinite().all() for grad in grads.values())
        found |= {name for name, grad in grads.items() if (grad != 0).any()}
    return found


def test_metabolism_reaches_the_outputs_only_where_something_leads_back():
    names = [
        name for name, _ in random_model(metabolism_to_genes=True, layers=3).named_parameters()
    ]
    # Nobody hears what the last layer tells reactions and metabolites, and from a metabolite it
    # takes two layers to a gene.
    late = {"1": ("metabolism", "produced"), "2": ("gpr", "consumed", "metabolism", "produced")}
    silent = {
        name
        for name in names
        for layer, relations in late.items()
        if name.startswith(f"layers.{layer}.") and name.split(".")[3] in relations
    }
    # A seed alone attends to itself whatever its query and its key say, and the bias of a key adds
    # the same to every key.
    silent |= {n for n in names if n.startswith(("pool.decode.query", "pool.decode.key"))}
    silent |= {name for name in names if name.endswith("key.bias")}
    assert reached(metabolism_to_genes=True) >= set(names) - silent
    apart = ("hyper.", "gpr", "metabolism", "nodes.reactions", "nodes.metabolites")
    published = reached()
    assert not [name for name in published if any(part in name for part in apart)]
    assert {"nodes.genes.weight", "layers.2.neighbours.att"} <= published


def test_gradients_are_those_of_finite_differences():
    model, graph = random_model(metabolism_to_genes=True, layers=2, dim=4, pool_heads=2), made_up(0)
    names = ("nodes.genes.weight", "layers.0.neighbours.att", "layers.0.hyper.catalysed.bias")
    given = dict(model.named_parameters())

    def outputs(*values: Tensor) -> Tensor:
        replaced = dict(zip(names, values, strict=True))
        return torch.func.functional_call(model, replaced, (graph, *flat(SETS[1:4])))

    values = tuple(given[name].detach().clone().requires_grad_() for name in names)
    assert torch.autograd.gradcheck(outputs, values, fast_mode=True)


def test_edges_in_parts_give_the_same(variant, monkeypatch):
    model, graph = random_model(**variant), made_up(0)
    expected = model(graph, *flat(SETS))
    monkeypatch.setattr(blocks, "CACHED", 300)
    assert len(blocks.pieces(graph.physical, 108)) > 3
    torch.testing.assert_close(model(graph, *flat(SETS)), expected, rtol=1e-12, atol=1e-13)


def test_oversmoothing_is_the_mean_distance_between_nodes():
    states = random_model(metabolism_to_genes=True).wildtype(made_up(0)).states
    got = hetero_cell.oversmoothing(states)
    assert list(got) == ["genes", "reactions", "metabolites"]
    for kind, values in got.items():
        expected = [pdist(getattr(state, kind)[:, 0].detach()).mean() for state in states]
        np.testing.assert_allclose(values, expected, rtol=1e-9)
    networks = random_model(metabolism=False).wildtype(made_up(0)).states
    assert list(hetero_cell.oversmoothing(networks)) == ["genes"]


def test_oversmoothing_tells_nearly_equal_nodes_apart_in_float32():
    x = torch.randn(500, 8, generator=torch.Generator().manual_seed(0))
    expected = pdist(x.double().numpy()).mean() * 2**-10
    nothing = torch.zeros(0, 1, 8)
    alike = hetero_cell.States((100 + x * 2**-10)[:, None], nothing, nothing)
    found = hetero_cell.oversmoothing([alike])["genes"]
    assert found.item() == pytest.approx(expected, rel=1e-2)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"pool_heads": 4}, "dim is 6; type a number that pool_heads = 4 divides"),
        ({"metabolism": False, "metabolism_to_genes": True}, "type metabolism = true as well"),
        ({"physical": False, "regulatory": False}, "no relation leads to genes"),
        ({"outputs": ("fitness", "fitness")}, "type every name once"),
        ({"features": ("degree", "degree")}, "type every name once"),
        ({"outputs": ()}, "at least 1"),
        ({"pool": "mean"}, "set_transformer"),
        ({"colour": 1}, "Extra inputs"),
    ],
)
def test_a_config_that_cannot_be_is_told(changed, told):
    with pytest.raises(ValidationError, match=told):
        hetero_cell.Config(**(formulas.FIELDS | changed))


def test_a_config_outlives_json():
    config = hetero_cell.Config(**(SIZES | VARIANTS["residual"]))
    assert hetero_cell.Config.model_validate_json(config.model_dump_json()) == config
