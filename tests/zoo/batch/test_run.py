"""Files through `zoo score` and `zoo regulators`: bounded, whole or not at all, resumable."""

import errno
import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import zoo
from tests import tiny
from tests.zoo.batch_tables import child, names, pairs, read, written
from tests.zoo.commands import refused, run
from zoo.batch import memory, parts

pytestmark = pytest.mark.usefixtures("only_tiny", "tiny_chunks")


@pytest.mark.parametrize("output", ["out.csv", "out.tsv", "out.parquet"])
@pytest.mark.parametrize("source", ["in.csv", "in.tsv", "in.parquet"])
def test_many_chunks_give_what_one_call_gives(tmp_path: Path, source: str, output: str):
    rows = pairs(73)
    path = written(tmp_path / source, rows)
    run("score", tiny.DOT, "-i", path, "-o", tmp_path / output, "--on-unknown", "skip")
    scored = zoo.load(tiny.DOT).scored(rows, "skip")
    result = read(tmp_path / output)
    assert [int(row["n"]) for row in result] == scored.kept.tolist()
    columns = scored.columns()
    assert [row["tf_symbol"] for row in result] == columns["tf"].tolist()
    for name in ("support", "known", "verdict"):
        assert [row[name] for row in result] == columns[name].tolist()
    scores = np.array([row["score"] for row in result], dtype=np.float32)
    np.testing.assert_array_equal(scores, scored.terms.probability)
    rejected = read(tmp_path / f"{output}.rejected.csv")
    place = 1 if source.endswith("parquet") else 2
    told = [(int(row["line"]) - place, row["name"], row["reason"]) for row in rejected]
    assert told == [(row.row, row.name, row.reason) for row in scored.skipped]
    assert names(tmp_path) == {source, output, f"{output}.rejected.csv"}


def test_the_rows_of_a_million_pairs_are_not_told_one_by_one(tmp_path: Path):
    path = written(tmp_path / "in.csv", [("FOO", "GFAP")] * 40 + [("SOX2", "GFAP")])
    asked = ("score", tiny.TABLE, "-i", path, "-o", tmp_path / "out.csv", "--on-unknown", "skip")
    told = run(*asked).stderr.splitlines()
    assert sum("was left out" in line for line in told) == 10
    assert told[-2:] == [
        "40 of 41 pairs were left out.",
        f"They are listed in {tmp_path / 'out.csv.rejected.csv'}.",
    ]
    summary = json.loads(run(*asked, "--json").stdout)
    assert (summary["rows"], summary["skipped_rows"]) == (1, 40)
    assert summary["rejected"] == str(tmp_path / "out.csv.rejected.csv")


def test_the_side_file_has_line_column_name_and_reason(tmp_path: Path):
    text = 'tf,gene,note\nSOX2,GFAP,"a\nb"\n\n,GFAP,1\nSOX2\nSOX2,"F,O""O",2\nGFAP,MBP,3\n'
    (tmp_path / "in.csv").write_text(text)
    side = tmp_path / "bad.tsv"
    asked = ("-i", tmp_path / "in.csv", "-o", tmp_path / "out.csv", "--on-unknown", "skip")
    run("score", tiny.TABLE, *asked, "--rejected", side)
    assert read(side) == [
        {"line": "5", "column": "tf", "name": "", "reason": "no-name"},
        {"line": "6", "column": "", "name": "", "reason": "wrong-number-of-cells"},
        {"line": "7", "column": "gene", "name": 'F,O"O', "reason": "unknown-gene"},
        {"line": "8", "column": "tf", "name": "GFAP", "reason": "not-a-regulator"},
    ]
    assert [row["note"] for row in read(tmp_path / "out.csv")] == ["a\nb"]
    written(tmp_path / "in.csv", [("SOX2", "GFAP")])
    run("score", tiny.TABLE, *asked, "--rejected", side)
    assert names(tmp_path) == {"in.csv", "out.csv"}, "the side file of an earlier run is gone"


