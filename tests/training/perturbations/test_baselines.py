"""Every rung of the ladder against what was planted, or against its formula."""

import inspect

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from contracts.errors import InvalidOption
from tests.training.perturbations import planted
from tests.training.perturbations.planted import (
    CHOSEN,
    MAIN,
    MEASURED,
    OTHER,
    SINGLE,
    TRIPLES,
)
from training.family import Ground
from training.perturbations import baselines
from training.perturbations.baselines import Context, composed, labelled
from training.perturbations.baselines import ridge as ridge_rung
from training.perturbations.baselines import ridge_fitness as fitness_rung
from training.perturbations.baselines.boosting import PairFeatures
from training.perturbations.family import FAMILY
from training.scoring import ladder
from zoo.perturbations.composition import compose_block

RUNGS = (
    "additive",
    "boosting",
    "mean",
    "multiplicative",
    "pair_mlp",
    "pair_mlp_profiles",
    "ridge",
    "ridge_fitness",
)
PAIRS = np.array([[1, 2, -1], [3, 40, -1], [10, 11, -1]])
TRIPLE = np.array([[0, 1, 9], [2, 3, 30]])


def correlation(context: Context, rung: baselines.Rung, part: str, source: str) -> float:
    held = labelled(context.part(part), source)
    return float(np.corrcoef(rung(held.members, source).interaction, held.interaction)[0, 1])


def test_rungs_are_found_by_name_and_have_a_title():
    assert tuple(FAMILY.rungs()) == RUNGS
    for name in RUNGS:
        assert FAMILY.rung(name).TITLE
        assert list(inspect.signature(FAMILY.rung(name).fit).parameters) == ["context"]
    with pytest.raises(InvalidOption, match=r"baseline='forest'.*one of additive, boosting"):
        FAMILY.rung("forest")


def test_the_mean_is_that_of_the_source(context):
    rung = FAMILY.rung("mean").fit(context)
    train = context.train
    for source in (MAIN, TRIPLES, OTHER):
        own = train.take(train.source == source)
        answer = rung(PAIRS, source)
        assert answer.interaction == pytest.approx([own.interaction.mean()] * 3)
        if source != OTHER:
            assert answer.fitness == pytest.approx([own.fitness.mean()] * 3)


def test_the_multiplicative_model_is_the_product(context):
    answer = FAMILY.rung("multiplicative").fit(context)(PAIRS, MAIN)
    assert not answer.interaction.any()
    assert answer.fitness == pytest.approx([SINGLE[a] * SINGLE[b] for a, b, _ in PAIRS.tolist()])
    unknown = np.array([[1, planted.UNMEASURED, -1]])
    others = np.delete(SINGLE, planted.UNMEASURED)
    product = FAMILY.rung("multiplicative").fit(context)(unknown, MAIN).fitness
    assert product == pytest.approx([SINGLE[1] * others.mean()])


def test_the_additive_model_adds_defects_and_its_interactions_follow(context):
    rung = FAMILY.rung("additive").fit(context)
    pairs, triples = rung(PAIRS, MAIN), rung(TRIPLE, TRIPLES)
    for (a, b, _), epsilon, fitness in zip(
        PAIRS.tolist(), pairs.interaction, pairs.fitness, strict=True
    ):
        assert fitness == pytest.approx(SINGLE[a] + SINGLE[b] - 1)
        assert epsilon == pytest.approx(fitness - SINGLE[a] * SINGLE[b])
    for (a, b, c), tau, fitness in zip(
        TRIPLE.tolist(), triples.interaction, triples.fitness, strict=True
    ):
        assert fitness == pytest.approx(SINGLE[a] + SINGLE[b] + SINGLE[c] - 2)
        inside = 0.0
        for (x, y), rest in (((a, b), c), ((a, c), b), ((b, c), a)):
            inside += (SINGLE[x] + SINGLE[y] - 1 - SINGLE[x] * SINGLE[y]) * SINGLE[rest]
        assert tau == pytest.approx(fitness - SINGLE[[a, b, c]].prod() - inside)


