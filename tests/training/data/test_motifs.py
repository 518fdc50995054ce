"""Motifs in promoters: the scan against a naive loop, the profiles against what is known."""

import importlib.util
import os

import numpy as np
import pytest

from contracts.genes.vocabulary import Vocabulary
from training.data import hgnc, motifs
from training.data.files import DataFiles, MissingData

needs_data = pytest.mark.skipif(
    not os.environ.get("ZOO_DATA") or importlib.util.find_spec("pyjaspar") is None,
    reason="needs the raw data (ZOO_DATA) and the package pyjaspar",
)


def naive_best(codes, matrix):
    """The best site, base by base; the other strand is the reverse complement of the promoter."""
    scores = []
    for strand in (codes, [3 - code if code < 4 else 4 for code in codes[::-1]]):
        for start in range(len(codes) - len(matrix) + 1):
            site = strand[start : start + len(matrix)]
            bases = [row[base] for row, base in zip(matrix, site, strict=True) if base < 4]
            scores.append(sum(bases))
    return max(scores)


def test_scan_finds_the_best_site_of_both_strands(monkeypatch):
    monkeypatch.setattr(motifs, "BLOCK", 4)
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 5, (9, 20)).astype(np.uint8)
    matrices = [rng.normal(size=(width, 4)).astype(np.float32) for width in (6, 3, 6, 20)]
    expected = [[naive_best(row, matrix) for matrix in matrices] for row in codes.tolist()]
    assert motifs.scan(codes, matrices) == pytest.approx(np.array(expected), abs=1e-5)


def test_missing_matrices_say_what_to_install(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingData, match=r"pip install 'regzoo\[train\]'"):
        motifs._database()


@needs_data
def test_profiles_are_finite_and_scanned_once(tmp_path, monkeypatch):
    monkeypatch.setenv("ZOO_CACHE", str(tmp_path))
    files = DataFiles.find(None)
    known = hgnc.read(files.path("brain/raw/hgnc_entries.tsv.gz"))
    human = Vocabulary.from_records(known.values())
    genes = motifs.gene_profile(files, human)
    monkeypatch.setattr(motifs, "scan", lambda *_: pytest.fail("the cache was not read"))
    readers = motifs.regulator_profile(files, human)
    assert len(genes) > 15_000
    assert len(readers) > 800
    assert list(genes.columns) == [f"{number:02d}" for number in range(motifs.COMPONENTS)]
    assert np.isfinite(genes.to_numpy()).all()
    assert np.isfinite(readers.to_numpy()).all()
    assert set(readers.index) <= set(known)
    # E2F1 reads the promoters of the genes of replication.
    reads = genes.to_numpy() @ readers.loc["E2F1"].to_numpy()
    of_replication = genes.index.isin(["MCM2", "MCM3", "MCM5", "MCM6", "CDC6", "PCNA"])
    assert reads[of_replication].mean() > np.quantile(reads, 0.75)
