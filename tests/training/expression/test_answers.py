"""Questions of expression, and how models answer them fold by fold."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from contracts.errors import InvalidOption
from contracts.manifest import Manifest
from tests.training.expression import toy
from training.expression import answers, fits, references
from training.expression.family import FAMILY
from training.expression.measures import ERROR, SUM, SUM_ERROR, TRUTH
from training.expression.references import NOISE
from training.expression.split import make_split
from training.family import Ground
from training.scoring.observe import observe
from training.scoring.table import ENTRY


@pytest.fixture(scope="module")
def ground():
    data = toy.data(replicate="batch", guide="guide")
    return Ground(data, make_split(data), "test")


def answered(ground, question, *names):
    """The answers of some fits and of the noise, the first one as the entry."""
    asks = {name: answers.asking(fits.find(name), ground.data, 0) for name in names}
    found = {name: ask(question) for name, ask in asks.items()}
    return {ENTRY: found[names[0]]} | found | {NOISE: references.noise(ground.data)(question)}


def test_pairs_are_asked_by_how_many_genes_are_known_alone(ground):
    asked = {q.name: q.facts["perturbations"] for q in FAMILY.questions(ground, "double")}
    assert asked == {"both_seen": ["A+B", "A+C"], "one_seen": ["B+X"], "none_seen": ["X+Y"]}
    assert list(asked) == ["both_seen", "one_seen", "none_seen"]
    headline = FAMILY.headline(ground)
    assert (headline.protocol, headline.question, headline.measure) == ("double", "both_seen", "l2")


def test_labels_are_changes_their_errors_and_the_sums_of_single_genes(ground):
    question = next(iter(FAMILY.questions(ground, "double")))
    data, profiles = ground.data, ground.data.profiles
    place = {name: row for row, name in enumerate(data.set_names)}
    for row, name in enumerate(question.facts["perturbations"]):
        one, other = (place[gene] for gene in name.split("+"))
        label = question.label[row]
        np.testing.assert_allclose(label[TRUTH], profiles.change[place[name]])
        np.testing.assert_allclose(label[ERROR], profiles.error[place[name]])
        np.testing.assert_allclose(label[SUM], profiles.change[one] + profiles.change[other])
        error = profiles.error[[place[name], one, other]].sum(axis=0) + profiles.control_error
        np.testing.assert_allclose(label[SUM_ERROR], error)


def test_the_error_of_the_distance_from_the_sum_is_that_of_drawing_cells_again():
    """Four means, of which the controls count once: other cells, the same truth."""
    distances = []
    for seed in range(60):
        table = toy.cells(0)
        rng = np.random.default_rng(seed)
        clean = table.X.toarray() + rng.normal(0, 1.0, table.shape) + 10
        table.X = clean
        data = toy.data(table)
        question = next(iter(FAMILY.questions(Ground(data, make_split(data), "test"), "double")))
        distances.append(question.label[:, TRUTH] - question.label[:, SUM])
    told = np.sqrt(question.label[:, SUM_ERROR].mean())
    # The noise of the first draw is fixed, so that the spread is that of the second alone.
    spread = np.std(distances, axis=0).mean()
    assert spread == pytest.approx(told * np.sqrt(1.0 / (1.0 + 0.25)), rel=0.06)


def test_sums_of_planted_effects_are_as_near_as_the_noise(ground):
    question = next(iter(FAMILY.questions(ground, "double")))
    found = answered(ground, question, "additive", "no_change", "mean")
    compared, some = FAMILY.comparable(question, found)
    rows = {(r["model"], r["measure"]): r for r in observe(compared, some, "test")}
    assert rows[ENTRY, "l2"]["value"] < 1.5 * rows[NOISE, "l2"]["value"]
    assert rows[ENTRY, "l2"]["value"] < 0.3 * rows["mean", "l2"]["value"]
    assert rows[ENTRY, "centroid_accuracy"]["value"] == 1
    assert ("no_change", "pearson_change") not in rows
    assert "low" not in rows[ENTRY, "l2"]
    assert rows["mean", "l2"]["gap"] < 0


def test_what_a_model_cannot_answer_is_left_out_and_counted(ground):
    _, one_seen, _ = FAMILY.questions(ground, "double")
    found = answered(ground, one_seen, "mean", "additive")
    compared, some = FAMILY.comparable(one_seen, found)
    assert set(some) == {ENTRY, "mean", NOISE}
    assert compared.facts["without_answer"] == ["additive"]
    assert compared.facts["dropped"] == 0
    assert FAMILY.comparable(one_seen, answered(ground, one_seen, "additive", "mean")) is None


def test_perturbations_that_one_model_does_not_answer_are_dropped_for_all(ground):
    (question,) = FAMILY.questions(ground, "left_out")
    found = answered(ground, question, "mean", "no_change")
    found["no_change"][:2] = np.nan
    compared, some = FAMILY.comparable(question, found)
    assert compared.facts["dropped"] == 2
    assert all(len(each) == len(question.rows) - 2 for each in some.values())
    assert compared.facts["perturbations"] == question.facts["perturbations"][2:]
    assert not compared.drawn


def test_noise_is_made_of_the_cells_that_are_asked_about(ground):
    first = next(iter(FAMILY.questions(ground, "replicate")))
    halves = references.noise(ground.data)(first)
    table = toy.cells()
    inside = (table.obs["batch"] == first.name) & (table.obs["condition"] == "A")
    change = table.X.toarray()[inside].mean(axis=0) - first.about.folds[0].test.control
    row = first.facts["perturbations"].index("A")
    sizes = np.array([(inside.sum() + 1) // 2, inside.sum() // 2])
    for split in halves[row]:
        np.testing.assert_allclose(sizes @ split / inside.sum(), change)


def test_a_fit_sees_no_cell_of_the_fold_that_it_answers(ground):
    seen = []

    def fit(train, data, seed):
        seen.append(train)
        return fits.find("mean")(train, data, seed)

    for protocol in FAMILY.offered(ground):
        for question in FAMILY.questions(ground, protocol):
            seen.clear()
            answers.asking(fit, ground.data, 0)(question)
            for train, fold in zip(seen, question.about.folds, strict=True):
                assert train is fold.train
                if not fold.batch:
                    assert not {*train.sets} & {*fold.test.sets}


def test_the_table_of_answers_is_read_back_as_it_was(ground):
    scorer = SimpleNamespace(
        manifest=Manifest.model_construct(architecture="mean", seeds=[0], evidence="native")
    )
    (question,) = FAMILY.questions(ground, "single")
    table = FAMILY.answer(ground, question, scorer)
    assert list(table) == list(FAMILY.columns)
    assert len(table) == len(question.rows) * len(toy.READOUTS)
    expected = answers.asking(fits.find("mean"), ground.data, 0)(question)
    np.testing.assert_array_equal(FAMILY.values(question, table), expected)
    measured = table.set_index(["perturbation", "gene"])["measured"]
    place = ground.data.set_names.index("B")
    assert measured["B", "R03"] == ground.data.profiles.change[place, 3]


def test_errors_are_listed_one_by_one(ground):
    question = next(iter(FAMILY.questions(ground, "double")))
    found = answered(ground, question, "additive", "mean")
    notes = FAMILY.notes(ground, question, pd.DataFrame(), found, None)
    (series,) = notes.series
    assert series.columns == ["perturbation", ENTRY, "additive", "mean", NOISE]
    assert [row[0] for row in series.rows] == ["A+B", "A+C"]
    distance = np.linalg.norm(found["mean"][0, 0] - question.label[0, TRUTH])
    assert series.rows[0][3] == pytest.approx(distance)


def test_there_is_no_validation_part(ground):
    with pytest.raises(InvalidOption, match="test"):
        FAMILY.offered(Ground(ground.data, ground.split, "valid"))
