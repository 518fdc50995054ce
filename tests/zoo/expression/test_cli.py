"""`zoo predict-expression` for sets typed, tables and controls."""

import json
import re
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet
from typer.testing import CliRunner

from contracts.expression.requests import PredictExpressionResponse
from tests import tiny
from tests import tiny_expression as toy
from tests.zoo.batch_tables import names, read
from tests.zoo.commands import refused, run
from zoo.batch import run as batches
from zoo.cli.app import app

pytestmark = pytest.mark.usefixtures("only_tiny")

COMMAND = ("predict-expression", tiny.RESPONDING)
SETS = ["KLF1+MAP2K6", "MEK3", "wildtype", "KLF1:overexpression"]
POSITIONS = [(0, 2), (1,), (), (0,)]


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    """Cells of a screen, control among them; control is half of the entry's."""
    state = ["control", "KLF1", "control", "KLF1"]
    values = np.stack([toy.CONTROL * scale for scale in (0.25, 0.5, 0.75, 2)])
    obs = pd.DataFrame({"state": state, "batch": [1, 1, 2, 2]}, list("abcd"))
    path = tmp_path / "cells.h5ad"
    anndata.AnnData(values, obs, pd.DataFrame(index=list(toy.GENES_READ))).write_h5ad(path)
    return path


def table(folder: Path, sets: list[str], name: str = "sets.parquet") -> Path:
    path = folder / name
    columns = {"n": list(range(len(sets))), "perturbation": sets}
    if path.suffix == ".parquet":
        parquet.write_table(pa.table(columns), path)
    else:
        pd.DataFrame(columns).to_csv(path, index=False)
    return path


def test_typed_sets_are_shown_with_the_genes_that_change_most():
    lines = run(*COMMAND, *SETS, "--top", "2").stdout.splitlines()
    rows = [line.split("\t") for line in lines]
    header = ["perturbation", "gene", "change", "low", "high", "measured", "support"]
    assert rows[0] == header
    assert [row[0] for row in rows[1:]] == [
        *["KLF1+MAP2K6"] * 2,
        *["MAP2K3"] * 2,
        *["wildtype"] * 2,
        *["KLF1"] * 2,
    ]
    most = np.sort(np.abs(toy.change(POSITIONS)))[:, ::-1][:, :2]
    assert [abs(float(row[2])) for row in rows[1:]] == pytest.approx(most.ravel().tolist())
    assert len(run(*COMMAND, "KLF1").stdout.splitlines()) == 1 + toy.R


def test_json_is_the_response_that_http_gives():
    asked = (*COMMAND, "KLF1+FOO", *SETS[:2], "--on-unknown", "skip", "--json", "--top", "3")
    response = PredictExpressionResponse.model_validate_json(run(*asked).stdout)
    assert (response.model, response.version) == (tiny.RESPONDING, "1.0")
    assert (response.kind, response.unit) == (toy.KIND, toy.UNIT)
    assert [(one.row, one.name) for one in response.skipped] == [(0, "FOO")]
    first, second = response.predictions
    assert (first.genes, first.support) == (["KLF1", "MAP2K6"], "measured")
    assert (second.genes, second.support, second.measured) == (["MAP2K3"], "all_seen", [])
    assert len(first.gene) == len(first.change) == len(first.measured) == 3
    measured = dict(zip(toy.GENES_READ, toy.MEASURED[0, 2].tolist(), strict=True))
    assert first.measured == [measured[gene] for gene in first.gene]


@pytest.mark.parametrize("output", ["out.csv", "out.parquet"])
def test_typed_sets_to_a_table_have_all_genes(tmp_path: Path, output: str):
    told = run(*COMMAND, *SETS, "-o", tmp_path / output)
    rows = read(tmp_path / output)
    assert told.stderr.strip() == f"Wrote {len(SETS) * toy.R} rows to {tmp_path / output}."
    changes = np.array([row["change"] for row in rows], np.float32).reshape(-1, toy.R)
    np.testing.assert_array_equal(changes, toy.change(POSITIONS))


@pytest.mark.parametrize("top", [None, 3])
@pytest.mark.parametrize("source", ["sets.csv", "sets.parquet"])
@pytest.mark.usefixtures("tiny_chunks")
def test_a_table_goes_through_in_chunks(model, tmp_path: Path, source: str, top: int | None):
    sets = [*SETS, "FOO", "KLF1+KLF1", "MAPK1|TGFBR2"] * 5
    path = table(tmp_path, sets, source)
    options = () if top is None else ("--top", top)
    asked = (*COMMAND, "-i", path, "-o", tmp_path / "out.parquet", "--on-unknown", "skip", *options)
    told = run(*asked)
    kept = [n for n, one in enumerate(sets) if one not in ("FOO", "KLF1+KLF1")]
    result = pd.DataFrame(read(tmp_path / "out.parquet"))
    usable = pd.DataFrame({"perturbation": [sets[n] for n in kept]})
    expected = model.predict_expression(usable, top=top)
    listed = top or toy.R
    assert result["n"].astype(int).tolist() == np.repeat(kept, listed).tolist()
    assert result["perturbation"].tolist() == np.repeat([sets[n] for n in kept], listed).tolist()
    assert result["perturbation_symbols"].tolist() == expected["perturbation"].tolist()
    pd.testing.assert_frame_equal(
        result[["gene", "change", "low", "high", "measured", "support"]],
        expected.drop(columns="perturbation"),
        check_dtype=False,
    )
    assert "10 of 35 sets were left out." in told.stderr
    assert names(tmp_path) == {source, "out.parquet", "out.parquet.rejected.csv"}


