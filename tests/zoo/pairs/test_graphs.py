"""Scorers of pairs against arithmetic done here, on entries whose every number is known."""

import math
from dataclasses import replace
from itertools import chain

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

import zoo
from contracts.errors import (
    AmbiguousGene,
    ContractViolation,
    CorruptArtefact,
    EmptyInput,
    InvalidManifest,
    InvalidOption,
    NotARegulator,
    UnknownGene,
    Unsupported,
)
from contracts.manifest import Manifest
from tests import tiny
from tests.tiny import GENES, REGULATORS, G, R
from zoo import results
from zoo.pairs import graphs, scorer, top_k
from zoo.pairs.graphs import PairEmbedder
from zoo.pairs.scorer import PairScorer
from zoo.runtime import graph
from zoo.store import folders

LISTED = ["known", "references"]
EVIDENCE = {
    tiny.TABLE: [*LISTED, "tf_edges", "gene_edges", "activates", "uncertainty", "verdict"],
    tiny.DOT: [*LISTED, "tf_edges", "gene_edges", "uncertainty", "verdict"],
}
RANKED = {
    tiny.TABLE: ["score", "verdict", *LISTED, "pair_specific", "uncertainty", "activates"],
    tiny.DOT: ["score", "verdict", *LISTED, "pair_specific", "uncertainty"],
}
ALL = [(tf, gene) for tf in REGULATORS for gene in GENES]


def ranked(entry: str, gene: str) -> list[str]:
    """Regulators by the true logit, then by name: a plain sort."""
    column = tiny.logits(entry)[:, GENES.index(gene)]
    return sorted(REGULATORS, key=lambda tf: (-column[REGULATORS.index(tf)], tf))


def test_scores_are_the_true_probabilities(either: PairScorer):
    scores = either.score(ALL)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, tiny.probabilities(either.entry).ravel(), atol=1e-6)


def test_details_have_the_parts_by_name(either: PairScorer):
    table = either.details([("sox2", "ENSG00000131095.7"), ("NEUROD", "MAP2")])
    assert list(table.columns) == [
        "tf",
        "gene",
        "score",
        "pair_specific",
        "tf_popularity",
        "gene_popularity",
        "support",
        *EVIDENCE[either.entry],
    ]
    assert table["tf"].tolist() == ["SOX2", "NEUROD1"]
    assert table["gene"].tolist() == ["GFAP", "MAP2"]
    tf, gene = [REGULATORS.index("SOX2"), REGULATORS.index("NEUROD1")], [1, 2]
    np.testing.assert_array_equal(table["tf_popularity"], tiny.TF_POPULARITY[tf])
    np.testing.assert_array_equal(table["gene_popularity"], tiny.GENE_POPULARITY[gene])
    logits = table[["pair_specific", "tf_popularity", "gene_popularity"]].sum(axis=1)
    np.testing.assert_allclose(logits, tiny.logits(either.entry)[tf, gene])
    assert {str(table[name].dtype) for name in table.columns[2:6]} == {"float32"}


def test_the_matrix_is_all_of_it_or_the_part_asked_for(either: PairScorer):
    truth = tiny.probabilities(either.entry)
    np.testing.assert_allclose(either.score_matrix(), truth, atol=1e-6)
    part = either.score_matrix(["SOX9", "ASCL1"], ["MBP", "MBP", "GFAP"])
    np.testing.assert_allclose(part, truth[[5, 0]][:, [3, 3, 1]], atol=1e-6)
    assert either.score_matrix(tfs=["SOX2"]).shape == (1, G)
    assert either.score_matrix(genes=["GFAP"]).shape == (R, 1)


@pytest.mark.parametrize("k", range(1, R + 1))
def test_regulators_are_a_plain_sort(either: PairScorer, k: int):
    table = either.regulators(["MBP", "GFAP", "MBP"], k=k)
    assert list(table.columns) == ["gene", "rank", "tf", *RANKED[either.entry], "support", "query"]
    assert table["gene"].tolist() == ["MBP"] * k + ["GFAP"] * k + ["MBP"] * k
    assert table["rank"].tolist() == list(range(1, k + 1)) * 3
    expected = [ranked(either.entry, gene)[:k] for gene in ("MBP", "GFAP", "MBP")]
    assert table["tf"].tolist() == list(chain(*expected))
    scores = either.score(list(zip(table["tf"], table["gene"], strict=True)))
    np.testing.assert_array_equal(table["score"], scores)


def test_the_truth_has_ties_so_that_their_order_is_tested():
    for entry in tiny.PAIRS:
        columns = tiny.logits(entry).T
        assert sum(len(set(column)) < R for column in columns) >= 3


def test_targets_are_a_plain_sort(either: PairScorer):
    row = tiny.logits(either.entry)[REGULATORS.index("SOX2")]
    expected = sorted(GENES, key=lambda gene: (-row[GENES.index(gene)], gene))
    table = either.targets(["SOX2"], k=G)
    assert list(table.columns) == ["tf", "rank", "gene", *RANKED[either.entry], "support", "query"]
    assert table["gene"].tolist() == expected
    assert either.targets(["SOX2", "ANOP3"], k=2)["gene"].tolist() == expected[:2] * 2


