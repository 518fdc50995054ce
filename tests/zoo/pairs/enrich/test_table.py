"""Regulators of a gene list against loops over the tiny entries' tables."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import zoo
from contracts.errors import InvalidOption
from tests import tiny
from tests.tiny import GENES, LISTED, REGULATORS, G, R
from zoo.pairs.enrich import evidence
from zoo.pairs.enrich.table import records
from zoo.pairs.scorer import PairScorer

LISTS = st.lists(st.sampled_from(GENES), min_size=3, max_size=8, unique=True)
MUSEUM = "tests/fixtures/entries-1.0/degree-toy"


def by_hand(entry: str, genes: list[str]) -> dict[str, tuple[float, ...]]:
    """By regulator what a loop finds: hits, mean, p, weighted hits, mean logit, variance."""
    found = {}
    for tf, name in enumerate(REGULATORS):
        pool = [gene for gene in GENES if gene != name]
        drawn = [gene for gene in genes if gene != name]
        at = [GENES.index(gene) for gene in drawn]
        total = sum(LISTED[tf, GENES.index(gene)] > 0 for gene in pool)
        hits = sum(LISTED[tf, gene] > 0 for gene in at)
        truth = stats.hypergeom(len(pool), total, len(drawn))
        weighted = sum(
            int(LISTED[tf, gene]).bit_count() / max(1, (LISTED[:, gene] > 0).sum()) for gene in at
        )
        logits = tiny.logits(entry)[tf, at] - tiny.GENE_POPULARITY[at]
        found[name] = (
            hits,
            truth.mean(),
            truth.sf(hits - 1),
            weighted,
            np.mean(logits),
            truth.var(),
        )
    return found


@pytest.mark.parametrize("name", tiny.PAIRS)
def test_counts_and_the_order_are_those_of_a_loop(tiny_root, name):
    model = zoo.load(zoo.register(tiny_root / name), device="cpu")

    @given(LISTS)
    def check(genes):
        got = model.enrich(genes, k=R).set_index("tf")
        expected = by_hand(name, genes)
        assert got["rank"].tolist() == list(range(1, R + 1))
        assert got["score"].is_monotonic_decreasing
        for tf, (hits, mean, p_listed, *_) in expected.items():
            assert got["listed"][tf] == hits
            assert got["expected"][tf] == pytest.approx(mean)
            assert 0 <= got["p_value"][tf] <= min(1, 2 * p_listed) + 1e-12
            assert got["tf_edges"][tf] == model.tf_edges[REGULATORS.index(tf)]
            carried = got["genes"][tf].split(", ") if got["genes"][tf] else []
            assert tf not in carried
            assert len(carried) == len(set(carried)) == hits + got["predicted"][tf]
            at = [GENES.index(gene) for gene in carried]
            assert set(carried) <= set(genes)
            assert (LISTED[REGULATORS.index(tf), at[:hits]] > 0).all()
            assert not (LISTED[REGULATORS.index(tf), at[hits:]] > 0).any()
        z = [
            (hits - mean) / np.sqrt(variance + 0.5)
            for hits, mean, variance in ((by[0], by[1], by[5]) for by in expected.values())
        ]
        pieces = [z, [by[3] for by in expected.values()], [by[4] for by in expected.values()]]
        places = [stats.rankdata(-np.round(piece, 9)) for piece in pieces]
        score = np.mean([6 / (5 + place) for place in places], axis=0)
        np.testing.assert_allclose(got.loc[list(REGULATORS), "score"], score, atol=1e-6)
        adjusted = stats.false_discovery_control(got["p_value"])
        np.testing.assert_allclose(got["q_value"], adjusted)

    check()


def test_order_duplicates_and_other_names_change_nothing(either: PairScorer):
    one = either.enrich(["GFAP", "MAP2", "SOX2", "SYN1"], k=R)[["tf", "score", "genes"]]
    same = either.enrich(["SYN1", "anop3", "gfap", "MAP2", "MAP2"], k=R)
    pd.testing.assert_frame_equal(one, same[["tf", "score", "genes"]])


def test_fewer_are_the_first_of_all(either: PairScorer):
    whole = either.enrich(["GFAP", "MAP2", "SOX2"], k=R)
    pd.testing.assert_frame_equal(either.enrich(["GFAP", "MAP2", "SOX2"], k=2), whole[:2])
    with pytest.raises(InvalidOption, match="a whole number from 1 to 6"):
        either.enrich(["GFAP", "MAP2", "SOX2"], k=R + 1)


def test_p_values_of_scores_are_even_for_random_lists(dot, monkeypatch):
    """A normal test of logits that differ, on lists drawn at random."""
    draw = np.random.default_rng(1)
    logits = draw.normal(size=(R, G)).astype(np.float32)
    monkeypatch.setattr(type(dot), "logits", lambda self, tf, gene, by="score": logits[tf][:, gene])
    monkeypatch.setattr(dot.evidence, "known", None)
    p_values = [
        dot.enrich(draw.choice(GENES, 5, replace=False), k=R)["p_value"].to_numpy()
        for _ in range(300)
    ]
    below = (np.array(p_values) < 0.25).mean()
    assert 0.2 < below < 0.3
    assert (np.array(p_values) < 0.05).mean() < 0.08


def test_the_scores_are_compared_with_no_more_genes_than_needed(dot, monkeypatch):
    monkeypatch.setattr(evidence, "COMPARED", 4)
    sizes = []
    logits = type(dot).logits

    def counted(self, tf, gene, by="score"):
        sizes.append(len(gene))
        return logits(self, tf, gene, by)

    monkeypatch.setattr(type(dot), "logits", counted)
    first = dot.enrich(["GFAP", "MAP2", "SOX2"], k=R)
    assert sizes == [3, 4]
    pd.testing.assert_frame_equal(first, dot.enrich(["GFAP", "MAP2", "SOX2"], k=R))


def effect(tf: str, gene: str) -> float:
    """What the tiny table entry knows of an edge's sign."""
    at = REGULATORS.index(tf), GENES.index(gene)
    said = {1: 1.0, 2: -1.0}.get(int(tiny.SIGNS[at]))
    return said if said is not None else 2 * float(tiny.ACTIVATES[at]) - 1


