"""Anybody's predictions: read, checked, and scored on what file and data share."""

import json
import os
import subprocess
import sys

import anndata
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from contracts.errors import BadTable, InvalidOption
from contracts.genes.vocabulary import GeneRecord
from tests.training.expression import toy
from training.cli.evaluate_predictions import evaluate_predictions
from training.data.expression import from_cells
from training.expression import answers, fits, references
from training.expression.external import card, checks, dataset, names, reading, scoring
from training.expression.family import FAMILY
from training.expression.folds import FOLDS
from training.expression.measures import SUM
from training.expression.questions import labels
from training.expression.split import make_split
from training.family import Ground
from training.scoring.table import ENTRY, Evaluation

REAL = pytest.mark.skipif("ZOO_DATA" not in os.environ, reason="ZOO_DATA is not set")


@pytest.fixture(scope="module")
def data():
    return toy.data()


@pytest.fixture(scope="module")
def table(data):
    """Changes near the truth, a row a perturbation by the names of the data."""
    rng = np.random.default_rng(0)
    change = data.profiles.change + rng.normal(0, 0.1, data.profiles.mean.shape)
    return pd.DataFrame(change, index=list(data.set_names), columns=list(data.readouts.genes))


def written(table, folder, ending=".csv"):
    """The table as a file."""
    path = folder / f"predictions{ending}"
    wide = table.rename_axis("perturbation").reset_index()
    if ending == ".h5ad":
        obs = pd.DataFrame(index=table.index.astype(str))
        var = pd.DataFrame(index=table.columns.astype(str))
        anndata.AnnData(table.to_numpy(), obs, var).write_h5ad(path)
    elif ending == ".parquet":
        wide.to_parquet(path)
    else:
        wide.to_csv(path, index=False, sep="\t" if "tsv" in ending else ",")
    return path


def scored(table, data, folder, ending=".csv"):
    """The evaluation of a table."""
    found = reading.read(written(table, folder, ending))
    return scoring.evaluate(checks.aligned(found, data), "mine")


def refused(table, data, folder, match):
    """The error that a table raises."""
    with pytest.raises(BadTable, match=match):
        scored(table, data, folder)


@pytest.mark.parametrize("ending", list(reading.READERS))
def test_a_file_of_any_kind_gives_the_same_figures(table, data, tmp_path, ending):
    found = scored(table, data, tmp_path, ending)
    truth = data.profiles.change
    expected = np.linalg.norm(table.to_numpy() - truth, axis=1).mean()
    figure = found.figure("predictions", "l2")
    assert figure.value == pytest.approx(expected, rel=1e-5)
    assert figure.n == len(data.profiles)


@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_an_index_without_a_name_has_the_perturbations(table, data, tmp_path, ending):
    path = tmp_path / f"nameless{ending}"
    if ending == ".csv":
        table.to_csv(path)
    else:
        table.reset_index(names="__index_level_0__").to_parquet(path)
    found = reading.read(path)
    assert found.perturbations == list(data.set_names)
    assert found.genes == list(data.readouts.genes)
    np.testing.assert_allclose(found.change, table, rtol=1e-5)


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet"])
def test_a_long_table_is_read_as_a_wide_one(table, data, tmp_path, ending):
    long = table.rename_axis("condition").reset_index().melt("condition", None, "gene", "change")
    path = tmp_path / f"long{ending}"
    if ending == ".parquet":
        long.to_parquet(path)
    else:
        long.to_csv(path, index=False, sep="\t" if ending == ".tsv" else ",")
    found = scoring.evaluate(checks.aligned(reading.read(path), data), "mine")
    wide = scored(table, data, tmp_path)
    pd.testing.assert_frame_equal(found.rows, wide.rows, rtol=1e-5)


