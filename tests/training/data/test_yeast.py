"""The yeast data set, from the real files, and from files that contradict themselves."""

import gzip
import hashlib
import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from contracts.errors import ArtefactError
from tests.entries import bundled
from tests.training.data import real
from training.data import yeast
from training.data.files import DataFiles, LowCoverage
from training.data.perturbations import PerturbationData
from training.perturbations.split import PARTS, SetSplit, make_split
from zoo.store import folders

FOLDER = os.environ.get("ZOO_DATA")
pytestmark = pytest.mark.skipif(
    not FOLDER, reason="ZOO_DATA is not set: it names the folder with the raw data"
)


@pytest.fixture(scope="module")
def data() -> PerturbationData:
    return real.load("yeast")


def raw(name: str) -> pd.DataFrame:
    return pd.read_csv(Path(FOLDER or "", "yeast", f"{name}.tsv.gz"), sep="\t", low_memory=False)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A copy of the yeast files, to be spoilt."""
    shutil.copytree(Path(FOLDER or "", "yeast"), tmp_path / "yeast")
    sums(tmp_path)
    return tmp_path


def sums(root: Path) -> None:
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  yeast/{path.name}"
        for path in sorted((root / "yeast").glob("*.gz"))
    ]
    (root / "SHA256SUMS").write_text("\n".join(lines) + "\n")


def rewrite(root: Path, name: str, change) -> None:
    path = root / "yeast" / f"{name}.tsv.gz"
    path.chmod(0o644)
    table = change(pd.read_csv(path, sep="\t", low_memory=False))
    with gzip.open(path, "wt", compresslevel=1) as stream:
        table.to_csv(stream, sep="\t", index=False)
    sums(root)


def test_orfs_and_common_names_lead_to_the_same_gene(data):
    vocabulary = data.vocabulary
    assert vocabulary.resolve("ADE2").symbol == "YOR128C"
    assert vocabulary.resolve("YOR128C").status == "exact"
    assert vocabulary.resolve("ade2").symbol == "YOR128C"
    assert vocabulary.regulators == ()


def test_every_record_of_several_genes_is_there(data):
    table = raw("records")
    table = table[table["n_pert"] > 1]
    assert len(data.records) == len(table)
    counts = table["source"].value_counts()
    for source, count in counts.items():
        assert (data.records.source == source).sum() == count
    row = 12_345
    names = [data.vocabulary.genes[i] for i in data.records.members[row] if i >= 0]
    assert "|".join(sorted(names)) == table["genes"].iloc[row]
    assert data.records.interaction[row] == pytest.approx(table["gi"].iloc[row])


def test_units_belong_to_orders(data):
    records = data.records
    assert set(np.unique(records.unit[records.order == 2])) == {"epsilon", "emap_s"}
    assert set(np.unique(records.unit[records.order == 3])) == {"tau"}
    assert np.isfinite(records.interaction).all()


def test_only_the_2010_source_is_selected(data):
    assert set(data.records.source[data.records.selected]) == {"costanzo2010_intermediate"}
    assert not data.records.selected[data.records.source == data.headline_source].any()


def test_derived_fitness_is_epsilon_plus_the_product(data):
    records, single = data.records, data.single_fitness
    rows = np.flatnonzero(records.derived)
    product = single[records.members[rows, :2]].prod(axis=1)
    known = np.isfinite(product)
    expected = records.interaction[rows][known] + product[known]
    np.testing.assert_allclose(records.fitness[rows][known], expected, atol=2e-3)


def test_networks_reach_past_the_vocabulary(data):
    genes = len(data.vocabulary)
    physical = data.networks["physical"]
    table = raw("physical")
    pairs = table[table["gene_a"] != table["gene_b"]]
    unordered = {frozenset(pair) for pair in pairs[["gene_a", "gene_b"]].to_numpy()}
    assert physical.adjacency.nnz == 2 * len(unordered)
    assert physical.adjacency.shape[0] > genes
    place = data.vocabulary.gene_index(["YOR128C"])[0]
    neighbours = {b for a, b in unordered_pairs(unordered) if a == "YOR128C"}
    assert physical.degree[place] == len(neighbours)
    assert physical.among(genes).shape == (genes, genes)


def unordered_pairs(pairs):
    for pair in pairs:
        first, second = sorted(pair)
        yield first, second
        yield second, first


def test_metabolic_roles_are_counted_from_the_model(data):
    gpr, reactions = raw("gpr"), raw("reactions")
    gene = "YDL174C"
    nodes = gpr.loc[gpr["orf"] == gene, "reaction_idx"]
    own = set(reactions.loc[nodes, "gem_reaction"])
    row = dict(
        zip(
            data.metabolic_features,
            data.metabolism[data.vocabulary.gene_index([gene])[0]],
            strict=True,
        )
    )
    assert row["reactions"] == len(own)
    sole = 0
    for reaction in own:
        every = reactions.index[reactions["gem_reaction"] == reaction]
        sole += set(every) <= set(nodes)
    assert row["sole_reactions"] == sole


def test_the_shipped_split_leaks_nothing_and_fills_its_parts(data):
    split = make_split(data, 11)
    own = data.records.source == data.headline_source
    for part in ("train", "valid", "test", "one_new_valid", "one_new_test", "unseen_test"):
        assert (split.part[own] == PARTS.index(part)).sum() > 300
    triples = data.records.order == 3
    assert (split.part[triples] == PARTS.index("query_disjoint_test")).sum() > 300


def test_coverage_is_told(data):
    assert data.coverage["genes/named"] > 0.98
    assert data.coverage["genes/single_fitness"] == pytest.approx(4618 / len(data.vocabulary))
    assert min(data.coverage[f"edges/{name}"] for name in data.networks) > 0.98


def test_a_network_of_other_names_is_refused(copied):
    rewrite(copied, "physical", lambda t: t.assign(gene_a="P" + t["gene_a"]))
    with pytest.raises(LowCoverage, match="physical"):
        yeast.load(DataFiles.find(copied))


def test_an_interaction_without_a_unit_is_refused(copied):
    rewrite(copied, "records", lambda t: t.assign(gi_kind=t["gi_kind"].where(t.index != 9000)))
    with pytest.raises(ArtefactError, match="without a unit"):
        yeast.load(DataFiles.find(copied))


def test_a_gene_twice_in_a_set_is_refused(copied):
    def twice(table: pd.DataFrame) -> pd.DataFrame:
        row = table.index[table["n_pert"] == 2][0]
        gene = table.loc[row, "genes"].split("|")[0]
        table.loc[row, "genes"] = f"{gene}|{gene}"
        return table

    rewrite(copied, "records", twice)
    with pytest.raises(ArtefactError, match="names the set"):
        yeast.load(DataFiles.find(copied))


def test_the_split_of_the_entries_is_made_again(data):
    """Weights that ship were trained on it, so no check of a split may change it."""
    made = make_split(data, 11)
    digest = "c324d63273199853f95b0e27ea3d9c04bca6f1c0f64e4f99ff8dce12f94da74c"
    assert hashlib.sha256(made.part.tobytes()).hexdigest() == digest
    for entry in bundled("perturbation*"):
        shipped = SetSplit.load(folders.BUNDLED / entry / "split.safetensors")
        np.testing.assert_array_equal(shipped.part, made.part)


def test_single_fitness_is_filled_with_the_mean_of_what_was_measured(data):
    known = np.isfinite(data.single_fitness)
    filled = data.filled_single_fitness
    np.testing.assert_array_equal(filled[known], data.single_fitness[known])
    np.testing.assert_allclose(filled[~known], np.nanmean(data.single_fitness))
