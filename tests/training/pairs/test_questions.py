"""What a protocol asks, and ranks against a naive loop."""

from dataclasses import replace

import numpy as np
import pytest

from contracts.errors import InvalidOption
from training.family import Ground
from training.pairs import questions
from training.pairs.answers import answer, logits, ranks
from training.scoring.contest import check
from training.scoring.question import Question
from zoo.pairs.answers import Terms
from zoo.pairs.graphs import GraphPairScorer

PROTOCOLS = {each.name: each for each in questions.PROTOCOLS}


def asked_of(data, split, name: str, stage: str) -> Question:
    return PROTOCOLS[name].question(Ground(data, split, stage))


def offered(data, split, stage: str) -> tuple[str, ...]:
    return questions.offered(Ground(data, split, stage))


class Table(GraphPairScorer):
    """An entry that looks its logits up; few values, so that many tie."""

    def __init__(self, data, specific: np.ndarray, tf: np.ndarray, gene: np.ndarray):
        self.vocabulary = data.vocabulary
        self.parts = [part.astype(np.float32) for part in (specific, tf, gene)]

    def terms(self, tf, gene):
        specific, b_tf, c_gene = self.parts[0][tf, gene], self.parts[1][tf], self.parts[2][gene]
        probability = 1 / (1 + np.exp(-(specific + b_tf + c_gene)))
        return Terms(probability, specific, b_tf, c_gene)


@pytest.fixture
def scorer(toy_data):
    rng = np.random.default_rng(5)
    specific = rng.integers(-3, 4, (120, 520)) / 2
    return Table(toy_data, specific, rng.integers(-1, 2, 120), rng.integers(-1, 2, 520))


def test_the_protocols_are_those_of_the_issue():
    assert set(PROTOCOLS) == {
        "uniform", "imbalance_5", "imbalance_10", "imbalance_50", "degree_preserving",
        "within_source", "cold_gene", "cold_tf", "cold_both", "given", "retrieval", "external",
    }  # fmt: skip
    assert [check("--protocol", name, tuple(PROTOCOLS)) for name in PROTOCOLS] == list(PROTOCOLS)
    with pytest.raises(InvalidOption, match=r"--protocol='unifrom'.*degree_preserving, .*uniform"):
        check("--protocol", "unifrom", tuple(PROTOCOLS))
    with pytest.raises(InvalidOption, match=r"--protocol='given'.*one of uniform, retrieval"):
        check("--protocol", "given", ("uniform", "retrieval"))


def test_a_split_is_asked_what_it_has(toy_data, toy_split):
    of_stage = {stage: offered(toy_data, toy_split, stage) for stage in ("valid", "test")}
    everything = tuple(name for name in PROTOCOLS if name not in ("given", "external"))
    assert of_stage["test"] == everything
    assert of_stage["valid"] == tuple(name for name in everything if name != "cold_both")
    elsewhere = replace(toy_data, external="training.pairs.external")
    assert offered(elsewhere, toy_split, "test") == (*everything, "external")
    assert "external" not in offered(elsewhere, toy_split, "valid")


@pytest.mark.parametrize("gone", ["cold_gene", "cold_tf", "cold_both", "within_source", "uniform"])
def test_a_protocol_without_negatives_is_not_offered(toy_data, toy_split, gone):
    """A star of one held-out regulator, say, can't be rewired; nothing drawn evenly, no ratios."""
    kept = {n: pairs for n, pairs in toy_split.negatives.items() if gone not in n}
    names = offered(toy_data, replace(toy_split, negatives=kept), "test")
    without = {gone} | ({"retrieval"} if gone == "uniform" else set())
    without |= {name for name in PROTOCOLS if gone == "uniform" and name.startswith("imbalance")}
    assert set(offered(toy_data, toy_split, "test")) - set(names) == without


APART = ("given", "retrieval", "external")
SAVED = [n for n, each in PROTOCOLS.items() if each.ratio == 1 and n not in APART]
RATIOS = {"imbalance_5": 5, "imbalance_10": 10, "imbalance_50": 50}


@pytest.mark.parametrize(
    ("name", "stage"),
    [(n, s) for n in SAVED for s in ("valid", "test") if (n, s) != ("cold_both", "valid")],
)
def test_a_question_has_the_held_out_edges_and_their_negatives(toy_data, toy_split, name, stage):
    asked = asked_of(toy_data, toy_split, name, stage)
    part = f"{name}_{stage}" if name.startswith("cold") else stage
    kind = name if name in ("uniform", "within_source") else "degree_preserving"
    listed = toy_split.positives(toy_data, part)
    np.testing.assert_array_equal(asked.rows[asked.label], listed)
    np.testing.assert_array_equal(asked.rows[~asked.label], toy_split.negatives[f"{part}/{kind}"])


