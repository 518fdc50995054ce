"""Files through `zoo predict`: bounded, whole or not at all, resumable."""

import json
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

import zoo
from tests import tiny
from tests.zoo.batch_tables import child, names, read
from tests.zoo.commands import refused, run
from zoo.batch import parts
from zoo.perturbations.batches import PredictTask
from zoo.sets.notation import read_set
from zoo.tables import text

pytestmark = pytest.mark.usefixtures("only_tiny", "tiny_chunks")

SETS = [
    "ADE2+HO",
    "YAL002W|URA3:overexpressed",
    "wildtype",
    "FOO+HO",
    "ACT1",
    "TWIN",
    "HO+YDL227C",
    "",
]
GOOD = ["ADE2+HO", "ACT1:overexpression", "wildtype"]


def written(path: Path, sets: list[str], column: str = "perturbation") -> Path:
    """A table of sets with their numbers, in the format that the path names."""
    if path.suffix == ".parquet":
        parquet.write_table(pa.table({"n": range(len(sets)), column: sets}), path)
    else:
        separator = text.DELIMITERS[path.suffix]
        lines = [separator.join((str(n), one)) for n, one in enumerate(sets)]
        path.write_text("\n".join([separator.join(("n", column)), *lines]) + "\n")
    return path


def drawn(rows: int, sets: list[str]) -> list[str]:
    draw = random.Random(5)
    return [draw.choice(sets) for _ in range(rows)]


@pytest.mark.parametrize("output", ["out.csv", "out.tsv", "out.parquet"])
@pytest.mark.parametrize("source", ["in.csv", "in.tsv", "in.parquet"])
def test_many_chunks_give_what_one_call_gives(tmp_path: Path, source: str, output: str):
    sets = drawn(73, SETS)
    path = written(tmp_path / source, sets)
    told = run("predict", tiny.CELL, "-i", path, "-o", tmp_path / output, "--on-unknown", "skip")
    reasons = {3: "unknown-gene", 5: "ambiguous-gene", 6: "gene-twice"}
    bad = {SETS[number]: reason for number, reason in reasons.items()}
    kept = [n for n, one in enumerate(sets) if one not in bad]
    expected = zoo.load(tiny.CELL).predict([read_set(sets[n]) for n in kept])
    result = read(tmp_path / output)
    assert [int(row["n"]) for row in result] == kept
    assert [row["perturbation"] for row in result] == [sets[n] for n in kept]
    assert [row["perturbation_symbols"] for row in result] == expected["perturbation"].tolist()
    assert [row["perturbation_names"] for row in result] == expected["names"].tolist()
    for name in ("support", "expectation_basis"):
        assert [row[name] for row in result] == expected[name].tolist()
    for name in ("fitness", "gene_interaction", "expectation"):
        numbers = np.array([row[name] for row in result], dtype=np.float32)
        np.testing.assert_array_equal(numbers, expected[name].to_numpy())
    place = 1 if source.endswith("parquet") else 2
    rejected = read(tmp_path / f"{output}.rejected.csv")
    assert [(int(row["line"]) - place, row["reason"]) for row in rejected] == [
        (n, bad[one]) for n, one in enumerate(sets) if one in bad
    ]
    assert f"{73 - len(kept)} of 73 sets were left out." in told.stderr
    assert names(tmp_path) == {source, output, f"{output}.rejected.csv"}


def test_a_table_of_records_with_genes_joined_by_bars(tmp_path: Path):
    path = written(tmp_path / "records.tsv", ["YAL002W|YBR001C", "YOR128C"], "genes")
    run("predict", tiny.PRODUCT, "-i", path, "-o", tmp_path / "out.csv")
    rows = read(tmp_path / "out.csv")
    assert [row["genes"] for row in rows] == ["YAL002W|YBR001C", "YOR128C"]
    assert rows[0]["perturbation_symbols"] == "YAL002W|YBR001C"


@pytest.mark.parametrize("other", ["genes", "Gene", "gene_a"])
def test_of_two_columns_with_genes_the_one_that_is_read_is_told(tmp_path: Path, other: str):
    table = {"perturbation": ["ADE2"], other: ["HO"], "id": ["x"]}
    parquet.write_table(pa.table(table), tmp_path / "in.parquet")
    asked = ("predict", tiny.PRODUCT, "-i", tmp_path / "in.parquet", "-o", tmp_path / "out.csv")
    told = run(*asked).stderr
    assert (
        f"The sets are read from the column 'perturbation'; {other!r} is only carried through."
    ) in told
    (row,) = read(tmp_path / "out.csv")
    assert (row["perturbation_symbols"], row[other]) == ("YOR128C", "HO")
    assert run(*asked, "--json").stderr == ""


def test_the_summary_as_json(tmp_path: Path):
    path = written(tmp_path / "in.csv", ["FOO"] * 12 + ["HO"])
    asked = ("predict", tiny.PRODUCT, "-i", path, "-o", tmp_path / "out.csv", "--json")
    summary = json.loads(run(*asked, "--on-unknown", "skip").stdout)
    assert (summary["rows"], summary["skipped_rows"]) == (1, 12)
    assert summary["skipped"][0] == {"row": 0, "name": "FOO", "reason": "unknown-gene"}


LARGE = "+".join(["YAL002W", "YBR001C", "HO", "URA3", "ACT1", "TDH3", "AAT1"])


