"""What holds for every entry that scores pairs of a regulator and a gene."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zoo
from contracts.errors import Unsupported
from tests import entries
from zoo.entry import STATE
from zoo.pairs.scorer import PairScorer
from zoo.runtime.graph import Graph
from zoo.store import folders
from zoo.store.files import read_tensors

EQUAL = 1e-6  # two ways through the same graph
PARITY = 1e-5  # two implementations of the same model


@pytest.fixture(scope="module", params=entries.of_task("pair_*"))
def entry(request: pytest.FixtureRequest, tiny_root: Path) -> Iterator[str]:
    """The name of an entry that can be loaded."""
    with entries.known(request.param, tiny_root) as name:
        yield name


@pytest.fixture(scope="module")
def model(entry: str) -> PairScorer:
    return zoo.load(entry, device="cpu")


@pytest.fixture(scope="module")
def graphs(model: PairScorer) -> dict[str, Graph]:
    return dict(model._opened.graphs)


def draw_pairs(model: PairScorer, count: int, seed: int = 0) -> list[tuple[str, str]]:
    """Random pairs, drawn with repeats."""
    draw = np.random.default_rng(seed)
    tfs = draw.choice(model.vocabulary.regulators, count).tolist()
    return list(zip(tfs, draw.choice(model.vocabulary.genes, count).tolist(), strict=True))


def draw_genes(model: PairScorer, count: int = 3) -> list[str]:
    return np.random.default_rng(1).choice(model.vocabulary.genes, count).tolist()


def logits(model: PairScorer, pairs: list[tuple[str, str]]) -> np.ndarray:
    """The sum of the parts, as the documentation of a score has it."""
    parts = model.details(pairs)[["pair_specific", "tf_popularity", "gene_popularity"]]
    return parts.to_numpy(dtype=np.float64).sum(axis=1)


@given(data=st.data())
def test_probabilities_are_finite_and_between_zero_and_one(model: PairScorer, data: st.DataObject):
    pair = st.tuples(
        st.sampled_from(model.vocabulary.regulators), st.sampled_from(model.vocabulary.genes)
    )
    pairs = data.draw(st.lists(pair, min_size=1, max_size=20))
    scores = model.score(pairs)
    assert scores.dtype == np.float32
    assert scores.shape == (len(pairs),)
    assert np.isfinite(scores).all()
    assert ((scores >= 0) & (scores <= 1)).all()


def test_score_is_the_sigmoid_of_the_sum_of_its_parts(model: PairScorer):
    pairs = draw_pairs(model, 200)
    expected = 1 / (1 + np.exp(-logits(model, pairs)))
    np.testing.assert_allclose(model.score(pairs), expected, atol=PARITY)


def test_a_batch_equals_its_pairs_one_by_one(model: PairScorer):
    pairs = draw_pairs(model, 30)
    singly = np.concatenate([model.score([pair]) for pair in pairs])
    np.testing.assert_allclose(model.score(pairs), singly, atol=EQUAL)


def test_scores_follow_a_permutation_of_the_rows(model: PairScorer):
    pairs = draw_pairs(model, 100)
    order = np.random.default_rng(2).permutation(len(pairs))
    shuffled = model.score([pairs[row] for row in order])
    np.testing.assert_allclose(shuffled, model.score(pairs)[order], atol=EQUAL)


def test_inputs_are_left_as_they_were(model: PairScorer):
    pairs = draw_pairs(model, 5)
    array, frame = np.array(pairs), pd.DataFrame(pairs, columns=["tf", "gene"])
    genes = draw_genes(model)
    kept = list(pairs), array.copy(), frame.copy(), list(genes)
    for given_pairs in (pairs, array, frame):
        model.score(given_pairs)
        model.details(given_pairs)
    model.regulators(genes, k=2)
    model.score_matrix(pairs[0][:1], genes)
    assert pairs == kept[0]
    assert (array == kept[1]).all()
    pd.testing.assert_frame_equal(frame, kept[2])
    assert genes == kept[3]


def test_a_sorted_frame_keeps_its_scores(model: PairScorer):
    """The rows of details stand beside the pairs that they belong to, whatever their index."""
    tf, (one, two) = model.vocabulary.regulators[0], model.vocabulary.genes[:2]
    frame = pd.DataFrame({"tf": [tf] * 3, "gene": [one, "QQQQ", two]}, index=[2, 0, 1])
    with pytest.warns(UserWarning, match="1 of 3 pairs were left out"):
        frame["score"] = model.details(frame, on_unknown="skip")["score"]
    with pytest.warns(UserWarning, match="1 of 3 pairs were left out"):
        scores = model.score(frame, on_unknown="skip")
    np.testing.assert_array_equal(frame["score"], scores)
    assert np.isnan(scores).tolist() == [False, True, False]
    again = model.details(pd.concat([frame.drop(index=0)] * 2))
    assert again.index.tolist() == [2, 1, 2, 1]


def test_rankings_keep_the_names_typed(model: PairScorer):
    tf, gene = model.vocabulary.regulators[0], model.vocabulary.genes[0]
    typed = [gene.lower(), gene]
    assert model.regulators(typed, 2)["query"].tolist() == [typed[0]] * 2 + [typed[1]] * 2
    assert model.targets([f" {tf}"], 1)["query"].tolist() == [f" {tf}"]


def test_lists_arrays_and_frames_score_alike(model: PairScorer):
    pairs = draw_pairs(model, 20)
    scores = model.score(pairs)
    np.testing.assert_array_equal(model.score(np.array(pairs)), scores)
    frame = pd.DataFrame(pairs, columns=["tf", "gene"])[["gene", "tf"]]
    np.testing.assert_array_equal(model.score(frame), scores)


def test_score_matrix_and_regulators_agree(model: PairScorer):
    genes, tfs = draw_genes(model), list(model.vocabulary.regulators)
    matrix = model.score_matrix(tfs, genes)
    assert matrix.shape == (len(tfs), len(genes))
    ranking = model.regulators(genes, k=len(tfs))
    for column, gene in enumerate(genes):
        scores = model.score([(tf, gene) for tf in tfs])
        np.testing.assert_allclose(matrix[:, column], scores, atol=EQUAL)
        rows = ranking.iloc[column * len(tfs) : (column + 1) * len(tfs)]
        assert (rows["gene"] == gene).all()
        assert sorted(rows["tf"]) == tfs
        listed = dict(zip(rows["tf"], rows["score"], strict=True))
        np.testing.assert_allclose([listed[tf] for tf in tfs], scores, atol=EQUAL)


def test_targets_agree_with_score(model: PairScorer):
    tf = draw_pairs(model, 1)[0][0]
    genes = list(model.vocabulary.genes)
    ranking = model.targets([tf], k=len(genes))
    assert sorted(ranking["gene"]) == genes
    scores = model.score([(tf, gene) for gene in ranking["gene"]])
    np.testing.assert_allclose(ranking["score"], scores, atol=EQUAL)
    assert (np.diff(logits(model, [(tf, gene) for gene in ranking["gene"]])) <= PARITY).all()


def test_regulators_are_sorted_with_ties_by_name(model: PairScorer):
    for gene in draw_genes(model):
        ranking = model.regulators([gene], k=len(model.vocabulary.regulators))
        assert ranking["rank"].tolist() == list(range(1, len(ranking) + 1))
        assert (np.diff(ranking["score"]) <= EQUAL).all()
        values = logits(model, [(tf, gene) for tf in ranking["tf"]])
        assert (np.diff(values) <= PARITY).all()
        names = ranking["tf"].tolist()
        ties = np.flatnonzero(np.diff(values) == 0)
        assert [names[row] < names[row + 1] for row in ties] == [True] * len(ties)


def test_fewer_regulators_are_the_first_of_more(model: PairScorer):
    genes = draw_genes(model)
    everything = model.regulators(genes, k=len(model.vocabulary.regulators))
    for k in (1, 3, 5):
        first = everything[everything["rank"] <= k].reset_index(drop=True)
        pd.testing.assert_frame_equal(model.regulators(genes, k=k), first)


def test_support_tells_which_side_had_training_edges(model: PairScorer, entry: str):
    state = read_tensors(folders.locate(entry) / STATE)
    pairs = draw_pairs(model, 50)
    tfs, genes = model.vocabulary.regulators, model.vocabulary.genes
    words = {(1, 1): "both_seen", (1, 0): "tf_only", (0, 1): "gene_only", (0, 0): "unseen"}
    for (tf, gene), support in zip(pairs, model.details(pairs)["support"], strict=True):
        seen = state["tf_edges"][tfs.index(tf)] > 0, state["gene_edges"][genes.index(gene)] > 0
        assert support == words[seen]


def test_vectors_multiply_to_the_pair_specific_logit(model: PairScorer):
    if model.manifest.task != "pair_embed":
        with pytest.raises(Unsupported, match="pair_embed"):
            model.embed_tfs(["SOX2"])
        return
    pairs = draw_pairs(model, 50)
    tfs, genes = zip(*pairs, strict=True)
    dots = (model.embed_tfs(tfs).astype(np.float64) * model.embed_genes(genes)).sum(axis=1)
    np.testing.assert_allclose(model.details(pairs)["pair_specific"], dots, atol=PARITY)


def test_carried_vectors_are_those_of_the_towers(model: PairScorer, graphs: dict[str, Graph]):
    for side, names in (("tf", model.vocabulary.regulators), ("gene", model.vocabulary.genes)):
        if f"{side}_tower" not in graphs:
            assert model.manifest.task == "pair_score"
            continue
        rows = np.arange(0, len(names), max(1, len(names) // 50), dtype=np.int64)
        outputs = graphs[f"{side}_tower"].run({side: rows})
        embed = model.embed_tfs if side == "tf" else model.embed_genes
        carried = embed([names[row] for row in rows])
        np.testing.assert_allclose(carried, outputs[f"{side}_vector"], atol=PARITY)


def test_torch_gives_the_same_numbers(model: PairScorer, entry: str):
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    if importlib.util.find_spec(f"zoo.architectures.{model.manifest.architecture}") is None:
        pytest.skip("a synthetic entry has no torch module")
    other = zoo.load(entry, backend="torch", device="cpu")
    pairs = draw_pairs(model, 200)
    ours, theirs = model.details(pairs), other.details(pairs)
    columns = ["score", "pair_specific", "tf_popularity", "gene_popularity"]
    np.testing.assert_allclose(theirs["score"], ours["score"], atol=PARITY)
    np.testing.assert_allclose(theirs[columns], ours[columns], rtol=1e-4, atol=1e-4)
    genes = draw_genes(model)
    assert model.regulators(genes)["tf"].tolist() == other.regulators(genes)["tf"].tolist()
    if model.manifest.task == "pair_embed":
        np.testing.assert_allclose(
            other.embed_genes(genes), model.embed_genes(genes), rtol=1e-4, atol=1e-4
        )


@pytest.mark.parametrize(
    "method",
    ["predict", "predicted", "screen", "with_genes", "features_of", "explain", "explained"],
)
def test_what_perturbation_entries_offer_is_refused(model: PairScorer, method: str):
    with pytest.raises(Unsupported, match=rf"{method}\. .*type \.score\(.*--task perturbations"):
        getattr(model, method)([["YAL002W"]])