@pytest.mark.parametrize("typed", [False, True])
def test_a_matrix_for_anndata(model, tmp_path: Path, typed: bool):
    given = SETS if typed else ("-i", table(tmp_path, SETS))
    told = run(*COMMAND, *given, "-o", tmp_path / "out.h5ad")
    assert "Wrote 4 sets to" in told.stderr
    adata = anndata.read_h5ad(tmp_path / "out.h5ad")
    assert adata.obs["perturbation"].tolist() == ["KLF1+MAP2K6", "MAP2K3", "wildtype", "KLF1"]
    np.testing.assert_array_equal(adata.X, toy.change(POSITIONS))
    assert {*adata.layers} == {"low", "high", "expression"}


def test_a_control_of_ones_own(cells: Path, tmp_path: Path):
    of = ("--control", cells, "--control-where", "state=control")
    for given in (SETS, ("-i", table(tmp_path, SETS))):
        told = run(*COMMAND, *given, *of, "-o", tmp_path / "out.csv")
        assert "Warning" not in told.stderr
        rows = read(tmp_path / "out.csv")
        changes = np.array([row["change"] for row in rows], np.float32).reshape(-1, toy.R)
        np.testing.assert_array_equal(changes, toy.change(POSITIONS, toy.CONTROL / 2))
    for conditions, scale in ((["batch=1"], 0.375), (["state=control", "batch=2"], 0.75)):
        where = [word for one in conditions for word in ("--control-where", one)]
        run(*COMMAND, *SETS, *of[:2], *where, "-o", tmp_path / "out.csv")
        changes = np.array([row["change"] for row in read(tmp_path / "out.csv")], np.float32)
        expected = toy.change(POSITIONS, toy.CONTROL * np.float32(scale))
        np.testing.assert_array_equal(changes.reshape(-1, toy.R), expected)


def test_a_doubtful_control_is_said(cells: Path):
    data = anndata.read_h5ad(cells)
    data[:1, :6].copy().write_h5ad(cells)
    told = run(*COMMAND, "KLF1", "--control", cells)
    assert "Warning: 2 of the entry's 8 readout genes are not in the control" in told.stderr
    assert "Warning: The control's expression is 0.25 times" in told.stderr
    answer = run(*COMMAND, "KLF1", "--control", cells, "--json")
    assert answer.stderr == ""
    assert len(json.loads(answer.stdout)["doubts"]) == 2


def test_a_stopped_run_goes_on_with_the_same_control_only(
    cells: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    path = table(tmp_path, SETS * 20)
    asked = (*COMMAND, "-i", path, "-o", tmp_path / "out.csv", "--control", cells)
    with monkeypatch.context() as patch:
        patch.setattr(batches, "_join", stop)
        CliRunner().invoke(app, list(map(str, asked)))
    other = ("--control-where", "state=control", "--resume")
    assert re.search("the stopped run has another options: control", refused(*asked, *other))
    run(*asked, "--resume")
    assert len(read(tmp_path / "out.csv")) == 80 * toy.R


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "The list of sets is empty: .* zoo predict-expression"),
        (("KLF5",), "KLF5"),
        (("KLF1+",), "genes joined by"),
        (("KLF1,MEK3",), r"genes joined by '\+': KLF1\+MEK3"),
        (("KLF1:deleted",), "knows these kinds: overexpressed"),
        (("KLF1", "--top", "0"), "top=0"),
        (("KLF1", "-i", "x.csv"), "or a file, not both"),
        (("KLF1", "-o", "x.h5ad", "--resume"), "--resume=True .* an output that is a table"),
        (("KLF1", "-o", "x.h5ad", "--top", "3"), "--top=3"),
        (("KLF1", "-o", "x.xlsx"), "none that the zoo reads or writes"),
        (("KLF1", "--control-where", "state=control"), "--control-where='state=control'"),
        (("KLF1", "--control", "x.csv"), "none that the zoo reads"),
        (("KLF1", "--control", "x.h5ad"), "no such file"),
    ],
)
def test_what_cannot_be_done_is_refused(arguments: tuple[str, ...], message: str):
    assert re.search(message, refused(*COMMAND, *arguments))


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("state", "expected COLUMN=VALUE"),
        ("=control", "expected COLUMN=VALUE"),
        ("stat=control", "expected a column of obs; it has state, batch"),
        ("state=none", "expected a value of it: 'KLF1', 'control'"),
        ("state=contrl", "expected a value of it: 'control'."),
    ],
)
def test_which_cells_are_the_control_must_be_clear(cells: Path, where: str, message: str):
    told = refused(*COMMAND, "KLF1", "--control", cells, "--control-where", where)
    assert message in told


def test_an_entry_of_another_family_says_what_it_is_for():
    told = refused("predict-expression", tiny.PRODUCT, "HO", code=1)
    assert "zoo predict" in told
    told = refused("predict", tiny.RESPONDING, "KLF1", code=1)
    assert "zoo predict-expression, .predict_expression in Python, or POST /predict_expr" in told


def test_info_shows_both_vocabularies():
    shown = run("info", tiny.RESPONDING).stdout
    assert "readouts" in shown
    assert "genes_total" in shown
    assert tiny.RESPONDING in run("search", "--task", "expression").stdout
    assert "5 genes, 8 readouts" in run("verify", tiny.RESPONDING).stdout
