"""The split: disjoint parts, nothing held out in training, saved without loss, leaks found."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from contracts.errors import ArtefactError
from contracts.genes.vocabulary import GeneRecord, Vocabulary
from training.pairs import split as protocols
from training.pairs.split import (
    COLD_BOTH,
    PARTS,
    Shares,
    Split,
    assert_no_leak,
    draw_uniform,
    make_split,
)
from training.split import StaleSplit

COLD = [(f"cold_{side}_{stage}", column) for column, side in enumerate(("tf", "gene"))
        for stage in ("valid", "test")]  # fmt: skip
HELD_OUT = [part for part in PARTS if part not in ("train", "unused")]


def pair_set(pairs: np.ndarray) -> set[tuple[int, int]]:
    return set(map(tuple, pairs.tolist()))


def degrees(pairs: np.ndarray) -> list[Counter]:
    return [Counter(column.tolist()) for column in pairs.T]


def test_every_benchmark_edge_has_one_part(toy_data, toy_split):
    parts = {part: pair_set(toy_split.positives(toy_data, part)) for part in PARTS}
    assert sum(map(len, parts.values())) == len(toy_data.edges)
    assert set().union(*parts.values()) == pair_set(toy_data.pairs)
    assert all(parts[part] for part in PARTS), "a part is empty, so nothing was looked at"


def test_edges_outside_the_benchmark_are_unused(toy_data, toy_split):
    outside = ~toy_data.edges["core"].to_numpy()
    assert outside.sum() > 50
    assert (toy_split.part[outside] == PARTS.index("unused")).all()


@pytest.mark.parametrize(("part", "column"), COLD)
def test_cold_entities_are_in_no_part_of_training_and_in_no_warm_test(
    toy_data, toy_split, part, column
):
    """Those held out for a test may stand in validation, which is the same in all folds."""
    held = set(toy_split.positives(toy_data, part)[:, column].tolist())
    assert held
    for other in ("train", "test"):
        assert held.isdisjoint(toy_split.positives(toy_data, other)[:, column].tolist()), other
    if part.endswith("valid"):
        valid = toy_split.positives(toy_data, "valid")
        assert held.isdisjoint(valid[:, column].tolist())


def test_edges_with_both_ends_held_out_for_a_test_are_a_part_of_their_own(toy_data, toy_split):
    """No edge with one end in training is among them, and none of them is unused."""
    core = toy_data.edges["core"].to_numpy()
    both = toy_data.pairs[toy_split.part == PARTS.index(COLD_BOTH)]
    assert len(both) > 0
    warm = np.concatenate([toy_split.positives(toy_data, name) for name in ("train", "test")])
    for column, side in enumerate(("tf", "gene")):
        assert not np.isin(both[:, column], warm[:, column]).any()
        one = toy_split.positives(toy_data, f"cold_{side}_test")
        assert not np.isin(one[:, 1 - column], both[:, 1 - column]).any()
    assert (toy_split.part[core] != PARTS.index("unused")).all()


def test_shares_are_kept(toy_data, toy_split):
    shares = Shares()
    warm = {part: len(toy_split.positives(toy_data, part)) for part in ("train", "valid", "test")}
    total = sum(warm.values())
    for part in ("valid", "test"):
        expected = getattr(shares, part) * total
        assert abs(warm[part] - expected) < 4 * np.sqrt(expected)
    core = toy_data.edges[toy_data.edges["core"]]
    for (part, column), share in zip(COLD, (*shares.cold_tf, *shares.cold_gene), strict=True):
        entities = core[("tf_index", "gene_index")[column]].nunique()
        held = len(np.unique(toy_split.positives(toy_data, part)[:, column]))
        assert 0 < held <= round(share * entities)


@pytest.mark.parametrize("part", HELD_OUT)
def test_negatives_are_unlisted_new_and_as_many(toy_data, toy_split, part):
    positives = toy_split.positives(toy_data, part)
    listed = pair_set(toy_data.pairs)
    kinds = [name for name in toy_split.negatives if name.startswith(f"{part}/")]
    assert len(kinds) == (3 if part in ("valid", "test") else 2)
    for name in kinds:
        drawn = toy_split.negatives[name]
        assert len(drawn) == len(positives), name
        assert pair_set(drawn).isdisjoint(listed), name
        assert len(pair_set(drawn)) == len(drawn), name


@pytest.mark.parametrize("part", HELD_OUT)
def test_rewired_negatives_have_the_degrees_of_their_part(toy_data, toy_split, part):
    expected = degrees(toy_split.positives(toy_data, part))
    for name, drawn in toy_split.negatives.items():
        if name.startswith(f"{part}/") and not name.endswith("uniform"):
            assert degrees(drawn) == expected, name


@pytest.mark.parametrize("part", ["valid", "test"])
def test_negatives_within_a_source_have_its_degrees(toy_data, toy_split, part):
    rows = toy_split.part == PARTS.index(part)
    drawn = toy_split.negatives[f"{part}/within_source"]
    sources = toy_data.edges.loc[rows, ["first", "second"]].apply(tuple, axis=1)
    assert sources.nunique() == 3
    # The smallest combination is drawn first.
    every = [toy_data.pairs[rows][sources == one] for one in ((1, 0), (0, 1), (1, 1))]
    blocks = sorted(every, key=len)
    ends = np.cumsum([len(block) for block in blocks])
    for positives, negatives in zip(blocks, np.split(drawn, ends[:-1]), strict=True):
        assert degrees(negatives) == degrees(positives)


@pytest.mark.parametrize("part", HELD_OUT)
def test_uniform_negatives_come_from_the_parts_own_pool(toy_data, toy_split, part):
    own = toy_split.positives(toy_data, part)
    warm = [toy_split.positives(toy_data, name) for name in ("train", "valid", "test")]
    drawn = toy_split.negatives[f"{part}/uniform"]
    for column, side in enumerate(("tf", "gene")):
        cold = part.startswith((f"cold_{side}", "cold_both"))
        pool = own if cold else np.concatenate(warm)
        assert set(drawn[:, column]) <= set(pool[:, column])


def test_a_hub_is_never_held_out(toy_data):
    hub = toy_data.edges[toy_data.edges["core"]]["tf_index"].mode().item()
    seeds = range(8)

    def held_out(shares: Shares) -> int:
        parts = [make_split(toy_data, seed, shares=shares) for seed in seeds]
        cold = (PARTS.index("cold_tf_valid"), PARTS.index("cold_tf_test"))
        rows = toy_data.edges["tf_index"].to_numpy() == hub
        return sum(np.isin(split.part[rows], cold).any() for split in parts)

    cold_tf = (0.3, 0.3)
    assert held_out(Shares(cold_tf=cold_tf, hub=60)) == 0
    assert held_out(Shares(cold_tf=cold_tf, hub=10_000)) > 0, "these seeds never try"


def test_a_seed_gives_one_split(toy_data, toy_split):
    again = make_split(toy_data, toy_split.seed)
    np.testing.assert_array_equal(again.part, toy_split.part)
    assert again.negatives.keys() == toy_split.negatives.keys()
    for name, pairs in again.negatives.items():
        np.testing.assert_array_equal(pairs, toy_split.negatives[name])
    other = make_split(toy_data, toy_split.seed + 1)
    assert (other.part != toy_split.part).any()


def test_a_saved_split_is_the_same(toy_data, toy_split, tmp_path):
    toy_split.save(tmp_path / "split.safetensors")
    loaded = Split.load(tmp_path / "split.safetensors")
    assert (loaded.seed, loaded.digest) == (toy_split.seed, toy_split.digest)
    np.testing.assert_array_equal(loaded.part, toy_split.part)
    assert loaded.negatives.keys() == toy_split.negatives.keys()
    for name, pairs in loaded.negatives.items():
        np.testing.assert_array_equal(pairs, toy_split.negatives[name])
    np.testing.assert_array_equal(
        loaded.positives(toy_data, "test"), toy_split.positives(toy_data, "test")
    )


@pytest.mark.parametrize("ratio", [5, 50])
def test_many_uniform_negatives_are_the_same_every_time(toy_data, toy_split, ratio, tmp_path):
    toy_split.save(tmp_path / "split.safetensors")
    drawn = draw_uniform(toy_data, toy_split, "test", ratio)
    again = draw_uniform(toy_data, Split.load(tmp_path / "split.safetensors"), "test", ratio)
    np.testing.assert_array_equal(drawn, again)
    assert len(pair_set(drawn)) == len(drawn) == ratio * len(toy_split.positives(toy_data, "test"))
    assert pair_set(drawn).isdisjoint(pair_set(toy_data.pairs))
    warm = [toy_split.positives(toy_data, name) for name in ("train", "valid", "test")]
    for column in (0, 1):
        assert set(drawn[:, column]) <= set(np.concatenate(warm)[:, column])
    others = draw_uniform(toy_data, toy_split, "valid", ratio)
    assert len(pair_set(drawn) & pair_set(others)) < 0.5 * len(drawn)
    other_seed = draw_uniform(toy_data, replace(toy_split, seed=13), "test", ratio)
    assert pair_set(other_seed) != pair_set(drawn)


def without_an_edge(data):
    return replace(data, edges=data.edges.iloc[1:])


def with_another_benchmark(data):
    core = data.edges["core"].to_numpy().copy()
    core[0] = ~core[0]
    return replace(data, edges=data.edges.assign(core=core))


def with_another_gene(data):
    more = [GeneRecord(s, s in data.vocabulary.regulators) for s in (*data.vocabulary.genes, "Z")]
    return replace(data, vocabulary=Vocabulary.from_records(more))


@pytest.mark.parametrize("change", [without_an_edge, with_another_benchmark, with_another_gene])
def test_a_split_of_another_table_is_refused(toy_data, toy_split, change):
    toy_split.require(toy_data)
    with pytest.raises(StaleSplit, match=r"belongs to the edge table .*zoo train"):
        toy_split.positives(change(toy_data), "test")


@pytest.mark.parametrize(("part", "column"), COLD)
def test_a_cold_entity_in_training_is_found(toy_data, toy_split, part, column):
    assert_no_leak(toy_data, toy_split)
    held = toy_split.part == PARTS.index(part)
    (entity, edges), *_ = Counter(toy_data.pairs[held, column].tolist()).most_common(1)
    assert edges > 1, "moving its only edge would make it no cold entity at all"
    leaked = toy_split.part.copy()
    leaked[np.flatnonzero(held & (toy_data.pairs[:, column] == entity))[0]] = PARTS.index("train")
    with pytest.raises(ArtefactError, match=f"{part} stands in training"):
        assert_no_leak(toy_data, replace(toy_split, part=leaked))


@pytest.mark.parametrize(("column", "side"), [(0, "tf"), (1, "gene")])
def test_an_entity_of_both_cold_sides_in_training_is_found(toy_data, toy_split, column, side):
    """Without the other cold parts, which would tell first."""
    cold = np.isin(toy_split.part, [PARTS.index(part) for part, _ in COLD])
    part = np.where(cold, np.uint8(PARTS.index("unused")), toy_split.part)
    assert_no_leak(toy_data, replace(toy_split, part=part))
    both = np.flatnonzero(part == PARTS.index(COLD_BOTH))
    ends = toy_data.pairs[both, column]
    (entity, edges), *_ = Counter(ends.tolist()).most_common(1)
    assert edges > 1
    part[both[ends != entity]] = PARTS.index("unused")
    part[both[ends == entity][0]] = PARTS.index("train")
    with pytest.raises(ArtefactError, match=f"A {side} held out for cold_both_test stands"):
        assert_no_leak(toy_data, replace(toy_split, part=part))


def test_a_listed_negative_is_found(toy_data, toy_split):
    for name in toy_split.negatives:
        planted = toy_split.negatives[name].copy()
        planted[3] = toy_data.pairs[17]
        changed = replace(toy_split, negatives=toy_split.negatives | {name: planted})
        with pytest.raises(ArtefactError, match=f"{name} hold a listed edge"):
            assert_no_leak(toy_data, changed)


def test_a_test_pair_in_training_is_found(toy_data, toy_split):
    """It can stand in both only where the table lists it twice."""
    row = np.flatnonzero(toy_split.part == PARTS.index("test"))[0]
    edges = pd.concat([toy_data.edges, toy_data.edges.iloc[[row]]], ignore_index=True)
    data = replace(toy_data, edges=edges)
    part = np.append(toy_split.part, np.uint8(PARTS.index("train")))
    split = replace(toy_split, part=part, digest=data.digest)
    assert pair_set(split.positives(data, "test")) & pair_set(split.positives(data, "train"))
    with pytest.raises(ArtefactError, match="stands twice"):
        assert_no_leak(data, split)


def test_a_split_is_checked_when_it_is_made(toy_data, toy_split, monkeypatch):
    assign = protocols._assign

    def leaking(*given):
        part = assign(*given)
        part[np.flatnonzero(part == PARTS.index("cold_gene_test"))[0]] = PARTS.index("train")
        return part

    monkeypatch.setattr(protocols, "_assign", leaking)
    with pytest.raises(ArtefactError, match="cold_gene_test stands in training"):
        make_split(toy_data, toy_split.seed)


def test_a_split_into_other_parts_is_refused(toy_split, tmp_path, monkeypatch):
    toy_split.save(tmp_path / "split.safetensors")
    monkeypatch.setattr(Split, "PARTS", PARTS[:-1])
    with pytest.raises(StaleSplit, match="was split into other parts"):
        Split.load(tmp_path / "split.safetensors")
