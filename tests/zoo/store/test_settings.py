"""The environment is read when asked, and a value that makes no sense is refused."""

from pathlib import Path

import pytest

from contracts.errors import InvalidOption
from zoo.store import settings


def test_the_cache_is_where_zoo_cache_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path))
    assert settings.cache_folder() == tmp_path
    monkeypatch.delenv("ZOO_CACHE")
    assert settings.cache_folder() != tmp_path
    assert "regzoo" in settings.cache_folder().parts


def test_what_is_imported_is_where_zoo_home_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setenv("ZOO_HOME", str(tmp_path))
    assert settings.home_folder() == tmp_path
    monkeypatch.delenv("ZOO_HOME")
    assert settings.home_folder() not in (tmp_path, settings.cache_folder())
    assert "regzoo" in settings.home_folder().parts


@pytest.mark.parametrize("told", ["http://host/zoo", "http://host/zoo/", " https://host/zoo// "])
def test_a_remote_loses_its_last_slash(told: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ZOO_REMOTE", told)
    assert settings.remote() == told.strip().rstrip("/")


@pytest.mark.parametrize("told", ["", "  "])
def test_an_empty_remote_is_none(told: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ZOO_REMOTE", told)
    assert settings.remote() is None


def test_a_remote_is_an_http_address(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ZOO_REMOTE", "host/zoo")
    with pytest.raises(InvalidOption, match=r"ZOO_REMOTE='host/zoo'.*http://"):
        settings.remote()


@pytest.mark.parametrize(
    ("told", "expected"), [("1", True), ("Yes", True), ("0", False), ("", False)]
)
def test_offline_is_a_yes_or_a_no(told: str, expected: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ZOO_OFFLINE", told)
    assert settings.offline() is expected


def test_offline_is_nothing_else(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ZOO_OFFLINE", "perhaps")
    with pytest.raises(InvalidOption, match=r"ZOO_OFFLINE='perhaps'.*1 to stay off"):
        settings.offline()
