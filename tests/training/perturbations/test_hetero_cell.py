"""HeteroCell trained for a moment on the planted screen, with a cell around it."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from export.package import package
from tests.training.perturbations import planted, planted_cell
from training import recipe
from training.begin import Options
from training.data.cell_graph import cell_graph
from training.data.files import DataFiles, MissingData
from training.loop import MONITOR
from training.perturbations import batches, features
from training.perturbations.batches import SetBatches
from training.perturbations.features import gene_features
from training.perturbations.fits import Fitted, Job, fit, hetero_cell
from training.perturbations.labels import Labels
from training.perturbations.learning import Learns, SetTraining
from training.recipe import RECIPES, Recipe
from zoo.architectures.hetero_cell.model import Model
from zoo.loading import load
from zoo.store import folders

ENTRY = "hetero_cell-planted"
SOURCES = {planted.MAIN: 2.0, planted.MEASURED: 1.0, planted.TRIPLES: 1.0, planted.OTHER: 0.5}
SMALL = {
    "model": {"dim": 8, "heads": 2, "hidden": 12, "gain": 20.0, "identity_dim": 4},
    "objective": {
        "headline_sets": 40,
        "other_sets": 60,
        "steps": 4,
        "fitness_weight": 0.05,
        "estimate_weight": 0.5,
        "hidden_fitness": 0.3,
        "source_weights": SOURCES,
    },
    "fit": {"max_epochs": 2, "batch_size": 100, "plateau_patience": 0, "plateau_factor": 0.1},
}
DENSE = {"model": {"layers": 2, "pool": "set_transformer", "inducing": 4, "pool_heads": 1}}


def made(**changed: dict) -> Recipe:
    """The recipe that ships with small numbers, and with others."""
    text = tomllib.loads((RECIPES / "hetero_cell-yeast.toml").read_text())
    text |= {"entry": ENTRY, "dataset": "planted", "split_seed": 4, "variants": {}}
    for tables in (SMALL, changed):
        for table, numbers in tables.items():
            text[table] = text[table] | numbers
    return Recipe.model_validate(text)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted files where ZOO_DATA points."""
    monkeypatch.setenv("ZOO_DATA", str(planted_cell.write(tmp_path / "files")))
    monkeypatch.setattr(batches, "QUERY_SETS", 30)
    monkeypatch.setattr(features, "SMALLEST_SOURCE", 200)
    monkeypatch.setattr(features, "PROFILE_COMPONENTS", 4)


def job_of(chosen: Recipe, folder: Path, resume: bool = False) -> Job:
    data, split = planted.data(), planted.split()
    labels = Labels.of(data, split.rows(data, "train"))
    options = Options(folder, -1, resume, progress=False)
    return Job(chosen, data, split, labels, chosen.seed, options)


@pytest.fixture
def trained(tmp_path: Path) -> Callable[..., Fitted]:
    """Train with other numbers of some tables."""
    return lambda **changed: fit(job_of(made(**changed), tmp_path / "run"))


def learner_of(job: Job, model: Model) -> tuple[hetero_cell.Learner, SetBatches]:
    """What a training of these weights would ask, and its steps.

    Vectors and features of genes are not in a frozen model: these are new.
    """
    numbers = job.objective
    cell = cell_graph(job.data, DataFiles.find(None))
    known = gene_features(job.data, job.data.records.take(job.train))
    graph = hetero_cell.graph_of(cell, known.standardised, numbers.graph)
    thawed = {"frozen": False, "edges": None, "vocabulary": None}
    own = Model(model.config.model_copy(update=thawed))
    left_out = own.load_state_dict(model.state_dict(), strict=False).missing_keys
    assert {name.split(".")[0] for name in left_out} <= {"nodes"}
    plan = numbers.plan(numbers.genes)
    steps = SetBatches(job.data, job.split, job.labels, plan, job.seed)
    return hetero_cell.Learner(job, own, graph), steps


CHANGES = {
    "as_it_ships": {},
    "full": {"objective": {"graph": "full"}},
    "pairs": {"model": {"members": False, "residual": False}},
    "dense": DENSE,
    "chunks": {"objective": {"chunk": 7}},
}


