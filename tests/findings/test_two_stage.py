"""The findings page on two stages: its rules, what it measures, and what it says of results."""

import json
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy import stats

from tests.findings.scripts import scripts
from tests.training.cells import planted
from training import recipe as recipes
from training.cells.questions import PROTOCOLS
from training.finding import LEVEL
from zoo.architectures import saturn

SCRIPTS = scripts("two-stage")
claims, compared, measuring = SCRIPTS.claims, SCRIPTS.compared, SCRIPTS.measure
page, results, watch, figures = SCRIPTS.page, SCRIPTS.results, SCRIPTS.watch, SCRIPTS.figures
FINDINGS = Path(__file__).parents[2] / "findings" / "two-stage"
Spread = compared.Spread
SMALL = {
    "model": {"macrogenes": 8, "hidden": 16, "dim": 8, "dropout": 0.1},
    "objective": {
        "gene_vectors": "orthologs",
        "genes": 30,
        "paired_genes": 20,
        "least_cells": 1,
        "least_similarity": 0.0,
        "margin": 0.2,
        "of_type": 0,
    },
}


def made_up(effects: dict[str, float]) -> list[dict]:
    """Records in which a variant is so much better than the shipped recipe, from three seeds."""
    rng, records = np.random.default_rng(0), []
    names = [f"balanced_accuracy_{way}" for way in PROTOCOLS]
    names += [f"accuracy_{way}" for way in PROTOCOLS]
    for seed in range(3):
        for fold in range(2):
            level = 0.8 + rng.normal(0, 0.03)
            for variant in results.variants():
                stages = [stage.name for stage in results.recipe_of(variant).stages]
                value = level + effects.get(variant, 0.0) + rng.normal(0, 0.001)
                found = dict.fromkeys(names, value) | {
                    "silhouette_type": 0.4,
                    "silhouette_species": 0.02,
                    **dict.fromkeys(("rank_human_begin", "rank_mouse_begin"), 500.0),
                    **dict.fromkeys(("rank_human_end", "rank_mouse_end"), 490 * (1 + value / 1e3)),
                    **dict.fromkeys(("moved_human", "moved_mouse"), 0.011),
                    **dict.fromkeys(("agreement_begin", "partners_begin"), 0.2),
                    **dict.fromkeys(("agreement_end", "partners_end"), 0.2 + value / 1e3),
                }
                count = 3 * len(stages)
                looks = {
                    "stage": [stage for stage in stages for _ in range(3)],
                    "epoch": [0, 5, 10] * len(stages),
                    "cosine_both": [-0.5, 0.25, -0.125] * len(stages),
                    "length_zinb": [1.0] * count,
                    "length_triplet": [2.0] * count,
                    "held_out_zinb": [0.4] * count,
                }
                losses = {stages[0]: {"zinb": [1.0]}}
                place = {"variant": variant, "seed": seed, "fold": fold}
                records.append(place | {"figures": found, "looks": looks, "losses": losses})
    return records


@pytest.mark.parametrize(
    ("rule", "interval", "verdict"),
    [
        (claims.above, (0.01, 0.05), claims.SUPPORTED),
        (claims.above, (-0.03, 0.01), claims.NOT),
        (claims.above, (-0.01, 0.05), claims.UNDECIDED),
        (claims.above, (0.001, 0.002), claims.NOT),
        (claims.no_worse, (-0.01, 0.05), claims.SUPPORTED),
        (claims.no_worse, (-0.09, -0.03), claims.NOT),
        (claims.no_worse, (-0.09, 0.03), claims.UNDECIDED),
        (claims.differs, (0.01, 0.05), claims.SUPPORTED),
        (claims.differs, (-0.05, -0.01), claims.SUPPORTED),
        (claims.differs, (-0.01, 0.01), claims.NOT),
        (claims.differs, (-0.05, 0.01), claims.UNDECIDED),
        (claims.differs, (0.001, 0.002), claims.NOT),
    ],
)
def test_rules_follow_from_intervals(rule, interval, verdict):
    low, high = interval
    assert rule(Spread((low + high) / 2, low, high, 10), 0.02) == verdict


@pytest.mark.parametrize(
    ("verdicts", "overall"),
    [
        ((claims.SUPPORTED, claims.SUPPORTED), claims.SUPPORTED),
        ((claims.SUPPORTED, claims.UNDECIDED), claims.UNDECIDED),
        ((claims.UNDECIDED, claims.NOT), claims.NOT),
        ((claims.SUPPORTED, claims.NOT), claims.NOT),
    ],
)
def test_a_claim_needs_all_of_its_differences(verdicts, overall):
    one = Spread(0.0, 0.0, 0.0, 2)
    tests = [claims.Test("x", one, 0.02, each) for each in verdicts]
    assert claims.Claim("y", tests, []).verdict == overall
    lacking = claims.Claim("y", tests, ["z"]).verdict
    assert lacking == (overall if overall == claims.NOT else claims.UNDECIDED)


