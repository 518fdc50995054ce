"""The split of perturbation records: by gene set whatever the source, and by gene."""

import hashlib
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from contracts.errors import ArtefactError
from tests.training.perturbations import planted
from training.perturbations import split as module
from training.perturbations.questions import part_of
from training.perturbations.split import PARTS, SetSplit, assert_no_leak, make_split
from training.split import StaleSplit

DIGEST = "befa4d5b32fda1af9ac63878b80ba47deb5ccf08934b70e04a2a716385938c1a"


def parts(split: SetSplit) -> np.ndarray:
    return np.array(PARTS)[split.part]


@cache
def held_out() -> tuple[np.ndarray, int]:
    """What the planted split held out everywhere, and its query gene."""
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "assert_no_leak", lambda *given: found.append(given[2:]))
        make_split(planted.data(), 4, planted.SHARES)
    return found[0]


def members_of(records, rows) -> set[int]:
    return set(records.members[rows].ravel().tolist()) - {-1}


def test_a_gene_set_has_one_part_in_all_sources(planted_data, planted_split):
    seen: dict[frozenset[int], set[int]] = {}
    for members, part in zip(planted_data.records.members, planted_split.part, strict=True):
        seen.setdefault(frozenset(members.tolist()) - {-1}, set()).add(int(part))
    assert max(map(len, seen.values())) == 1
    assert len(seen) < len(planted_data.records)  # some sets stand in two sources


def test_the_same_seed_gives_the_same_split(planted_data, planted_split):
    again = make_split(planted_data, 4, planted.SHARES)
    np.testing.assert_array_equal(again.part, planted_split.part)
    other = make_split(planted_data, 5, planted.SHARES)
    assert (other.part != planted_split.part).any()


def test_the_split_is_the_one_that_it_always_was(planted_split):
    """Weights that ship were trained on it."""
    assert hashlib.sha256(planted_split.part.tobytes()).hexdigest() == DIGEST


def test_every_part_has_records(planted_split):
    assert {"train", "valid", "test", "one_new_test", "unseen_test", "query_disjoint_test"} <= set(
        parts(planted_split).tolist()
    )


def test_new_genes_have_no_training_record_in_the_headline_source(planted_data, planted_split):
    records, part = planted_data.records, parts(planted_split)
    own = records.source == planted_data.headline_source
    known = members_of(records, own & (part == "train"))
    for stage in ("valid", "test"):
        for word, expected in (("one_new", 1), ("both_new", 2)):
            rows = own & (part == f"{word}_{stage}")
            new = [len(set(row.tolist()) - {-1} - known) for row in records.members[rows]]
            assert set(new) <= {expected}


def test_unseen_genes_have_no_training_record_at_all(planted_data, planted_split):
    records, part = planted_data.records, parts(planted_split)
    known = members_of(records, part == "train")
    rows = records.members[part == "unseen_test"]
    assert [len(set(row.tolist()) - {-1} - known) for row in rows] == [1] * len(rows)


def test_a_query_strain_is_kept_whole(planted_data, planted_split):
    records, part = planted_data.records, parts(planted_split)
    rows = records.members[part == "query_disjoint_test"]
    queries = {gene for pair in planted.QUERIES for gene in pair}
    shared = set.intersection(*(set(row.tolist()) for row in rows)) - {-1}
    assert len(shared & queries) == 1
    (query,) = shared & queries
    small = np.isin(records.source, (planted.MEASURED, planted.TRIPLES))
    assert query not in members_of(records, small & (part == "train"))


def test_a_saved_split_comes_back(tmp_path, planted_data, planted_split):
    planted_split.save(tmp_path / "split.safetensors")
    back = SetSplit.load(tmp_path / "split.safetensors")
    np.testing.assert_array_equal(back.part, planted_split.part)
    assert (back.digest, back.seed) == (planted_split.digest, 4)
    assert len(back.rows(planted_data, "train")) == (planted_split.part == 0).sum()


