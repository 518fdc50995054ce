"""Orthologs: one to one means once on either side."""

import csv
import gzip
import os
from collections import Counter
from pathlib import Path

import pytest

from tests.training.data import mesc_files
from training.data import orthologs
from training.data.files import DataFiles

HEAD = '"human.gene.name","gene.name","human.homology.type"\n'


def lists(root: Path, *rows: str) -> DataFiles:
    text = HEAD + "".join(f"{row}\n" for row in rows)
    return DataFiles.find(mesc_files.write(root, orthologs_1v1=text, orthologs_all=text))


def test_only_one_to_one_pairs_are_kept(tmp_path):
    files = lists(
        tmp_path,
        '"A","a","ortholog_one2one"',
        '"B","b","ortholog_one2many"',
        '"C","c","ortholog_one2one"',
    )
    assert orthologs.one_to_one(files).to_dict("list") == {"human": ["A", "C"], "mouse": ["a", "c"]}


def test_a_symbol_that_stands_twice_is_left_out_on_both_sides(tmp_path):
    files = lists(
        tmp_path,
        '"A","a","ortholog_one2one"',
        '"A","b","ortholog_one2one"',
        '"C","c","ortholog_one2one"',
        '"D","c","ortholog_one2one"',
        '"E","e","ortholog_one2one"',
    )
    assert orthologs.one_to_one(files)["human"].tolist() == ["E"]


def test_a_gene_without_a_name_is_left_out_and_one_named_na_is_not(tmp_path):
    files = lists(tmp_path, '"NA","na","ortholog_one2one"', '"","b","ortholog_one2one"')
    assert orthologs.read_all(files)["human"].tolist() == ["NA"]


@pytest.mark.skipif("ZOO_DATA" not in os.environ, reason="needs the raw data that ZOO_DATA names")
def test_the_real_list_against_a_plain_reading_of_it():
    path = Path(os.environ["ZOO_DATA"]) / "pancreas" / "orthologs_1v1.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = [row[:3] for row in csv.reader(stream)][1:]
    rows = [row for row in rows if row[2] == "ortholog_one2one"]
    human, mouse = Counter(r[0] for r in rows), Counter(r[1] for r in rows)
    expected = [(h, m) for h, m, _ in rows if human[h] == mouse[m] == 1]
    found = orthologs.one_to_one(DataFiles.find())
    assert list(found.itertuples(index=False, name=None)) == expected
    assert len(found) > 16_000