def test_intervals_are_those_of_a_paired_t_test():
    rng = np.random.default_rng(1)
    one, other = rng.normal(size=(2, 12))
    found = Spread.of(one - other)
    expected = stats.ttest_rel(one, other).confidence_interval(LEVEL)
    assert (found.low, found.high) == pytest.approx(tuple(expected))
    assert Spread.of([0.3]).low == -np.inf


def test_differences_are_paired_by_seed_and_fold():
    records = made_up({"joint": -0.05})
    found = compared.Compared(records[::-1])
    gap = found.difference("shipped", "joint", "balanced_accuracy")
    assert gap.value == pytest.approx(0.05, abs=2e-3)
    assert gap.high - gap.low < 0.01
    level = found.spread("shipped", "balanced_accuracy")
    assert level.high - level.low > 0.01


def test_the_page_says_what_the_results_say():
    effects = {"joint": -0.05, "fixed": -0.05, "random": -0.3, "stage2_only": -0.1, "terms": -0.2}
    records = made_up(effects)
    found = compared.Compared(records)
    text = page.page(records)
    said = " ".join(text.split())
    gap = found.difference("joint", "shipped", "balanced_accuracy")
    assert f"| {page._between(gap)} |" in text
    assert "So two stages are better here." in said
    assert "weights move by 1.10% on average" in said
    verdicts = {each.name: each.verdict for each in claims.claims(found)}
    assert len(verdicts) == 6
    for name, verdict in verdicts.items():
        assert f"| {name} | {verdict} |" in text
    assert verdicts["conflict"] == verdicts["transferability"] == claims.SUPPORTED
    assert verdicts["stabilisation"] == verdicts["convergence"] == claims.NOT
    assert "| `shipped` | reconstruction | -0.50 | -0.50 | +0.25 | +0.25 | -0.12 | -0.12 |" in text


def test_one_stage_that_is_as_good_is_called_that():
    said = " ".join(page.page(made_up({"joint": 0.0})).split())
    assert "So one stage is as good here, to within 0.02." in said


def test_a_page_of_some_trainings_has_the_claims_that_these_decide():
    records = [each for each in made_up({}) if each["variant"] in ("shipped", "joint")]
    text = page.page(records)
    judged = {each.name: each.missing for each in claims.claims(compared.Compared(records))}
    assert judged["conflict"] == []
    assert "convergence" not in judged
    assert judged["refinement"] == ["seeded", "refined"]
    assert "collapse" not in judged
    assert "### 4." not in text
    assert "## Factors" not in text
    assert "Not measured, so that the claim cannot be supported here: `shipped` less `random`" in (
        " ".join(text.split())
    )
    with pytest.raises(ValueError, match="--measure"):
        page.page(records[1:2])


def test_looks_without_a_triplet_have_no_cosine():
    record = made_up({})[0]
    record["looks"]["length_triplet"] = [2.0, 0.0, 2.0] * 2
    looks = compared.Compared([record]).looks
    assert looks["cosine_both"].isna().tolist() == [False, True, False] * 2