def test_another_table_is_refused(planted_data, planted_split):
    records = planted_data.records
    changed = replace(records, interaction=np.nan_to_num(records.interaction) + 1e-9)
    other = replace(planted_data, records=changed)
    assert other.digest != planted_data.digest
    with pytest.raises(StaleSplit, match="zoo train"):
        planted_split.rows(other, "train")


def test_a_set_in_two_parts_is_found(planted_data, planted_split):
    key = planted_data.records.keys(len(planted_data.vocabulary))
    unique, count = np.unique(key, return_counts=True)
    twice = np.flatnonzero(key == unique[count > 1][0])
    part = planted_split.part.copy()
    part[twice[0]] = (part[twice[1]] + 1) % 3
    with pytest.raises(ArtefactError, match="two parts"):
        assert_no_leak(planted_data, replace(planted_split, part=part), *held_out())


def test_a_held_out_gene_in_training_is_found(planted_data, planted_split):
    member = planted_data.records.members[planted_split.rows(planted_data, "train")[0], 0]
    _, query = held_out()
    with pytest.raises(ArtefactError, match="stands in training"):
        assert_no_leak(planted_data, planted_split, np.array([member]), query)


def test_parts_of_protocols():
    assert part_of("random", "valid") == "valid"
    assert part_of("one_new", "test") == "one_new_test"


def moved(data, split: SetSplit, wanted: np.ndarray, part: str) -> SetSplit:
    """The split with the sets of one record in `wanted`, in all their records, in another part."""
    key = data.records.keys(len(data.vocabulary))
    same = key == key[np.flatnonzero(wanted)[0]]
    return replace(split, part=np.where(same, PARTS.index(part), split.part).astype(np.uint8))


def test_a_query_in_training_is_found(planted_data, planted_split):
    """The query's sets are moved one by one: those of the sources whose query it was."""
    wanted = parts(planted_split) == "query_disjoint_test"
    wrong = moved(planted_data, planted_split, wanted, "train")
    with pytest.raises(ArtefactError, match="query that was held out stands in training"):
        assert_no_leak(planted_data, wrong, *held_out())


@pytest.mark.parametrize(
    ("taken", "put"),
    [
        ("one_new_test", "both_new_test"),
        ("both_new_test", "one_new_test"),
        ("one_new_valid", "both_new_valid"),
        ("test", "one_new_valid"),
    ],
)
def test_another_number_of_new_genes_is_found(planted_data, planted_split, taken, put):
    own = planted_data.records.source == planted_data.headline_source
    wrong = moved(planted_data, planted_split, own & (parts(planted_split) == taken), put)
    with pytest.raises(ArtefactError, match=f"A set of {put} has not"):
        assert_no_leak(planted_data, wrong, *held_out())


@pytest.mark.parametrize("taken", ["test", "unused"])
def test_a_set_of_no_or_two_unseen_genes_is_found(planted_data, planted_split, taken):
    unseen, query = held_out()
    count = np.isin(planted_data.records.members, unseen).sum(axis=1)
    wanted = (parts(planted_split) == taken) & (count == (0 if taken == "test" else 2))
    wrong = moved(planted_data, planted_split, wanted, "unseen_test")
    with pytest.raises(ArtefactError, match="unseen_test has not one gene"):
        assert_no_leak(planted_data, wrong, unseen, query)


def test_a_set_of_an_unseen_and_a_new_gene_is_asked_as_unseen(planted_data, planted_split):
    """So says `make_split`: the protocol's own description leaves the other gene open."""
    records, part = planted_data.records, parts(planted_split)
    own = records.source == planted_data.headline_source
    known = members_of(records, own & (part == "train"))
    rows = own & (part == "unseen_test")
    new = [len(set(row.tolist()) - {-1} - known) for row in records.members[rows]]
    assert {1, 2} == set(new)