def test_support_is_told_by_training_edges(either: PairScorer):
    pairs_asked = [("NEUROD1", "GFAP"), ("NEUROD1", "MAP2"), ("ASCL1", "GFAP"), ("ASCL1", "MAP2")]
    expected = ["both_seen", "tf_only", "gene_only", "unseen"]
    assert either.details(pairs_asked)["support"].tolist() == expected
    tfs, genes = zip(*pairs_asked, strict=True)
    assert either.support(tfs, genes) == expected


def test_duplicated_pairs_are_kept_in_order(either: PairScorer):
    asked = [("SOX2", "GFAP"), ("PAX6", "MBP"), ("SOX2", "GFAP"), ("ANOP3", "gfap")]
    table = either.details(asked)
    assert table["tf"].tolist() == ["SOX2", "PAX6", "SOX2", "SOX2"]
    scores = either.score(asked)
    assert scores[0] == scores[2] == scores[3] != scores[1]


def test_blocks_change_nothing(either: PairScorer, monkeypatch: pytest.MonkeyPatch):
    before = either.score(ALL), either.score_matrix(), either.regulators(GENES, k=3)
    done: list[int] = []
    for module in (graphs, scorer):
        monkeypatch.setattr(module, "BLOCK_PAIRS", 7)
    monkeypatch.setattr(scorer, "MATRIX_VALUES", 13)
    monkeypatch.setattr(top_k, "BLOCK_VALUES", 13)
    np.testing.assert_array_equal(either.score(ALL), before[0])
    np.testing.assert_array_equal(either.score_matrix(), before[1])
    pd.testing.assert_frame_equal(either.regulators(GENES, k=3), before[2])
    scored = either.scored(ALL, progress=done.append)
    np.testing.assert_array_equal(scored.terms.probability, before[0])
    assert sum(done) == len(ALL)
    assert max(done) == 7


UNUSABLE = [("SOX2", "GFAP"), ("SOX2", "GFPA"), ("GFAP", "MBP"), ("SOX2", "TWIN"), ("PAX6", "MBP")]


def test_skipping_reports_rows_and_reasons(either: PairScorer):
    scored = either.scored(UNUSABLE, on_unknown="skip")
    assert scored.kept.tolist() == [0, 4]
    assert [(s.row, s.name, s.reason) for s in scored.skipped] == [
        (1, "GFPA", "unknown-gene"),
        (2, "GFAP", "not-a-regulator"),
        (3, "TWIN", "ambiguous-gene"),
    ]
    with pytest.warns(UserWarning, match="3 of 5 pairs were left out.*no row in the result"):
        assert either.details(UNUSABLE, on_unknown="skip").index.tolist() == [0, 4]


def test_a_shorter_result_is_never_silent(either: PairScorer):
    message = r"3 of 5 pairs were left out, the first in row 1: 'GFPA' \(unknown-gene\)"
    with pytest.warns(UserWarning, match=message):
        scores = either.score(UNUSABLE, on_unknown="skip")
    np.testing.assert_array_equal(scores[[0, 4]], either.score([UNUSABLE[0], UNUSABLE[4]]))
    assert np.isnan(scores[1:4]).all()


def test_all_rows_may_be_skipped(either: PairScorer):
    scored = either.scored([("NOPE", "GFAP")], on_unknown="skip")
    assert len(scored.skipped) == 1
    assert scored.terms.probability.shape == (0,)
    with pytest.warns(UserWarning, match="1 of 1 pairs"):
        assert either.details([("NOPE", "GFAP")], on_unknown="skip").empty


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        ([("SOX2", "GFPA")], UnknownGene, "'GFPA' is no gene.*Did you mean GFAP"),
        ([("SXO2", "GFAP")], UnknownGene, "'SXO2' is no gene.*Did you mean SOX2"),
        ([("SOX2", "TWIN")], AmbiguousGene, "'TWIN' names 2 genes.*GFAP, MBP"),
        ([("GFAP", "MBP")], NotARegulator, "'GFAP' is a gene.*none of its regulators"),
        ([("SOX2", None)], ContractViolation, r"genes\[0\]: got None.*such as 'GFAP'"),
        ([(float("nan"), "GFAP")], ContractViolation, r"tfs\[0\]: got nan"),
        ([("SOX2", " ")], ContractViolation, r"genes\[0\]: got ' '"),
        ([], EmptyInput, "pairs is empty: expected at least one"),
    ],
)
def test_bad_pairs_say_what_to_type(
    either: PairScorer, asked: list, error: type[Exception], message: str
):
    for method in (either.score, either.details, either.scored):
        with pytest.raises(error, match=message):
            method(asked)


