import json
import re
from typing import Any

import pytest
from pydantic import ValidationError

from contracts.errors import InvalidManifest, InvalidOption, MissingArtefact
from contracts.manifest import FILENAME, FileRecord, Manifest, split_entry

DIGEST = "0123456789abcdef" * 4


def plain(**changes: Any) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "entry": "two_tower-brain",
        "version": "1.0.0",
        "task": "pair_embed",
        "architecture": "two_tower",
        "summary": "Two towers over regulators and targets.",
        "species": "human",
        "tissue": "brain",
        "config": {"dim": 64, "layers": [128, 64], "dropout": 0.1},
        "sizes": {"tfs_total": 3, "genes_total": 12, "dim": 64},
        "graphs": {"tf_tower": "tf_tower.onnx", "gene_tower": "gene_tower.onnx"},
        "files": {
            "tf_tower.onnx": {"sha256": DIGEST, "bytes": 10},
            "gene_tower.onnx": {"sha256": DIGEST, "bytes": 0},
        },
        "licences": {"code": "Apache-2.0", "weights": "CC-BY-4.0", "data": {"TRRUST": "CC-BY-SA"}},
        "evidence": "native",
        "recipe": "two_tower-brain.toml",
        "data": {"edges.tsv.gz": DIGEST},
        "seeds": [0, 1],
        "commit": None,
        "packages": {"torch": "2.13.0"},
        "metrics": {"uniform/auroc": 0.93},
        **changes,
    }


def write(folder, content) -> Any:
    path = folder / FILENAME
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_loading_what_was_saved_gives_the_same_manifest(tmp_path):
    manifest = Manifest.load(write(tmp_path, plain()))
    assert manifest.model_dump(mode="json") == plain()
    manifest.save(tmp_path / "first.json")
    Manifest.load(tmp_path / "first.json").save(tmp_path / "second.json")
    first = (tmp_path / "first.json").read_bytes()
    assert first == (tmp_path / "second.json").read_bytes()
    assert json.loads(first) == plain()


def test_the_order_in_which_fields_were_given_does_not_show(tmp_path):
    turned = dict(reversed(plain().items()))
    turned["files"] = dict(reversed(turned["files"].items()))
    Manifest.model_validate(plain()).save(tmp_path / "first.json")
    Manifest.model_validate(turned).save(tmp_path / "second.json")
    assert (tmp_path / "first.json").read_bytes() == (tmp_path / "second.json").read_bytes()


def test_a_manifest_built_in_python_is_the_one_loaded(tmp_path):
    files = {name: FileRecord(**record) for name, record in plain()["files"].items()}
    loaded = Manifest.load(write(tmp_path, plain()))
    assert Manifest(**plain(files=files, licences=loaded.licences)) == loaded
    assert Manifest.model_validate(plain()) == loaded