def test_columns_of_odd_types_come_through_parquet_as_they_were(tmp_path: Path):
    rows = 45
    when = datetime(2024, 2, 29, 12, tzinfo=UTC)
    columns = {
        "tf": pa.array(["SOX2", "FOO", "PAX6"] * 15).dictionary_encode(),
        "gene": pa.array(["GFAP"] * rows, pa.large_string()),
        "label": pa.array(["x", None, "y"] * 15).dictionary_encode(),
        "when": pa.array([when] * rows, pa.timestamp("us", tz="UTC")),
        "list": pa.array([[1], None, [2, 3]] * 15, pa.list_(pa.int16())),
        "struct": pa.array([{"a": number} for number in range(rows)]),
        "raw": pa.array([b"\0\xff"] * rows),
        "exact": pa.array([None] * rows, pa.decimal128(9, 2)),
    }
    table = pa.table(columns)
    parquet.write_table(table, tmp_path / "in.parquet", row_group_size=7)
    asked = ("-i", tmp_path / "in.parquet", "--on-unknown", "skip")
    run("score", tiny.TABLE, *asked, "-o", tmp_path / "out.parquet")
    result = parquet.read_table(tmp_path / "out.parquet")
    expected = table.take([row for row in range(rows) if row % 3 != 1])
    carried = result.select(table.column_names)
    assert carried.schema.equals(expected.schema)
    assert carried.to_pylist() == expected.to_pylist()
    run("score", tiny.TABLE, *asked, "-o", tmp_path / "out.csv")
    first = read(tmp_path / "out.csv")[0]
    assert (first["when"], first["list"], first["exact"]) == (str(when), "[1]", "")


def test_regulators_of_a_table_and_of_a_table_of_pairs(tmp_path: Path):
    (tmp_path / "in.tsv").write_text("Target\tnote\n" + "MBP\ta\nNO\tb\nGFAP\tc\n" * 12)
    asked = ("regulators", tiny.DOT, "-i", tmp_path / "in.tsv", "-o", tmp_path / "out.csv")
    result = run(*asked, "-k", 3, "--on-unknown", "skip")
    assert "12 of 36 genes were left out." in result.stderr
    rows = read(tmp_path / "out.csv")
    alone = zoo.load(tiny.DOT).regulators(["MBP", "GFAP"], k=3)
    assert [row["tf"] for row in rows] == alone["tf"].tolist() * 12
    assert [row["note"] for row in rows[:6]] == ["a"] * 3 + ["c"] * 3
    assert read(tmp_path / "out.csv.rejected.csv")[1]["line"] == "6"
    assert "line 3: 'NO' is no gene" in refused(*asked, "-k", 3)
    assert "k=0" in refused(*asked, "-k", 0)
    written(tmp_path / "pairs.csv", [("SOX2", "GFAP")])
    told = refused("regulators", tiny.DOT, "-i", tmp_path / "pairs.csv", *asked[4:], "-k", 3)
    assert "has a column 'tf' already" in told


GOOD = [("SOX2", "GFAP")] * 60


@pytest.mark.parametrize("output", ["out.csv", "out.parquet"])
@pytest.mark.parametrize("place", ["part", "join"])
def test_a_full_disk_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str, place: str
):
    path = written(tmp_path / "in.csv", GOOD)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if place == "part":
        monkeypatch.setattr(parts, "to_disk", full)
    else:
        monkeypatch.setattr(parts.Parts, "batches", full)
    told = refused("score", tiny.TABLE, "-i", path, "-o", tmp_path / output)
    assert f"{output}: it cannot be written: No space left on device. Make room there" in told
    assert names(tmp_path) == {"in.csv"}


@pytest.mark.parametrize(("output", "limit"), [("out.csv", 900), ("out.csv", 8000)])
def test_a_limit_on_the_size_of_files_leaves_nothing(
    tiny_root: Path, tmp_path: Path, output: str, limit: int
):
    """As a full disk does, by the system's own hand: in a part, and in the joined file."""
    path = written(tmp_path / "in.csv", GOOD * 4)
    (tmp_path / output).write_text("the old one")
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
    asked = ("score", tiny.TABLE, "-i", path, "-o", tmp_path / output)
    done = child(tiny_root, 0, *asked, before=limited)
    assert done.returncode == 2, done.stderr
    assert "it cannot be written: File too large. Make room there" in done.stderr
    assert (tmp_path / output).read_text() == "the old one"
    assert names(tmp_path) == {"in.csv", output}