def test_bad_names_say_what_to_type(either: PairScorer):
    with pytest.raises(UnknownGene, match="Did you mean GFAP"):
        either.regulators(["GFPA"], k=1)
    with pytest.raises(NotARegulator, match="MBP"):
        either.targets(["MBP"], k=1)
    with pytest.raises(NotARegulator, match="MBP"):
        either.score_matrix(tfs=["MBP"])
    for empty in (
        lambda: either.regulators([], k=1),
        lambda: either.targets([], k=1),
        lambda: either.score_matrix(genes=[]),
        lambda: either.support([], []),
    ):
        with pytest.raises(EmptyInput, match="expected at least one"):
            empty()
    with pytest.raises(ContractViolation, match=r"expected a list, such as \['GFAP'\]"):
        either.regulators("GFAP", k=1)


@pytest.mark.parametrize("k", [0, R + 1, "3"])
def test_more_regulators_than_there_are(either: PairScorer, k: object):
    with pytest.raises(InvalidOption, match=rf"k={k!r}.*from 1 to {R}, all regulators"):
        either.regulators(["GFAP"], k=k)


def test_more_targets_than_there_are(either: PairScorer):
    with pytest.raises(InvalidOption, match=rf"k={G + 1}.*from 1 to {G}, all genes"):
        either.targets(["SOX2"], k=G + 1)


def test_on_unknown_is_one_of_two(either: PairScorer):
    with pytest.raises(InvalidOption, match=r"on_unknown='ignore'.*'raise' or 'skip'"):
        either.score(ALL, on_unknown="ignore")


def test_vectors_are_those_of_the_entry(dot: PairEmbedder):
    np.testing.assert_array_equal(dot.embed_tfs(["SOX9", "ASCL1"]), tiny.TF_VECTORS[[5, 0]])
    np.testing.assert_array_equal(dot.embed_genes(["gfap"]), tiny.GENE_VECTORS[[1]])
    with pytest.raises(NotARegulator):
        dot.embed_tfs(["GFAP"])
    with pytest.raises(EmptyInput):
        dot.embed_genes([])


def test_changing_a_vector_does_not_change_the_model(dot: PairEmbedder):
    dot.embed_tfs(["SOX2"])[:] = 0
    np.testing.assert_array_equal(dot.embed_tfs(["SOX2"]), tiny.TF_VECTORS[[4]])


def test_carried_vectors_save_the_towers_run(dot: PairEmbedder, monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("a tower ran")

    monkeypatch.setattr(graph.Graph, "run", refuse)
    np.testing.assert_allclose(dot.score_matrix(), tiny.probabilities(tiny.DOT), atol=1e-6)


def test_another_backend_does_not_take_the_vectors_that_onnx_made(dot: PairEmbedder):
    nothing = {"tf_vectors": np.zeros((R, tiny.DIM)), "gene_vectors": np.zeros((G, tiny.DIM))}
    state = {**dot._opened.state, **nothing}
    other = PairEmbedder(replace(dot._opened, state=state, backend="torch"))
    np.testing.assert_allclose(other.score_matrix(), tiny.probabilities(tiny.DOT), atol=1e-6)


def test_without_carried_vectors_the_towers_run(copied, monkeypatch: pytest.MonkeyPatch):
    folder = copied(tiny.DOT)
    save_file(
        {"tf_edges": tiny.TF_EDGES, "gene_edges": tiny.GENE_EDGES}, folder / "state.safetensors"
    )
    folders.record(folder, "state.safetensors")
    monkeypatch.setattr(graphs, "BLOCK_PAIRS", 5)
    model = zoo.load(zoo.register(folder), device="cpu")
    np.testing.assert_allclose(model.score_matrix(), tiny.probabilities(tiny.DOT), atol=1e-6)
    np.testing.assert_array_equal(model.embed_genes(GENES), tiny.GENE_VECTORS)


def test_a_pair_graph_has_no_vectors(table: PairScorer):
    for method in ("embed_tfs", "embed_genes"):
        with pytest.raises(Unsupported, match=rf"tiny_table-toy does not offer {method}.*pair_emb"):
            getattr(table, method)
        assert not hasattr(table, method)


def test_probabilities_at_the_ends_are_zero_and_one():
    logits = np.array([-200, -80, 0, 80, 200], dtype=np.float32)
    probabilities = results.sigmoid(logits)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities, [0, math.exp(-80), 0.5, 1, 1], rtol=1e-5)


def test_a_scorer_shows_what_it_is(either: PairScorer):
    assert repr(either).endswith(f"({either.entry}: 6 regulators, 12 genes, onnx on cpu)")
    assert either.providers == ("CPUExecutionProvider",)


def test_sizes_that_are_not_the_vocabularys(copied):
    folder = copied()
    path = folder / "manifest.json"
    manifest = Manifest.load(path)
    manifest.model_copy(update={"sizes": {"tfs_total": R, "genes_total": G + 1}}).save(path)
    with pytest.raises(InvalidManifest, match="genes_total is 13, but the vocabulary has 12"):
        zoo.load(zoo.register(folder))


def test_state_of_another_shape(copied):
    folder = copied()
    state = {"tf_edges": tiny.TF_EDGES[:-1], "gene_edges": tiny.GENE_EDGES}
    save_file(state, folder / "state.safetensors")
    folders.record(folder, "state.safetensors")
    with pytest.raises(CorruptArtefact, match=r"got shape \[5\], expected tf_edges of shape \[6\]"):
        zoo.load(zoo.register(folder))