def test_references_are_those_of_the_folds(table, data, tmp_path):
    found = scored(table, data, tmp_path)
    folds = tuple(FOLDS["left_out"](data))
    columns = np.arange(len(data.readouts))
    (question,) = FAMILY.questions(Ground(data, make_split(data), "test"), "left_out")
    truth = labels(folds, columns)[:, 0]
    for model in ("mean", "no_change"):
        change = answers.asking(fits.find(model), data, 0)(question)[:, 0]
        expected = np.linalg.norm(change - truth, axis=1).mean()
        assert found.figure("predictions", "l2", "", model).value == pytest.approx(expected)
    expected = np.linalg.norm(labels(folds, columns)[:, SUM] - truth, axis=1)
    additive = found.figure("predictions", "l2", "both_seen", "additive").value
    assert additive == pytest.approx(np.nanmean(expected))
    halves = references.noise(data)(question)
    expected = np.linalg.norm(halves[:, :, 0] - halves[:, :, 1], axis=2).mean()
    assert found.figure("predictions", "l2", "", "noise").value == pytest.approx(expected)
    assert found.about.models["noise"].kind == "reference"


def test_large_data_has_fewer_splits_and_the_card_says_how_many(table, data, tmp_path, monkeypatch):
    found = scored(table, data, tmp_path)
    assert found.about.questions[0].facts["splits"] == references.SPLITS
    said = " ".join(card.card(found, "", "").split())
    assert f"the mean of {references.SPLITS} random splits" in said
    monkeypatch.setattr(scoring, "LARGEST", 2 * data.profiles.mean.size)
    found = scored(table, data, tmp_path)
    assert found.about.questions[0].facts["splits"] == 2
    assert "the mean of 2 random splits" in " ".join(card.card(found, "", "").split())


def test_scoring_imports_no_torch():
    modules = ", ".join(f"training.expression.external.{n}" for n in ("card", "dataset", "scoring"))
    modules += ", training.cli.evaluate_predictions"
    script = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@pytest.mark.parametrize(
    "name", ["A+B", "B+A", "A_B", "B|A", "B_A", " A + B ", "A+B_2", "A+B+ctrl"]
)
def test_a_pair_is_known_however_it_is_written(data, name):
    assert names.members(name, data.perturbed) == (0, 1)


@pytest.mark.parametrize(
    ("name", "genes"),
    [("A+ctrl", (0,)), ("ctrl+A", (0,)), ("A_ctrl", (0,)), ("A", (0,)), ("ctrl", ()), ("Q", None)],
)
def test_a_gene_alone_and_control_are_known(data, name, genes):
    assert names.members(name, data.perturbed) == genes


def test_only_what_both_have_is_scored_and_the_rest_is_counted(table, data, tmp_path):
    some = table.drop(index=["C", "X+Y"]).rename(index={"D": "Q+ctrl"}).drop(columns=["R00", "R07"])
    some["LOC1"] = 0.0
    some.loc["ctrl"] = 0.0
    found = scored(some, data, tmp_path)
    facts = found.about.questions[0].facts
    assert facts["perturbations"] == ["A", "B", "A+B", "A+C", "B+X"]
    assert (facts["dropped_of_file"], facts["dropped_of_data"]) == (1, 3)
    assert facts["unknown"] == ["Q+ctrl"]
    assert (facts["missing_genes"], facts["missing"]) == (2, ["R00", "R07"])
    assert (facts["readouts"], facts["further_genes"]) == (28, 1)


def test_too_many_missing_genes_are_refused_with_some_of_them(table, data, tmp_path):
    refused(table.iloc[:, 16:], data, tmp_path, r"lacks 16 of 30 genes .* R00, R01")


def test_a_perturbation_twice_is_refused_under_any_names(table, data, tmp_path):
    twice = pd.concat([table, table.loc[["A+B"]].rename(index={"A+B": "B_A"})])
    refused(twice, data, tmp_path, r"A\+B stands twice, as 'A\+B' and 'B_A'")


@pytest.mark.parametrize("ending", [".csv", ".parquet", ".h5ad"])
def test_a_gene_twice_is_refused(table, data, tmp_path, ending):
    twice = table.copy()
    twice["r05"] = 0.0  # Another case is the same gene.
    with pytest.raises(BadTable, match=r"R05 has two columns, 'R05' and 'r05'"):
        scored(twice, data, tmp_path, ending)


def test_absolute_values_are_refused(table, data, tmp_path):
    refused(table + data.profiles.control, data, tmp_path, "expression, not changes")