def test_fitness_is_composed_of_the_sources_own_interactions(context):
    def interaction(members, source):
        assert members.min(axis=1).max() < 1 or source == TRIPLES
        scale = {MEASURED: 0.01, TRIPLES: 0.1}[source]
        return scale * np.where(members >= 0, members, 0).sum(axis=1)

    answer = composed(context, interaction)(TRIPLE, TRIPLES)
    for (a, b, c), fitness in zip(TRIPLE.tolist(), answer.fitness, strict=True):
        expected = SINGLE[[a, b, c]].prod() + 0.1 * (a + b + c)
        for (x, y), rest in (((a, b), c), ((a, c), b), ((b, c), a)):
            expected += 0.01 * (x + y) * SINGLE[rest]
        assert fitness == pytest.approx(expected)


def test_pairs_inside_triples_are_those_of_the_source_that_measured_them(context):
    assert context.pairs_of(MAIN) == MAIN
    assert context.pairs_of(TRIPLES) == MEASURED


def dense(members: np.ndarray) -> np.ndarray:
    """1 for each gene of a set."""
    table = np.zeros((len(members), planted.GENES))
    for row, one in enumerate(members.tolist()):
        table[row, [gene for gene in one if gene >= 0]] = 1
    return table


def test_ridge_is_that_of_scikit_learn_and_finds_the_weights(context):
    rung = FAMILY.rung("ridge").fit(context)
    own, held = (labelled(each, MAIN) for each in (context.train, context.part("valid")))
    fits = [Ridge(alpha).fit(dense(own.members), own.interaction) for alpha in ridge_rung.ALPHAS]
    errors = [np.mean((f.predict(dense(held.members)) - held.interaction) ** 2) for f in fits]
    best = fits[int(np.argmin(errors))].predict(dense(PAIRS))
    assert rung(PAIRS, MAIN).interaction == pytest.approx(best, abs=1e-3)
    assert correlation(context, rung, "test", MAIN) > 0.5


def fitted_by_hand(context: Context, sources: tuple[str, ...]) -> np.ndarray:
    """Predicted fitness of PAIRS and TRIPLE by scikit-learn on a dense table of these sources."""
    parts = [context.train, context.part("valid")]
    known = [p.take(np.isin(p.source, sources) & np.isfinite(p.fitness)) for p in parts]
    (x, y), (asked, label) = ((dense(each.members), each.fitness) for each in known)
    fits = [Ridge(alpha).fit(x, y) for alpha in fitness_rung.ALPHAS]
    errors = [np.mean((f.predict(asked) - label) ** 2) for f in fits]
    return fits[int(np.argmin(errors))].predict(dense(np.concatenate([PAIRS, TRIPLE])))


def test_ridge_on_fitness_pools_what_was_measured(context):
    """Sources with measured fitness, and those with none, are answered by the measured ones."""
    rung = fitness_rung.fit(context)
    expected = fitted_by_hand(context, (MEASURED, TRIPLES))
    for source in (MEASURED, TRIPLES, OTHER):
        assert rung(PAIRS, source).fitness == pytest.approx(expected[:3], abs=2e-3)
        assert rung(TRIPLE, source).fitness == pytest.approx(expected[3:], abs=2e-3)
    for source in (MAIN, CHOSEN):
        own = fitted_by_hand(context, (source,))
        assert rung(PAIRS, source).fitness == pytest.approx(own[:3], abs=2e-3)
        assert np.abs(own - expected)[:3].max() > 0.01
    assert min(fitness_rung.ALPHAS) <= 0.03


