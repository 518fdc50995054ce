"""The mESC data sets against the published files, read here by other means."""

import csv
import gzip
import os
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA

from contracts.errors import ArtefactError, CorruptArtefact
from tests.training.data import mesc_files
from training import data as datasets
from training.data import mesc
from training.data.files import DataFiles, LowCoverage
from training.pairs.split import PARTS, make_split

real = pytest.mark.skipif(
    not os.environ.get("ZOO_DATA"), reason="ZOO_DATA is not set: the raw files are not here"
)
ROOT = Path(os.environ.get("ZOO_DATA") or "nowhere") / "beeline_mesc"
SETS = {"mesc": "tfs1000", "mesc500": "tfs500"}
NAMES = {"train": "Train_set", "valid": "Validation_set", "test": "Test_set"}


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


@pytest.fixture(scope="module")
def built():
    """Both data sets with their splits."""
    sets = {name: datasets.load(name) for name in SETS}
    return {name: (data, make_split(data, 20261120)) for name, data in sets.items()}


@real
@pytest.mark.parametrize("name", SETS)
def test_the_split_is_the_published_one_row_for_row(built, name):
    data, split = built[name]
    home = ROOT / SETS[name]
    gene = {row["index"]: row["Gene"] for row in table(home / "Target.csv")}
    tfs, genes = data.vocabulary.regulators, data.vocabulary.genes
    for part, file in NAMES.items():
        rows = table(home / f"{file}.csv")
        published = {(gene[r["TF"]], gene[r["Target"]], r["Label"]) for r in rows}
        assert len(published) == len(rows)
        labelled = (("1", split.positives(data, part)), ("0", split.negatives[f"{part}/given"]))
        found = [
            (tfs[tf].upper(), genes[target].upper(), label)
            for label, pairs in labelled
            for tf, target in pairs.tolist()
        ]
        assert len(found) == len(rows)
        assert set(found) == published
    assert set(np.unique(split.part)) == {PARTS.index(part) for part in NAMES}


@real
@pytest.mark.parametrize("name", SETS)
def test_regulators_and_genes_are_those_of_the_lists(built, name):
    data, _ = built[name]
    home = ROOT / SETS[name]
    regulators = {row["TF"] for row in table(home / "TF.csv")}
    genes = {row["Gene"] for row in table(home / "Target.csv")}
    assert {symbol.upper() for symbol in data.vocabulary.regulators} == regulators
    assert {symbol.upper() for symbol in data.vocabulary.genes} == genes
    assert len(data.vocabulary) == len(genes)
    assert data.vocabulary.resolve("POU5F1").symbol == "Pou5f1"


@real
@pytest.mark.parametrize("name", SETS)
def test_cells_and_coverage_are_those_of_the_expression_table(built, name):
    data, _ = built[name]
    with gzip.open(ROOT / "semrau_rna_filtered_log2.tsv.gz", "rt", encoding="utf-8") as stream:
        cells, *rows = csv.reader(stream, delimiter="\t")
    measured = {row[0].upper(): [float(value) for value in row[1:]] for row in rows}
    assert data.cells.shape == (len(data.vocabulary), len(cells)) == (len(data.vocabulary), 384)
    for symbol, row in zip(data.vocabulary.genes, data.cells, strict=True):
        np.testing.assert_allclose(row, measured.get(symbol.upper(), [0.0] * 384), rtol=1e-6)
    share = np.mean([symbol.upper() in measured for symbol in data.vocabulary.genes])
    assert data.coverage["semrau/genes"] == pytest.approx(share)
    assert 0.70 < share < 0.72


@real
@pytest.mark.parametrize("name", SETS)
def test_chip_networks_are_too_dense_to_be_rewired(built, name):
    """A regulator with more edges in a part than unlisted pairs can't keep its number of them."""
    _, split = built[name]
    assert set(split.negatives) == {f"{part}/given" for part in NAMES}
    home = ROOT / SETS[name]
    for file in NAMES.values():
        label = {"1": {}, "0": {}}
        for row in table(home / f"{file}.csv"):
            label[row["Label"]][row["TF"]] = label[row["Label"]].get(row["TF"], 0) + 1
        assert sum(count > label["0"].get(tf, 0) for tf, count in label["1"].items()) > 20


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """The made-up folder, with floors that it reaches."""
    monkeypatch.setattr(mesc, "GENES_FLOOR", 0.6)
    return mesc_files.write(tmp_path)


def test_names_are_joined_without_regard_to_case(toy):
    data = datasets.load("mesc", toy)
    expected = {"Sox2", "Pou5f1", "Esrrb", "Nanog", "Krt8", "Actb", "0610007P14Rik"}
    assert expected <= set(data.vocabulary.genes)
    assert data.vocabulary.regulators == ("Esrrb", "Nanog", "Pou5f1", "Sox2")
    assert data.coverage == {"semrau/genes": 0.7, "semrau/regulators": 1.0}
    row = data.vocabulary.genes.index("Pou5f1")
    assert data.cells[row].tolist() == mesc_files.expression()["Pou5f1"]
    assert not data.cells[data.vocabulary.genes.index("Gm24455")].any()


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("GM24455", "Gm24455"),
        ("MT-TF", "mt-Tf"),
        ("AY036118", "AY036118"),
        ("2410141K09RIK", "2410141K09Rik"),
        ("TRIK", "Trik"),
    ],
)
def test_mouse_case_of_names_that_no_table_has(name, symbol):
    assert mesc.mouse_symbol(name, {"OTHER": "oThEr"}) == symbol


