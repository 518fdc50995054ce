"""`zoo embed`: a file of cells to the vectors that Python gives, whole or not at all."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anndata
import h5py
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import zoo
from tests import cell_runs, tiny
from tests.zoo.batch_tables import child, names
from tests.zoo.cells.conftest import as_anndata, counts
from tests.zoo.commands import refused, run
from zoo.batch import parts
from zoo.cells.scorer import CellEmbedder
from zoo.cells.tasks import EmbedTask

pytestmark = pytest.mark.usefixtures("tiny_chunks")

DIM = cell_runs.CONFIG["dim"]


@pytest.fixture
def asked(entry: str, path: Path) -> tuple[Any, ...]:
    """The command, but for where the vectors go."""
    return ("embed", entry, "-i", path, "--species", "human", "--device", "cpu")


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".tsv.gz"])
def test_a_table_has_a_column_a_dimension(
    asked: tuple, whole: anndata.AnnData, model: CellEmbedder, tmp_path: Path, suffix: str
):
    output = tmp_path / f"out{suffix}"
    told = run(*asked, "-o", output)
    assert "has 40 of the entry's 40 human genes (100%)." in told.stderr
    assert f"Wrote 60 vectors to {output}." in told.stderr
    if suffix == ".parquet":
        table = pd.read_parquet(output)
    else:
        table = pd.read_csv(output, sep="," if suffix == ".csv" else "\t")
    assert table["cell"].tolist() == whole.obs_names.tolist()
    assert list(table.columns[1:]) == [f"dim_{number}" for number in range(DIM)]
    truth = model.embed(whole, "human")
    np.testing.assert_allclose(table.iloc[:, 1:], truth, atol=1e-6)


def check_equal(data: anndata.AnnData, truth: anndata.AnnData) -> None:
    """They hold the same, bit by bit."""
    pd.testing.assert_frame_equal(data.obs, truth.obs)
    pd.testing.assert_frame_equal(data.var, truth.var)
    assert data.uns == truth.uns
    for room in ("layers", "obsm", "varm", "obsp"):
        one, other = (dict(getattr(each, room)) for each in (data, truth))
        assert set(one) == set(other)
        for name, matrix in one.items():
            assert type(matrix) is type(other[name])
            np.testing.assert_array_equal(plain(matrix), plain(other[name]))
    np.testing.assert_array_equal(plain(data.X), plain(truth.X))


def plain(matrix: Any) -> np.ndarray:
    return matrix.toarray() if sparse.issparse(matrix) else matrix


def test_h5ad_is_the_input_and_the_vectors(
    asked: tuple, path: Path, model: CellEmbedder, tmp_path: Path
):
    run(*asked, "-o", tmp_path / "out.h5ad", "--standardise", "data", "--key", "X_here")
    data, truth = anndata.read_h5ad(tmp_path / "out.h5ad"), anndata.read_h5ad(path)
    vectors = data.obsm["X_here"]
    assert vectors.dtype == np.float32
    model.embed_into(truth, "X_here", species="human", standardise="data")
    np.testing.assert_allclose(vectors, truth.obsm["X_here"], atol=1e-6)
    truth.obsm["X_here"] = vectors
    check_equal(data, truth)
    assert names(tmp_path) == {"in.h5ad", "out.h5ad"}


def test_vectors_of_before_are_replaced(asked: tuple, path: Path, tmp_path: Path):
    run(*asked, "-o", tmp_path / "first.h5ad")
    again = [tmp_path / "first.h5ad" if word == path else word for word in asked]
    run(*again, "-o", tmp_path / "second.h5ad", "--standardise", "data")
    first, second = (anndata.read_h5ad(tmp_path / f"{n}.h5ad") for n in ("first", "second"))
    assert list(second.obsm) == list(first.obsm)
    assert np.abs(second.obsm["X_saturn"] - first.obsm["X_saturn"]).max() > 1e-3


def test_a_file_without_the_rooms_that_vectors_go_to(asked: tuple, path: Path, tmp_path: Path):
    with h5py.File(path, "r+") as file:
        del file["obsm"], file["uns"]
    run(*asked, "-o", tmp_path / "out.h5ad")
    assert anndata.read_h5ad(tmp_path / "out.h5ad").obsm["X_saturn"].shape == (60, DIM)


@pytest.mark.parametrize("kind", [np.int16, np.float64, bool, "dense", "layer", "raw", "column"])
def test_counts_may_be_stored_in_many_ways(
    asked: tuple, whole: anndata.AnnData, model: CellEmbedder, saved: Callable, kind: Any
):
    truth, options = model.embed(whole, "human"), []
    if kind == "dense":
        whole.X = whole.X.toarray()
    elif kind == "layer":
        whole.X = None
        options = ["--layer", "dense"]
    elif kind == "raw":
        whole.raw = whole
        whole.X = whole.X.log1p()
        options = ["--layer", "raw"]
    elif kind == "column":
        whole.var["symbol"] = whole.var_names
        whole.var_names = [f"x{number}" for number in range(whole.n_vars)]
        options = ["--genes", "symbol"]
    else:
        whole.X = whole.X.astype(kind)
        truth = model.embed(whole, "human")
    path = saved(whole)
    output = path.with_name("out.parquet")
    run(*asked[:3], path, *asked[4:], "-o", output, *options)
    np.testing.assert_allclose(pd.read_parquet(output).iloc[:, 1:], truth, atol=1e-6)


def test_json_says_what_was_made_and_from_how_many_genes(asked: tuple, tmp_path: Path):
    told = json.loads(run(*asked, "-o", tmp_path / "out.csv", "--json").stdout)
    assert told == {
        "model": "saturn-toy",
        "version": "0.1",
        "output": str(tmp_path / "out.csv"),
        "cells": 60,
        "coverage": {"share": 1.0, "found": 40, "genes": 40},
    }


def test_killed_and_resumed_gives_what_an_undisturbed_run_gives(
    asked: tuple, saturn_toy: Path, tmp_path: Path
):
    whole, output = tmp_path / "whole.h5ad", tmp_path / "out.h5ad"
    run(*asked, "-o", whole)
    ready = "import anndata.io, zoo.matrices.files\n"  # which open hundreds of files
    ended, steps = None, 40
    while ended is None or ended.returncode:
        resume = ["--resume"] if (parts.folder_of(output) / "plan.json").exists() else []
        ended = child(saturn_toy.parent, steps, *asked, "-o", output, *resume, before=ready)
        assert ended.returncode in (0, -9), ended.stderr
        steps += 12
    assert steps > 52, "it was never killed"
    check_equal(anndata.read_h5ad(output), anndata.read_h5ad(whole))
    assert names(tmp_path) == {"in.h5ad", "whole.h5ad", "out.h5ad"}


def test_a_resumed_run_embeds_only_what_is_not_done(
    asked: tuple, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    output, call, done = tmp_path / "out.csv", EmbedTask.__call__, []

    def stopping(self: EmbedTask, batch: Any) -> Any:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(batch.num_rows)
        return call(self, batch)

    with monkeypatch.context() as patch:
        patch.setattr(EmbedTask, "__call__", stopping)
        told = run(*asked, "-o", output, code=130).stderr
    assert "Stopped. Type the same with --resume to go on." in told
    assert "another options: standardise entry, and now standardise data" in refused_late(
        *asked, "-o", output, "--resume", "--standardise", "data"
    )
    monkeypatch.setattr(
        EmbedTask, "__call__", lambda s, b: (done.append(b.num_rows), call(s, b))[1]
    )
    run(*asked, "-o", output, "--resume")
    assert done == [10] * 7  # the third chunk was of a part that was not saved
    assert len(pd.read_csv(output)) == 60


def refused_late(*arguments: object) -> str:
    """What is refused after the coverage was told."""
    result = run(*arguments, code=2)
    assert result.stdout == ""
    return result.stderr.splitlines()[-1]


def changed(data: anndata.AnnData, how: str) -> anndata.AnnData:
    """Cells that cannot be used."""
    if how == "log":
        data.X = data.layers.pop("log")
    elif how == "negative":
        data.X.data[30] = -1
    elif how == "nan":
        data.X.data[30] = np.nan
    elif how == "empty":
        data = data[:0].copy()
    elif how == "few":
        data = data[:10].copy()
    elif how == "silent":
        data.X = sparse.csr_matrix(data.X.toarray() * (np.arange(60) != 55)[:, None])
    elif how == "by genes":
        data.X = data.X.tocsc()
    elif how == "transposed":
        del data.layers["log"], data.layers["dense"]
        data = anndata.AnnData(data.X.T.tocsr(), data.var[[]], data.obs[[]])
    else:
        data.var_names = data.var_names.str.replace("UNHEARD1", "ENSG00000000001")
    return data


@pytest.mark.filterwarnings("ignore:Variable names are not unique:UserWarning")
@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("log", "A count is a whole number, and log-transformed data are broken ones."),
        ("log", "Perhaps they are in --layer dense."),
        ("negative", "does not hold raw counts: -1"),
        ("nan", "does not hold raw counts: nan"),
        ("empty", "is empty: expected at least one"),
        ("few", "For so few cells type --standardise entry."),
        ("silent", "Cell 'human-cell-55' has no counts of the entry's genes."),
        ("by genes", "stored by genes (CSC), expected by cells. Type in Python: "),
        ("transposed", "Its rows are named like genes: transpose it"),
        ("twice", "are all the gene GEN01"),
    ],
)
def test_bad_cells(
    asked: tuple, whole: anndata.AnnData, saved: Callable, tmp_path: Path, how: str, words: str
):
    path = saved(changed(whole, how))
    options = ["--standardise", "data"] if how == "few" else []
    told = refused_late(*asked[:3], path, *asked[4:], "-o", tmp_path / "out.csv", *options)
    assert words in told
    assert names(tmp_path) == {"in.h5ad", "other.h5ad"}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--species", "mouse"], "Most of its genes have names of human: type --species human."),
        (["--species", "rat"], "--species='rat' is not allowed: expected one of human, mouse."),
        (["--layer", "none"], "--layer='none' is not allowed: expected one of dense, log."),
        (["--layer", "log"], "Perhaps they are in --layer dense or X, without --layer."),
        (["--genes", "none"], "expected a column of names in var; it has ensembl."),
        (["--standardise", "none"], "--standardise='none' is not allowed: expected entry or data."),
        (["-o", "out.xlsx"], "the extension '.xlsx' is none that the zoo reads or writes"),
        (["-o", "nowhere/out.csv"], "there is no folder nowhere"),
        (["--key", "a/b"], "--key='a/b' is not allowed: expected a name without a slash."),
        (["--memory", "much"], "--memory='much' is not allowed: expected a size"),
        (["--memory", "1MB"], "is not allowed: expected at least"),
        (["-i", "nothing.h5ad"], "there is no such file"),
        (["-i", "cells.csv"], "Give a file that ends in .h5ad."),
        (["--resume"], "there is nothing to resume"),
    ],
)
def test_bad_options(asked: tuple, tmp_path: Path, options: list[str], words: str):
    assert words in refused_late(*asked, "-o", tmp_path / "out.csv", *options)
    assert names(tmp_path) == {"in.h5ad"}


def test_the_input_is_never_written_over(asked: tuple, path: Path):
    before = path.read_bytes()
    told = refused(*asked, "-o", path)
    assert "expected another file than the one that is read." in told
    assert path.read_bytes() == before


def test_a_damaged_file(asked: tuple, path: Path, tmp_path: Path):
    with h5py.File(path, "r+") as file:
        file["X/indices"][5] = 99
    told = refused_late(*asked, "-o", tmp_path / "out.csv")
    assert "its matrix leads to genes that it does not have" in told
    with h5py.File(path, "r+") as file:
        file["X"].attrs["shape"] = (60, 44)
    told = refused_late(*asked, "-o", tmp_path / "out.csv")
    assert "its matrix is 60 x 44, but obs and var have other lengths" in told
    path.write_bytes(path.read_bytes()[:2000])
    assert "it cannot be read as h5ad" in refused_late(*asked, "-o", tmp_path / "out.csv")
    assert names(tmp_path) == {"in.h5ad"}


def test_a_file_that_changes_meanwhile_gives_nothing(
    asked: tuple, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    call = EmbedTask.__call__

    def changing(self: EmbedTask, batch: Any) -> Any:
        shutil.copy(path, tmp_path / "copy")
        (tmp_path / "copy").replace(path)
        return call(self, batch)

    monkeypatch.setattr(EmbedTask, "__call__", changing)
    assert "it was changed while it was read" in refused_late(*asked, "-o", tmp_path / "out.csv")
    assert names(tmp_path) == {"in.h5ad"}


def test_an_entry_of_another_family(tiny_root: Path, asked: tuple, tmp_path: Path):
    other = zoo.register(tiny_root / tiny.TABLE)
    told = refused("embed", other, *asked[2:], "-o", tmp_path / "out.csv", code=1)
    assert "does not offer zoo embed" in told


def test_mouse(entry: str, model: CellEmbedder, saved: Callable, tmp_path: Path):
    mouse = as_anndata(counts("mouse", 30))
    path = saved(mouse)
    run("embed", entry, "-i", path, "--species", "mouse", "-o", tmp_path / "out.parquet")
    found = pd.read_parquet(tmp_path / "out.parquet").iloc[:, 1:]
    np.testing.assert_allclose(found, model.embed(mouse, "mouse"), atol=1e-6)
