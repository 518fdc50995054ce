"""The read-only pages of the real server."""

import hashlib
import json
from pathlib import Path

import pytest
from starlette.requests import Request

import zoo
from contracts import evidence
from contracts.manifest import Manifest
from serving import catalogue
from tests import tiny


def get(server, path: str) -> dict:
    answer = server.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def test_models_lists_every_entry_once(server):
    rows = get(server, "/models")["models"]
    names = [row["entry"] for row in rows]
    assert names == sorted(set(names))
    assert {*tiny.ENTRIES, *zoo.names()} <= set(names)
    (row,) = (row for row in rows if row["entry"] == tiny.DOT)
    assert (row["task"], row["tissue"], row["licence"]) == ("pair_embed", "liver", "CC0-1.0")
    assert (row["metric"], row["value"]) == ("uniform/auroc", 0.5)
    assert all(None not in row.values() for row in rows)
    assert all(evidence.of(row["evidence"]) for row in rows)
    assert get(server, f"/models/{tiny.DOT}")["evidence"] == row["evidence"] == "native"


def test_a_broken_manifest_is_named_beside_the_others_and_why(server, cache: Path):
    told = get(server, "/models")
    (broken,) = told["broken"]
    assert broken["entry"] == "tiny_table-broken"
    assert broken["reason"].startswith("manifest.json is no valid manifest: ")
    assert "version: Field required" in broken["reason"]
    assert str(cache) not in broken["reason"]
    assert "tiny_table-broken" not in {row["entry"] for row in told["models"]}


def test_nothing_is_said_of_broken_entries_where_there_are_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(catalogue.catalogue, "found", lambda: ([], {}))
    request = Request({"type": "http"})
    assert set(json.loads(catalogue.models(request).body)) == {"models"}


def test_model_is_the_manifest_without_its_files(server, cache: Path):
    shown = get(server, f"/models/{tiny.TABLE}")
    written = Manifest.load(cache / tiny.TABLE / "manifest.json").model_dump(mode="json")
    assert shown == {field: value for field, value in written.items() if field != "files"}


def test_card_is_markdown(server, cache: Path):
    answer = server.client.get(f"/models/{tiny.TABLE}/card")
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    assert answer.content == (cache / tiny.TABLE / "card.md").read_bytes()


def test_certificate_has_the_parity_and_digests_that_are_true(server, cache: Path):
    shown = get(server, f"/models/{tiny.TABLE}/certificate")
    assert shown["parity"] == {"score": {"max_abs_difference": 0.0}}
    assert (shown["entry"], shown["version"]) == (tiny.TABLE, "1.0")
    folder = cache / tiny.TABLE
    assert set(shown["files"]) == {path.name for path in folder.iterdir()} - {"manifest.json"}
    for name, record in shown["files"].items():
        assert record["sha256"] == hashlib.sha256((folder / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("entry", zoo.names())
def test_bundled_entries_have_all_pages(server, entry: str):
    assert get(server, f"/models/{entry}")["entry"] == entry
    assert get(server, f"/models/{entry}/certificate")["parity"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/models/tiny_tabel-toy", "unknown-entry"),
        ("/models/tiny_tabel-toy/card", "unknown-entry"),
        ("/models/tiny_tabel-toy/certificate", "unknown-entry"),
        ("/models/..%2F..", "not-found"),
        ("/models/%2E%2E", "unknown-entry"),
        ("/models/tiny_table-uncarded/card", "no-card"),
        (f"/models/{tiny.DOT}/certificate", "no-certificate"),
        (f"/models/{tiny.DOT}/weights.safetensors", "not-found"),
    ],
)
def test_what_is_not_there_is_a_404_problem(server, path: str, code: str):
    answer = server.client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == code


def test_a_near_name_is_given(server):
    assert tiny.TABLE in server.client.get("/models/tiny_tabel-toy").json()["near"]


def test_pages_are_read_only(server):
    answer = server.client.delete(f"/models/{tiny.TABLE}")
    assert answer.status_code == 405
    assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD"}


def test_a_browser_is_sent_to_the_list(server):
    """BentoML's own page at / makes the browser load scripts from elsewhere."""
    answer = server.client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/models")
