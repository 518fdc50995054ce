"""Standard input and output: a dash for a file, TSV where nobody watches, completion."""

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import zoo
from tests import tiny
from tests.zoo.batch_tables import names, read
from tests.zoo.commands import refused, run
from zoo.cli.app import app

pytestmark = pytest.mark.usefixtures("only_tiny")


def piped(text: str, *arguments: object, code: int = 0) -> str:
    result = CliRunner().invoke(app, [str(one) for one in arguments], input=text)
    assert result.exit_code == code, result.output
    return result.stdout


@pytest.mark.parametrize("separator", [",", "\t"])
def test_a_table_goes_through_as_it_comes(separator: str):
    text = "n,tf,gene\n1,SOX2,GFAP\n2,PAX6,MBP\n".replace(",", separator)
    header, *rows = piped(text, "score", tiny.TABLE, "-i", "-", "-o", "-").splitlines()
    assert header.split(separator)[:5] == ["n", "tf", "gene", "tf_symbol", "gene_symbol"]
    scores = [float(row.split(separator)[5]) for row in rows]
    expected = tiny.probabilities(tiny.TABLE)[[4, 3], [1, 3]]
    np.testing.assert_allclose(scores, expected, atol=1e-6)


def test_a_plain_list_of_genes_from_a_pipe():
    rows = piped("GFAP\nMBP\n", "regulators", tiny.DOT, "-i", "-", "-o", "-", "-k", 2).splitlines()
    assert [row.split(",")[0] for row in rows] == ["gene", "GFAP", "GFAP", "MBP", "MBP"]
    expected = zoo.load(tiny.DOT).regulators(["GFAP", "MBP"], k=2)["tf"].tolist()
    assert [row.split(",")[3] for row in rows[1:]] == expected


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("score", tiny.TABLE), "n\ttf\tgene\n7\tSOX2\tGFAP\n"),
        (("regulators", tiny.TABLE, "-k", "1"), "n\tgene\n7\tGFAP\n"),
        (("predict", tiny.CELL), "n\tperturbation\n7\tADE2\n"),
    ],
)
def test_a_table_without_an_output_goes_to_stdout_with_all_its_columns(words, text, tmp_path):
    header, row = (line.split("\t") for line in piped(text, *words, "-i", "-").splitlines())
    assert (header[0], row[0], len(row)) == ("n", "7", len(header))
    assert len(header) > len(text.partition("\n")[0].split("\t"))
    (tmp_path / "in.tsv").write_text(text)
    assert run(*words, "-i", tmp_path / "in.tsv").stdout.splitlines()[1].split("\t") == row
    told = run(*words, "-i", tmp_path / "in.tsv", "--json", code=2)
    assert "it together with --output" in json.loads(told.stderr)["message"]


def test_a_result_without_a_file_goes_to_stdout():
    result = run("predict", tiny.CELL, "ADE2+HO", "-o", "-")
    header, row = (line.split("\t") for line in result.stdout.splitlines())
    assert (header[0], row[0]) == ("perturbation", "YDL227C|YOR128C")
    assert result.stderr == ""


def test_an_error_of_a_pipe_names_it_and_its_line():
    told = CliRunner().invoke(
        app, ["score", tiny.TABLE, "-i", "-", "-o", "-"], input="tf,gene\nSOX2,GFPA\n"
    )
    assert (told.exit_code, told.stdout) == (2, "")
    assert "Error: standard input, line 2: 'GFPA' is no gene" in told.stderr
    assert "files for --input and --output, not -" in refused(
        "score", tiny.TABLE, "-i", "-", "-o", "-", "--resume"
    )


def test_compressed_tables(tmp_path: Path):
    source, output = tmp_path / "in.csv.gz", tmp_path / "out.tsv.gz"
    source.write_bytes(gzip.compress(b"tf,gene\nSOX2,GFAP\nPAX6,MBP\n"))
    run("score", tiny.TABLE, "-i", source, "-o", output)
    lines = gzip.decompress(output.read_bytes()).decode().splitlines()
    assert [line.split("\t")[:2] for line in lines[1:]] == [["SOX2", "GFAP"], ["PAX6", "MBP"]]


@pytest.mark.parametrize(
    ("command", "content"), [("score", "tf,gene\nFOO,GFAP\n"), ("regulators", "gene\nFOO\n")]
)
def test_a_file_of_which_nothing_is_left_ends_with_two(tmp_path: Path, command: str, content: str):
    (tmp_path / "in.csv").write_text(content)
    asked = (command, tiny.TABLE, "-i", tmp_path / "in.csv", "-o", tmp_path / "out.csv")
    flags = ("-k", 2) if command == "regulators" else ()
    told = run(*asked, *flags, "--on-unknown", "skip", code=2).stderr
    assert "were left out: nothing was scored." in told
    assert read(tmp_path / "out.csv") == []


def test_a_folder_is_no_input(tmp_path: Path):
    told = refused("score", tiny.TABLE, "-i", tmp_path, "-o", tmp_path / "out.csv")
    assert "it is a folder, expected a file" in told
    assert names(tmp_path) == set()


def test_help_has_the_exit_codes_and_entries_complete(tiny_root: Path):
    assert "Exit codes: 0 done; 1 something does not work" in run("--help").stdout
    environment = {**os.environ, "ZOO_CACHE": str(tiny_root), "_ZOO_COMPLETE": "complete_bash"}
    environment |= {"COMP_WORDS": "zoo card tiny_t", "COMP_CWORD": "2"}
    code = "import zoo.cli.app; zoo.cli.app.main()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [tiny.TABLE]


def test_commands_are_found_by_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "toys").mkdir()
    (tmp_path / "toys" / "__init__.py").write_text('"""Toys."""\n')
    (tmp_path / "toys" / "cli.py").write_text(
        '"""Commands about toys."""\ndef play() -> None:\n    """Play."""\n    print("played")\n'
        'COMMANDS = {"play": play}\n'
    )
    monkeypatch.setattr(zoo, "__path__", [*zoo.__path__, str(tmp_path)])
    for name in ("zoo.toys", "zoo.toys.cli"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert run("play").stdout == "played\n"
    assert "Commands about toys" in run("--help").stdout
