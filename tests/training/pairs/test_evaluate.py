"""The figures of an evaluation; what is refused and saved is in test_evaluate_report.py."""

import numpy as np
import pytest

import zoo
from tests.training.nested import pairs
from training.pairs.questions import PROTOCOLS
from training.scoring.evaluate import evaluate

pytestmark = pytest.mark.usefixtures("few_resamples", "short_ladder")


OFFERED = [each.name for each in PROTOCOLS if each.name not in ("given", "external")]
PAIRS = [name for name in OFFERED if name != "retrieval"]


def test_predictions_are_the_scores_that_a_user_gets(evaluated):
    entry, _, predictions = evaluated
    model = zoo.load(entry, device="cpu")
    for name in PAIRS:
        table = predictions[name]
        scores = model.score(table[["tf", "gene"]])
        np.testing.assert_allclose(table["probability"], scores, rtol=1e-5, atol=1e-7)


def test_ranks_are_those_of_the_score_matrix(evaluated, toy_data):
    """Ties of probabilities in float32 are left to the test of the logits."""
    entry, _, predictions = evaluated
    matrix = zoo.load(entry, device="cpu").score_matrix().astype(np.float64)
    vocabulary = toy_data.vocabulary
    for row in predictions["retrieval"].sample(20, random_state=0).itertuples():
        column = matrix[:, vocabulary.genes.index(row.gene)]
        own = column[vocabulary.regulators.index(row.tf)]
        listed = toy_data.edges.loc[toy_data.edges["gene"] == row.gene, "tf"]
        rivals = column[~np.isin(vocabulary.regulators, listed)]
        sure, doubt = (rivals > own + 1e-6).sum(), (np.abs(rivals - own) <= 1e-6).sum()
        assert 1 + sure <= row.rank <= 1 + sure + doubt
        assert row.candidates == len(rivals) + 1


def test_the_degree_entrys_figures_are_its_own(toy_answers):
    own, _ = toy_answers("degree-toy")
    beside, _ = toy_answers("two_tower-toy")
    for name in OFFERED:
        expected = pairs(own)[name]["metrics"]
        assert pairs(beside)[name]["ladder"]["degree"]["metrics"] == expected


def test_every_entry_stands_beside_the_same_rungs(toy_answers):
    one, other = (pairs(toy_answers(entry)[0]) for entry in ("degree-toy", "two_tower-toy"))
    for name in OFFERED:
        for rung in one[name]["ladder"]:
            assert one[name]["ladder"][rung]["metrics"] == other[name]["ladder"][rung]["metrics"]


@pytest.mark.parametrize("entry", ["cross_encoder-toy", "late_interaction-toy", "two_tower-toy"])
def test_exchanged_identities_change_what_identity_tells_and_nothing_else(toy_answers, entry):
    """All that training never saw share one identity: nothing changes where both ends do."""
    report = {"protocols": pairs(toy_answers(entry)[0])}
    shuffled = {n: body["ladder"]["shuffled"] for n, body in report["protocols"].items()}
    both = report["protocols"]["cold_both"]["metrics"]
    for name, figure in shuffled["cold_both"]["metrics"].items():
        assert figure == pytest.approx(both[name], abs=1e-6)
    for name in ("degree_preserving", "cold_gene", "cold_tf"):
        own = report["protocols"][name]["metrics"]["auroc"]["value"]
        assert shuffled[name]["metrics"]["auroc"]["value"] != own, name


def test_a_degree_count_is_worth_nothing_against_rewired_pairs(toy_answers):
    """The two classes have the same degrees, so the same mean of a sum of terms of either side."""
    found, tables = toy_answers("degree-toy")
    mean = {}
    for name in ("degree_preserving", "uniform"):
        table = tables[name].assign(
            logit=lambda t: np.log(t["probability"] / (1 - t["probability"]))
        )
        mean[name] = table.groupby("label")["logit"].mean()
    assert mean["degree_preserving"][1] == pytest.approx(mean["degree_preserving"][0], abs=1e-5)
    assert mean["uniform"][1] > mean["uniform"][0] + 0.1
    body = pairs(found)["degree_preserving"]
    assert abs(body["metrics"]["auroc"]["value"] - 0.5) < 0.05
    assert body["component"] == "probability"


def test_validation_pairs_are_others_than_test_pairs(toy_zoo, toy_data, toy_split):
    _, valid = evaluate("degree-toy", ["uniform"], "valid")
    _, test = evaluate("degree-toy", ["uniform"], "test")
    pairs = [set(zip(t["tf"], t["gene"], strict=True)) for t in (valid["uniform"], test["uniform"])]
    assert pairs[0].isdisjoint(pairs[1]) or len(pairs[0] & pairs[1]) < 5
    held = toy_split.positives(toy_data, "valid")
    listed = valid["uniform"].query("label == 1")
    assert listed["tf"].tolist() == [toy_data.vocabulary.regulators[at] for at in held[:, 0]]
