"""Rankings with every option against brute force: all scores in a matrix, then a plain sort."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zoo
from contracts.errors import InvalidOption, NothingLeft
from tests import tiny
from tests.tiny import GENES, REGULATORS, G, R
from zoo.pairs.scorer import PairScorer

ALL = [(tf, gene) for tf in REGULATORS for gene in GENES]
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "by": st.sampled_from(["score", "pair_specific"]),
        "known": st.sampled_from(["include", "exclude", "only"]),
        "prior": st.floats(0.01, 0.99),
    },
)
PAIRS = st.lists(st.sampled_from(ALL), max_size=20)


def sorted_out(model: PairScorer, options: dict[str, Any], excluded: Any) -> np.ndarray:
    """The brute force: what ranks each pair [tfs, genes], NaN where it may not be listed."""
    if options.get("by") == "pair_specific":
        parts = model.details(ALL, columns=["pair_specific"]).to_numpy()
        values = parts.reshape(R, G).astype(float)
    else:
        matrix = model.score_matrix().astype(float)
        values = np.round(np.log(matrix / (1 - matrix)), 3)
    listed = tiny.LISTED > 0
    known = options.get("known", "include")
    if known != "include":
        values[listed if known == "exclude" else ~listed] = np.nan
    for tf, gene in excluded:
        values[REGULATORS.index(tf), GENES.index(gene)] = np.nan
    return values


def best(values: np.ndarray, k: int) -> list[int]:
    """A plain sort: higher first, then by name; what may not be listed is not."""
    there = [at for at in range(len(values)) if not np.isnan(values[at])]
    return sorted(there, key=lambda at: (-values[at], at))[:k]


@pytest.mark.parametrize("name", tiny.PAIRS)
def test_regulators_equal_brute_force(tiny_root, name):
    model = zoo.load(zoo.register(tiny_root / name), device="cpu")

    @given(OPTIONS, st.lists(st.sampled_from(GENES), min_size=1, max_size=5), st.integers(1, R))
    def check(options, genes, k):
        values = sorted_out(model, options, [])
        table = model.regulators(genes, k, **options)
        expected = [(q, r) for q in genes for r in best(values[:, GENES.index(q)], k)]
        got = list(zip(table["query"], map(REGULATORS.index, table["tf"]), strict=True))
        assert got == expected
        ranks = [r + 1 for q in genes for r in range(len(best(values[:, GENES.index(q)], k)))]
        assert table["rank"].tolist() == ranks
        scores = model.score(table[["tf", "gene"]], prior=options.get("prior")) if ranks else []
        np.testing.assert_allclose(table["score"], scores, atol=1e-6)

    check()


@pytest.mark.parametrize("name", tiny.PAIRS)
def test_targets_equal_brute_force(tiny_root, name):
    model = zoo.load(zoo.register(tiny_root / name), device="cpu")

    @given(
        OPTIONS, st.lists(st.sampled_from(REGULATORS), min_size=1, max_size=4), st.integers(1, G)
    )
    def check(options, tfs, k):
        values = sorted_out(model, options, [])
        table = model.targets(tfs, k, **options)
        expected = [(q, g) for q in tfs for g in best(values[REGULATORS.index(q)], k)]
        assert list(zip(table["query"], map(GENES.index, table["gene"]), strict=True)) == expected

    check()


@pytest.mark.parametrize("name", tiny.PAIRS)
def test_known_pairs_and_excluded_ones_are_left_out_together(tiny_root, name):
    model = zoo.load(zoo.register(tiny_root / name), device="cpu")

    @given(OPTIONS, PAIRS, st.sampled_from(GENES))
    def check(options, excluded, gene):
        values = sorted_out(model, options, excluded)[:, GENES.index(gene)]
        if np.isnan(values).all() and options.get("known") != "only":
            with pytest.raises(NothingLeft, match=gene):
                model.regulators([gene], R, exclude=excluded, **options)
            return
        table = model.regulators([gene], R, exclude=excluded, **options)
        assert [REGULATORS.index(tf) for tf in table["tf"]] == best(values, R)

    check()


@pytest.mark.parametrize("entry", ["cross_encoder-toy", "late_interaction-toy", "two_tower-toy"])
def test_the_pair_specific_part_ranks_in_every_architecture(entry):
    """From both sides' parts, from the plain graph, and from vectors."""
    model = zoo.load(zoo.register(f"tests/fixtures/entries-1.0/{entry}"), device="cpu")
    tfs, gene, tf = model.vocabulary.regulators, model.vocabulary.genes[3], None
    parts = model.details([(tf, gene) for tf in tfs]).set_index("tf")["pair_specific"]
    table = model.regulators([gene], 20, by="pair_specific")
    np.testing.assert_allclose(table["pair_specific"], sorted(parts)[::-1][:20], atol=1e-5)
    assert table["tf"].tolist() != model.regulators([gene], 20)["tf"].tolist()
    tf = tfs[5]
    parts = model.details([(tf, gene) for gene in model.vocabulary.genes])["pair_specific"]
    table = model.targets([tf], 20, by="pair_specific")
    np.testing.assert_allclose(table["pair_specific"], sorted(parts)[::-1][:20], atol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "fame"}, "by='fame'.*'score' or 'pair_specific'"),
        ({"by": None}, "by=None"),
        ({"known": "all"}, "known='all'.*'include', 'exclude' or 'only'"),
        ({"known": True}, "known=True"),
    ],
)
def test_a_wrong_option_is_refused(either: PairScorer, options, message):
    with pytest.raises(InvalidOption, match=message):
        either.regulators(["GFAP"], 1, **options)
    with pytest.raises(InvalidOption, match=message):
        either.targets(["SOX2"], 1, **options)


def test_another_entry_ranks_what_is_not_known(dot: PairScorer, table: PairScorer):
    alone = table.regulators(GENES, 2, known="exclude", prior=0.1)
    for exact in (True, False):
        again = dot.regulators(GENES, 2, known="exclude", prior=0.1, rerank_with=table, exact=exact)
        assert again.equals(alone)


def test_another_entry_takes_its_candidates_by_score(dot: PairScorer, table: PairScorer):
    with pytest.raises(InvalidOption, match=r"by='pair_specific'.*'score' beside rerank_with"):
        dot.regulators(["GFAP"], 1, by="pair_specific", rerank_with=table)
    with pytest.raises(InvalidOption, match=r"known='only'.*beside rerank_with"):
        dot.regulators(["GFAP"], 1, known="only", rerank_with=table)