def test_counts_are_refused(table, data, tmp_path):
    counts = np.expm1(table + data.profiles.control)
    refused(counts, data, tmp_path, "counts, not changes|another unit")
    refused((100 * table).round(), data, tmp_path, "another unit")
    refused(100 * table, data, tmp_path, r"another unit: .* length of \d+, the largest measured")


def test_a_transposed_matrix_is_refused(table, data, tmp_path):
    refused(table.T, data, tmp_path, "rows are genes and its columns perturbations. Transpose")


def test_what_is_not_finite_is_refused_with_its_place(table, data, tmp_path):
    holes = table.copy()
    holes.loc["B", "R03"] = np.nan
    refused(holes, data, tmp_path, "no finite number: 1, the first is R03 of B")
    holes.loc["B", "R03"] = np.inf
    refused(holes, data, tmp_path, "first is R03 of B")


def test_what_cannot_be_read_says_what_to_give(table, data, tmp_path):
    (tmp_path / "words.csv").write_text("perturbation,R00\nA,many\n")
    with pytest.raises(BadTable, match=r"cannot be read .*many"):
        reading.read(tmp_path / "words.csv")
    (tmp_path / "turned.csv").write_text("gene,A,B\nR00,1,2\n")
    with pytest.raises(BadTable, match=r"a column gene and no column perturbation\. If its rows"):
        reading.read(tmp_path / "turned.csv")
    (tmp_path / "other.csv").write_text("cell;R00\nA;1\n")
    with pytest.raises(BadTable, match="no column perturbation; the first column is 'cell;R00'"):
        reading.read(tmp_path / "other.csv")
    (tmp_path / "long.csv").write_text("perturbation,gene,value\nA,R00,1\n")
    with pytest.raises(BadTable, match="no column change"):
        reading.read(tmp_path / "long.csv")
    layer = anndata.AnnData(None, table[[]], table.T[[]], layers={"log": table.to_numpy()})
    layer.write_h5ad(tmp_path / "layer.h5ad")
    with pytest.raises(BadTable, match=r"no X\. Put the predictions into X"):
        reading.read(tmp_path / "layer.h5ad")
    (tmp_path / "empty.csv").write_text("perturbation,R00\n")
    with pytest.raises(BadTable, match="cannot be read"):
        reading.read(tmp_path / "empty.csv")
    (tmp_path / "twice.csv").write_text("perturbation,gene,change\nA,R00,1\nA,R00,2\n")
    with pytest.raises(BadTable, match="R00 of A twice"):
        reading.read(tmp_path / "twice.csv")
    for name, reason in (("x.pkl", "extension"), ("none.csv", "no such file")):
        with pytest.raises(BadTable, match=reason):
            reading.read(tmp_path / name)


def named():
    """The toy data with genes that have names of registries."""
    table = toy.cells()
    records = {
        "R00": GeneRecord("SOX2", hgnc_id="HGNC:1", ensembl=("ENSG00000181449",)),
        "R01": GeneRecord("GFAP", hgnc_id="HGNC:2", ensembl=("ENSG00000131095",)),
    }
    return from_cells(
        table[:, ["R00", "R01"]].copy(),
        name="toy",
        perturbation="condition",
        control="control",
        kind="absent",
        unit="log1p",
        records=lambda names: [records.get(name, GeneRecord(name)) for name in names],
    )


def test_ensembl_ids_are_read_and_those_of_mice_are_not(tmp_path):
    own = named()
    change = pd.DataFrame(own.profiles.change, list(own.set_names), list(own.readouts.genes))
    ids = {"SOX2": "ENSG00000181449", "GFAP": "ENSG00000131095"}
    assert (
        scored(change.rename(columns=ids), own, tmp_path).figure("predictions", "l2").value < 1e-5
    )
    mouse = {"SOX2": "Sox2", "GFAP": "Gfap"}
    refused(change.rename(columns=mouse), own, tmp_path, "like those of mice: Gfap, Sox2")
    mouse = {"SOX2": "ENSMUSG00000074637", "GFAP": "ENSMUSG00000020932"}
    refused(change.rename(columns=mouse), own, tmp_path, "like those of mice")
    others = {"SOX2": "YDL227C", "GFAP": "YAL002W"}
    refused(change.rename(columns=others), own, tmp_path, "none of its columns is a gene of toy")


