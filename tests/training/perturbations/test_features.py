"""What a model is told of each gene."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import csr_array

from tests.training.perturbations import planted
from training.perturbations import features
from training.perturbations.features import gene_features, spectrum
from zoo.perturbations.feature_scale import LIMIT


@pytest.fixture
def profiles(monkeypatch):
    """Let the small planted sources have profiles."""
    monkeypatch.setattr(features, "SMALLEST_SOURCE", 200)
    monkeypatch.setattr(features, "PROFILE_COMPONENTS", 6)


def train_of(data, split):
    return data.records.take(split.rows(data, "train"))


def told(data, train=None):
    """Names of the features, and what a model is told."""
    found = gene_features(data, train)
    return found.names, found.standardised


def test_features_are_standardised_and_named(planted_data):
    names, table = told(planted_data)
    assert table.shape == (planted.GENES, len(names))
    assert table.dtype == np.float32
    assert len(set(names)) == len(names)
    assert names[:2] == ("single_fitness", "single_fitness_known")
    assert np.abs(table).max() <= LIMIT
    np.testing.assert_allclose(table.mean(0), 0, atol=0.05)
    np.testing.assert_array_equal(table, table.astype(np.float16).astype(np.float32))


def test_an_unmeasured_gene_has_average_fitness_and_says_so(planted_data):
    _, table = told(planted_data)
    assert table[planted.UNMEASURED, 0] == pytest.approx(0, abs=1e-3)
    assert table[planted.UNMEASURED, 1] < 0
    assert (np.delete(table[:, 1], planted.UNMEASURED) > 0).all()


def test_a_spectrum_is_that_of_the_dense_matrix():
    rng = np.random.default_rng(0)
    half = np.triu(rng.random((30, 30)) < 0.2, 1)
    dense = (half | half.T).astype(np.float64)
    scale = 1 / np.sqrt(np.maximum(dense.sum(1), 1))
    left, value, _ = np.linalg.svd(dense * scale[:, None] * scale)
    found = spectrum(csr_array(dense), 5)
    # Vectors are told apart by their sign and, where values are equal, their order: compare L L^T.
    np.testing.assert_allclose(np.linalg.norm(found, axis=0) ** 2, value[:5], atol=1e-8)
    truth = (left[:, :5] * value[:5]) @ left[:, :5].T
    if value[4] - value[5] > 1e-6:
        np.testing.assert_allclose(found @ found.T, truth, atol=1e-8)


def test_profiles_come_from_training_records_alone(planted_data, planted_split, profiles):
    names, table = told(planted_data, train_of(planted_data, planted_split))
    records = planted_data.records
    held_out = planted_split.part != 0
    shuffled = records.interaction.copy()
    shuffled[held_out] = np.random.default_rng(1).permutation(shuffled[held_out]) + 3
    other = replace(planted_data, records=replace(records, interaction=shuffled))
    train = other.records.take(planted_split.rows(planted_data, "train"))
    again, same = told(other, train)
    assert again == names
    np.testing.assert_array_equal(same, table)


def test_profiles_tell_which_genes_interact_alike(planted_data, planted_split, profiles):
    names, table = told(planted_data, train_of(planted_data, planted_split))
    own = [i for i, name in enumerate(names) if name.startswith(f"{planted.MAIN}_profile")]
    assert len(own) == 6
    train = train_of(planted_data, planted_split)
    seen = np.unique(train.members[train.source == planted.MAIN])
    weight = planted.WEIGHT[seen]
    fitted = np.linalg.lstsq(np.c_[table[seen][:, own], np.ones(len(seen))], weight, rcond=None)[0]
    predicted = np.c_[table[seen][:, own], np.ones(len(seen))] @ fitted
    assert np.corrcoef(predicted, weight)[0, 1] > 0.8


def test_a_small_source_has_no_profile(planted_data, planted_split):
    names, _ = told(planted_data, train_of(planted_data, planted_split))
    assert not [name for name in names if "profile" in name]


def test_counts_are_told_apart_from_what_is_measured(planted_data):
    found = gene_features(planted_data)
    counted = {name for name, count in zip(found.names, found.scale.count, strict=True) if count}
    degrees = {f"{name}_degree" for name in planted_data.networks}
    assert counted == degrees | set(planted_data.metabolic_features)
    place = found.names.index("physical_degree")
    degree = planted_data.networks["physical"].degree[: planted.GENES]
    np.testing.assert_array_equal(found.natural[:, place], degree)