@pytest.mark.parametrize(
    ("sets", "message"),
    [
        (["HO", "FOO"], "line 3: 'FOO' is no gene.*--on-unknown skip"),
        (["HO+FOO", "BAR"], "line 2: 'FOO' is no gene.*Unknown as well: 'BAR'"),
        (["HO", "HO+TWIN"], "line 3: 'TWIN' names 2 genes"),
        (["ADE2:deletd"], "line 2: kind='deletd'.*absent \\(or deletion, deleted\\)"),
        (["HO", "HO+ADE2 ACT1"], "line 3: perturbation='HO\\+ADE2 ACT1'.*: HO\\+ADE2\\+ACT1"),
        (["ADE2+wildtype"], "line 2: .*expected wildtype alone"),
        (["HO", "ADE2+YOR128C"], "line 3: its set has YOR128C twice, as 'ADE2' and 'YOR128C'"),
        (["HO", LARGE], "line 3: its set has 7 genes, expected at most 6"),
        (["ADE2+"], "line 2: perturbation='ADE2\\+'.*genes joined by '\\+'"),
        (["HO", "HO", "nan"], "line 4: column 'perturbation' has 'nan'.*Write wildtype"),
        ([], "is empty: expected at least one.*YAL002W\\+YBR001C"),
    ],
)
def test_a_bad_row_is_told_with_its_line_and_leaves_nothing(
    tmp_path: Path, sets: list[str], message: str
):
    path = written(tmp_path / "in.csv", sets)
    told = refused("predict", tiny.PRODUCT, "-i", path, "-o", tmp_path / "out.csv")
    assert re.search(message, told)
    assert str(path) in told
    assert names(tmp_path) == {"in.csv"}


def test_a_missing_set_in_parquet_is_no_wildtype(tmp_path: Path):
    parquet.write_table(pa.table({"perturbation": ["", None]}), tmp_path / "in.parquet")
    asked = ("predict", tiny.PRODUCT, "-i", tmp_path / "in.parquet", "-o", tmp_path / "out.csv")
    assert "line 2: column 'perturbation' has nothing where a set" in refused(*asked)
    run(*asked, "--on-unknown", "skip")
    assert [row["fitness"] for row in read(tmp_path / "out.csv")] == ["1.0"]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"set": ["HO"]}, "expected a column 'perturbation', found 'set'"),
        ({"genes": ["HO"], "Perturbation": ["HO"]}, "could all be 'perturbation'"),
        ({"perturbation": [1.5]}, "column 'perturbation' holds double, expected text"),
        ({"perturbation": ["HO"], "fitness": [1.0]}, "has a column 'fitness' already"),
    ],
)
def test_a_table_of_other_columns(tmp_path: Path, columns: dict, message: str):
    parquet.write_table(pa.table(columns), tmp_path / "in.parquet")
    told = refused(
        "predict", tiny.PRODUCT, "-i", tmp_path / "in.parquet", "-o", tmp_path / "out.csv"
    )
    assert message in told
    assert names(tmp_path) == {"in.parquet"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["-o", "in.csv"], "another file than the one that is read"),
        (["-o", "out.csv", "--memory", "1MB"], "--memory='1MB' is not allowed: expected at least"),
        (["-o", "out.csv", "--on-unknown", "no"], "on_unknown='no'"),
        (["-o", "out.csv", "ADE2"], r"sets as GENE\+GENE or a file, not both"),
        (["-o", "out.h5ad"], r"ends in \.csv, \.tsv, \.parquet\."),
        (["-o", "out.csv", "--resume"], "there is nothing to resume"),
    ],
)
def test_options_that_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], message: str
):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "in.csv", ["HO"])
    assert re.search(message, refused("predict", tiny.PRODUCT, "-i", "in.csv", *options))
    assert names(tmp_path) == {"in.csv"}


def test_ctrl_c_and_resume_give_what_an_undisturbed_run_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path, output = written(tmp_path / "in.csv", drawn(95, GOOD)), tmp_path / "out.parquet"
    asked = ("predict", tiny.CELL, "-i", path, "-o")
    run(*asked, tmp_path / "whole.parquet")
    call, calls = PredictTask.__call__, []

    def interrupted(self: PredictTask, batch: Any) -> Any:
        calls.append(batch)
        if len(calls) == 5:
            raise KeyboardInterrupt
        return call(self, batch)

    with monkeypatch.context() as patch:
        patch.setattr(PredictTask, "__call__", interrupted)
        told = run(*asked, output, code=130).stderr
    assert "Stopped. Type the same with --resume to go on." in told
    assert not output.exists()
    run(*asked, output, "--resume")
    assert output.read_bytes() == (tmp_path / "whole.parquet").read_bytes()


def test_killed_and_resumed_gives_what_an_undisturbed_run_gives(tiny_root: Path, tmp_path: Path):
    path, output = written(tmp_path / "in.csv", drawn(95, SETS)), tmp_path / "out.csv"
    asked = ("predict", tiny.CELL, "-i", path, "--on-unknown", "skip", "--device", "cpu", "-o")
    run(*asked, tmp_path / "whole.csv")
    ended = child(tiny_root, 45, *asked, output)
    assert ended.returncode == -9, ended.stderr
    assert not output.exists()
    assert (parts.folder_of(output) / "plan.json").exists()
    assert child(tiny_root, 0, *asked, output, "--resume").returncode == 0
    for name in ("{}.csv", "{}.csv.rejected.csv"):
        done, whole = (tmp_path / name.format(one) for one in ("out", "whole"))
        assert done.read_bytes() == whole.read_bytes()
    assert not parts.folder_of(output).exists()