def test_the_first_table_with_a_name_says_how_it_is_written():
    tables = ({"A1BG": "a1bG"}, {"A1BG": "no", "ACTB": "actB"})
    assert [mesc.mouse_symbol(name, *tables) for name in ("A1BG", "ACTB")] == ["a1bG", "actB"]


def test_features_are_principal_components_and_know_no_edge(tmp_path, monkeypatch, toy):
    import pandas as pd

    values = np.random.default_rng(3).integers(0, 5, (60, 12)).astype(float)
    values[7] = 0
    made = mesc.profile(pd.DataFrame(values, index=[f"g{i}" for i in range(60)]))
    assert made["semrau:mean"].tolist() == values.mean(1).tolist()
    assert made["semrau:detected"].tolist() == (values > 0).mean(1).tolist()
    spread = np.where(values.std(1) > 0, values.std(1), 1)[:, None]
    scaled = (values - values.mean(1, keepdims=True)) / spread
    # Rows of `scaled` have mean 0, so the axes over cells are scikit-learn's without its centring:
    # mirrored copies of the genes make its mean 0 as well.
    truth = PCA(3).fit(np.concatenate([scaled, -scaled])).transform(scaled)
    for axis in range(3):
        found = made[f"semrau:pc{axis + 1}"].to_numpy()
        assert found.min() == 0
        assert abs(np.corrcoef(found, truth[:, axis])[0, 1]) == pytest.approx(1, abs=1e-9)
        assert found.std() == pytest.approx(truth[:, axis].std())
    assert np.array_equal(made, mesc.profile(pd.DataFrame(values, index=made.index)))

    other = mesc_files.write(
        tmp_path / "other", Train_set="TF,Target,Label\n0,4,0\n0,5,1\n3,4,0\n1,3,0\n0,2,1\n"
    )
    one, two = datasets.load("mesc", toy), datasets.load("mesc", other)
    assert not np.array_equal(one.pairs, two.pairs)
    assert np.array_equal(one.profile.codes, two.profile.codes)


def test_an_unmeasured_gene_has_the_mean_of_every_feature_and_is_flagged(toy):
    data = datasets.load("mesc", toy)
    values = data.profile.codes * data.profile.scale + data.profile.offset
    flag = data.profile.features.index("semrau:measured")
    there = values[:, flag] > 0
    missing = {"AY036118", "Gm24455", "mt-Tf"}
    assert set(np.compress(~there, data.vocabulary.genes)) == missing
    others = np.delete(values[~there], flag, axis=1)
    assert np.abs(others).max() < 0.02


def test_edges_are_all_parts_positives_sorted(toy):
    data = datasets.load("mesc", toy)
    listed = sorted(
        tuple(name.capitalize() for name in pair.split()[:2])
        for rows in mesc_files.PAIRS.values()
        for pair in rows
        if pair.endswith("1")
    )
    assert list(data.edges[["tf", "gene"]].itertuples(index=False, name=None)) == listed
    assert data.edges[["chip", "core"]].all(axis=None)
    split = make_split(data, 1)
    counts = {part: int((split.part == PARTS.index(part)).sum()) for part in NAMES}
    assert counts == {"train": 3, "valid": 2, "test": 1}


def test_a_table_of_another_namespace_is_refused(tmp_path):
    lines = "".join(f"ENSMUSG{i:011d}\t" + "\t".join("012341"[:6]) + "\n" for i in range(8))
    head = "\t".join(f"P2_A{i}" for i in range(6)) + "\n"
    root = mesc_files.write(tmp_path, semrau_rna_filtered_log2=head + lines)
    with pytest.raises(LowCoverage, match=r"Only 0.0% of the genes in the table of 384 cells"):
        datasets.load("mesc", root)


HEAD = "TF,Target,Label\n"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"Target": ",Gene,index\n0,SOX2,0\n1,SOX2,1\n"}, "gives a gene or an index twice"),
        ({"TF": ",TF,index\n0,SOX2,1\n"}, "an index to different genes"),
        ({"TF": ",TF,index\n0,SOX2,0\n"}, "regulator that TF.csv does not list"),
        ({"Train_set": f"{HEAD}0,99,1\n"}, "an index that Target.csv does not have"),
        ({"Train_set": f"{HEAD}0,1,1\n"}, "A pair stands twice in the parts"),
        ({"Train_set": f"{HEAD}0,4,2\n"}, "labels other than 0 and 1"),
    ],
)
def test_a_split_that_contradicts_itself_is_refused(tmp_path, changed, said):
    root = mesc_files.write(tmp_path, **changed)
    with pytest.raises(ArtefactError, match=said):
        datasets.load("mesc", root)


def test_a_changed_file_is_refused(toy):
    path = toy / mesc_files.HOME / "Test_set.csv"
    path.write_text(path.read_text().replace(",1\n", ",0\n"))
    with pytest.raises(CorruptArtefact, match=r"Test_set\.csv"):
        mesc.load(DataFiles.find(toy))
