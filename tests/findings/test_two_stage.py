"""The findings page on two stages: its rules, what it measures, and what it says of results."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from tests.findings.scripts import scripts
from training import recipe as recipes
from training.cells.questions import PROTOCOLS
from training.finding import LEVEL

SCRIPTS = scripts("two-stage")
claims, compared = SCRIPTS.claims, SCRIPTS.compared
page, results = SCRIPTS.page, SCRIPTS.results
FINDINGS = Path(__file__).parents[2] / "findings" / "two-stage"
Spread = compared.Spread


def made_up(effects: dict[str, float]) -> list[dict]:
    """Records in which a variant is so much better than the shipped recipe, from three seeds."""
    rng, records, shipped = np.random.default_rng(0), [], recipes.load(results.ENTRY)
    names = [f"balanced_accuracy_{way}" for way in PROTOCOLS]
    names += [f"accuracy_{way}" for way in PROTOCOLS]
    for seed in range(3):
        for fold in range(2):
            level = 0.8 + rng.normal(0, 0.03)
            for variant in results.variants():
                named = shipped.variants.get(variant, {}).get("stages")
                stages = [s["name"] for s in named] if named else [s.name for s in shipped.stages]
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


def test_the_committed_page_is_what_its_results_say():
    assert page.page(results.read(FINDINGS)) == (FINDINGS / "README.md").read_text()
