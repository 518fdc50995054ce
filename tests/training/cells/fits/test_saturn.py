"""Losses of a stage of SATURN against formulas, and what a stage begins with."""

from collections.abc import Sequence

import numpy as np
import pytest
import torch
from torch import nn

from tests.training.cells import toy
from training.cells.fits import saturn
from training.cells.fits.saturn import LOSSES, Learner
from training.losses.counts import zinb

ROWS = {"human": np.arange(0, 40, 2), "mouse": np.arange(20)}


def learner(stage: int = 0, **objective) -> Learner:
    wanted = toy.chosen(objective=objective, model={"dropout": 0.0})
    job = toy.job(wanted=wanted)
    torch.manual_seed(0)
    made, batches = saturn.task(
        job, saturn.ready(job), wanted.stages[stage], wanted.at(wanted.stages[stage].name)
    )
    assert batches.of_type == (0, 4)[stage]
    return made


def losses(made: Learner, *names: str) -> dict[str, float]:
    torch.manual_seed(7)
    with torch.no_grad():
        return {name: each.item() for name, each in made.losses(ROWS, names).items()}


def test_a_stage_begins_with_macrogenes_and_levels_of_the_data():
    made, job = learner(), toy.job()
    for species in ROWS:
        weight = made.model.weight(species).detach().numpy()
        np.testing.assert_allclose(weight, job.weights[species], rtol=1e-5)
        total = job.counts(species, job.seen[species]).sum(0) + 1
        level = made.model.decoder.rates[species].level.detach().numpy()
        np.testing.assert_allclose(np.exp(level), total / total.sum(), rtol=1e-5)


def test_only_the_losses_that_are_wanted_are_computed():
    made = learner()
    assert set(losses(made, *LOSSES)) == set(LOSSES)
    assert set(losses(made, "size", "zinb")) == {"size", "zinb"}
    with pytest.raises(KeyError):
        losses(made, "other")


def naive_zinb(made: Learner) -> float:
    job, means = toy.job(), []
    for species, rows in ROWS.items():
        seen = job.seen[species]
        levels = torch.from_numpy(job.inputs(species, job.counts(species, seen)))[rows]
        count = torch.from_numpy(job.counts(species, seen))[rows]
        weight = made.model.weight(species)
        vectors = made.model.encoder(levels, weight)
        rates = made.model.decoder(vectors, species, weight, count.sum(1))
        means.append(zinb(count, *rates).sum().item() / count.numel())
    return float(np.mean(means))


def test_zinb_is_the_mean_over_counts_and_species():
    made = learner()
    assert losses(made, "zinb")["zinb"] == pytest.approx(naive_zinb(made), rel=1e-5)


def test_size_is_the_mean_weight_of_a_gene():
    made = learner()
    expected = np.mean([made.model.weight(s).sum(1).mean().item() for s in ROWS])
    assert losses(made, "size")["size"] == pytest.approx(expected, rel=1e-5)


def test_agreement_is_0_where_weights_are_the_vectors_themselves():
    made = learner()
    assert losses(made, "agreement")["agreement"] > 0.01
    for species in ROWS:
        vectors = getattr(made.prepared, f"{species}_vectors")
        weight = made.model.weight(species).detach()
        made.prepared.register_buffer(f"{species}_vectors", nn.functional.normalize(weight, dim=1))
        assert vectors.shape[0] == weight.shape[0]
    assert losses(made, "agreement")["agreement"] == pytest.approx(0, abs=1e-10)


def test_a_variational_encoder_has_noise_where_its_divergence_is_wanted():
    made = learner()
    assert losses(made, "zinb") == losses(made, "zinb")
    varied = losses(made, "zinb", "divergence")
    assert varied["divergence"] > 0
    assert varied["zinb"] != losses(made, "zinb")["zinb"]
    nn.init.zeros_(made.model.spread.weight)
    nn.init.constant_(made.model.spread.bias, -60.0)
    sure = losses(made, "zinb", "divergence")["zinb"]
    assert sure == pytest.approx(losses(made, "zinb")["zinb"], rel=1e-6)


def test_hidden_genes_are_drawn_in_training_steps_alone():
    made = learner(hidden_genes=0.5)
    shown = made._shown("human", torch.arange(40))
    levels = made.prepared["human", "levels"][:40]
    hidden = shown != levels
    assert (shown[hidden] == 0).all()
    assert 0.4 < hidden[levels != 0].double().mean() < 0.6


def test_the_triplets_are_of_types_that_were_matched():
    made, job = learner(stage=1), toy.job()
    assert {("A", "A"), ("B", "B")} <= set(job.partners)
    group = {s: dict(zip(job.labels[s].tolist(), job.groups[s].tolist(), strict=True))
             for s in ROWS}  # fmt: skip
    for one, other in job.partners:
        assert group["human"][one] == group["mouse"][other]
    numbers = [number for each in group.values() for number in each.values()]
    assert len(set(numbers)) == len(numbers) - len(job.partners)
    vectors, groups, species = pieces(made, list(ROWS))
    expected = made.triplet(vectors, groups, species).item()
    assert losses(made, "triplet")["triplet"] == pytest.approx(expected, rel=1e-5)


def pieces(made: Learner, names: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    vectors, groups, species = [], [], []
    with torch.no_grad():
        for number, name in enumerate(names):
            levels = made.prepared[name, "levels"][ROWS[name]]
            encoded = made.model.encoder(levels, made.model.weight(name))
            vectors.append(nn.functional.normalize(encoded, dim=1))
            groups.append(made.prepared[name, "groups"][ROWS[name]])
            species += [number] * len(ROWS[name])
    return torch.cat(vectors), torch.cat(groups), torch.tensor(species)


def test_without_standardising_levels_are_taken_as_they_are():
    job = toy.job(wanted=toy.chosen(objective={"standardised": False}))
    counts = job.counts("human", job.seen["human"])
    expected = np.log1p(counts * 1e4 / counts.sum(1, keepdims=True)) / 2
    np.testing.assert_allclose(job.inputs("human", counts), expected, rtol=1e-5)
    assert expected.max() < 5
