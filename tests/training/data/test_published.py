"""Published scores of expression: what is read of them, beside naive counts in the files."""

import csv
import gzip
import os

import pytest

from training.data import published
from training.data.files import DataFiles

ROWS = {"Norman": 208, "Wessels": 181, "Schmidt": 60, "Replogle_exp6": 91}
METHODS = 15
REAL = pytest.mark.skipif("ZOO_DATA" not in os.environ, reason="ZOO_DATA is not set")


@REAL
@pytest.mark.parametrize("genes", [100, 5000])
def test_rows_of_two_genes_are_those_of_the_file(genes):
    files = DataFiles.find()
    found = published.scperturbench(files)
    path = files.path(f"published_scores/scperturbench_combo_top{genes}.csv.gz")
    with gzip.open(path, "rt", newline="") as stream:
        naive = [row for row in csv.DictReader(stream) if "+" in row["op"]]
    own = found[found["genes"] == genes]
    assert len(own) == len(naive)
    for screen, rows in ROWS.items():
        means = own[own["screen"] == screen].groupby("method")["correlation"].agg(["mean", "size"])
        assert len(means) == METHODS
        assert set(means["size"]) == {rows}
        for method, mean in means["mean"].items():
            values = [
                float(row["cor"])
                for row in naive
                if row["DataSet"] == screen and row["method"] == method
            ]
            assert mean == pytest.approx(sum(values) / len(values))


@REAL
def test_methods_of_scouters_table_share_few_perturbations():
    found = published.scouter(DataFiles.find())
    assert not found.duplicated(["method", "perturbation", "split"]).any()
    sets = {
        method: set(zip(part["perturbation"], part["split"], part["seen"], strict=True))
        for method, part in found.groupby("method")
    }
    assert sets["GEARS"] == sets["biolord"]
    shared = sets["GEARS"] & sets["Scouter"]
    assert len([name for name, _, _ in shared if "+" in name]) == 28


def test_genes_of_a_perturbation_have_one_order_and_no_place_holder():
    assert published.sorted_genes("KLF1+ctrl") == published.sorted_genes("ctrl+KLF1") == "KLF1"
    assert published.sorted_genes("TGFBR2+ETS2") == "ETS2+TGFBR2"