@pytest.mark.parametrize("stage", ["valid", "test"])
@pytest.mark.parametrize("name", RATIOS)
def test_an_imbalanced_question_draws_the_same_negatives_every_time(
    toy_data, toy_split, name, stage
):
    question, listed = PROTOCOLS[name], toy_split.positives(toy_data, stage)
    assert (question.ratio, question.component) == (RATIOS[name], "probability")
    asked, again = (asked_of(toy_data, toy_split, name, stage) for _ in range(2))
    np.testing.assert_array_equal(asked.rows, again.rows)
    np.testing.assert_array_equal(asked.rows[asked.label], listed)
    unlisted = asked.rows[~asked.label]
    assert len(np.unique(unlisted, axis=0)) == len(unlisted) == RATIOS[name] * len(listed)
    known = set(map(tuple, toy_data.pairs.tolist()))
    assert known.isdisjoint(map(tuple, unlisted.tolist()))


def test_a_given_question_has_the_data_sets_own_negatives(toy_data, toy_split):
    own = toy_split.negatives["cold_gene_test/uniform"]
    split = replace(toy_split, negatives=toy_split.negatives | {"test/given": own})
    assert "given" in offered(toy_data, split, "test")
    asked = asked_of(toy_data, split, "given", "test")
    np.testing.assert_array_equal(asked.rows[~asked.label], own)
    listed = toy_split.positives(toy_data, "test")
    np.testing.assert_array_equal(asked.rows[asked.label], listed)
    assert PROTOCOLS["given"].component == "probability"


@pytest.mark.parametrize(("name", "by"), [("uniform", 0), ("cold_tf", 1)])
def test_pairs_are_ranked_by_the_questions_own_score(toy_data, toy_split, scorer, name, by):
    asked = asked_of(toy_data, toy_split, name, "valid")
    table = answer(Ground(toy_data, toy_split, "valid"), asked, scorer)
    tf, gene = asked.rows.T
    specific = scorer.parts[0][tf, gene]
    logit = specific + scorer.parts[1][tf] + scorer.parts[2][gene]
    probability = 1 / (1 + np.exp(-logit.astype(np.float64)))
    np.testing.assert_allclose(table["probability"], probability, rtol=1e-6)
    np.testing.assert_array_equal(table["pair_specific"], specific)
    np.testing.assert_allclose(table["score"], (probability, specific)[by], rtol=1e-6)
    assert table["tf"].tolist() == [toy_data.vocabulary.regulators[at] for at in tf]
    assert table["gene"].tolist() == [toy_data.vocabulary.genes[at] for at in gene]
    assert table["label"].tolist() == asked.label.astype(int).tolist()


def test_an_entry_without_a_pair_specific_part_answers_with_its_probability(
    toy_data, toy_split, scorer
):
    scorer.parts[0][:] = 0
    question = asked_of(toy_data, toy_split, "degree_preserving", "valid")
    table = answer(Ground(toy_data, toy_split, "valid"), question, scorer)
    np.testing.assert_array_equal(table["score"], table["probability"])
    assert np.ptp(table["score"]) > 0


def naive_rank(toy_data, scorer, tf: str, gene: str) -> tuple[float, int]:
    """Rank among all regulators but the gene's other listed ones; a tie counts half."""
    vocabulary = toy_data.vocabulary
    listed = set(toy_data.edges.loc[toy_data.edges["gene"] == gene, "tf"])
    at = vocabulary.genes.index(gene)
    logit = {
        name: float(scorer.parts[0][row, at] + scorer.parts[1][row] + scorer.parts[2][at])
        for row, name in enumerate(vocabulary.regulators)
    }
    rivals = [name for name in vocabulary.regulators if name not in listed]
    above = sum(logit[name] > logit[tf] for name in rivals)
    level = sum(logit[name] == logit[tf] for name in rivals)
    return 1 + above + level / 2, len(rivals) + 1


@pytest.mark.parametrize("stage", ["valid", "test"])
def test_ranks_are_those_of_a_naive_loop(toy_data, toy_split, scorer, stage):
    table = ranks(logits(scorer), toy_data, toy_split.positives(toy_data, stage))
    names = [
        (toy_data.vocabulary.regulators[tf], toy_data.vocabulary.genes[gene])
        for tf, gene in toy_split.positives(toy_data, stage).tolist()
    ]
    assert sorted(zip(table["tf"], table["gene"], strict=True)) == sorted(names)
    expected = [naive_rank(toy_data, scorer, row.tf, row.gene) for row in table.itertuples()]
    got = list(table[["rank", "candidates"]].itertuples(index=False, name=None))
    assert got == expected
    assert any(rank % 1 for rank, _ in expected), "no tie in the whole sample"
    assert len({candidates for _, candidates in expected}) > 1, "nothing was filtered"


def test_one_score_for_all_ranks_in_the_middle(toy_data, toy_split, scorer):
    for part in scorer.parts:
        part[:] = 0
    table = ranks(logits(scorer), toy_data, toy_split.positives(toy_data, "valid"))
    np.testing.assert_array_equal(table["rank"], 1 + (table["candidates"] - 1) / 2)


def test_retrieved_edges_are_resampled_by_their_own_gene(toy_data, toy_split):
    question = asked_of(toy_data, toy_split, "retrieval", "test")
    held = toy_split.positives(toy_data, "test")
    table = ranks(lambda pairs: np.zeros(len(pairs)), toy_data, held)
    tf, gene = question.rows.T
    assert np.take(toy_data.vocabulary.regulators, tf).tolist() == table["tf"].tolist()
    assert np.take(toy_data.vocabulary.genes, gene).tolist() == table["gene"].tolist()