def test_a_manifest_cannot_be_changed(tmp_path):
    manifest = Manifest.load(write(tmp_path, plain()))
    with pytest.raises(ValidationError, match="frozen"):
        manifest.entry = "other-brain"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"colour": "red"}, "colour: Extra inputs are not permitted, got 'red'"),
        ({"schema_version": 2}, "schema_version: Input should be 1, got 2"),
        ({"entry": "Two_Tower-brain"}, "entry: String should match pattern"),
        ({"entry": "twotower"}, "entry: String should match pattern"),
        ({"entry": "cross_encoder-brain"}, "architecture is 'two_tower', expected 'cross_encoder'"),
        ({"task": "pair_guess"}, "task='pair_guess' is not allowed: expected one of cell_embed"),
        ({"graphs": {"tf_tower": "tf_tower.onnx"}}, "expected ['gene_tower', 'tf_tower']"),
        ({"task": "pair_score"}, "expected ['score']"),
        ({"sizes": {"tfs_total": 3, "genes_total": 12}}, "sizes lacks dim"),
        ({"sizes": {"tfs_total": 0, "genes_total": 12, "dim": 4}}, "sizes.tfs_total: Input should"),
        ({"sizes": {"tfs_total": "3", "genes_total": 12, "dim": 4}}, "valid integer, got '3'"),
        ({"files": {}}, "files lacks gene_tower.onnx, tf_tower.onnx, named in graphs"),
        (
            {"files": {**plain()["files"], FILENAME: {"sha256": DIGEST, "bytes": 1}}},
            "cannot hold its own digest",
        ),
        (
            {"files": {**plain()["files"], "../evil": {"sha256": DIGEST, "bytes": 1}}},
            "String should match pattern",
        ),
        ({"files": {"tf_tower.onnx": {"sha256": "AB", "bytes": 1}}}, "files.tf_tower.onnx.sha256"),
        ({"files": {"tf_tower.onnx": {"sha256": DIGEST, "bytes": -1}}}, "tf_tower.onnx.bytes"),
        ({"licences": {"code": "Apache-2.0", "weights": "", "data": {}}}, "licences.weights"),
        ({"seeds": "0"}, "seeds: Input should be a valid"),
        ({"summary": ""}, "summary: String should have at least 1 character"),
        ({"metrics": {"auroc": float("nan")}}, "metrics.auroc: Input should be a finite number"),
    ],
)
def test_a_wrong_field_is_named_with_what_was_got(tmp_path, changes, reason):
    path = write(tmp_path, plain(**changes))
    with pytest.raises(InvalidManifest, match=re.escape(reason)) as caught:
        Manifest.load(path)
    assert caught.value.path == str(path)


@pytest.mark.parametrize("field", sorted(set(plain()) - {"schema_version", "commit"}))
def test_no_field_may_be_left_out(tmp_path, field):
    content = plain()
    del content[field]
    with pytest.raises(InvalidManifest, match=f"{field}: Field required"):
        Manifest.load(write(tmp_path, content))


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"entry": "two_tower-br'])
def test_what_is_no_json_object_is_refused(tmp_path, content):
    with pytest.raises(InvalidManifest, match="the whole"):
        Manifest.load(write(tmp_path, content))


def test_every_problem_is_reported(tmp_path):
    path = write(tmp_path, plain(species="", tissue="", seeds=None))
    with pytest.raises(InvalidManifest, match=r"species: .*; tissue: .*; seeds: "):
        Manifest.load(path)


def test_a_manifest_that_is_not_there_is_missing(tmp_path):
    with pytest.raises(MissingArtefact, match=re.escape(str(tmp_path / FILENAME))):
        Manifest.load(tmp_path / FILENAME)


@pytest.mark.parametrize(
    ("entry", "parts"),
    [
        ("two_tower-brain", ("two_tower", "brain")),
        ("degree-brain", ("degree", "brain")),
        ("cls_transformer-yeast-small", ("cls_transformer", "yeast-small")),
    ],
)
def test_the_first_hyphen_separates(entry, parts):
    assert split_entry(entry) == parts


@pytest.mark.parametrize("entry", ["", "brain", "-brain", "a-", "A-b", "a b-c", "a-b\n", "../a-b"])
def test_another_form_of_entry_is_refused(entry):
    with pytest.raises(InvalidOption, match="<architecture>-<variant>"):
        split_entry(entry)


@pytest.mark.parametrize("text", ["native", "smoke test, 20 steps", "embedding-import", "cited"])
def test_evidence_is_a_rung_of_the_ladder(tmp_path, text: str):
    assert Manifest.load(write(tmp_path, plain(evidence=text))).evidence == text


@pytest.mark.parametrize("text", ["", "trust me", "Native"])
def test_other_evidence_is_refused(tmp_path, text: str):
    with pytest.raises(InvalidManifest, match=r"evidence: .*one of native, adapter"):
        Manifest.load(write(tmp_path, plain(evidence=text)))