def test_activity_says_which_way_the_genes_go(table: PairScorer):
    genes, signs = ["GFAP", "MBP", "SOX9", "SYN1", "TUBB3"], [1, -1, 1, 1, -1]
    direction = dict(zip(genes, signs, strict=True))
    got = table.enrich(genes, signs=direction, k=R)
    for row in got.itertuples():
        carried = row.genes.split(", ") if row.genes else []
        effects = {gene: effect(row.tf, gene) for gene in carried}
        total = sum(map(abs, effects.values()))
        if not total:
            assert np.isnan(row.activity)
            continue
        mean = sum(direction[gene] * value for gene, value in effects.items()) / total
        assert row.activity == pytest.approx(mean)
    other = table.enrich(genes, signs={gene: -sign for gene, sign in direction.items()}, k=R)
    np.testing.assert_allclose(got["activity"], -other["activity"])
    assert "activity" not in table.enrich(genes, k=R)


def test_an_entry_that_lists_nothing_has_its_scores():
    model = zoo.load(zoo.register(MUSEUM), device="cpu")
    got = model.enrich(model.vocabulary.genes[:4], k=2)
    assert not {"listed", "expected", "known_share"} & set(got.columns)
    assert got["score"].iloc[0] == 1
    assert ((got["q_value"] >= got["p_value"]) & (got["q_value"] <= 1)).all()


def test_as_json_genes_are_a_list_and_what_is_not_known_is_none(table: PairScorer):
    frame = table.enrich(["S100B", "GFAP", "MAP2"], signs={"S100B": 1}, k=R)
    rows = records(frame)
    for row, told in zip(rows, frame.itertuples(), strict=True):
        assert ", ".join(row["genes"]) == told.genes
        assert (row["activity"] is None) == np.isnan(told.activity)
