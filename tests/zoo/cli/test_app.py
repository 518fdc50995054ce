"""The `zoo` command: what it prints, where, and how it ends."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

import zoo
from contracts.pairs.requests import ScorePairsResponse, TopRegulatorsResponse
from tests import tiny
from tests.zoo.batch_tables import read
from tests.zoo.commands import refused, run
from tests.zoo.conftest import flip_a_bit
from zoo.cli.app import app

pytestmark = pytest.mark.usefixtures("only_tiny")


def written(tmp_path: Path, text: str, name: str = "pairs.csv") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


def test_score_pairs_from_arguments():
    result = run("score", tiny.TABLE, "SOX2:GFAP", "HGNC:7762:HGNC:6839", "sox2:gfap")
    header, *rows = (line.split("\t") for line in result.stdout.splitlines())
    expected = tiny.probabilities(tiny.TABLE)[[4, 1, 4], [1, 2, 1]]
    assert header[:3] == ["tf", "gene", "score"]
    assert [row[:2] for row in rows] == [["SOX2", "GFAP"], ["NEUROD1", "MAP2"], ["SOX2", "GFAP"]]
    assert [float(row[2]) for row in rows] == pytest.approx(expected.tolist(), rel=1e-5)
    assert result.stderr == ""


def test_score_as_json_is_the_response_that_http_gives():
    result = run("score", tiny.DOT, "SOX2:GFAP", "SOX2:GFPA", "--on-unknown", "skip", "--json")
    response = ScorePairsResponse.model_validate_json(result.stdout)
    assert response.model == tiny.DOT
    (row,) = response.scores
    assert row.score == pytest.approx(tiny.probabilities(tiny.DOT)[4, 1], abs=1e-6)
    assert row.support == "both_seen"
    (skipped,) = response.skipped
    assert (skipped.row, skipped.name, skipped.reason) == (1, "GFPA", "unknown-gene")


TABLE_TEXT = "id,tf,gene,p\n1,SOX2,GFAP,0.10\n2,anop3,GFAP,\n3,PAX6,ENSG00000131095.3,1e-3\n"
ADDED = "tf_symbol,gene_symbol,score,pair_specific,tf_popularity,gene_popularity,support"
ADDED += ",known,references,tf_edges,gene_edges,activates,uncertainty,verdict"


@pytest.mark.parametrize("output", ["out.csv", "out.tsv", "out.parquet"])
@pytest.mark.parametrize("source", ["pairs.csv", "pairs.tsv", "pairs.parquet"])
def test_score_a_table_into_another(tmp_path: Path, source: str, output: str):
    if source.endswith("parquet"):
        columns = {
            "id": [1, 2, 3],
            "tf": ["SOX2", "anop3", "PAX6"],
            "gene": ["GFAP", "GFAP", "ENSG00000131095.3"],
            "p": ["0.10", "", "1e-3"],
        }
        parquet.write_table(pa.table(columns), tmp_path / source)
    else:
        text = TABLE_TEXT if source.endswith("csv") else TABLE_TEXT.replace(",", "\t")
        written(tmp_path, text, source)
    result = run("score", tiny.TABLE, "--input", tmp_path / source, "-o", tmp_path / output)
    assert result.stdout == ""
    assert "Wrote 3 rows" in result.stderr
    rows = read(tmp_path / output)
    assert ",".join(rows[0]) == f"id,tf,gene,p,{ADDED}"
    assert [row["tf"] for row in rows] == ["SOX2", "anop3", "PAX6"]
    assert [row["tf_symbol"] for row in rows] == ["SOX2", "SOX2", "PAX6"]
    assert [str(row["p"]) for row in rows] == ["0.10", "", "1e-3"]
    expected = tiny.probabilities(tiny.TABLE)[[4, 4, 3], 1]
    np.testing.assert_allclose([float(row["score"]) for row in rows], expected, atol=1e-6)


def test_skipped_rows_of_a_file_are_told_with_line_and_reason(tmp_path: Path):
    text = "tf,gene,n\nSOX2,GFAP,1\n\nSOX2,GFPA,2\nGFAP,MBP,3\nSOX2,TWIN,4\nPAX6,MBP,5\n"
    source, output = written(tmp_path, text), tmp_path / "out.csv"
    skip = ("score", tiny.TABLE, "-i", source, "--on-unknown", "skip")
    result = run(*skip, "-o", output)
    assert [row["n"] for row in read(output)] == ["1", "5"]
    assert f"{source}, line 4 was left out: 'GFPA' (unknown-gene)." in result.stderr
    assert f"{source}, line 5 was left out: 'GFAP' (not-a-regulator)." in result.stderr
    assert f"{source}, line 6 was left out: 'TWIN' (ambiguous-gene)." in result.stderr
    assert "3 of 5 pairs were left out." in result.stderr
    summary = json.loads(run(*skip, "-o", output, "--json").stdout)
    assert summary["rows"] == 2
    assert [row["row"] for row in summary["skipped"]] == [1, 2, 3]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["score", "tiny_table-tot", "SOX2:GFAP"], "Did you mean tiny_table-toy"),
        (["score", tiny.TABLE], "expected at least one, for example zoo score"),
        (["score", tiny.TABLE, "SOX2-GFAP"], "pair='SOX2-GFAP'.*TF:GENE, such as SOX2:GFAP"),
        (["score", tiny.TABLE, "SOX2:"], "pair='SOX2:'"),
        (["score", tiny.TABLE, "SOX2:GFPA"], "'GFPA' is no gene.*Did you mean GFAP"),
        (["score", tiny.TABLE, "SOX2:TWIN"], "'TWIN' names 2 genes.*GFAP, MBP"),
        (["score", tiny.TABLE, "GFAP:MBP"], "'GFAP' is a gene.*none of its regulators"),
        (["score", tiny.TABLE, "GFAP:SOX2"], "the wrong way round.*'SOX2', then 'GFAP'"),
        (["score", tiny.TABLE, "SOX2:GFAP", "-i", "x.csv"], "pairs as TF:GENE or a file, not both"),
        (["score", tiny.TABLE, "-i", "missing.csv"], "missing.csv: there is no such file"),
        (["score", tiny.TABLE, "-i", "pairs.xlsx"], "ends in .csv, .tsv, .parquet"),
        (["score", tiny.TABLE, "SOX2:GFAP", "-o", "out.txt"], "ends in .csv, .tsv, .parquet"),
        (["score", tiny.TABLE, "SOX2:GFAP", "--on-unknown", "no"], "on_unknown='no'"),
        (["score", tiny.TABLE, "SOX2:GFAP", "--device", "tpu"], "device='tpu'"),
        (["score", tiny.TABLE, "SOX2:GFAP", "--backend", "jax"], "backend='jax'"),
        (["regulators", tiny.TABLE, "GFPA"], "k=10.*from 1 to 6"),
        (["regulators", tiny.TABLE, "GFPA", "-k", "2"], "Did you mean GFAP"),
        (["targets", tiny.TABLE, "MBP"], "none of its regulators"),
        (["regulators", tiny.TABLE, "GFAP", "-k", "0"], "k=0"),
        (["info", "nothing"], "'nothing' is no entry of this zoo"),
        (["card", "nothing"], "'nothing' is no entry of this zoo"),
        (["verify", "nothing"], "'nothing' is no entry of this zoo"),
    ],
)
def test_bad_input_is_one_message_that_says_what_to_type(arguments: list[str], message: str):
    assert re.search(message, refused(*arguments))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tf,name\nSOX2,GFAP\n", "expected columns 'tf' and 'gene', found 'tf', 'name'"),
        ("tf,gene\nSOX2,GFAP\nGFAP,SOX2\n", "line 3: .*the wrong way round"),
        ("tf,gene\nSOX2,2-Sep\n", "line 2: '2-Sep' is no gene.*A spreadsheet has made a date"),
        ("tf,gene\nSOX2,GFAP\nSOX2,nan\n", "line 3: column 'gene' has 'nan'"),
        ("tf,gene\nSOX2,GFAP\nSOX2,GFPA\n", "line 3: 'GFPA' is no gene.*--on-unknown skip"),
        ("tf,gene\nSOX2,TWIN\n", "line 2: 'TWIN' names 2 genes"),
        ("tf,gene\nSOX2,GFAP\nGFAP,MBP\n", "line 3: 'GFAP' is a gene.*none of its regulators"),
        ("tf,gene\n", "is empty"),
    ],
)
def test_a_bad_table_is_told_with_file_and_line(tmp_path: Path, text: str, message: str):
    path = written(tmp_path, text)
    told = refused("score", tiny.TABLE, "--input", path, "-o", tmp_path / "out.csv")
    assert str(path) in told
    assert re.search(message, told)
    assert not (tmp_path / "out.csv").exists()


def test_a_truncated_parquet_file(tmp_path: Path):
    path = tmp_path / "pairs.parquet"
    parquet.write_table(pa.table({"tf": ["SOX2"] * 50, "gene": ["GFAP"] * 50}), path)
    path.write_bytes(path.read_bytes()[:100])
    assert "cut off" in refused("score", tiny.TABLE, "--input", path)


def test_nothing_is_overwritten_by_accident(tmp_path: Path):
    path = written(tmp_path, "tf,gene,score\nSOX2,GFAP,1\n")
    assert "has a column 'score'" in refused(
        "score", tiny.TABLE, "-i", path, "-o", tmp_path / "o.csv"
    )
    assert "another file" in refused("score", tiny.TABLE, "-i", path, "-o", path)
    assert path.read_text() == "tf,gene,score\nSOX2,GFAP,1\n"


def test_regulators_as_table_json_and_file(tmp_path: Path):
    asked = ("regulators", tiny.TABLE, "GFAP", "MBP", "-k", 2)
    expected = zoo.load(tiny.TABLE).regulators(["GFAP", "MBP"], k=2)
    response = TopRegulatorsResponse.model_validate_json(run(*asked, "--json").stdout)
    assert [row.tf for row in response.regulators] == expected["tf"].tolist()
    assert [row.rank for row in response.regulators] == [1, 2, 1, 2]
    shown = run(*asked).stdout
    assert all(tf in shown for tf in expected["tf"])
    run(*asked, "-o", tmp_path / "out.parquet")
    assert [row["tf"] for row in read(tmp_path / "out.parquet")] == expected["tf"].tolist()


def test_targets_as_json():
    answer = json.loads(run("targets", tiny.DOT, "SOX2", "-k", 3, "--json").stdout)
    expected = zoo.load(tiny.DOT).targets(["SOX2"], k=3)
    assert [row["gene"] for row in answer["targets"]] == expected["gene"].tolist()
    assert (answer["model"], answer["version"]) == (tiny.DOT, "1.0")


def test_an_entry_that_is_damaged_ends_with_one(copied: Callable[..., Path]):
    folder = copied(tiny.TABLE)
    zoo.register(folder)
    flip_a_bit(folder / "score.onnx")
    assert "is damaged" in refused("score", tiny.TABLE, "SOX2:GFAP", code=1)


def test_names_that_look_like_markup_are_shown_as_they_are():
    assert "'[bold]X'" in refused("score", tiny.TABLE, "[bold]X:GFAP")


@pytest.mark.parametrize(
    ("arguments", "code", "facts"),
    [
        (["score", tiny.TABLE, "SOX2:GFPA"], "unknown-gene", {"name": "GFPA", "near": ["GFAP"]}),
        (["info", "tiny_table-to"], "unknown-entry", {"name": "tiny_table-to"}),
        (["regulators", tiny.TABLE, "GFAP", "-k", "0"], "invalid-option", {"option": "k"}),
    ],
)
def test_with_json_an_error_is_json_on_stderr(arguments: list[str], code: str, facts: dict):
    result = run(*arguments, "--json", code=2)
    told = json.loads(result.stderr)
    assert result.stdout == ""
    assert (told["code"], f"Error: {told['message']}\n") == (code, refused(*arguments))
    assert facts.items() <= told.items()


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_skipping_every_pair_is_told_and_ends_with_two(flags: list[str]):
    pairs = ("GFAP:MBP", "SOX2:GFPA")
    result = run("score", tiny.TABLE, *pairs, "--on-unknown", "skip", *flags, code=2)
    assert result.stderr.endswith("2 of 2 pairs were left out: nothing was scored.\n")


def test_no_help_has_lost_its_brackets():
    commands = [line.split()[1] for line in run("--help").stdout.splitlines() if "│ " in line]
    assert {"score", "list"} <= set(commands)
    for command in [name for name in commands if name.isalpha()]:
        result = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"})
        assert not re.search(r" \.\s", result.output), result.output


def test_version_and_help():
    assert run("--version").stdout.strip() == zoo.__version__
    shown = run("--help").stdout
    for command in ("list", "search", "info", "card", "verify", "score", "regulators", "targets"):
        assert command in shown


def test_as_a_program(tiny_root: Path):
    """One process of its own: entries from ZOO_CACHE, JSON on stdout, a message and a code."""
    environment = {**os.environ, "ZOO_CACHE": str(tiny_root)}
    command = [sys.executable, "-W", "error", "-m", "zoo", "score", tiny.TABLE]

    def program(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*command, *arguments], env=environment, capture_output=True, text=True, check=False
        )

    done = program("SOX2:GFAP", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    score = json.loads(done.stdout)["scores"][0]["score"]
    assert score == pytest.approx(tiny.probabilities(tiny.TABLE)[4, 1], abs=1e-6)
    failed = program("SOX2:GFPA")
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr.startswith("Error: 'GFPA' is no gene of this vocabulary.")
    assert len(failed.stderr.splitlines()) == 1
