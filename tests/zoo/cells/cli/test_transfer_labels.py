"""`zoo transfer-labels`: the labels that Python gives, for files."""

import json
from collections.abc import Callable
from pathlib import Path

import anndata
import numpy as np
import pandas as pd
import pytest

from tests.zoo.cells.conftest import as_anndata, counts
from tests.zoo.commands import run
from zoo.cells.scorer import CellEmbedder

MIDDLE = 0.415
"""A confidence that about half of the cells have."""


@pytest.fixture
def asked(entry: str, path: Path, mouse: anndata.AnnData, saved: Callable) -> tuple:
    """The command: from labelled cells of human to cells of mouse."""
    query = saved(mouse)
    known = ("--reference", path, "--labels", "kind", "--reference-species", "human")
    return ("transfer-labels", entry, *known, "-i", query, "--species", "mouse", "--device", "cpu")


@pytest.fixture
def truth(model: CellEmbedder, whole: anndata.AnnData, mouse: anndata.AnnData) -> pd.DataFrame:
    return model.transfer_labels(whole, "kind", mouse, ("human", "mouse"), threshold=MIDDLE)


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".parquet"])
def test_a_file_of_labels(asked: tuple, truth: pd.DataFrame, tmp_path: Path, suffix: str):
    output = tmp_path / f"labels{suffix}"
    told = run(*asked, "-o", output, "--threshold", MIDDLE).stderr
    unassigned = (truth["label"] == "unassigned").sum()
    assert f"{unassigned} of 30 cells are unassigned." in told
    assert "in.h5ad has 40 of the entry's 40 human genes (100%)." in told
    assert "other.h5ad has 30 of the entry's 30 mouse genes (100%)." in told
    if suffix == ".parquet":
        found = pd.read_parquet(output)
    else:
        found = pd.read_csv(output, sep="," if suffix == ".csv" else "\t")
    pd.testing.assert_frame_equal(found, truth, atol=1e-6)
    assert 0 < unassigned < 30


def test_labels_in_a_pipe_and_as_json(asked: tuple, truth: pd.DataFrame):
    lines = run(*asked, "--threshold", MIDDLE).stdout.splitlines()
    assert lines[0] == "cell\tlabel\tconfidence\tsecond"
    assert [line.split("\t")[1] for line in lines[1:]] == truth["label"].tolist()
    told = json.loads(run(*asked, "--threshold", MIDDLE, "--json").stdout)
    assert [row["second"] for row in told["labels"]] == truth["second"].tolist()
    found = [row["confidence"] for row in told["labels"]]
    np.testing.assert_allclose(found, truth["confidence"], atol=1e-6)
    assert told["coverage"]["query"] == {"share": 1.0, "found": 30, "genes": 30}


def test_json_with_a_file(asked: tuple, tmp_path: Path):
    told = json.loads(run(*asked, "-o", tmp_path / "labels.csv", "--json").stdout)
    assert (told["output"], told["cells"]) == (str(tmp_path / "labels.csv"), 30)
    assert "labels" not in told


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--labels", "nope"], "expected a column of obs; it has kind, number, some."),
        (["--labels", "some"], "expected a label for each cell"),
        (["--threshold", "2"], "--threshold=2.0 is not allowed: expected a number from 0 to 1."),
        (["--reference-species", "mouse"], "type --reference-species human."),
        (["--species", "rat"], "--species='rat' is not allowed"),
        (["-o", "labels.h5ad"], "the extension '.h5ad' is none"),
    ],
)
def test_bad_options(asked: tuple, options: list[str], words: str):
    assert words in run(*asked, *options, code=2).stderr.splitlines()[-1]


def test_labels_of_one_type(
    asked: tuple, whole: anndata.AnnData, path: Path, mouse: anndata.AnnData
):
    whole.obs["kind"] = "A"
    whole.write_h5ad(path)
    told = run(*asked, code=2).stderr.splitlines()[-1]
    assert "labels of at least two types of cells" in told


def test_cells_of_one_species(entry: str, path: Path, model: CellEmbedder, saved: Callable):
    other = as_anndata(counts("human", 25, seed=9))
    known = ("--reference", path, "--labels", "kind", "--reference-species", "human")
    lines = run("transfer-labels", entry, *known, "-i", saved(other), "--species", "human").stdout
    truth = model.transfer_labels(anndata.read_h5ad(path), "kind", other, ("human", "human"))
    assert [line.split("\t")[1] for line in lines.splitlines()[1:]] == truth["label"].tolist()
