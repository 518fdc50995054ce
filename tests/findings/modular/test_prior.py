import gzip
import hashlib
import json
import os

import numpy as np
import pytest

from contracts.errors import CorruptArtefact
from tests.findings.modular import toy
from tests.findings.modular.toy import study

prior = study.prior


def test_edges_are_positions_in_the_sorted_lists():
    made = prior.Prior.of({"B": ["y", "x"], "A": ["x"]})
    named = {(made.tfs[tf], made.genes[gene]) for tf, gene in made.edges}
    assert (made.tfs, made.genes) == (("A", "B"), ("x", "y"))
    assert named == {("B", "y"), ("B", "x"), ("A", "x")}


@pytest.mark.parametrize(
    ("name", "accession"),
    [
        ("P22736", True),
        ("O14503", True),
        ("A0A024R161", True),
        ("SPI1", False),
        ("H2AC6", False),
        ("P22736-2", False),
        ("p22736", False),
    ],
)
def test_accessions_are_told_from_symbols(name: str, accession: bool):
    made = prior.Prior.of({name: [name]})
    assert [named.tolist() for named in made.accessions] == [[accession], [accession]]


def test_same_namespace_compares_both_names():
    made = prior.Prior.of({"SOX2": ["P22736", "SPI1"], "O14503": ["P22736", "SPI1"]})
    same = {
        (made.tfs[tf], made.genes[gene]): bool(is_same)
        for (tf, gene), is_same in zip(made.edges, made.kinds(made.edges)[:, 2], strict=True)
    }
    assert same == {
        ("SOX2", "P22736"): False,
        ("SOX2", "SPI1"): True,
        ("O14503", "P22736"): True,
        ("O14503", "SPI1"): False,
    }


def test_expression_is_found_for_ensembl_ids_only():
    made = prior.Prior.of({"ENSG00000141510": ["TP53", "ENSG00000141510"], "SOX2": ["ENSG1"]})
    assert made.expression_coverage() == {"tfs": 1, "tfs_total": 2, "genes": 1, "genes_total": 3}


def test_another_prior_is_refused(tmp_path):
    path = tmp_path / prior.FILE
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(json.dumps({"A": ["x", "y"]}).encode()))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  {prior.FILE}\n")
    with pytest.raises(CorruptArtefact, match=r"1 regulators, 2 genes and 2 edges.*23,694"):
        prior.load(tmp_path)


@pytest.mark.skipif("ZOO_DATA" not in os.environ, reason="needs the raw data that ZOO_DATA names")
def test_the_studys_prior_has_its_counts_and_hardly_an_edge_across_namespaces():
    made = prior.load()
    assert (len(made.tfs), len(made.genes), len(made.edges)) == (1164, 7664, 23694)
    assert (~made.kinds(made.edges)[:, 2]).sum() == 1
    assert made.expression_coverage()["tfs"] == made.expression_coverage()["genes"] == 0


def test_the_toy_has_both_kinds_of_names():
    made = toy.prior()
    assert made.accessions[0].any()
    assert not made.accessions[0].all()
    assert not np.all(made.kinds(made.edges)[:, 2])
