"""`zoo enrich`: lists typed, in files, with a background and with directions."""

import json
from pathlib import Path

import pytest

import zoo
from contracts.pairs.enrich import EnrichResponse
from tests import tiny
from tests.tiny import GENES, R
from tests.zoo.batch_tables import read
from tests.zoo.commands import refused, run

pytestmark = pytest.mark.usefixtures("only_tiny")
LIST = ["GFAP", "MAP2", "SOX2", "SYN1"]


@pytest.fixture
def names(tmp_path: Path) -> Path:
    path = tmp_path / "list.txt"
    path.write_text("GFAP\nMAP2\n\nSOX2\nSYN1\nGFAP\n")
    return path


def test_a_list_typed_and_one_in_a_file_are_answered_alike(names, tmp_path):
    typed = run("enrich", tiny.DOT, *LIST, "-k", 3, "--json")
    answer = EnrichResponse.model_validate_json(typed.stdout)
    table = zoo.load(tiny.DOT, device="cpu").enrich(LIST, k=3)
    assert [row.tf for row in answer.regulators] == table["tf"].tolist()
    assert [", ".join(row.genes) for row in answer.regulators] == table["genes"].tolist()
    assert (answer.genes, answer.background) == (4, len(GENES))
    assert run("enrich", tiny.DOT, "-i", names, "-k", 3, "--json").stdout == typed.stdout
    run("enrich", tiny.DOT, "-i", names, "-k", 3, "-o", tmp_path / "out.tsv")
    assert [row["tf"] for row in read(tmp_path / "out.tsv")] == table["tf"].tolist()
    shown = run("enrich", tiny.DOT, *LIST, "-k", 3)
    assert "4 genes against a background of 12." in shown.stderr
    assert table["tf"].iloc[0] in shown.stdout


def test_background_and_directions_come_from_files(tmp_path):
    (tmp_path / "all.txt").write_text("\n".join(GENES[:10]))
    (tmp_path / "up.txt").write_text("GFAP\nMAP2\n")
    (tmp_path / "down.txt").write_text("SOX2\n")
    files = ["--up", tmp_path / "up.txt", "--down", tmp_path / "down.txt"]
    words = [*files, "--background", tmp_path / "all.txt", "-k", R, "--json"]
    answer = json.loads(run("enrich", tiny.TABLE, *words).stdout)
    signs = {"GFAP": 1, "MAP2": 1, "SOX2": -1}
    table = zoo.load(tiny.TABLE, device="cpu").enrich(list(signs), GENES[:10], signs, R)
    assert answer["background"] == 10
    got = [row["activity"] for row in answer["regulators"]]
    assert got == [None if value != value else pytest.approx(value) for value in table["activity"]]


def test_names_left_out_are_told(names):
    skip = ["--on-unknown", "skip"]
    with pytest.warns(UserWarning, match="1 of 5 names"):
        got = run("enrich", tiny.DOT, *LIST, "NOBODY", "-k", 3, *skip, "--json")
    told = json.loads(got.stdout)["skipped"]
    assert told == [{"row": 4, "name": "NOBODY", "reason": "unknown-gene"}]


def test_what_cannot_be_asked_is_refused(names, tmp_path):
    assert "zoo enrich two_tower-brain" in refused("enrich", tiny.DOT)
    assert "without GENE" in refused("enrich", tiny.DOT, "GFAP", "-i", names)
    assert "without --input" in refused("enrich", tiny.DOT, "-i", names, "--up", names)
    assert "--up" in refused("enrich", tiny.DOT, "--up", names, "--down", names)
    assert "at least 3" in refused("enrich", tiny.DOT, "GFAP")
    assert "cannot be read" in refused("enrich", tiny.DOT, "-i", tmp_path / "nowhere.txt")
    assert "the extension" in refused("enrich", tiny.DOT, *LIST, "-o", "x.docx")