def test_a_single_stage_has_as_many_epochs_as_both():
    shipped = recipes.load(results.ENTRY)
    total = sum(shipped.at(stage.name).fit.max_epochs for stage in shipped.stages)
    for variant in ("joint", "joint_tenth", "curriculum", "stage2_only", "counts_only"):
        (stage,) = recipes.load(results.ENTRY, variant).stages
        assert recipes.load(results.ENTRY, variant).at(stage.name).fit.max_epochs == total


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small recipes on planted cells, one epoch a stage."""
    real = results.recipe_of

    def recipe_of(variant: str, seed: int = 0) -> recipes.Recipe:
        recipe = real(variant, seed)
        stages = [
            stage.model_copy(update={"fit": stage.fit | {"max_epochs": 1}})
            for stage in recipe.stages
        ]
        return recipe.model_copy(update=SMALL | {"stages": stages})

    monkeypatch.setattr(results, "recipe_of", recipe_of)
    monkeypatch.setattr(measuring, "opened", cache(planted.data))
    for each in (measuring.inner, measuring.gene_vectors, measuring.chosen_genes):
        each.cache_clear()
    monkeypatch.setattr("training.cells.questions.LEAST", 2)


def test_trainings_are_run_once_and_share_a_first_stage(small, tmp_path, monkeypatch):
    names = ("shipped", "joint", "stage1_only", "reused")
    plan = measuring.planned(names, seeds=1, fold=0)
    assert [each.variant for each in plan] == list(names)
    assert list(measuring.measure(tmp_path, tmp_path / "runs", plan)) == plan
    assert not list(measuring.measure(tmp_path, tmp_path / "runs", plan))
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {
        "first-seed0-fold0",
        "first-seed0-fold1",
    }
    records = {each["variant"]: each for each in results.read(tmp_path)}
    shipped = records["shipped"]
    assert dict.fromkeys(shipped["looks"]["stage"]) == {"reconstruction": None, "alignment": None}
    counts = {n: each["losses"].get("reconstruction") for n, each in records.items()}
    assert counts["shipped"] == counts["stage1_only"] != counts["reused"]
    assert set(records["joint"]["losses"]["alignment"]) == {"zinb", "triplet", "loss"}
    assert {tuple(each["figures"]) for each in records.values()} == {tuple(shipped["figures"])}

    monkeypatch.setattr(measuring, "first_of", lambda recipe: object())
    (alone,) = measuring.measure(tmp_path / "alone", tmp_path / "other", plan[:1])
    (again,) = results.read(tmp_path / "alone")
    assert again["figures"] == shipped["figures"]
    assert again["losses"] == shipped["losses"]
    assert alone == plan[0]


def test_records_of_another_recipe_are_left_out(tmp_path):
    now = {"variant": "joint", "recipe": results.digest("joint"), "x": 0.1234567}
    for record in (now, now | {"recipe": "former"}, now | {"variant": "gone"}):
        results.append(tmp_path, record)
    assert results.read(tmp_path) == [now | {"x": 0.12346}]
    assert results.digest("reused") != results.digest("shipped")


def test_cosines_are_those_of_gradients_taken_one_by_one(small):
    training = measuring.Training("shipped", 0, 0)
    job = measuring.prepared(training, training.recipe, Path("none"))
    stage = training.recipe.stages[1]
    task, _ = job.fit.task(job, job.fit.ready(job), stage, training.recipe.at(stage.name))
    task.model.eval()
    task.model.log_weight.requires_grad_(False)
    look = watch.Watch(job, measuring.inner()[0].valid)
    found = watch.gradients(task, look.batch)
    assert not any(each.requires_grad for each in task.model.log_weight.values())
    task.model.log_weight.requires_grad_(True)
    slopes = []
    for name in watch.BOTH:
        task.model.zero_grad()
        task.losses(look.batch, (name,))[name].backward()
        parts = [*task.model.encoder.parameters(), *task.model.log_weight.values()]
        slopes.append(torch.cat([each.grad.flatten() for each in parts]).numpy())
    one, other = slopes
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    assert found["cosine_both"] == pytest.approx(cosine, abs=1e-5)
    assert found["length_triplet"] == pytest.approx(np.linalg.norm(other), rel=1e-5)


def test_held_out_counts_are_judged_as_one_batch_would_be(monkeypatch):
    torch.manual_seed(0)
    sizes = {"human_genes": 7, "mouse_genes": 5, "macrogenes": 4, "hidden": 6, "dim": 3}
    model = saturn.Model(saturn.Config(**sizes)).eval()
    cells = {
        species: (torch.randn(9, genes), torch.poisson(torch.full((9, genes), 2.0)))
        for species, genes in model.config.genes.items()
    }
    whole = watch.held_out(model, cells)
    monkeypatch.setattr(watch, "AT_ONCE", 4)
    assert watch.held_out(model, cells) == pytest.approx(whole, rel=1e-5)


def test_macrogenes_that_are_the_vectors_agree_with_them(small):
    training = measuring.Training("shipped", 0, 0)
    job = measuring.prepared(training, training.recipe, Path("none"))
    known = {s: job.vectors.vectors[s][own] for s, own in job.chosen.genes.items()}
    found = figures.similar(job, known)
    assert found["agreement"] == pytest.approx(1)
    assert found["disagreement"] == pytest.approx(0, abs=1e-10)
    assert found["partners"] == pytest.approx(1)


@pytest.mark.skipif(not (FINDINGS / results.RUNS).is_file(), reason="nothing was measured yet")
def test_the_committed_page_is_what_its_results_say():
    records = results.read(FINDINGS)
    lines = (FINDINGS / results.RUNS).read_text().splitlines()
    assert records == [json.loads(line) for line in lines], "results of a former recipe"
    assert page.page(records) == (FINDINGS / "README.md").read_text()
