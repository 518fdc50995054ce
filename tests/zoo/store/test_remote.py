"""Fetching from a remote store: a web server on the loopback interface."""

import errno
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

import zoo
from contracts.errors import (
    CacheNotWritable,
    CorruptArtefact,
    InvalidManifest,
    RemoteError,
    UnknownEntry,
)
from tests import tiny
from tests.zoo.conftest import flip_a_bit
from zoo.store import remote

NOBODY = 65534

asked: list[str] = []


@contextmanager
def unprivileged() -> Iterator[None]:
    """Be somebody whom permissions bind: root may write everywhere."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


class Handler(SimpleHTTPRequestHandler):
    """Serve a folder, and remember what was asked for."""

    def log_message(self, *args: object) -> None:
        """Keep stderr clean."""
        asked.append(self.path)


@pytest.fixture
def served(
    copied: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A remote with tiny_table-toy; yields its folder there. The cache is empty."""
    folder = copied(to=tmp_path / "remote")
    asked.clear()
    handler = partial(Handler, directory=str(tmp_path / "remote"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        monkeypatch.setenv("ZOO_REMOTE", f"http://127.0.0.1:{server.server_port}/")
        monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "cache"))
        yield folder
        server.shutdown()
        thread.join()


def test_an_entry_is_fetched_once_and_then_comes_from_the_cache(served: Path, tmp_path: Path):
    model = zoo.load(tiny.TABLE, device="cpu")
    assert model.score([("SOX2", "GFAP")]).shape == (1,)
    assert len(asked) == len(list(served.iterdir()))
    cached = tmp_path / "cache" / tiny.TABLE
    assert {p.name for p in cached.iterdir()} == {p.name for p in served.iterdir()}
    assert [p.name for p in cached.parent.iterdir()] == [tiny.TABLE]
    shutil.rmtree(served)
    zoo.load(tiny.TABLE, device="cpu")
    assert tiny.TABLE in zoo.names()


def test_a_file_removed_from_the_cache_is_fetched_again(served: Path, tmp_path: Path):
    zoo.load(tiny.TABLE, device="cpu")
    damaged = tmp_path / "cache" / tiny.TABLE / "score.onnx"
    flip_a_bit(damaged)
    with pytest.raises(CorruptArtefact, match="Remove it and fetch"):
        zoo.load(tiny.TABLE)
    damaged.unlink()
    zoo.load(tiny.TABLE, device="cpu")
    assert damaged.read_bytes() == (served / "score.onnx").read_bytes()


@pytest.mark.usefixtures("served")
def test_an_entry_that_the_remote_lacks_is_unknown():
    with pytest.raises(UnknownEntry, match="far-away"):
        zoo.load("far-away")


def test_what_arrives_damaged_is_not_kept(served: Path, tmp_path: Path):
    flip_a_bit(served / "score.onnx")
    with pytest.raises(CorruptArtefact, match=r"score\.onnx.*sha256"):
        zoo.load(tiny.TABLE)
    assert not list((tmp_path / "cache").iterdir())


def test_a_file_that_the_remote_lost_is_a_remote_error(served: Path, tmp_path: Path):
    (served / "card.md").unlink()
    with pytest.raises(RemoteError, match=r"card\.md could not be fetched.*does not have it"):
        zoo.load(tiny.TABLE)
    assert not list((tmp_path / "cache").iterdir())


def test_a_remote_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        port = server.server_port
    monkeypatch.setenv("ZOO_REMOTE", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path))
    with pytest.raises(RemoteError, match="fetched: no connection to it could be made") as caught:
        zoo.load(tiny.TABLE)
    assert "HTTPConnectionPool" not in str(caught.value)
    assert "Check ZOO_REMOTE and the network" in str(caught.value)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.ConnectTimeout("Pool(host=x)"), "did not answer within 30 seconds"),
        (requests.exceptions.SSLError("Pool(host=x)"), "certificate"),
        (requests.exceptions.ProxyError("Pool(host=x)"), "proxy"),
        (requests.exceptions.ChunkedEncodingError("Pool(host=x)"), "broke off"),
        (
            requests.exceptions.InvalidURL("Pool(host=x)"),
            r"no address to fetch from \(InvalidURL\)",
        ),
    ],
)
def test_what_went_wrong_is_told_in_words(
    error: Exception, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*args: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(requests, "get", refuse)
    monkeypatch.setattr(requests.Session, "request", refuse)
    with pytest.raises(RemoteError, match=words) as caught:
        remote.fetch("http://x", tiny.TABLE, tmp_path / tiny.TABLE)
    assert "Pool" not in str(caught.value)


def test_a_status_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class Broken(Handler):
        """Answer 503 to everything."""

        def do_GET(self) -> None:
            self.send_error(503)

    with ThreadingHTTPServer(("127.0.0.1", 0), Broken) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        with pytest.raises(RemoteError, match="fetched: it answered 503 Service Unavailable"):
            remote.fetch(f"http://127.0.0.1:{server.server_port}", "a-b", tmp_path / "a-b")
        server.shutdown()
        thread.join()


@pytest.mark.usefixtures("served")
def test_a_cache_on_a_read_only_disk_names_zoo_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def refuse(*args: object, **options: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(remote.tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(CacheNotWritable, match="Set ZOO_CACHE to a folder that can") as caught:
        zoo.load(tiny.TABLE)
    assert caught.value.path == str(tmp_path / "cache")


@pytest.mark.usefixtures("served")
def test_a_cache_folder_without_write_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    cache = tmp_path / "locked"
    cache.mkdir(mode=0o555)
    monkeypatch.setenv("ZOO_CACHE", str(cache))
    with unprivileged(), pytest.raises(CacheNotWritable, match="Set ZOO_CACHE"):
        zoo.load(tiny.TABLE)


@pytest.mark.usefixtures("served")
def test_a_cache_that_cannot_be_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path / "file"))
    with pytest.raises(CacheNotWritable, match="Set ZOO_CACHE"):
        zoo.load(tiny.TABLE)


def test_a_manifest_cannot_name_a_file_elsewhere(served: Path):
    manifest = served / "manifest.json"
    manifest.write_text(manifest.read_text().replace("card.md", "../card.md"))
    with pytest.raises(InvalidManifest, match="files"):
        zoo.load(tiny.TABLE)
