"""Expression of perturbed cells: means, errors, halves and batches against plain loops."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anndata
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from contracts.errors import ContractViolation, CorruptArtefact, InvalidOption
from contracts.genes.vocabulary import GeneRecord
from tests.training.data import real
from training.data import load, profiles
from training.data.expression import ExpressionData, from_cells
from training.data.files import DataFiles, LowCoverage

NAMES = {"OLD1": "NEW1"}
REAL = pytest.mark.skipif("ZOO_DATA" not in os.environ, reason="ZOO_DATA is not set")


def records(names: Sequence[str]) -> tuple[GeneRecord, ...]:
    """Symbols alone, but for one that was renamed."""
    return tuple(
        GeneRecord(NAMES.get(name, name), hgnc_id=f"HGNC:{row}", previous=(name,) * (name in NAMES))
        for row, name in enumerate(names)
    )


def cells(**changed: Any) -> anndata.AnnData:
    """Counts of 60 cells and 5 genes, in two replicates with guides."""
    rng = np.random.default_rng(0)
    label = rng.permutation(
        ["none"] * 18 + ["B"] * 12 + ["A"] * 12 + ["B+A", "A+B"] * 5 + ["C"] * 8
    )
    obs = pd.DataFrame({"label": label, "rep": rng.choice(["r2", "r1"], 60)})
    obs["guide"] = [
        f"{name}{number}" for name, number in zip(label, rng.integers(3, size=60), strict=True)
    ]
    obs.index = obs.index.astype(str)
    counts = rng.poisson(2.0, (60, 5)).astype(np.float32)
    genes = changed.get("genes", ["Z", "OLD1", "A", "M", "B"])
    return anndata.AnnData(sparse.csr_matrix(counts), obs, pd.DataFrame(index=genes))


def built(table: anndata.AnnData, **changed: Any) -> ExpressionData:
    """The data of these cells."""
    options: dict[str, Any] = {
        "name": "toy",
        "perturbation": "label",
        "control": "none",
        "kind": "absent",
        "unit": "log",
        "records": records,
        "replicate": "rep",
        "guide": "guide",
        "counts": True,
    }
    return from_cells(table, **(options | changed))


def logarithms(table: anndata.AnnData) -> np.ndarray:
    """What the zoo should make of the counts, densely; columns in the order of symbols."""
    counts = table.X.toarray().astype(np.float64)
    total = counts.sum(axis=1)
    target = np.median(total[(table.obs["label"] == "none").to_numpy()])
    logs = np.log1p(counts * (target / total)[:, None])
    return logs[:, np.argsort([NAMES.get(name, name) for name in table.var_names])]


@pytest.mark.parametrize("block", [1, 7, 4_000_000])
@pytest.mark.parametrize("backed", [False, True])
def test_means_and_errors_are_those_of_plain_numpy(
    block: int, backed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiles, "BLOCK", block)
    table = cells()
    if backed:
        table.write_h5ad(tmp_path / "cells.h5ad")
        data = built(anndata.read_h5ad(tmp_path / "cells.h5ad", backed="r"))
    else:
        data = built(table)
    assert data.readouts.genes == ("A", "B", "M", "NEW1", "Z")
    assert data.readouts.symbols(["OLD1"]) == ["NEW1"]
    assert data.set_names == ("A", "B", "C", "A+B")
    logs, means = logarithms(table), data.profiles
    of = {"A": ["A"], "B": ["B"], "C": ["C"], "A+B": ["A+B", "B+A"]}
    for row, name in enumerate(data.set_names):
        own = logs[table.obs["label"].isin(of[name]).to_numpy()]
        np.testing.assert_allclose(means.mean[row], own.mean(axis=0), rtol=1e-12)
        np.testing.assert_allclose(means.error[row], own.var(axis=0, ddof=1) / len(own))
        assert means.cells[row] == len(own)
    control = logs[(table.obs["label"] == "none").to_numpy()]
    np.testing.assert_allclose(means.control, control.mean(axis=0))
    np.testing.assert_allclose(means.change, means.mean - control.mean(axis=0))
    np.testing.assert_allclose(
        means.variance - means.error,
        np.tile(control.var(axis=0, ddof=1) / len(control), (4, 1)),
    )
    assert data.coverage == {"hgnc/perturbed genes": 1.0, "hgnc/readout genes": 1.0}


def test_halves_share_out_every_cell_and_are_the_same_for_a_seed() -> None:
    data = built(cells())
    one, other = data.halves(3)
    assert (one.cells + other.cells == data.profiles.cells).all()
    assert (np.abs(one.cells - other.cells) <= 1).all()
    weighted = one.mean * one.cells[:, None] + other.mean * other.cells[:, None]
    np.testing.assert_allclose(weighted, data.profiles.mean * data.profiles.cells[:, None])
    np.testing.assert_array_equal(one.mean, data.halves(3)[0].mean)
    assert not np.array_equal(one.mean, data.halves(4)[0].mean)
    several = data.source.halves(data.source.code, [4, 3], np.array([4, 1]))
    for split, seed in enumerate((4, 3)):
        for half, means in enumerate(data.halves(seed)):
            np.testing.assert_allclose(several[split, half], means.mean[:, [4, 1]])


def test_replicates_and_guides_have_profiles_of_their_own() -> None:
    table = cells()
    data = built(table)
    logs = logarithms(table)
    label, replicate = (table.obs[name].to_numpy() for name in ("label", "rep"))
    assert list(data.batches["replicate"]) == ["r1", "r2"]
    for name, means in data.batches["replicate"].items():
        inside = replicate == name
        np.testing.assert_allclose(means.control, logs[inside & (label == "none")].mean(axis=0))
        row = means.place[(1,)]
        np.testing.assert_allclose(means.mean[row], logs[inside & (label == "B")].mean(axis=0))
    guide = table.obs["guide"].to_numpy()
    odd = data.batches["guide"]["odd"]
    wanted = np.isin(guide, ["B0", "B2"])
    np.testing.assert_allclose(odd.mean[odd.place[(1,)]], logs[wanted].mean(axis=0))


def test_a_control_in_a_pair_says_nothing_and_cells_without_a_perturbation_are_left_out() -> None:
    table = cells()
    table.obs["label"] = table.obs["label"].replace({"A": "A+none", "C": None})
    data = built(table, replicate=None, guide=None)
    assert data.set_names == ("A", "B", "A+B")
    assert not data.batches


def test_logarithms_are_taken_as_they_are() -> None:
    table = cells()
    data = built(table, counts=False)
    control = table.X.toarray()[(table.obs["label"] == "none").to_numpy()].mean(axis=0)
    np.testing.assert_allclose(data.profiles.control[data.readouts.gene_index(["Z"])], control[0])


def test_what_is_not_there_is_refused() -> None:
    with pytest.raises(InvalidOption, match="label, rep, guide"):
        built(cells(), perturbation="condition")
    with pytest.raises(InvalidOption, match="a value of label"):
        built(cells(), control="ctrl")
    with pytest.warns(UserWarning, match="not unique"):
        twice = cells(genes=["Z", "Z", "A", "M", "B"])
    with pytest.raises(ContractViolation, match="Z twice"):
        built(twice)
    with pytest.raises(LowCoverage, match="perturbed genes"):
        built(cells(), floor=0.5, records=lambda names: [GeneRecord(name) for name in names])


@REAL
def test_norman_has_the_singles_and_doubles_of_one_study() -> None:
    data = real.load("norman19")
    assert isinstance(data, ExpressionData)
    orders = [len(members) for members in data.profiles.sets]
    assert (orders.count(1), orders.count(2)) == (18, 15)
    assert data.profiles.mean.shape == (33, 500)
    assert data.profiles.cells.sum() + data.profiles.control_cells == 3375
    assert data.perturbed.symbols(["KIAA1804"]) == ["MAP3K21"]
    assert data.kind == "overexpressed"
    assert data.coverage == {"hgnc/perturbed genes": 1.0, "hgnc/readout genes": 1.0}


@REAL
def test_norman_s_changes_are_those_that_the_science_notes_have() -> None:
    data = real.load("norman19")
    change = np.linalg.norm(data.profiles.change, axis=1)
    named = dict(zip(data.set_names, change.round(2).tolist(), strict=True))
    noted = {
        "KLF1+MAP2K6": 1.92,
        "MAP2K3+SLC38A2": 0.57,
        "MAP2K3+MAP2K6": 0.63,
        "MAPK1+TGFBR2": 1.52,
        "KLF1+TGFBR2": 2.22,
    }
    assert {name: named[name] for name in noted} == noted


@REAL
def test_papalexi_has_replicates_guides_and_names_of_today() -> None:
    data = real.load("papalexi2021")
    assert isinstance(data, ExpressionData)
    assert data.profiles.mean.shape == (25, 299)
    assert data.profiles.control_cells == 2386
    assert data.perturbed.symbols(["MARCH8"]) == ["MARCHF8"]
    assert data.readouts.symbols(["C10orf11"]) == ["LRMDA"]
    clones = [gene for gene in data.readouts.genes if gene.startswith("RP11-")]
    assert clones
    assert data.coverage["hgnc/readout genes"] < 0.9
    assert set(data.batches) == {"replicate", "guide"}
    assert [len(each) for each in data.batches["replicate"].values()] == [25, 25, 25]
    halves = data.batches["guide"]
    assert (sum(each.control_cells for each in halves.values())) == 2386


@REAL
def test_another_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "papalexi2021"
    folder.mkdir()
    table = cells()
    table.X = table.X * 0.5
    path = folder / "papalexi2021_lowmoi.h5ad"
    table.write_h5ad(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  papalexi2021/{path.name}\n")
    with pytest.raises(CorruptArtefact, match="negative or broken"):
        load("papalexi2021", tmp_path)
    (tmp_path / "SHA256SUMS").write_text(f"{'0' * 64}  papalexi2021/{path.name}\n")
    with pytest.raises(CorruptArtefact):
        DataFiles.find(tmp_path).cells(f"papalexi2021/{path.name}")