BAD = {
    "empty.parquet": (
        pa.table({"tf": pa.array([], "string"), "gene": pa.array([], "string")}),
        "is empty",
    ),
    "wrong.parquet": (pa.table({"tf": ["SOX2"], "gene": [1.5]}), "column 'gene' holds double"),
    "null.parquet": (
        pa.table({"tf": ["SOX2"] * 25, "gene": ["GFAP"] * 24 + [None]}),
        "line 25: column 'gene' has nothing",
    ),
    "score.parquet": (
        pa.table({"tf": ["SOX2"], "gene": ["GFAP"], "score": [1]}),
        "has a column 'score' already",
    ),
    "header.csv": ("tf,gene\n", "is empty"),
    "late.csv": (
        "tf,gene\n" + "SOX2,GFAP\n" * 45 + "SOX2,GFPA\n",
        "line 47: 'GFPA' is no gene.*--on-unknown skip",
    ),
    "wide.csv": (
        "tf,gene\n" + "SOX2,GFAP\n" * 45 + "SOX2,GFAP,1\n",
        "line 47: got 3 cells, expected 2",
    ),
    "quote.tsv": (
        "tf\tgene\n" + "SOX2\tGFAP\n" * 45 + 'SOX2\t"GFAP\n',
        "line 47: it cannot be read.*Close every quote",
    ),
}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("output", ["out.csv", "out.parquet"])
def test_bad_input_is_one_message_and_leaves_nothing(tmp_path: Path, name: str, output: str):
    content, message = BAD[name]
    if isinstance(content, str):
        (tmp_path / name).write_text(content)
    else:
        parquet.write_table(content, tmp_path / name)
    told = refused("score", tiny.TABLE, "-i", tmp_path / name, "-o", tmp_path / output)
    assert re.search(message, told)
    assert str(tmp_path / name) in told
    assert names(tmp_path) == {name}


@pytest.mark.parametrize("keep", [100, -8, "middle"])
def test_a_cut_off_parquet_file(tmp_path: Path, keep: int | str):
    path = written(tmp_path / "in.parquet", pairs(2000))
    content = bytearray(path.read_bytes())
    if keep == "middle":
        content[400:3000] = bytes(2600)
    else:
        content = content[:keep]
    path.write_bytes(content)
    told = refused(
        "score", tiny.TABLE, "-i", path, "-o", tmp_path / "out.csv", "--on-unknown", "skip"
    )
    assert "it cannot be read as Parquet" in told
    assert names(tmp_path) == {"in.parquet"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "no/out.csv"], "there is no folder"),
        (["-o", "in.csv"], "another file than the one that is read"),
        (["-o", "out.h5ad"], r"ends in \.csv, \.tsv, \.parquet\."),
        (["-o", "out.csv", "--rejected", "out.csv"], "another file than the output"),
        (["-o", "out.csv", "--rejected", "in.csv"], "another file than the one that is read"),
        (["-o", "out.csv", "--memory", "1MB"], "--memory='1MB' is not allowed: expected at least"),
        (["-o", "out.csv", "--memory", "lots"], "a size such as 800MB"),
        (["-o", "out.csv", "--on-unknown", "no"], "on_unknown='no'"),
        (["-o", "out.csv", "--table", "obs"], "--table='obs'.*ends in .h5ad"),
        (["--resume"], "--resume=True.*with --input and --output"),
        (["--memory", "1GB"], "--memory='1GB'.*with --input and --output"),
        (["-o", "out.csv", "SOX2:GFAP"], "pairs as TF:GENE or a file, not both"),
    ],
)
def test_options_that_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], message: str
):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "in.csv", [("SOX2", "GFAP")])
    assert re.search(message, refused("score", tiny.TABLE, "-i", "in.csv", *options))
    assert names(tmp_path) == {"in.csv"}


def test_an_input_that_changes_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = written(tmp_path / "in.csv", GOOD)
    save = parts.Parts.save

    def meddling(self: parts.Parts, number: int, results: Any) -> None:
        save(self, number, results)
        os.utime(path, ns=(1, 1))

    monkeypatch.setattr(parts.Parts, "save", meddling)
    told = refused("score", tiny.TABLE, "-i", path, "-o", tmp_path / "out.csv")
    assert "it was changed while it was read" in told
    assert names(tmp_path) == {"in.csv"}


def test_rows_that_grow_beyond_the_memory(tmp_path: Path):
    """Rows are measured at the beginning; later ones that are far wider are refused in time."""
    notes = pa.array([""] * 15 + ["x" * 12_000_000] * 5)
    table = pa.table({"tf": ["SOX2"] * 20, "gene": ["GFAP"] * 20, "note": notes})
    parquet.write_table(table, tmp_path / "in.parquet")
    told = refused(
        "score",
        tiny.TABLE,
        "-i",
        tmp_path / "in.parquet",
        "-o",
        tmp_path / "out.csv",
        "--memory",
        memory.peak() + 250_000_000,
    )
    assert "--memory" in told
    assert names(tmp_path) == {"in.parquet"}