def test_no_perturbation_in_common_is_refused_with_both_sides(table, data, tmp_path):
    others = table.rename(index=lambda name: f"Q{name}")
    refused(others, data, tmp_path, r"shares no perturbation with toy: it has QA, QB.* A, B, C")


def test_the_command_writes_a_card_and_the_figures(table, data, tmp_path):
    cells = tmp_path / "cells.h5ad"
    toy.cells().write_h5ad(cells)
    path = written(table.rename(index={"A+B": "B_A"}), tmp_path)
    arguments = [str(path), "--dataset", str(cells), "--perturbation-column", "condition"]
    arguments += ["--control", "control", "--name", "my model", "--licence", "MIT"]
    arguments += ["-o", str(tmp_path / "out")]
    app = __import__("typer").Typer()
    app.command()(evaluate_predictions)
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["about"]["entry"] == "my model"
    page = (tmp_path / "out" / card.CARD).read_text()
    four = [line for line in page.splitlines() if line.startswith("**")]
    starts = ("**What it", "**How good", "**When to", "**When not")
    assert [line.startswith(start) for line, start in zip(four, starts, strict=True)] == [True] * 4
    assert "predictions-import" in page
    assert "Licence: MIT" in page
    assert "cannot know whether its model saw" in " ".join(page.split())
    again = Evaluation.read(tmp_path / "out")
    assert again.figure("predictions", "l2").value < 1
    assert set(again.models("predictions", "both_seen")) == {
        ENTRY,
        "additive",
        "mean",
        "no_change",
        "noise",
    }
    done = CliRunner().invoke(app, arguments)
    assert "my model" in done.stdout


def test_a_data_set_needs_its_columns(tmp_path):
    cells = tmp_path / "cells.h5ad"
    toy.cells().write_h5ad(cells)
    with pytest.raises(InvalidOption, match="--perturbation-column"):
        dataset.opened(str(cells))
    with pytest.raises(InvalidOption, match="--control"):
        dataset.opened(str(cells), "condition")
    with pytest.raises(InvalidOption, match="file that exists"):
        dataset.opened(str(tmp_path / "no.h5ad"), "condition", "control")
    with pytest.raises(InvalidOption, match="column of obs"):
        dataset.opened(str(cells), "label", "control")


def test_counts_of_a_file_are_scaled_and_pairs_with_bars_are_pairs(tmp_path, monkeypatch):
    monkeypatch.delenv("ZOO_DATA", raising=False)
    table = toy.cells()
    rng = np.random.default_rng(0)
    table.X = rng.poisson(np.expm1(table.X.toarray())).astype(np.float32)
    table.obs["condition"] = table.obs["condition"].str.replace("+", "_")
    table.write_h5ad(tmp_path / "cells.h5ad")
    data = dataset.opened(str(tmp_path / "cells.h5ad"), "condition", "control")
    assert data.unit == dataset.COUNTS
    assert data.set_names == ("A", "B", "C", "D", "A+B", "A+C", "B+X", "X+Y")


def test_one_cell_a_perturbation_has_no_noise(table, data, tmp_path):
    toy.cells(alone=1).write_h5ad(tmp_path / "cells.h5ad")
    alone = dataset.opened(str(tmp_path / "cells.h5ad"), "condition", "control")
    found = scored(table, alone, tmp_path)
    assert "noise" not in found.models("predictions")
    assert "The noise is" not in card.card(found, "predictions.csv", "")


@REAL
def test_the_truth_of_norman_is_as_good_as_can_be(tmp_path):
    norman = dataset.opened("norman19")
    truth = pd.DataFrame(norman.profiles.change, list(norman.set_names), norman.readouts.genes)
    found = scored(truth, norman, tmp_path)
    assert found.figure("predictions", "l2").value < 1e-5
    assert found.figure("predictions", "centroid_accuracy").value == 1
    with pytest.raises(InvalidOption, match="norman19 or papalexi2021"):
        dataset.opened("yeast")
