"""Where entries are found, in which order, and what is refused."""

import json
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

import zoo
from contracts.errors import (
    CorruptArtefact,
    InvalidManifest,
    MissingArtefact,
    Offline,
    UnknownEntry,
)
from contracts.manifest import Manifest
from tests import tiny
from tests.zoo.conftest import flip_a_bit
from zoo.store import folders
from zoo.store.files import sha256

Copied = Callable[..., Path]


@pytest.fixture
def no_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening a socket is an error."""

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


@pytest.mark.parametrize("name", [p.name for p in sorted((folders.BUNDLED / "x").parent.glob("*"))])
def test_bundled_entries_are_found(name: str):
    assert folders.known()[name] == folders.BUNDLED / name


def test_registered_goes_before_bundled_goes_before_cache(
    copied: Copied, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    cache, bundled = tmp_path / "cache", tmp_path / "bundled"
    monkeypatch.setenv("ZOO_CACHE", str(cache))
    monkeypatch.setattr(folders, "BUNDLED", bundled)
    in_cache = copied(to=cache)
    assert folders.locate(tiny.TABLE) == folders.known()[tiny.TABLE] == in_cache
    in_package = copied(to=bundled)
    assert folders.locate(tiny.TABLE) == folders.known()[tiny.TABLE] == in_package
    outside = copied(to=tmp_path / "elsewhere")
    assert folders.register(outside) == tiny.TABLE
    assert folders.locate(tiny.TABLE) == folders.known()[tiny.TABLE] == outside


def test_a_flipped_bit_in_any_file_is_corrupt(copied: Copied):
    folder = copied()
    zoo.register(folder)
    for name, record in Manifest.load(folder / "manifest.json").files.items():
        before = (folder / name).read_bytes()
        flip_a_bit(folder / name)
        with pytest.raises(CorruptArtefact) as caught:
            zoo.load(tiny.TABLE)
        message = str(caught.value)
        assert str(folder / name) in message
        assert record.sha256 in message
        assert sha256(folder / name) in message
        (folder / name).write_bytes(before)
    zoo.load(tiny.TABLE)


def test_registering_checks_at_once(copied: Copied, tmp_path: Path):
    folder = copied()
    flip_a_bit(folder / "score.onnx")
    with pytest.raises(CorruptArtefact, match=r"score\.onnx"):
        zoo.register(folder)
    (folder / "score.onnx").unlink()
    with pytest.raises(MissingArtefact, match=r"score\.onnx"):
        zoo.register(folder)
    with pytest.raises(MissingArtefact, match=r"manifest\.json"):
        zoo.register(tmp_path)
    (folder / "manifest.json").write_text("{}")
    with pytest.raises(InvalidManifest, match="entry"):
        zoo.register(folder)
    assert tiny.TABLE not in zoo.names()


def test_a_folder_with_another_entrys_manifest_is_refused(
    copied: Copied, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    folder = copied(to=tmp_path / "cache")
    folder.rename(folder.with_name("tiny_table-copy"))
    with pytest.raises(InvalidManifest, match=r"tiny_table-toy.*expected 'tiny_table-copy'"):
        zoo.load("tiny_table-copy")


@pytest.mark.usefixtures("only_tiny", "no_socket")
@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("tiny_table-toyy", "tiny_table-toy"),
        ("tiny-table-toy", "tiny_table-toy"),
        ("Tiny_Table-Toy", "tiny_table-toy"),
        ("tiny_dot", "tiny_dot-toy"),
    ],
)
def test_an_unknown_entry_names_near_ones_and_opens_no_socket(name: str, near: str):
    with pytest.raises(UnknownEntry, match=rf"{name}' is no entry.*Did you mean.*{near}") as caught:
        zoo.load(name)
    assert near in caught.value.near


@pytest.mark.usefixtures("only_tiny")
@pytest.mark.parametrize("name", ["", "../tiny_table-toy", "/etc", "nothing like it-at-all"])
def test_what_cannot_be_an_entry_is_unknown_and_no_path(name: str):
    with pytest.raises(UnknownEntry, match="is no entry of this zoo"):
        zoo.load(name)


@pytest.mark.usefixtures("only_tiny", "no_socket")
def test_offline_opens_no_socket(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ZOO_REMOTE", "http://localhost:9/zoo")
    monkeypatch.setenv("ZOO_OFFLINE", "1")
    zoo.load(tiny.TABLE, device="cpu")
    with pytest.raises(Offline, match=r"far-away is not on this machine.*Unset ZOO_OFFLINE"):
        zoo.load("far-away")


def test_record_writes_what_a_file_is_now(copied: Copied):
    folder = copied()
    before = Manifest.load(folder / "manifest.json")
    (folder / "evaluation.json").write_text(json.dumps({"auroc": 0.75}))
    (folder / "card.md").write_text("# Another card\n")
    for name in ("evaluation.json", "card.md"):
        folders.record(folder, name)
    after = Manifest.load(folder / "manifest.json")
    assert set(after.files) == set(before.files) | {"evaluation.json"}
    assert after.files["card.md"].sha256 == sha256(folder / "card.md")
    assert after.files["card.md"].bytes == len("# Another card\n")
    assert after.model_copy(update={"files": before.files}) == before
    assert not [path for path in folder.iterdir() if path.name.startswith(".")]
    folders.check_digests(folder, after)


def test_record_refuses_what_is_not_there(copied: Copied):
    folder = copied()
    with pytest.raises(MissingArtefact, match=r"nothing\.json"):
        folders.record(folder, "nothing.json")


def test_a_cache_that_may_not_be_looked_into_has_no_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    cache = tmp_path / "a file, not a folder"
    cache.write_text("")
    monkeypatch.setenv("ZOO_CACHE", str(cache))
    assert zoo.names("*-brain") == [name for name in folders.known() if name.endswith("-brain")]


def test_a_cached_entry_that_lacks_a_file_says_which(
    copied: Copied, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
    folder = copied(to=tmp_path / "cache")
    (folder / "card.md").unlink()
    with pytest.raises(MissingArtefact, match=r"card\.md is missing"):
        zoo.load(tiny.TABLE)
    shutil.rmtree(folder)
    with pytest.raises(UnknownEntry):
        zoo.load(tiny.TABLE)
