"""Baselines on planted types, and their parts against naive loops."""

import os

import numpy as np
import pytest

from tests.training.cells import planted
from tests.training.data import real
from training.cells.baselines import levels, standardised, variable
from training.cells.family import FAMILY
from training.cells.questions import PROTOCOLS, questions
from training.cells.split import make_split
from training.family import Ground
from training.scoring.classes import balanced_accuracy_score


@pytest.fixture(scope="module")
def ground() -> Ground:
    data = planted.data()
    return Ground(data, make_split(data), "test")


def test_levels_are_of_orthologs_in_the_same_order(ground: Ground):
    data, rows = ground.data, np.array([3, 0])
    for species, one in data.species.items():
        x = levels(data, species, rows)
        for i, cell in enumerate(rows):
            counts = [one.counts[cell, gene] for gene in data.orthologs[species]]
            for j, count in enumerate(counts):
                assert x[i, j] == pytest.approx(np.log(1 + 1e4 * count / sum(counts)), rel=1e-5)


def test_genes_are_standardised_over_the_cells_given():
    x = np.array([[1, 5, 2], [3, 5, 8]], np.float32)
    np.testing.assert_allclose(standardised(x), [[-1, 0, -1], [1, 0, 1]])
    assert variable(x, 2).tolist() == [2, 0]


@pytest.mark.parametrize("name", FAMILY.rungs())
def test_every_rung_finds_the_planted_types(ground: Ground, name: str):
    rung = FAMILY.rung(name)
    for protocol in PROTOCOLS:
        first, second = questions(ground, protocol)
        ask = FAMILY.fit(rung, ground, first)
        assert balanced_accuracy_score(first.label, ask(first)) > 0.85
        assert (
            balanced_accuracy_score(second.label, ask(second)) > 0.6
        )  # D has fewer cells than neighbours
        assert FAMILY.fitted_for(rung, first) == FAMILY.fitted_for(rung, second) == protocol


def test_type_means_are_correlated(ground: Ground):
    question = next(iter(questions(ground, "human_to_mouse")))
    about, data = question.about, ground.data
    known, query = (
        standardised(levels(data, species, rows))
        for species, rows in zip(about.species, (about.reference, about.query), strict=True)
    )
    names = data.species["human"].labels.iloc[about.reference].to_numpy()
    expected = []
    for cell in query[about.rows]:
        by_type = {
            name: np.corrcoef(cell, known[names == name].mean(0))[0, 1] for name in set(names)
        }
        expected.append(data.types.index(max(by_type, key=by_type.__getitem__)))
    ask = FAMILY.fit(FAMILY.rung("type_means"), ground, question)
    assert ask(question).tolist() == expected


@pytest.mark.skipif("ZOO_DATA" not in os.environ, reason="ZOO_DATA is not set")
@pytest.mark.parametrize(
    ("name", "human_to_mouse", "mouse_to_human"),
    [("logistic_balanced", 0.841, 0.676), ("type_means", 0.818, 0.762)],
)
def test_rungs_are_about_as_good_as_measured_apart(name, human_to_mouse, mouse_to_human):
    data = real.load("pancreas")
    ground = Ground(data, make_split(data), "test")
    for protocol, figure in zip(PROTOCOLS, (human_to_mouse, mouse_to_human), strict=True):
        question = next(iter(questions(ground, protocol)))
        ask = FAMILY.fit(FAMILY.rung(name), ground, question)
        assert balanced_accuracy_score(question.label, ask(question)) == pytest.approx(
            figure, abs=0.06
        )
