"""The findings page on late interaction: its rule, its costs, and that it says what JSON says."""

import json
import re
from pathlib import Path

import pytest

from tests.findings.scripts import scripts

SCRIPTS = scripts("late-interaction")
study, rule = SCRIPTS.page, SCRIPTS.rule
render, judge, cost, Cost = study.page, rule.judge, rule.cost, rule.Cost
NETWORKS, OURS = rule.NETWORKS, rule.OURS

FINDINGS = Path(__file__).parents[2] / "findings" / "late-interaction"
MODELS = (OURS, *NETWORKS, rule.BOOSTING, rule.DEGREE)


def interval(value: float, low: float, high: float) -> dict[str, float]:
    return {"value": value, "low": low, "high": high}


def valid(auroc: dict, mrr: dict, ahead: str = NETWORKS[0]) -> dict:
    """Results in which late interaction is `auroc` and `mrr` ahead of `ahead`, and far of others.

    `ahead` is the network with the higher degree-preserving AUROC.
    """
    protocols: dict = {}
    for column in study.COLUMNS:
        protocol, figure = column.split("/")
        body = protocols.setdefault(protocol, {"metrics": {}, "difference": {}, "resamples": 77})
        for model in MODELS:
            level = 0.8 if model == ahead else 0.7
            body["metrics"].setdefault(model, {})[figure] = interval(level, 0.6, 0.9)
            gap = {"auroc": auroc, "mrr": mrr}.get(figure, auroc)
            far = interval(0.4321, 0.4, 0.5)
            body["difference"].setdefault(model, {})[figure] = gap if model == ahead else far
        del body["difference"][OURS]
    config = {"dim": 16, "vectors": 3, "joint_hidden": 64}
    network = {"config": config, "parameters": 1234, "seeds": None}
    return {
        "protocols": protocols,
        "rungs": {rule.BOOSTING: "Boosting"},
        "edges_digest": "0123456789abcdef",
        "networks": {name: dict(network) for name in (OURS, *NETWORKS)},
    }


ABOVE, AROUND, BELOW = (
    interval(0.02, 0.01, 0.03),
    interval(0.0, -0.01, 0.01),
    interval(-0.2, -0.3, -0.1),
)
TRIAL = {
    "model": dict.fromkeys(study.TUNED, 1),
    "seed": 0,
    "epochs": 9,
    "degree_preserving/auroc": 0.81,
    "cold_gene/auroc": 0.71,
}


@pytest.mark.parametrize("ahead", NETWORKS)
@pytest.mark.parametrize(
    ("auroc", "mrr", "earned"),
    [
        (ABOVE, ABOVE, True),
        (ABOVE, BELOW, True),
        (AROUND, ABOVE, True),
        (AROUND, AROUND, False),
        (AROUND, BELOW, False),
        (BELOW, ABOVE, False),
        (interval(0.01, 0.0, 0.02), AROUND, False),
    ],
)
def test_the_rule_is_what_its_words_say(ahead, auroc, mrr, earned):
    results = valid(auroc, mrr, ahead)
    verdict = judge(results)
    assert (verdict.rival, verdict.earned) == (ahead, earned)
    assert (verdict.auroc, verdict.mrr) == (auroc, mrr)
    text = " ".join(render(results, [TRIAL], []).split())
    assert ("**earns a place**" in text) == earned
    assert ("**earns no place**" in text) != earned
    assert f"Against `{ahead}`" in text


def test_costs_are_counted():
    """By hand: one dot product; 3 x 3 of them; 4 products, 4 x 9 weights and 9 of the output."""
    config = {"dim": 4, "vectors": 3, "joint_hidden": 9}
    assert cost("two_tower-x", {"dim": 4}) == Cost(1, 4, 4)
    assert cost("late_interaction-x", config) == Cost(3, 12, 36)
    assert cost("cross_encoder-x", config) == Cost(1, 13, 49)


def test_figures_differences_seeds_and_trials_are_on_the_page():
    results = valid(ABOVE, AROUND)
    spread = {name: {"mean": 0.7654, "sd": 0.0123} for name in rule.SEEDED}
    results["networks"][NETWORKS[1]]["seeds"] = {"count": 5, "figures": spread}
    better = TRIAL | {"degree_preserving/auroc": 0.8766, "epochs": 33}
    gaps = {"retrieval": {"mrr": interval(0.0123, -0.01, 0.02)}}
    afresh = [{"seed": 4, "rival": NETWORKS[0], "difference": gaps}]
    text = render(results, [TRIAL, better], afresh)
    assert re.search(rf"\| `{NETWORKS[0]}` \| 4 \|.* \+0\.012 \[-0\.010, \+0\.020\]", text)
    assert f"| `{NETWORKS[0]}` | 0.800 [0.600, 0.900] |" in text
    assert f"| `{NETWORKS[1]}` | +0.432 [+0.400, +0.500] |" in text
    assert f"| `{NETWORKS[1]}` | 5 | 0.765 ± 0.012 |" in text
    assert f"| `{OURS}` | 1 | - |" in text
    assert f"| `{OURS}` | 1,234 | 3 | 48 | 144 |" in text
    assert text.index("| 33 | 0.8766 | 0.7100 | 0.7933 |") < text.index("| 9 | 0.8100 |")
    assert "of 2 trainings" in " ".join(text.split())


def test_the_committed_page_is_what_its_results_say():
    names = (study.VALID, study.TRIALS, study.AFRESH)
    valid, trials, afresh = (
        json.loads((FINDINGS / "results" / name).read_text()) for name in names
    )
    assert valid["stage"] == "valid"
    assert render(valid, trials, afresh) == (FINDINGS / "README.md").read_text()
