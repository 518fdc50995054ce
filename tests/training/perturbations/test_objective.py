"""What a training of perturbation sets minimises."""

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from tests.training.perturbations import planted
from training.perturbations.batches import Plan, SetBatches
from training.perturbations.labels import Labels
from training.perturbations.objective import Objective, Phenotype

WEIGHTS = {planted.MAIN: 2.0, planted.TRIPLES: 1.0, planted.MEASURED: 0.5}
NUMBERS = {"genes": 0, "headline_sets": 20, "other_sets": 40, "steps": 1, "source_weights": WEIGHTS}


@pytest.fixture
def labels(planted_data, planted_split) -> Labels:
    return Labels.of(planted_data, planted_split.rows(planted_data, "train"))


@pytest.fixture
def batches(planted_data, planted_split, labels) -> SetBatches:
    return SetBatches(planted_data, planted_split, labels, Plan(0, 20, 40, 1), 0)


def sets_of(batch) -> list[tuple[int, ...]]:
    ends = batch.order.cumsum(0).tolist()
    return [
        tuple(batch.member[end - size : end].tolist())
        for size, end in zip(batch.order.tolist(), ends, strict=True)
    ]


def terms(labels, batch, z, **changed):
    numbers = Objective(**{**NUMBERS, **changed})
    phenotype = Phenotype(numbers, labels, np.arange(len(labels.z)))
    single = torch.from_numpy(np.nan_to_num(planted.SINGLE, nan=1.0)).float()
    torch.manual_seed(0)
    vectors = torch.randn(len(batch.order), 5)
    return phenotype(z, vectors, single, batch)


def test_interactions_are_weighted_by_source(labels, batches):
    batch = batches.step(np.random.default_rng(0))
    z = torch.randn(len(batch.order), len(labels.sources), generator=torch.manual_seed(1))
    total = weight = 0.0
    for row, (source, label) in enumerate(
        zip(batch.source.tolist(), batch.z.tolist(), strict=True)
    ):
        own = WEIGHTS.get(labels.sources[source], 0.0)
        total += own * (float(z[row, source]) - label) ** 2
        weight += own
    found = terms(labels, batch, z)
    assert set(found) == {"interaction"}
    assert float(found["interaction"]) == pytest.approx(total / weight, rel=1e-5)


def test_fitness_is_composed_as_the_scorer_composes_it(labels, batches, planted_data):
    rows = np.flatnonzero(
        np.isin(planted_data.records.source, (planted.MEASURED, planted.TRIPLES))
    )[::9]
    batch = batches.batch(rows)
    z = torch.empty(len(batch.order), len(labels.sources))
    for row, genes in enumerate(sets_of(batch)):  # the same set has the same scores wherever it is
        z[row].normal_(generator=torch.manual_seed(hash(genes) % 2**31))
    epsilon, tau = (labels.sources.index(name) for name in (planted.MAIN, planted.TRIPLES))
    units = z.double().numpy() * labels.scale[:, 1] + labels.scale[:, 0]
    single = planted.SINGLE
    genes = sets_of(batch)
    pairwise = {
        genes[row]: units[row, epsilon] for row in range(len(genes)) if len(genes[row]) == 2
    }
    errors = []
    for row, fitness in enumerate(batch.fitness.tolist()):
        members = genes[row]
        expected = np.prod(single[list(members)])
        if len(members) == 2:
            expected += units[row, epsilon]
        else:
            a, b, c = members
            expected += units[row, tau] + pairwise[a, b] * single[c]
            expected += pairwise[a, c] * single[b] + pairwise[b, c] * single[a]
        errors.append(((expected - fitness) / labels.scale[epsilon, 1]) ** 2)
    found = terms(labels, batch, z, fitness_weight=0.5)
    assert float(found["fitness"]) == pytest.approx(0.5 * np.mean(errors), rel=1e-3)


def test_further_terms_are_there_where_they_weigh(labels, batches):
    batch = batches.step(np.random.default_rng(3))
    z = torch.randn(len(batch.order), len(labels.sources), requires_grad=True)
    found = terms(labels, batch, z, distribution_weight=0.1, contrast_weight=0.2, fitness_weight=1)
    assert set(found) == {"interaction", "fitness", "distribution", "contrast"}
    torch.stack(list(found.values())).sum().backward()
    assert z.grad is not None
    assert z.grad.isfinite().all()


def test_learned_noise_takes_the_place_of_the_mean(labels, batches):
    batch = batches.step(np.random.default_rng(3))
    z = torch.zeros(len(batch.order), len(labels.sources))
    plain, learned = (
        terms(labels, batch, z, learned_noise=flag)["interaction"] for flag in (False, True)
    )
    assert float(plain) != pytest.approx(float(learned.detach()))
    assert learned.isfinite()


def test_a_typo_in_a_recipe_is_an_error():
    with pytest.raises(ValidationError, match="grpah_weight"):
        Objective(**NUMBERS, grpah_weight=0.1)
