"""From a split to batches and tables: who has which row, and what an epoch sees."""

from collections import Counter

import numpy as np
import pytest
import torch

from contracts.errors import InvalidOption
from training.pairs.batches import (
    MONITORED,
    Degrees,
    PairBatches,
    components,
    fill_tables,
    monitored,
    scores,
    sizes,
)
from training.pairs.split import Split
from zoo.architectures import cross_encoder, degree, two_tower

NETWORK = {
    "identity_dim": 4, "hidden": 6, "dim": 3, "dropout": 0.0, "identity_dropout": 0.0,
}  # fmt: skip
MORE = {cross_encoder: NETWORK | {"joint_hidden": 5}, two_tower: NETWORK | {"initial_scale": 5.0}}


@pytest.fixture
def train(toy_data, toy_split):
    return toy_split.positives(toy_data, "train")


@pytest.fixture
def degrees(toy_data, train):
    return Degrees.count(toy_data, train)


@pytest.fixture
def batches(toy_data, toy_split):
    return PairBatches(toy_data, toy_split, batch_size=256, seed=3)


class AtEpoch:
    """What a trainer tells of itself."""

    def __init__(self, epoch: int):
        self.current_epoch = epoch


def epoch_of(batches, epoch: int) -> list[tuple[int, int, int]]:
    """All rows of one epoch, in the order of training."""
    batches.trainer = AtEpoch(epoch)
    rows = [
        torch.stack([tf, gene, label.long()], 1) for tf, gene, label in batches.train_dataloader()
    ]
    return [tuple(row) for row in torch.cat(rows).tolist()]


def test_degrees_are_counts_of_training_edges_alone(toy_data, train, degrees):
    tf, gene = (Counter(column.tolist()) for column in train.T)
    assert degrees.tf.tolist() == [tf[i] for i in range(120)]
    assert degrees.gene.tolist() == [gene[i] for i in range(520)]
    assert degrees.tf.sum() == len(train) < len(toy_data.edges)
    np.testing.assert_allclose(degrees.log_tf, np.log(degrees.tf + 0.5), rtol=1e-6)
    np.testing.assert_allclose(degrees.log_gene, np.log(degrees.gene + 0.5), rtol=1e-6)