def test_ridge_on_fitness_is_composed_back_to_its_fitness(context):
    """With its epsilon of the pairs inside, its tau gives what it predicts."""
    rung = fitness_rung.fit(context)
    single = context.single

    def head(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        members = np.full((len(codes), 3), -1)
        members[:, : codes.shape[1]] = codes // 4
        values = rung(members, TRIPLES).interaction if codes.shape[1] > 1 else np.zeros(len(codes))
        return values, np.where(members >= 0, single[members], 1.0).prod(axis=1)

    for sets, order in ((PAIRS, 2), (TRIPLE, 3)):
        composed_again = compose_block(sets[:, :order] * 4, head)
        answer = rung(sets, TRIPLES)
        np.testing.assert_allclose(composed_again.fitness, answer.fitness)
        np.testing.assert_allclose(composed_again.gene_interaction, answer.interaction)


def test_boosting_sees_complexes_of_genes_that_are_new(context):
    rung = FAMILY.rung("boosting").fit(context)
    held = labelled(context.part("one_new_test"), MAIN)
    first, second = held.members[:, :2].T
    together = planted.MEMBER_OF[first] == planted.MEMBER_OF[second]
    values = rung(held.members, MAIN).interaction
    assert values[~together].mean() - values[together].mean() > 0.05
    assert correlation(context, rung, "test", MAIN) > 0.6


def test_pair_features_do_not_depend_on_the_order_and_count_right(context):
    describe = PairFeatures(context)
    sets = np.array([[1, 2, -1], [4, 9, 30]])
    turned = np.array([[2, 1, -1], [30, 4, 9]])
    table = describe(sets)
    np.testing.assert_allclose(table, describe(turned), atol=1e-12)
    together = planted.MEMBER_OF[:, None] == planted.MEMBER_OF
    np.fill_diagonal(together, val=False)
    direct = [sum(together[a, b] for a, b in pairs)
              for pairs in (((1, 2),), ((4, 9), (4, 30), (9, 30)))]  # fmt: skip
    shared = [np.log1p(sum((together[a] & together[b]).sum() for a, b in pairs))
              for pairs in (((1, 2),), ((4, 9), (4, 30), (9, 30)))]  # fmt: skip
    networks = 3
    np.testing.assert_allclose(table[:, -2 * networks], direct)
    np.testing.assert_allclose(table[:, -2 * networks + 1], shared)
    degree = np.log1p(together.sum(1))
    np.testing.assert_allclose(table[:, 1], [degree[[1, 2]].sum(), degree[[4, 9, 30]].sum()])
    assert 15 <= table.shape[1] <= 25


@pytest.fixture
def quick_network(monkeypatch):
    network = FAMILY.rung("pair_mlp")
    for name, value in {"EPOCHS": 12, "BATCH": 64, "AVERAGED": 0.9, "PATIENCE": 12}.items():
        monkeypatch.setattr(network, name, value)
    return network


def test_the_pair_network_learns_and_leaves_the_random_state_alone(context, quick_network):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    rung = quick_network.fit(context)
    assert torch.equal(torch.rand(3), expected)
    assert correlation(context, rung, "test", MAIN) > 0.7
    turned = PAIRS[:, [1, 0, 2]]
    np.testing.assert_allclose(
        rung(PAIRS, MAIN).interaction, rung(turned, MAIN).interaction, atol=1e-6
    )
    assert np.isfinite(rung(TRIPLE, TRIPLES).fitness).all()


def test_the_pair_network_is_the_same_every_time(context, quick_network, monkeypatch):
    monkeypatch.setattr(quick_network, "EPOCHS", 1)
    first, second = (quick_network.fit(context)(PAIRS, MAIN).interaction for _ in range(2))
    np.testing.assert_array_equal(first, second)


def test_a_third_gene_changes_a_set_and_none_changes_nothing(context, quick_network, monkeypatch):
    """Padding is no gene: a pair's outputs are the same whatever its third place holds."""
    network = quick_network.PairNetwork(torch.from_numpy(context.features), 2).eval()
    genes = network.genes()
    pair = network(genes, torch.tensor([[1, 2, -1]]))
    sums = genes[1] + genes[2], genes[1] * genes[2], (genes[1] - genes[2]).abs()
    torch.testing.assert_close(pair, network.joint(torch.cat(sums)[None]))
    triple = network(genes, torch.tensor([[1, 2, 0]]))
    turned = network(genes, torch.tensor([[0, 2, 1]]))
    torch.testing.assert_close(triple, turned)
    assert not torch.allclose(pair, triple)


def test_rungs_are_fitted_once_a_split(planted_data, planted_split, monkeypatch):
    monkeypatch.setattr(ladder, "_fitted", {})
    monkeypatch.setattr(ladder, "_answered", {})
    fitted = []
    module = FAMILY.rung("mean")
    fit = module.fit
    monkeypatch.setattr(module, "fit", lambda context: fitted.append(1) or fit(context))
    ground = Ground(planted_data, planted_split, "valid")
    first, second, *_ = FAMILY.questions(ground, "random")
    asked = (first, first, second)
    one, two, other = (ladder.climb(FAMILY, ground, each, ["mean"]) for each in asked)
    assert one["mean"] is two["mean"]
    assert len(other["mean"]) == len(second.rows)
    assert fitted == [1]
