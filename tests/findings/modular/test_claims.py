import pytest

from tests.findings.modular import toy
from tests.findings.modular.toy import study

FAILURES = study.cells.FAILURES
SEEDS = study.cells.SEEDS
Cell = study.cells.Cell
Failures = study.cells.Failures
Results = study.results.Results
Spread = study.results.Spread
claims = study.claims
HIGHER_AUROC, HIGHER_ACCURACY = (claims.CLAIMS[f"higher_{x}"] for x in ("auroc", "accuracy"))

EMPTY = Results({})
CLEAR, NONE = Spread.of([0.05, 0.06, 0.05]), Spread.of([0.01, -0.02, 0.02])


def networks(**values: float) -> dict:
    """Two seeds of both networks; values as two_tower_5_restored=0.9, 0.8 where not said."""
    found = {}
    for model in ("two_tower", "cross_encoder"):
        for ratio in (1, 5, 10):
            for place, seed in enumerate(SEEDS[:2]):
                cell = Cell(model=model, ratio=ratio, seed=seed)
                last, kept = (
                    values.get(f"{model}_{ratio}_{v}", 0.8) + 0.001 * place * (model != "two_tower")
                    for v in ("last", "restored")
                )
                found[cell.name] = toy.result(cell, last, kept)
    return found


def said(finding) -> str:
    """The verdict, and what explains it."""
    return " ".join((finding.verdict, *finding.causes))


def test_every_claim_is_not_run_without_results():
    assert {claim(EMPTY).verdict for claim in claims.CLAIMS.values()} == {"not run"}


@pytest.mark.parametrize(
    ("as_it_was", "kept", "verdict"),
    [
        (Spread.of([0.2]), CLEAR, "undecided"),
        (Spread.of([0.2, 0.0]), CLEAR, "undecided"),
        (NONE, CLEAR, "not reproduced"),
        (CLEAR, CLEAR, "reproduced"),
        (CLEAR, NONE, "explained"),
        (Spread.of([-0.05, -0.06]), NONE, "not reproduced"),
    ],
)
def test_a_gap_needs_an_interval_above_zero_and_no_cause(as_it_was, kept, verdict):
    causes = ("a change",) if verdict == "explained" else ()
    assert claims.gap_verdict(as_it_was, 0.08, {"a change": kept}) == (verdict, causes)


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"cross_encoder_1_last": 0.9}, "explained best_epoch"),
        ({"cross_encoder_1_last": 0.9, "cross_encoder_1_restored": 0.9}, "explained ties"),
        ({"two_tower_1_last": 0.9, "two_tower_1_restored": 0.9}, "not reproduced"),
    ],
)
def test_the_gap_in_auroc_is_judged_from_the_runs(values, verdict):
    found = networks(**values)
    for seed in SEEDS[:2]:
        for model in ("two_tower", "cross_encoder"):
            body = found[Cell(model=model, seed=seed).name]["variants"]["last"]
            if "ties" in verdict:
                body["auroc_logit"] = toy.figure(0.8)
    assert said(HIGHER_AUROC(Results(found))).startswith(verdict)


def test_a_gap_that_stays_is_reproduced():
    both = {"cross_encoder_1_last": 0.9, "cross_encoder_1_restored": 0.9}
    assert HIGHER_AUROC(Results(networks(**both))).verdict == "reproduced"
    assert HIGHER_ACCURACY(Results(networks(**both))).verdict == "reproduced"


@pytest.mark.parametrize(
    ("values", "verdict"),
    [
        ({"two_tower_5_last": 0.7, "two_tower_5_restored": 0.7}, "reproduced"),
        ({"two_tower_5_last": 0.7}, "explained prior best_epoch"),
        ({}, "not reproduced"),
        ({"two_tower_5_last": 0.75, "cross_encoder_5_last": 0.7}, "not reproduced"),
    ],
)
def test_imbalance_is_judged_from_the_runs(values, verdict):
    assert said(claims.imbalance(Results(networks(**values)), 5)) == verdict


def broken(failures: Failures, accuracy: float = 0.9, auroc: float = 0.8, largest: float = 2.0):
    cell = Cell(model="two_tower", seed=SEEDS[0], failures=failures)
    result = toy.result(cell, auroc, auroc)
    result["history"][-1] |= {"train_accuracy": accuracy, "norm_max": largest}
    return {cell.name: result}


@pytest.mark.parametrize("failures", FAILURES)
@pytest.mark.parametrize(("accuracy", "verdict"), [(0.51, "reproduced"), (0.8, "not reproduced")])
def test_a_collapse_is_a_training_accuracy_near_one_half(failures, accuracy, verdict):
    finding = claims.collapse(Results(broken(failures, accuracy)), failures)
    assert finding.verdict == verdict
    text = study.page.render(Results(broken(failures, accuracy)))
    assert f"Training accuracy is {accuracy:.3f} after epoch 1" in text


@pytest.mark.parametrize(
    ("sound", "replaced", "verdict"),
    [
        (2000.0, 2.0, "reproduced"),
        (5.0, 5.0, "not reproduced"),
        (5.0, 3000.0, "explained replaced_gradient"),
    ],
)
def test_a_large_norm_is_traced_to_its_cause(sound, replaced, verdict):
    found = broken(Failures(), largest=sound)
    found |= broken(Failures(replaced_gradient=True), largest=replaced)
    assert said(claims.norm(Results(found))) == verdict


@pytest.mark.parametrize(
    ("sound", "twice", "verdict"),
    [(0.81, 0.90, "reproduced"), (0.90, 0.81, "not reproduced")],
)
def test_the_published_network_is_compared_with_both_gradients(sound, twice, verdict):
    found = broken(Failures(), auroc=sound) | broken(Failures(double_sigmoid=True), auroc=twice)
    cross = Cell(model="cross_encoder", seed=SEEDS[0])
    found[cross.name] = toy.result(cross, 0.95, 0.95)
    finding = claims.corrected_network(Results(found))
    assert finding.verdict == verdict
    assert f"is {0.95 - twice:+.3f} above the towers; +0.094 was published" in study.page.render(
        Results(found)
    )


@pytest.mark.parametrize(("tfs", "verdict"), [(0, "not reproduced"), (9, "undecided")])
def test_co_expression_needs_expression(tfs: int, verdict: str):
    rule = Cell(model="namespace_rule")
    coverage = {"tfs": tfs, "tfs_total": 12, "genes": 9, "genes_total": 60}
    found = Results({rule.name: toy.result(rule, 0.8, 0.8, expression_coverage=coverage)})
    finding = claims.expression(found)
    assert finding.verdict == verdict
    assert f"{tfs} of 12 regulators" in study.page.render(found)


@pytest.mark.parametrize(("rival", "verdict"), [(0.95, "explained degrees"), (0.81, "undecided")])
def test_a_network_below_the_degrees_shows_no_inductive_bias(rival: float, verdict: str):
    found = networks()
    for model, value in (("degree_logistic", rival), ("namespace_rule", 0.78)):
        cell = Cell(model=model)
        found[cell.name] = toy.result(cell, value, value)
    assert said(claims.inductive_bias(Results(found))) == verdict
