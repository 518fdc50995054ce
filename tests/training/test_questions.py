"""What a protocol asks, and ranks against a naive loop."""

import numpy as np
import pytest

from contracts.errors import InvalidOption
from training.questions import PROTOCOLS, QUESTIONS, Labelled, answer, check_protocol, retrieve
from zoo.pairs import GraphPairScorer
from zoo.results import Terms


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
    assert {"uniform", "degree_preserving", "cold_gene", "cold_tf", "retrieval"} <= set(PROTOCOLS)
    assert [check_protocol(name) for name in PROTOCOLS] == list(PROTOCOLS)
    with pytest.raises(InvalidOption, match=r"--protocol='unifrom'.*uniform, degree_preserving"):
        check_protocol("unifrom")


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("stage", ["valid", "test"])
def test_a_question_has_the_held_out_edges_and_their_negatives(toy_data, toy_split, name, stage):
    asked = Labelled.of(QUESTIONS[name], toy_data, toy_split, stage)
    part = f"{name}_{stage}" if name.startswith("cold") else stage
    kind = name if name in ("uniform", "within_source") else "degree_preserving"
    listed = toy_split.positives(toy_data, part)
    np.testing.assert_array_equal(asked.pairs[asked.label], listed)
    np.testing.assert_array_equal(asked.pairs[~asked.label], toy_split.negatives[f"{part}/{kind}"])


@pytest.mark.parametrize(("name", "by"), [("uniform", 0), ("cold_tf", 1)])
def test_pairs_are_ranked_by_the_questions_own_score(toy_data, toy_split, scorer, name, by):
    asked = Labelled.of(QUESTIONS[name], toy_data, toy_split, "valid")
    table = answer(scorer, QUESTIONS[name], asked)
    tf, gene = asked.pairs.T
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
    question = QUESTIONS["degree_preserving"]
    table = answer(scorer, question, Labelled.of(question, toy_data, toy_split, "valid"))
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
    table = retrieve(scorer, toy_data, toy_split, stage)
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
    table = retrieve(scorer, toy_data, toy_split, "valid")
    np.testing.assert_array_equal(table["rank"], 1 + (table["candidates"] - 1) / 2)
