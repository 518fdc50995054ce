"""What each protocol asks: nothing pooled or trained on, and only sources that genes are new to."""

import numpy as np
import pytest

from contracts.errors import InvalidOption
from tests.training.perturbations import planted
from training.perturbations import questions as module
from training.perturbations.questions import SMALLEST, offered, questions
from training.perturbations.split import PROTOCOLS

ASKED = [(name, stage) for stage in ("valid", "test") for name in offered(stage)]


def test_validation_has_three_protocols_and_the_test_all():
    assert offered("valid") == ("random", "one_new", "both_new")
    assert offered("test") == PROTOCOLS


@pytest.mark.parametrize(("protocol", "stage"), ASKED)
def test_a_question_has_one_source_and_one_quantity(planted_data, planted_split, protocol, stage):
    records = planted_data.records
    found = questions(planted_data, planted_split, protocol, stage)
    assert len({q.name for q in found}) == len(found) > 0
    for q in found:
        assert set(records.source[q.rows]) == {q.source}
        assert np.isfinite(q.label(records)).all()
        assert len(q.rows) >= SMALLEST
        derived, selected = records.derived[q.rows], records.selected[q.rows]
        if q.of_fitness:
            assert (derived == q.quantity.endswith("derived")).all()
        else:
            assert set(records.unit[q.rows]) == {q.quantity.removesuffix("_selected")}
            assert (selected == q.quantity.endswith("selected")).all()


@pytest.mark.parametrize(("protocol", "stage"), ASKED)
def test_no_set_of_a_question_was_trained_on(planted_data, planted_split, protocol, stage):
    records = planted_data.records
    key = records.keys(planted.GENES)
    train = planted_split.rows(planted_data, "train")
    for q in questions(planted_data, planted_split, protocol, stage):
        assert not np.isin(key[q.rows], key[train]).any()
        own = train[records.source[train] == q.source]
        known = set(records.members[own].ravel().tolist())
        new = [sum(gene not in known for gene in one if gene >= 0)
               for one in records.members[q.rows].tolist()]  # fmt: skip
        if protocol != "random":
            assert min(new) >= (2 if protocol == "both_new" and q.source == planted.MAIN else 1)


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


def test_scores_of_another_unit_are_asked_for_their_order_alone(planted_data, planted_split):
    found = {q.name: q for q in questions(planted_data, planted_split, "random", "test")}
    assert found["emap_s/other"].measures == ("pearson", "spearman", "precision")
    assert found["epsilon/main"].measures == ("pearson", "spearman", "precision", "mse")


def test_precision_is_not_asked_of_fitness(planted_data, planted_split):
    found = questions(planted_data, planted_split, "random", "test")
    asked = {q.of_fitness: q.measures for q in found if not q.name.startswith("emap_s")}
    assert asked[True] == ("pearson", "spearman", "mse")
    assert "precision" in asked[False]


def test_wrong_names_are_refused():
    with pytest.raises(InvalidOption, match=r"--protocol='cold'.*one of random, one_new"):
        module.check_protocol("cold")
    with pytest.raises(InvalidOption, match=r"--stage='train'.*one of valid, test"):
        module.check_stage("train")