@pytest.mark.parametrize("changed", CHANGES.values(), ids=CHANGES)
def test_a_learner_predicts_what_the_frozen_model_serves(trained, changed, tmp_path):
    fitted, job = trained(**changed), job_of(made(**changed), tmp_path / "other")
    learner, steps = learner_of(job, fitted.model)
    learner.model.nodes = fitted.model.nodes
    learner.eval()
    rows = np.concatenate([part[:30] for part in (steps.held_out["valid"], steps.other)])
    rows = np.concatenate([rows, steps.other[job.data.records.order[steps.other] == 3][:30]])
    batch = steps.batch(rows)
    with torch.no_grad():
        z = learner.predict(batch)
        served = fitted.model.graphs()["head"]
        interaction, expectation = served(batch.member, batch.kind, batch.segment, batch.order)
    labels = job.labels
    epsilon, tau = (labels.sources.index(s) for s in (labels.epsilon_source, labels.tau_source))
    scale = torch.from_numpy(labels.scale)
    natural = z * scale[:, 1] + scale[:, 0]
    expected = torch.where(batch.order > 2, natural[:, tau], natural[:, epsilon])
    torch.testing.assert_close(interaction.double(), expected.double(), rtol=1e-4, atol=1e-5)
    assert (batch.order > 2).any()
    assert (batch.order == 2).any()
    single = fitted.model.single_fitness
    product = [single[batch.member[batch.segment == i]].prod() for i in range(len(batch.order))]
    torch.testing.assert_close(expectation, torch.stack(product), rtol=1e-5, atol=1e-6)


def test_measured_fitness_is_kept_and_the_other_is_estimated(trained):
    fitness = trained().model.single_fitness[: planted.GENES].numpy()
    known = np.arange(planted.GENES) != planted.UNMEASURED
    np.testing.assert_allclose(fitness[known], planted.SINGLE[known], rtol=1e-6)
    assert np.isfinite(fitness[planted.UNMEASURED])


def test_fitness_that_no_output_was_trained_for_is_the_mean_of_the_others(trained):
    untrained = {"objective": {"estimate_weight": 0.0}}
    fitness = trained(**untrained).model.single_fitness.numpy()
    measured = np.delete(planted.SINGLE, planted.UNMEASURED)
    np.testing.assert_allclose(fitness[planted.UNMEASURED], measured.mean(), rtol=1e-5)


def test_distances_between_nodes_stand_in_the_history(trained):
    fitted = trained()
    names = {
        f"distance_{kind}_{i}" for kind in ("genes", "reactions", "metabolites") for i in (0, 1)
    }
    for row in fitted.history:
        assert names <= row.keys()
        assert all(np.isfinite(row[name]) and row[name] > 0 for name in names)
    deep = trained(**DENSE).history[0]
    assert "distance_genes_2" in deep


@pytest.mark.parametrize("changed", [{}, DENSE], ids=["compact", "dense"])
def test_a_resumed_training_equals_an_undisturbed_one(tmp_path, changed):
    chosen = made(**changed)
    whole = fit(job_of(chosen, tmp_path / "whole"))
    short = chosen.model_copy(update={"fit": chosen.fit.model_copy(update={"max_epochs": 1})})
    fit(job_of(short, tmp_path / "parts"))
    # Only the number of epochs differs, which the note of a begun training does not forgive.
    note = tmp_path / "parts" / "begun.json"
    note.write_text((tmp_path / "whole" / "begun.json").read_text())
    resumed = fit(job_of(chosen, tmp_path / "parts", resume=True))
    assert [row["epoch"] for row in resumed.history] == [0, 1]
    for one, other in zip(resumed.history, whole.history, strict=True):
        assert one == pytest.approx(other, abs=1e-6)
    for name, tensor in whole.model.state_dict().items():
        torch.testing.assert_close(resumed.model.state_dict()[name], tensor, rtol=1e-5, atol=1e-6)


def test_the_callers_random_state_decides_nothing(tmp_path):
    torch.manual_seed(1)
    first = fit(job_of(made(), tmp_path / "a"))
    torch.manual_seed(2)
    assert fit(job_of(made(), tmp_path / "b")).history == first.history


@pytest.mark.parametrize("graph", ["induced", "full"])
def test_a_dense_model_trains_on_a_part_of_the_genes(tmp_path, graph, monkeypatch):
    monkeypatch.setattr(batches, "QUERY_SETS", 1000)
    asked, part = [], hetero_cell.Learner._part

    def noted(self, genes, hide):
        found = part(self, genes, hide)
        if self.training:
            asked.append((len(genes), len(found.features), int(found.gene_reaction[0].max())))
        return found

    monkeypatch.setattr(hetero_cell.Learner, "_part", noted)
    objective = {"graph": graph, "genes": 48, "chunk": 50}
    fitted = fit(job_of(made(**DENSE, objective=objective), tmp_path / "run"))
    assert {row[:2] for row in asked} == {(48, 48)}
    assert max(row[2] for row in asked) < 48
    assert all(np.isfinite(row[MONITOR]) for row in fitted.history)


def test_a_compact_model_trains_on_a_part_of_the_genes(tmp_path, monkeypatch):
    monkeypatch.setattr(batches, "QUERY_SETS", 1000)
    fitted = fit(job_of(made(objective={"genes": 48}), tmp_path / "run"))
    assert all(np.isfinite(row[MONITOR]) for row in fitted.history)


