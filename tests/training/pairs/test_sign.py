"""Signs: what the tables hold, what they may not see, and what they are compared with."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from tests.training import toy
from training.data.pairs import PairData
from training.pairs import known, sign, sign_figures
from training.pairs.split import make_split


def signed(chance) -> PairData:
    """The toy's edges with signs: `chance(tf, gene)` is the probability of activation."""
    data, rng = toy.data(), np.random.default_rng(3)
    tf, gene = data.pairs.T
    bits = np.where(rng.random(len(tf)) < chance(tf, gene), 1, 2).astype(np.uint8)
    of_trrust = rng.random(len(tf)) < 0.6
    edges = data.edges.assign(
        trrust_sign=np.where(of_trrust, bits, 0), collectri_sign=np.where(of_trrust, 0, bits)
    )
    regulators = data.vocabulary.regulators
    families = {name: str(number % 4) for number, name in enumerate(regulators)}
    roles = pd.DataFrame({"repressor": np.arange(len(regulators)) % 2 == 0}, regulators)
    return replace(data, edges=edges, roles=roles, families=families)


@pytest.fixture(scope="module")
def by_both():
    """Even regulators activate more often, and so do the regulators of every third gene."""
    return signed(lambda tf, gene: expit(8.0 * (tf % 2 == 0) + 8.0 * (gene % 3 == 0) - 4.0))


def test_data_without_signs_have_no_tables(toy_data, toy_split):
    assert known.signs(toy_data, toy_split) is None


def test_signs_that_hang_on_both_sides_are_learned(by_both):
    split = make_split(by_both, 5)
    tables = known.signs(by_both, split)
    rows = split.rows(by_both, "test")
    label = sign.activation(by_both, sign.SIGNED)[rows]
    tf, gene = by_both.pairs[rows].T
    right = (tables.logit(tf, gene) > 0) == (label == 1)
    assert right[~np.isnan(label)].mean() > 0.75


def test_held_out_signs_change_nothing(by_both):
    split = make_split(by_both, 5)
    held = split.part != split.PARTS.index("train")
    other = by_both.edges.assign(
        trrust_sign=np.where(held, 1, by_both.edges["trrust_sign"]),
        collectri_sign=np.where(held, 2, by_both.edges["collectri_sign"]),
    )
    one, two = (known.signs(each, split) for each in (by_both, replace(by_both, edges=other)))
    assert np.array_equal(one.tf, two.tf)
    assert np.array_equal(one.gene, two.gene)


def test_rates_of_other_edges_leave_an_edge_out():
    index, label = np.array([0, 0, 0, 2]), np.array([1.0, 1.0, 0.0, 0.0])
    tally = sign.Tally(index, label, 3)
    usual, prior = label.mean(), sign.PRIOR
    expected = []
    for edge in range(4):
        rest = [label[i] for i in range(4) if index[i] == index[edge] and i != edge]
        expected.append((sum(rest) + prior * usual) / (len(rest) + prior))
    assert expit(tally.others()) == pytest.approx(expected)
    assert expit(tally.log_odds()) == pytest.approx([3 / 5, 1 / 2, 1 / 3])
    assert tally.majority().tolist() == [1, 0, -1]


def test_contradicted_signs_are_no_labels():
    edges = pd.DataFrame({"trrust_sign": [0, 1, 2, 3]})
    labels = sign.activation(replace(toy.data(), edges=edges), "trrust_sign")
    assert labels == pytest.approx([np.nan, 1, 0, np.nan], nan_ok=True)


def test_figures_say_whether_signs_are_worth_shipping(by_both, tmp_path):
    assert sign_figures.write(by_both, 5, tmp_path)
    figures = pd.read_json(tmp_path / sign_figures.FILE)
    assert len(figures) == 3 * (1 + len(sign_figures.RIVALS))
    measured = figures.set_index(["part", "model"]).loc["test"]
    assert measured.loc["sign", "auroc"] > 0.75
    assert measured.loc["sign", "auroc"] - measured.loc["majority", "auroc"] == pytest.approx(
        measured.loc["majority", "gap"]
    )
    by_chance = signed(lambda tf, gene: np.full(len(tf), 0.6))
    assert not sign_figures.write(by_chance, 5, tmp_path)
