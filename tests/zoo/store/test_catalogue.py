"""names, search, card."""

from collections.abc import Callable
from pathlib import Path

import pytest

import zoo
from contracts.errors import InvalidOption, MissingArtefact, UnknownEntry
from tests import tiny
from zoo.store.catalogue import headline

pytestmark = pytest.mark.usefixtures("only_tiny")

EVERYTHING = sorted(tiny.ENTRIES)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*", EVERYTHING),
        ("tiny_t*", [tiny.TABLE]),
        ("*-toy", EVERYTHING),
        ("tiny_d?t-toy", [tiny.DOT]),
        ("*-brain", []),
    ],
)
def test_names_take_wildcards_and_are_sorted(pattern: str, expected: list[str]):
    assert zoo.names(pattern) == expected


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({}, EVERYTHING),
        ({"text": "yeast"}, [tiny.CELL, tiny.PRODUCT]),
        ({"text": " Tiny_D?T"}, [tiny.DOT]),
        ({"text": "liver"}, [tiny.DOT]),
        ({"text": "pair_*", "tissue": "brain"}, [tiny.TABLE]),
        ({"text": "nothing like it"}, []),
        ({"task": "pair_score"}, [tiny.TABLE]),
        ({"task": "PAIR_*"}, [tiny.DOT, tiny.TABLE]),
        ({"tissue": "Liver"}, [tiny.DOT]),
        ({"species": "human", "tissue": "brain"}, [tiny.TABLE]),
        ({"species": "mouse"}, []),
        ({"species": "yeast"}, [tiny.CELL, tiny.PRODUCT]),
        ({"task": "perturbation*"}, [tiny.CELL, tiny.PRODUCT]),
        ({"licence": "cc0*"}, EVERYTHING),
        ({"licence": "MIT"}, []),
        ({"metric": "uniform/auroc"}, [tiny.TABLE, tiny.DOT]),
        ({"metric": "uniform/auroc >= 0.75"}, [tiny.TABLE]),
        ({"metric": "uniform/auroc>0.75"}, []),
        ({"metric": "uniform/auroc < 0.75"}, [tiny.DOT]),
        ({"metric": "uniform/auroc<=1", "tissue": "liver"}, [tiny.DOT]),
    ],
)
def test_search_filters_and_sorts(wanted: dict[str, str], expected: list[str]):
    assert zoo.search(**wanted)["entry"].tolist() == expected


def test_search_shows_the_metric_asked_for():
    row = zoo.search(metric="uniform/auroc").iloc[0]
    assert (row["metric"], row["value"]) == ("uniform/auroc", 0.75)
    assert row["licence"] == "CC0-1.0"


@pytest.mark.parametrize("metric", ["auroc", "", "uniform/auroc >= high", "uniform/auroc >="])
def test_a_metric_that_cannot_be_read_says_what_to_type(metric: str):
    with pytest.raises(
        InvalidOption,
        match=r"metric=.*expected (one of uniform|one such as uniform/auroc|a number)",
    ):
        zoo.search(metric=metric)


def test_the_headline_is_the_measure_that_says_most():
    metrics = {"uniform/auroc": 0.9, "degree_preserving/auroc": 0.7, "a": 1.0}
    assert headline(metrics) == ("degree_preserving/auroc", 0.7)
    assert headline({"b": 2.0, "a": 1.0}) == ("a", 1.0)
    assert headline({}) == (None, None)


def test_the_card_is_the_text_of_the_entrys_copy():
    assert zoo.card(tiny.TABLE) == "# tiny_table-toy\n\nMade for tests.\n"


def test_a_card_that_is_not_there(copied: Callable[..., Path]):
    folder = copied()
    zoo.register(folder)
    (folder / "card.md").unlink()
    with pytest.raises(MissingArtefact, match=r"card\.md is missing\. Fetch, reinstall or export"):
        zoo.card(tiny.TABLE)
    with pytest.raises(UnknownEntry, match="Did you mean tiny_table-toy"):
        zoo.card("tiny_table-to")


def test_an_entry_without_a_card_says_what_makes_one(copied: Callable[..., Path]):
    folder = copied()
    tiny.without_card(folder)
    zoo.register(folder)
    with pytest.raises(MissingArtefact, match=f"no card yet. Type: zoo report {tiny.TABLE}"):
        zoo.card(tiny.TABLE)


def test_a_folder_that_is_not_there_cannot_be_registered(tmp_path: Path):
    with pytest.raises(InvalidOption, match=r"folder=.* does not exist"):
        zoo.register(tmp_path / "nope")


def test_a_long_name_is_no_entry_and_is_compared_with_none():
    with pytest.raises(UnknownEntry) as caught:
        zoo.card(tiny.TABLE + "y" * 60)
    assert caught.value.near == []


def test_search_shows_the_evidence():
    assert zoo.search()["evidence"].tolist() == ["native"] * len(tiny.ENTRIES)


def test_search_by_evidence(copied: Callable[..., Path]):
    folder = copied(tiny.TABLE)
    manifest = folder / "manifest.json"
    text = manifest.read_text().replace('"native"', '"embedding-import, smoke test, 20 steps"')
    manifest.write_text(text)
    zoo.register(folder)
    assert zoo.search(evidence="Embedding-Import")["entry"].tolist() == [tiny.TABLE]
    assert tiny.TABLE not in zoo.search(evidence="native")["entry"].tolist()
    assert zoo.search(evidence="onnx-byo").empty
    for wrong in ("natively", "*", ""):
        with pytest.raises(InvalidOption, match=r"evidence=.*one of native, adapter"):
            zoo.search(evidence=wrong)
    with pytest.raises(InvalidOption, match="a text"):
        zoo.search(evidence=3)


def test_a_word_alone_is_searched_for():
    assert zoo.search("yeast")["entry"].tolist() == [tiny.CELL, tiny.PRODUCT]


@pytest.fixture
def one_broken(only_tiny: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """An entry in the cache whose manifest is no JSON, beside sound ones."""
    folder = tmp_path / "cache" / "broken-toy"
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text("{")
    monkeypatch.setenv("ZOO_CACHE", str(folder.parent))
    return folder.name


def test_a_broken_manifest_fails_no_list(one_broken: str):
    assert one_broken in zoo.names()
    with pytest.warns(UserWarning, match=f"{one_broken} is left out: .*manifest.json"):
        table = zoo.search()
    assert one_broken not in set(table["entry"])
    assert len(table)


def test_a_task_is_found_by_its_family(only_tiny: None):
    by_family = zoo.search(task="pairs")
    assert set(by_family["entry"]) == set(zoo.search(task="pair_*")["entry"])
    assert len(by_family)


@pytest.mark.parametrize("options", [{"text": 3}, {"task": 3}, {"metric": 1.0}])
def test_an_argument_that_is_no_text_is_refused(options):
    with pytest.raises(InvalidOption, match="a text"):
        zoo.search(**options)


def test_an_unknown_metric_is_answered_with_near_ones():
    with pytest.raises(InvalidOption, match="degree_preserving/auroc"):
        zoo.search(metric="degree_preserving/aurocc")