@pytest.mark.parametrize("where", ["nowhere", "head", "all"])
def test_a_model_trains_in_16_bits(trained, where):
    fitted = trained(objective={"bfloat16": where})
    assert all(np.isfinite(row[MONITOR]) for row in fitted.history)
    assert all(t.dtype != torch.bfloat16 for t in fitted.model.state_dict().values())


def test_16_bits_change_a_training_and_not_its_evaluation(tmp_path):
    job = job_of(made(objective={"bfloat16": "head"}), tmp_path / "a")
    fitted = fit(job)
    rounded, steps = learner_of(job, fitted.model)
    exact, _ = learner_of(job_of(made(), tmp_path / "b"), fitted.model)
    exact.model.load_state_dict(rounded.model.state_dict())
    batch = steps.batch(steps.held_out["valid"][:20])
    with torch.no_grad():
        assert rounded.eval().predict(batch).equal(exact.eval().predict(batch))
    for learner in (rounded, exact):
        learner.train()
        for module in learner.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = 0.0
        learner.model.nodes.hidden = 0.0
    difference = (rounded.predict(batch) - exact.predict(batch)).abs().max()
    assert 0 < difference < 0.3


@pytest.mark.parametrize("changed", [{}, DENSE], ids=["compact", "dense"])
def test_every_weight_that_counts_gets_a_gradient(tmp_path, changed):
    job = job_of(made(**changed), tmp_path / "run")
    model = fit(job).model
    learner, steps = learner_of(job, model)
    learner.train()
    rng = np.random.default_rng(0)
    terms = learner.losses(steps.step(rng), rng)
    assert set(terms) == {"interaction", "fitness", "estimate"}
    sum(terms.values()).backward()
    without = {
        name for name, p in learner.model.named_parameters() if p.grad is None or not p.grad.any()
    }
    used = ("nodes.genes", "nodes.mlp", "nodes.features", "neighbours", "catalysed", "head", "pool")
    wrong = [name for name in without if any(part in name for part in used)]
    # With one seed the last block of the pool sees itself alone, and so do parts of it; and a
    # softmax does not feel what is added to all of its gates.
    unfelt = (".decode.", ".pool.pool.", "pool.gate.2.bias")
    assert [n for n in wrong if not any(part in n for part in unfelt)] == []


def test_a_hidden_fitness_is_not_told(tmp_path):
    job = job_of(made(), tmp_path / "run")
    learner, _ = learner_of(job, fit(job).model)
    genes, hide = torch.arange(planted.GENES), torch.zeros(planted.GENES, dtype=torch.bool)
    hide[[3, 9]] = True
    plain, hidden = (learner._part(genes, each).features for each in (None, hide))
    assert (plain != hidden).any(1).nonzero()[:, 0].tolist() in ([3, 9], [3], [9])
    assert hidden[[3, 9], :2].equal(hidden[[planted.UNMEASURED] * 2, :2])
    assert learner.graph.features.equal(plain)


def test_a_run_becomes_an_entry_that_predicts(tmp_path, monkeypatch):
    import training.data
    from training.perturbations import fits
    from training.run import train

    chosen = made(model={"members": False, "residual": False})
    monkeypatch.setattr(recipe, "load", lambda entry, variant=None: chosen)
    monkeypatch.setattr(training.data, "load", lambda name, root=None: planted.data())
    monkeypatch.setattr(fits, "make_split", lambda data, seed: planted.split())
    folder = tmp_path / "run"
    report = train(ENTRY, Options(folder, progress=False))
    assert report == json.loads((folder / "run.json").read_text())
    package(folder, tmp_path / ENTRY)
    folders.register(tmp_path / ENTRY)
    model = load(ENTRY)
    predicted = model.predict([[], ["G05"], ["G05", "G06"], ["G05", "G06", "G08"]])
    assert predicted["fitness"].iloc[0] == 1
    assert (predicted["gene_interaction"].iloc[:2] == 0).all()
    assert (predicted["gene_interaction"].iloc[2:] != 0).all()
    assert predicted["expectation"].iloc[1] == pytest.approx(planted.SINGLE[5], abs=1e-3)
    assert np.isfinite(predicted["fitness"]).all()


def test_a_training_without_files_is_told(tmp_path, monkeypatch):
    monkeypatch.delenv("ZOO_DATA")
    with pytest.raises(MissingData, match="Type: export ZOO_DATA="):
        fit(job_of(made(), tmp_path / "run"))


def test_a_learner_is_what_a_training_takes(tmp_path):
    job = job_of(made(), tmp_path / "run")
    learner, steps = learner_of(job, fit(job).model)
    assert isinstance(learner, Learns)
    learner.eval()
    watched = SetTraining(learner, job.recipe.fit, 0, steps).watched()
    assert watched == learner.watched()
