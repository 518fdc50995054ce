"""h5ad files: the genes of var_names, and pairs in a table of one's choice."""

import builtins
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet

import zoo
from tests import tiny
from tests.zoo.batch_tables import names, read
from tests.zoo.commands import refused, run

anndata = pytest.importorskip("anndata", reason="the extra `h5ad` is not installed")

pytestmark = [
    pytest.mark.usefixtures("only_tiny", "tiny_chunks"),
    # The same gene twice is asked for on purpose.
    pytest.mark.filterwarnings("ignore:Variable names are not unique:UserWarning"),
]

GENES = ["GFAP", "MBP", "NO", "HGNC:6839"] * 4


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Sixteen genes, and 24 cells whose obs has a column of every kind that is stored."""
    cells = 24
    obs = pd.DataFrame(
        {
            "gene": ["GFAP", "MBP"] * 12,
            "tf": pd.Categorical(["SOX2", "PAX6", None] * 8),
            "plain": np.linspace(0, 1, cells),
            "flag": [True, False] * 12,
            "count": pd.array([1, None] * 12, dtype="Int64"),
            "maybe": pd.array([True, None] * 12, dtype="boolean"),
            "batch": pd.Categorical([1, 2] * 12),
        },
        index=[f"cell{number}" for number in range(cells)],
    )
    data = anndata.AnnData(np.zeros((cells, len(GENES)), dtype=np.float32), obs=obs)
    data.var_names = GENES
    data.uns["edges"] = pd.DataFrame({"regulator": ["SOX2"], "target": ["MAP2"]})
    data.uns["note"] = "no table"
    data.write_h5ad(tmp_path / "in.h5ad")
    return tmp_path / "in.h5ad"


def test_regulators_of_the_names_of_the_variables(path: Path):
    output = path.with_name("out.csv")
    asked = ("regulators", tiny.DOT, "-i", path, "-o", output, "-k", 2)
    run(*asked, "--on-unknown", "skip")
    rows = read(output)
    known = [name for name in GENES if name != "NO"]
    alone = zoo.load(tiny.DOT).regulators(known, k=2)
    assert [row["gene"] for row in rows] == np.repeat(known, 2).tolist()
    assert [row["tf"] for row in rows] == alone["tf"].tolist()
    assert [row["line"] for row in read(path.with_name("out.csv.rejected.csv"))] == [
        "3",
        "7",
        "11",
        "15",
    ]
    assert "line 3: 'NO' is no gene" in refused(*asked)


def test_pairs_in_obs_with_every_column(path: Path):
    output = path.with_name("out.parquet")
    run("score", tiny.TABLE, "-i", path, "-o", output, "--table", "obs", "--on-unknown", "skip")
    obs = anndata.read_h5ad(path).obs
    kept = obs[obs["tf"].notna()]
    table = parquet.read_table(output)
    assert table.column("index").to_pylist() == kept.index.tolist()
    assert table.column("tf_symbol").to_pylist() == kept["tf"].tolist()
    for name in ("gene", "tf", "plain", "flag", "count", "maybe", "batch"):
        truth = [None if pd.isna(value) else value for value in kept[name]]
        assert table.column(name).to_pylist() == truth, name
    rejected = read(path.with_name("out.parquet.rejected.csv"))
    assert [int(row["line"]) for row in rejected] == list(range(3, 25, 3))
    assert {(row["column"], row["reason"]) for row in rejected} == {("tf", "no-name")}


def test_pairs_in_uns(path: Path):
    output = path.with_name("out.csv")
    run("score", tiny.TABLE, "-i", path, "-o", output, "--table", "uns/edges")
    (row,) = read(output)
    assert float(row["score"]) == pytest.approx(tiny.probabilities(tiny.TABLE)[4, 2], abs=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], r"any of its tables\. Say which: --table obs or --table uns/edges"),
        (["--table", "uns/note"], r"no table 'uns/note'; it has obs, var, uns/edges"),
        (["--table", "var"], r"expected columns 'tf' and 'gene', found 'index'"),
    ],
)
def test_which_table_is_asked(path: Path, options: list[str], message: str):
    told = refused("score", tiny.TABLE, "-i", path, "-o", path.with_name("out.csv"), *options)
    assert re.search(message, told)
    assert names(path.parent) == {"in.h5ad"}


def test_without_an_output_the_result_goes_to_stdout(path: Path):
    shown = run("regulators", tiny.TABLE, "-i", path, "-k", 1, "--on-unknown", "skip").stdout
    assert shown.splitlines()[0].split("\t")[-1] == "support"


def test_a_column_that_has_no_rows_of_its_own_is_told(path: Path):
    import h5py

    with h5py.File(path, "r+") as file:
        del file["obs/plain"]
        file["obs/plain"] = np.zeros((24, 2))
        file["obs/plain"].attrs["encoding-type"] = "array"
    told = refused(
        "score", tiny.TABLE, "-i", path, "-o", path.with_name("out.csv"), "--table", "obs"
    )
    assert "column 'plain' is stored as 'array'" in told
    assert "Write the table as Parquet" in told


@pytest.mark.parametrize("keep", [0, 100, -2000])
def test_a_cut_off_file(path: Path, keep: int):
    path.write_bytes(path.read_bytes()[:keep])
    told = refused("regulators", tiny.TABLE, "-i", path, "-o", path.with_name("out.csv"), "-k", 2)
    assert "it cannot be read as h5ad" in told
    assert "write it again with anndata" in told
    assert names(path.parent) == {"in.h5ad"}


def test_without_anndata_the_command_to_install_it_is_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    found = builtins.__import__

    def no_anndata(name: str, *arguments: Any) -> Any:
        if name.split(".")[0] == "anndata":
            raise ImportError(name)
        return found(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", no_anndata)
    output = path.with_name("out.csv")
    told = refused("regulators", tiny.TABLE, "-i", path, "-o", output, "-k", 2, code=1)
    assert "anndata is not installed. Type: pip install 'regzoo[h5ad]'" in told