@pytest.mark.parametrize("module", [cross_encoder, two_tower])
def test_tables_say_who_is_known_and_what_is_expressed(toy_data, degrees, module):
    config = module.Config(**sizes(toy_data, degrees), **MORE[module])
    model = module.Model(config)
    fill_tables(model, toy_data, degrees)
    profile = toy_data.profile
    values = profile.codes.astype(np.float64) * profile.scale + profile.offset
    names = {"tf": toy_data.vocabulary.regulators, "gene": toy_data.vocabulary.genes}
    for side, counts in (("tf", degrees.tf), ("gene", degrees.gene)):
        rows = getattr(model, side).identity.row.numpy()
        known = counts > 0
        assert sorted(rows[known]) == list(range(known.sum())), "every known entity has its own row"
        assert (rows[~known] == known.sum()).all(), "all others share one"
        assert getattr(model, side).identity.vectors.num_embeddings == known.sum() + 1
        at = [toy_data.vocabulary.genes.index(name) for name in names[side]]
        everyone = torch.arange(len(at))
        got = getattr(model, side).profile(everyone).numpy()
        np.testing.assert_allclose(got, values[at], rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(model.popularity.tf_log_degree.numpy(), degrees.log_tf)
    np.testing.assert_array_equal(model.popularity.gene_log_degree.numpy(), degrees.log_gene)


def test_the_degree_baseline_gets_its_log_degrees(toy_data, degrees):
    model = degree.Model(degree.Config(tfs_total=120, genes_total=520))
    fill_tables(model, toy_data, degrees)
    np.testing.assert_array_equal(model.popularity.gene_log_degree.numpy(), degrees.log_gene)


def test_an_epoch_has_the_training_edges_and_as_many_rewired_pairs(toy_data, train, batches):
    rows = epoch_of(batches, 0)
    listed = {row[:2] for row in rows if row[2] == 1}
    unlisted = [row[:2] for row in rows if row[2] == 0]
    assert listed == set(map(tuple, train.tolist()))
    assert len(rows) == 2 * len(train)
    assert len(set(unlisted)) == len(train)
    assert set(unlisted).isdisjoint(map(tuple, toy_data.pairs.tolist()))
    for side in (0, 1):
        expected = Counter(train[:, side].tolist())
        assert Counter(pair[side] for pair in unlisted) == expected


def test_an_epoch_depends_on_the_seed_and_its_number_alone(toy_data, toy_split, batches):
    first, second = epoch_of(batches, 4), epoch_of(batches, 5)
    again = PairBatches(toy_data, toy_split, batch_size=256, seed=3)
    torch.manual_seed(99)
    assert epoch_of(again, 5) == second
    assert epoch_of(again, 4) == first
    negatives = [{row for row in rows if row[2] == 0} for rows in (first, second)]
    assert len(negatives[0] - negatives[1]) > 0.5 * len(negatives[0]), "negatives are not new"
    assert epoch_of(PairBatches(toy_data, toy_split, batch_size=256, seed=4), 4) != first


def test_batches_are_shuffled_and_of_the_size_asked(train, batches):
    batches.trainer = AtEpoch(0)
    loaded = list(batches.train_dataloader())
    assert [len(label) for *_, label in loaded[:-1]] == [256] * (len(loaded) - 1)
    assert len(loaded) == -(-2 * len(train) // 256)
    # A shuffled batch of 256 is half listed, within 5 standard deviations of 0.031.
    assert all(abs(label.mean() - 0.5) < 0.16 for *_, label in loaded[:-1])


def test_validation_has_the_fixed_pairs_of_monitored_parts(toy_data, toy_split, batches):
    for name, loader in zip(MONITORED, batches.val_dataloader(), strict=True):
        ((tf, gene, label),) = loader
        rows = set(zip(tf.tolist(), gene.tolist(), label.tolist(), strict=True))
        listed = {(*pair, 1.0) for pair in toy_split.positives(toy_data, name).tolist()}
        others = {
            (*pair, 0.0) for pair in toy_split.negatives[f"{name}/degree_preserving"].tolist()
        }
        assert rows == listed | others


def test_a_split_without_rewired_pairs_is_monitored_by_the_given_ones(toy_split):
    rewired = {part: f"{part}/degree_preserving" for part in MONITORED}
    assert monitored(toy_split) == rewired == batches_of(toy_split.negatives)
    given = {"valid/given": toy_split.negatives["valid/uniform"]}
    assert batches_of(toy_split.negatives | given) == rewired, "rewired ones come first"
    without = {n: p for n, p in toy_split.negatives.items() if n != "valid/degree_preserving"}
    assert batches_of(without | given) == rewired | {"valid": "valid/given"}
    assert batches_of(given) == {"valid": "valid/given"}
    assert batches_of({}) == {}


def batches_of(negatives: dict) -> dict[str, str]:
    """What is monitored of a split that has these negatives."""
    return monitored(Split(np.zeros(0, np.uint8), "", 0, negatives))


def test_scores_in_blocks_are_those_of_one_by_one(toy_data, degrees):
    model = two_tower.Model(two_tower.Config(**sizes(toy_data, degrees), **MORE[two_tower]))
    fill_tables(model, toy_data, degrees)
    model.train()
    pairs = toy_data.pairs[:50]
    got = scores(model, pairs, block=7)
    assert not model.training
    with torch.no_grad():
        expected = [model.pair_logit(*torch.from_numpy(pairs[[row]]).T).item() for row in range(50)]
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_partners_have_no_more_components_than_there_are_features(toy_data):
    most = len(toy_data.profile.features)
    assert components(toy_data.profile, most).shape == (len(toy_data.vocabulary), most)
    with pytest.raises(InvalidOption, match=f"partner_dim.*at most {most}"):
        components(toy_data.profile, most + 1)
