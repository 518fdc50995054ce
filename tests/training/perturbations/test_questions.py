"""What each protocol asks: nothing pooled or trained on, and only sources that genes are new to."""

import numpy as np
import pytest

from contracts.errors import InvalidOption
from tests.training.perturbations import planted
from training.family import Ground
from training.perturbations import questions as module
from training.perturbations.questions import PROTOCOLS, SMALLEST, offered
from training.scoring.contest import check


def questions(data, split, protocol, stage):
    """All questions but those that measure some rows again."""
    found = module.questions(Ground(data, split, stage), protocol)
    return [question for question in found if question.subset is None]


ASKED = [(name, stage) for stage in ("valid", "test") for name in offered(stage)]


def test_validation_has_three_protocols_and_the_test_all():
    assert offered("valid") == ("random", "one_new", "both_new")
    assert offered("test") == tuple(PROTOCOLS)


@pytest.mark.parametrize(("protocol", "stage"), ASKED)
def test_a_question_has_one_source_and_one_quantity(planted_data, planted_split, protocol, stage):
    records = planted_data.records
    found = questions(planted_data, planted_split, protocol, stage)
    assert len({q.name for q in found}) == len(found) > 0
    for q in found:
        assert set(records.source[q.rows]) == {q.about.source}
        assert np.isfinite(q.label).all()
        assert len(q.rows) >= SMALLEST
        derived, selected = records.derived[q.rows], records.selected[q.rows]
        if q.about.of_fitness:
            assert (derived == q.about.quantity.endswith("derived")).all()
        else:
            assert set(records.unit[q.rows]) == {q.about.quantity.removesuffix("_selected")}
            assert (selected == q.about.quantity.endswith("selected")).all()


@pytest.mark.parametrize(("protocol", "stage"), ASKED)
def test_no_set_of_a_question_was_trained_on(planted_data, planted_split, protocol, stage):
    records = planted_data.records
    key = records.keys(planted.GENES)
    train = planted_split.rows(planted_data, "train")
    for q in questions(planted_data, planted_split, protocol, stage):
        assert not np.isin(key[q.rows], key[train]).any()
        own = train[records.source[train] == q.about.source]
        known = set(records.members[own].ravel().tolist())
        new = [sum(gene not in known for gene in one if gene >= 0)
               for one in records.members[q.rows].tolist()]  # fmt: skip
        if protocol != "random":
            assert min(new) >= (
                2 if protocol == "both_new" and q.about.source == planted.MAIN else 1
            )


def test_the_headline_is_the_unselected_source_and_comes_first(planted_data, planted_split):
    assert module.headline(planted_data) == "epsilon/main"
    for protocol in ("random", "one_new", "both_new", "unseen"):
        first, *_ = questions(planted_data, planted_split, protocol, "test")
        assert first.name == "epsilon/main"
    held = questions(planted_data, planted_split, "query_disjoint", "test")
    assert {q.name for q in held} == {
        "epsilon/measured", "tau/triples", "fitness/measured", "fitness/triples"
    }  # fmt: skip


def test_a_source_that_knows_the_genes_is_not_asked(planted_data, planted_split):
    """A set of a new gene stands in another source that has trained on that gene."""
    records = planted_data.records
    rows = planted_split.rows(planted_data, "one_new_test")
    rows = rows[records.source[rows] == planted.MAIN]
    train = planted_split.rows(planted_data, "train")
    assert module._all_new(records, train, rows, planted.MAIN)
    known = np.flatnonzero(records.source == planted.MAIN)
    assert not module._all_new(records, known, rows, planted.MAIN)


def names(question) -> tuple[str, ...]:
    return tuple(measure.name for measure in question.measures)


def test_scores_of_another_unit_are_asked_for_their_order_alone(planted_data, planted_split):
    found = {q.name: q for q in questions(planted_data, planted_split, "random", "test")}
    assert names(found["emap_s/other"]) == ("pearson", "spearman", "precision")
    assert names(found["epsilon/main"]) == ("pearson", "spearman", "precision", "mse")


def test_precision_is_not_asked_of_fitness(planted_data, planted_split):
    found = questions(planted_data, planted_split, "random", "test")
    asked = {q.about.of_fitness: names(q) for q in found if not q.name.startswith("emap_s")}
    assert asked[True] == ("pearson", "spearman", "mse")
    assert "precision" in asked[False]


def test_wrong_names_are_refused():
    with pytest.raises(InvalidOption, match=r"--protocol='cold'.*one of random, one_new"):
        check("--protocol", "cold", tuple(PROTOCOLS))
    with pytest.raises(InvalidOption, match=r"--stage='train'.*one of valid, test"):
        check("--stage", "train", ("valid", "test"))
