"""Steps of a training over perturbation sets."""

from itertools import combinations

import numpy as np
import pytest
import torch

from tests.training.perturbations import planted
from training.perturbations import batches as module
from training.perturbations.batches import Plan, SetBatches
from training.perturbations.labels import Labels, measured_fitness


@pytest.fixture
def labels(planted_data, planted_split) -> Labels:
    return Labels.of(planted_data, planted_split.rows(planted_data, "train"))


@pytest.fixture
def batches(planted_data, planted_split, labels, monkeypatch) -> SetBatches:
    monkeypatch.setattr(module, "QUERY_SETS", 1000)
    return SetBatches(planted_data, planted_split, labels, Plan(48, 20, 60, 3), 7)


def sets_of(batch) -> list[tuple[int, ...]]:
    """The genes of every set, as positions in the vocabulary."""
    genes = batch.genes[batch.member].numpy()
    ends = batch.order.cumsum(0).numpy()
    return [
        tuple(genes[end - size : end]) for size, end in zip(batch.order.tolist(), ends, strict=True)
    ]


def test_labels_are_standardised_a_source_at_a_time(planted_data, planted_split, labels):
    train = planted_split.rows(planted_data, "train")
    for number, name in enumerate(labels.sources):
        own = train[planted_data.records.source[train] == name]
        assert labels.z[own].mean() == pytest.approx(0, abs=1e-9)
        assert labels.z[own].std() == pytest.approx(1)
        back = labels.z[own] * labels.scale[number, 1] + labels.scale[number, 0]
        np.testing.assert_allclose(back, planted_data.records.interaction[own])
    assert (labels.epsilon_source, labels.tau_source) == (planted.MAIN, planted.TRIPLES)


def test_derived_fitness_is_no_label(planted_data):
    found = measured_fitness(planted_data.records)
    assert np.isnan(found[planted_data.records.derived]).all()
    assert np.isfinite(found[planted_data.records.source == planted.MEASURED]).all()


def test_a_step_asks_for_training_sets_of_encoded_genes(planted_data, planted_split, batches):
    batch = batches.step(np.random.default_rng(0))
    assert len(batch.genes) == 48
    assert (batch.genes.diff() > 0).all()
    assert batch.member.max() < len(batch.genes)
    records = planted_data.records
    train = {
        tuple(row[row >= 0].tolist())
        for row in records.members[planted_split.rows(planted_data, "train")]
    }
    asked = sets_of(batch)[: len(batch.source)]
    assert set(asked) <= train
    main = batches.labels.sources.index(planted.MAIN)
    assert (batch.source[:20] == main).all()
    assert (batch.source[20:] != main).all()
    assert (batch.kind == 0).all()


def test_labels_belong_to_their_sets(planted_data, batches):
    batch = batches.step(np.random.default_rng(1))
    records, labels = planted_data.records, batches.labels
    for genes, source, z in zip(sets_of(batch), batch.source, batch.z, strict=False):
        name = labels.sources[source]
        padded = np.array([*genes, -1, -1])[:3]
        row = (records.members == padded).all(axis=1) & (records.source == name)
        assert float(z) == pytest.approx(labels.z[row][0], abs=1e-5)


def test_the_pairs_of_triples_follow(batches):
    rows = np.flatnonzero(batches.data.records.order == 3)[:4]
    batch = batches.batch(rows)
    asked = sets_of(batch)
    assert len(asked) == 4 + 12
    for triple, pairs, rest in zip(batch.triple, batch.pairs, batch.rest, strict=True):
        genes = asked[triple]
        assert {asked[pair] for pair in pairs} == set(combinations(genes, 2))
        for pair, left in zip(pairs, rest, strict=True):
            assert {*asked[pair], int(batch.genes[left])} == set(genes)


def test_steps_follow_from_seed_and_epoch(planted_data, planted_split, batches):
    first = [each.member for each in module._Steps(batches, 2)]
    again = [each.member for each in module._Steps(batches, 2)]
    other = [each.member for each in module._Steps(batches, 3)]
    assert len(first) == batches.steps
    assert all(torch.equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(first, other, strict=True))


def test_zero_genes_are_all_genes(planted_data, planted_split, labels):
    every = SetBatches(planted_data, planted_split, labels, Plan(0, 5, 5, 1), 0)
    assert len(every.step(np.random.default_rng(0)).genes) == planted.GENES


def test_validation_holds_the_headline_sources_sets(planted_data, planted_split, batches):
    loaders = batches.val_dataloader()
    assert len(loaders) == len(batches.monitored) == 2
    for part, loader in zip(batches.monitored, loaders, strict=True):
        (batch,) = loader
        rows = planted_split.rows(planted_data, part)
        rows = rows[planted_data.records.source[rows] == planted.MAIN]
        np.testing.assert_allclose(batch.z, batches.labels.z[rows], atol=1e-5)
