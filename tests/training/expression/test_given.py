"""Gene vectors that were not made here, in place of those that the linear model chooses."""

import json
from pathlib import Path

import numpy as np
import pytest

from contracts.errors import InvalidOption
from tests.training.expression import planted
from training.data.files import LowCoverage
from training.data.vectors import VectorSource, imported
from training.expression import linear, vectors
from training.expression.fits import find, find_with, of_entry
from zoo.store import folders


def source(genes: tuple[str, ...] = planted.GENES) -> VectorSource:
    drawn = np.random.default_rng(3).normal(size=(len(genes), 4))
    return VectorSource.of_rows("scgpt", "Drawn.", "MIT", genes, drawn)


def test_given_vectors_are_the_only_ones():
    data = planted.data()
    got = find_with("linear", source())(data.profiles, data, 0)
    given = vectors.reduced(source())
    expected = linear.fit(data.profiles, data, lambda factors: given)
    for name in ("offset", "loading", "direction"):
        np.testing.assert_array_equal(getattr(got, name), getattr(expected, name))
    assert got.about["vectors"]["name"] == "scgpt"
    assert got.licences == {"Gene vectors scgpt": "MIT"}


def test_a_model_without_gene_vectors_takes_none():
    with pytest.raises(InvalidOption, match=r"--gene-vectors='scgpt'.*mean takes no gene vectors"):
        find_with("mean", source())


def test_too_few_perturbed_genes_are_refused():
    data = planted.data()
    fit = find_with("linear", source(planted.GENES[:2]))
    with pytest.raises(LowCoverage, match=r"33\.3% of the perturbed genes of planted in scgpt"):
        fit(data.profiles, data, 0)


def test_an_entry_is_fitted_again_with_what_it_was_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    said, asked = {"name": "scgpt", "licence": "MIT", "sha256": "0" * 64}, []
    (tmp_path / "run.json").write_text(json.dumps({"imported": said}))
    monkeypatch.setattr(folders, "locate", lambda entry: tmp_path)
    monkeypatch.setattr(imported, "again", lambda facts: asked.append(facts) or source())
    manifest = folders.read_manifest(folders.BUNDLED / "ridge-yeast", "ridge-yeast")
    given = {"architecture": "linear", "evidence": "embedding-import"}
    data = planted.data()
    got = of_entry(manifest.model_copy(update=given))(data.profiles, data, 0)
    expected = find_with("linear", source())(data.profiles, data, 0)
    np.testing.assert_array_equal(got.direction, expected.direction)
    assert asked == [said]
    assert of_entry(manifest.model_copy(update={"architecture": "mean"})) is find("mean")
