"""The brain dataset against the raw files, read here by other means."""

import csv
import gzip
import hashlib
import os
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from contracts.manifest import Manifest
from tests.training.data import real
from training import data as datasets
from training import recipe
from training.data import knowledge
from training.data.files import LowCoverage
from training.pairs.negatives import KnownEdges, uniform
from training.pairs.split import FOLDS, PARTS, Split, assert_no_leak, make_split, undivided
from training.scoring.contest import STAGES
from zoo.store import folders

ROOT = Path(os.environ.get("ZOO_DATA") or "nowhere")
pytestmark = pytest.mark.skipif(
    not os.environ.get("ZOO_DATA"), reason="ZOO_DATA is not set: the raw files are not here"
)
UNIPROT = re.compile(r"[OPQ][0-9][A-Z0-9]{3}[0-9]|[A-NR-Z][0-9]([A-Z][A-Z0-9]{2}[0-9]){1,2}")
MEASURED = ("ids", "darmanis", "hpa")
BRAIN = [path.parent for path in sorted(folders.BUNDLED.glob("*-brain/split.safetensors"))]


def rows(name: str, delimiter: str = "\t") -> list[list[str]]:
    with gzip.open(ROOT / "brain" / "raw" / name, "rt", encoding="utf-8") as stream:
        return list(csv.reader(stream, delimiter=delimiter))


@pytest.fixture(scope="module")
def brain():
    return real.load("brain")


@pytest.fixture(scope="module")
def hgnc() -> pd.DataFrame:
    """Approved genes: symbol and UniProt accessions."""
    head, *body = rows("hgnc_entries.tsv.gz")
    table = pd.DataFrame(body, columns=head)
    return table[table["Status"] == "Approved"].set_index("Approved symbol")


@pytest.fixture(scope="module")
def listed(brain) -> dict[str, set[tuple[str, str]]]:
    """The pairs of each resource."""
    return {
        source: set(brain.edges.loc[brain.edges[source], ["tf", "gene"]].itertuples(index=False))
        for source in ("dorothea", "trrust", "collectri")
    }


def test_there_are_as_many_edges_as_the_data_page_says(brain, listed):
    assert brain.edges["core"].all()
    counts = [len(brain.edges), brain.edges["tf"].nunique(), brain.edges["gene"].nunique()]
    assert counts == [51_390, 1_302, 8_438]
    sizes = {source: len(pairs) for source, pairs in listed.items()}
    assert sizes == {"dorothea": 15_100, "trrust": 8_394, "collectri": 40_894}
    assert len(set.intersection(*listed.values())) == 3_389


def test_the_edge_table_is_sorted_and_without_duplicates(brain):
    pairs = list(brain.edges[["tf", "gene"]].itertuples(index=False, name=None))
    assert pairs == sorted(set(pairs))
    assert brain.edges[list(brain.resources)].any(axis=1).all()
    assert brain.core_sources == tuple(brain.resources)


def test_every_id_is_an_approved_symbol(brain, hgnc):
    names = {*brain.vocabulary.genes, *brain.edges["tf"], *brain.edges["gene"]}
    assert names <= set(hgnc.index)
    assert set(brain.edges["tf"]) <= set(brain.vocabulary.regulators)
    accessions = {name for name in names if UNIPROT.fullmatch(name)}
    assert not accessions & {p for cell in hgnc.iloc[:, 5] for p in cell.split(", ")}


def test_trrust_rows_of_approved_symbols_are_all_there(hgnc, listed):
    raw = {(tf, gene) for tf, gene, *_ in rows("trrust_raw.tsv.gz")}
    approved = set(hgnc.index)
    plain = {pair for pair in raw if approved.issuperset(pair)}
    assert len(plain) > 7_500
    assert plain <= listed["trrust"]
    assert len(listed["trrust"]) <= len(raw)


def test_dorothea_accessions_lead_to_their_genes(hgnc, listed):
    genes = defaultdict(set)
    for symbol, cell in hgnc["UniProt ID(supplied by UniProt)"].items():
        for accession in cell.split(", "):
            genes[accession].add(symbol)
    head, *body = rows("dorothea_raw.tsv.gz")
    at = head.index("source"), head.index("target")
    raw = [(row[at[0]], row[at[1]]) for row in body]
    assert all(UNIPROT.fullmatch(name) for pair in raw[:500] for name in pair)
    clear = [pair for pair in raw if all(len(genes[name]) == 1 for name in pair)]
    expected = {(*genes[tf], *genes[gene]) for tf, gene in clear}
    assert len(expected) > 14_000
    assert expected <= listed["dorothea"]
    assert len(listed["dorothea"]) - len(expected) <= len(raw) - len(clear)


def test_collectri_has_no_complexes_and_about_all_of_its_edges(listed):
    # 46,654 rows without complexes: the data page; several rows may give one pair.
    assert 40_000 < len(listed["collectri"]) <= 46_654
    assert not any("COMPLEX" in name for pair in listed["collectri"] for name in pair)


@pytest.fixture(scope="module")
def said(hgnc) -> dict[str, dict[tuple[str, str], list[tuple[int, str]]]]:
    """The sign bits and the PMIDs of each row whose ids are approved symbols already."""
    approved = set(hgnc.index)
    table: dict = {"trrust": defaultdict(list), "collectri": defaultdict(list)}
    bits = {"Activation": 1, "Repression": 2, "Unknown": 0}
    for tf, gene, mode, pmids in rows("trrust_raw.tsv.gz"):
        if approved.issuperset((tf, gene)):
            table["trrust"][tf, gene].append((bits[mode], pmids))
    raw = pd.read_parquet(ROOT / "brain" / "raw" / "omnipath.parquet")
    raw = raw[(raw["type"] == "transcriptional") & raw["sources"].str.contains("CollecTRI")]
    accession = hgnc["UniProt ID(supplied by UniProt)"].str.split(", ").explode()
    owner = pd.Series(accession.index, accession)
    owner = owner[~owner.index.duplicated(keep=False)]
    for row in raw.itertuples():
        ends = tuple(owner.get(end, end) for end in (row.source, row.target))
        if approved.issuperset(ends):
            sign = int(row.is_stimulation) + 2 * int(row.is_inhibition)
            table["collectri"][ends].append((sign, row.references_stripped or ""))
    return table


@pytest.mark.parametrize("source", ["trrust", "collectri"])
def test_signs_are_those_of_the_raw_rows(brain, said, source):
    """A row under a former symbol may add a bit, and none may take one away."""
    pairs = brain.edges[["tf", "gene"]].itertuples(index=False, name=None)
    signs = dict(zip(pairs, brain.edges[f"{source}_sign"].tolist(), strict=True))
    assert len(said[source]) > 7_500
    equal = []
    for pair, of in said[source].items():
        expected = int(np.bitwise_or.reduce([sign for sign, _ in of]))
        assert signs[pair] & expected == expected, pair
        equal.append(signs[pair] == expected)
    assert np.mean(equal) > 0.998
    assert {0, 1, 2, 3} == set(signs.values())
    outside = ~brain.edges[source]
    assert (brain.edges.loc[outside, f"{source}_sign"] == 0).all()


def test_references_are_the_articles_of_two_resources_together(brain, said):
    pairs = brain.edges[["tf", "gene"]].itertuples(index=False, name=None)
    references = dict(zip(pairs, brain.edges["references"].tolist(), strict=True))
    equal = []
    for pair in said["trrust"].keys() | said["collectri"].keys():
        texts = [pmids for source in said.values() for _, pmids in source.get(pair, ())]
        articles = {pmid for text in texts for pmid in text.split(";") if pmid}
        assert references[pair] >= len(articles), pair
        equal.append(references[pair] == len(articles))
    assert len(equal) > 20_000
    assert np.mean(equal) > 0.998
    alone = brain.edges["dorothea"] & ~brain.edges["trrust"] & ~brain.edges["collectri"]
    assert (brain.edges.loc[alone, "references"] == 0).all()


def namespace_auroc(pairs, labels) -> float:
    """How well "both ids are of one kind" tells positives from negatives."""
    kinds = [[bool(UNIPROT.fullmatch(name)) for name in pair] for pair in pairs]
    return roc_auc_score(labels, [tf == gene for tf, gene in kinds])


def test_the_kind_of_an_id_no_longer_tells_edges_from_pairs(brain):
    """On the ids as the resources have them this rule alone reaches an AUROC of 0.78."""
    rng = np.random.default_rng(0)
    raw = {(tf, gene) for tf, gene, *_ in rows("trrust_raw.tsv.gz")}
    head, *body = rows("dorothea_raw.tsv.gz")
    raw |= {(row[head.index("source")], row[head.index("target")]) for row in body}
    raw = sorted(raw)
    ends = [sorted({pair[side] for pair in raw}) for side in (0, 1)]
    drawn = list(zip(*(rng.choice(names, len(raw)).tolist() for names in ends), strict=True))
    labels = [1] * len(raw) + [0] * len(drawn)
    assert namespace_auroc(raw + drawn, labels) > 0.7

    core = brain.pairs[brain.edges["core"]]
    known = KnownEdges.of(brain.pairs, len(brain.vocabulary))
    even = uniform(len(core), np.unique(core[:, 0]), np.unique(core[:, 1]), known, rng)
    regulators, genes = brain.vocabulary.regulators, brain.vocabulary.genes
    names = [(regulators[tf], genes[gene]) for tf, gene in np.concatenate([core, even]).tolist()]
    labels = [1] * len(core) + [0] * len(even)
    assert abs(namespace_auroc(names, labels) - 0.5) < 0.001


def test_coverage_is_about_98_percent(brain):
    assert brain.coverage["darmanis/regulators"] > 0.98
    assert brain.coverage["darmanis/targets"] > 0.98
    tables = {n: share for n, share in brain.coverage.items() if n.split("/")[0] in MEASURED}
    assert len(tables) == 7
    assert all(0.95 < share <= 1 for share in tables.values())
    core = brain.edges[brain.edges["core"]]
    columns = [n.startswith("darmanis:") for n in brain.profile.features]
    measured = brain.profile.measured[:, columns].any(1)
    for side, column in (("regulators", "tf"), ("targets", "gene")):
        share = measured[brain.vocabulary.gene_index(core[column].unique())].mean()
        assert abs(share - brain.coverage[f"darmanis/{side}"]) < 1e-12


def test_regulators_are_those_of_both_lists_and_of_all_edges(brain, hgnc):
    regulators = set(brain.vocabulary.regulators)
    approved = set(hgnc.index)
    for name in ("tfs_lambert2018.txt", "tfs_hgnc.txt"):
        lines = (ROOT / "brain" / "raw" / name).read_text().split()
        assert len(approved.intersection(lines)) > 1_500
        assert approved.intersection(lines) <= regulators
    assert regulators == set(brain.vocabulary.regulators) & set(brain.vocabulary.genes)
    assert {"SOX2", "NEUROD1", "OLIG2"} <= regulators
    assert {"GFAP", "MAP2"} <= set(brain.vocabulary.genes) - regulators


@pytest.fixture(scope="module")
def astrocytes() -> pd.Series:
    """Mean log1p CPM of the genes in astrocytes; HTSeq's three counters of reads are no genes."""
    folder = ROOT / "brain" / "raw"
    counts = pd.read_csv(folder / "darmanis2015_counts.csv.gz", sep="\t", index_col=0)
    counts = counts.drop(index=["no_feature", "ambiguous", "alignment_not_unique"])
    meta = pd.read_csv(folder / "darmanis2015_meta.csv.gz", sep="\t", index_col=0)
    cells = counts[meta.index[meta["cell type"] == "astrocytes"]]
    return np.log(1 + 1e6 * cells / cells.to_numpy().sum(0)).mean(axis=1)


@pytest.mark.parametrize("gene", ["GFAP", "MBP", "SOX2", "SYT1"])
def test_expression_is_the_mean_log1p_cpm_of_a_cell_type(brain, astrocytes, gene):
    """In 8 bits: the code is the value in 255ths of the largest one of its column."""
    codes = brain.profile.codes[:, brain.profile.features.index("darmanis:astrocytes")]
    expected = 255 * astrocytes[gene] / astrocytes.max()
    assert abs(int(codes[brain.vocabulary.gene_index([gene])[0]]) - expected) <= 0.5 + 1e-9


def test_features_are_nine_cell_types_61_tissues_and_what_is_known(brain):
    tables = pd.Series(brain.profile.features).str.partition(":")[0].value_counts().to_dict()
    assert (tables.pop("hpa"), tables.pop("darmanis")) == (61, 9)
    assert tables.keys() == knowledge.KINDS.keys()
    assert brain.profile.codes.shape == (len(brain.vocabulary), 70 + sum(tables.values()))


def test_coverage_of_what_is_known_is_that_of_the_profile(brain):
    kinds = pd.Series(brain.profile.features).str.partition(":")[0]
    for kind in knowledge.KINDS:
        known = brain.profile.measured[:, kinds == kind].any(1)
        for side, column in (("regulators", "tf"), ("targets", "gene")):
            share = known[brain.vocabulary.gene_index(brain.edges[column].unique())].mean()
            assert brain.coverage[f"{kind}/{side}"] == pytest.approx(share), (kind, side)
            # Few targets are factors themselves: motifs of their own have 7.5 % of them.
            assert share > (0.5 if side == "regulators" else 0.07), (kind, side)


def test_regulatory_circuits_are_those_of_the_raw_rows(brain):
    keys = brain.memberships["marbach"]
    assert (np.diff(keys) > 0).all()
    tf, gene = np.divmod(keys, len(brain.vocabulary.genes))
    regulators, genes = (np.array(n) for n in (brain.vocabulary.regulators, brain.vocabulary.genes))
    pairs = set(zip(regulators[tf].tolist(), genes[gene].tolist(), strict=True))
    raw = pd.read_csv(ROOT / knowledge.MARBACH, sep="\t")
    raw = raw[raw["tf"].isin(regulators) & raw["gene"].isin(genes)].sample(5_000, random_state=0)
    assert set(zip(raw["tf"], raw["gene"], strict=True)) <= pairs


def test_digests_are_those_of_the_files_that_were_read(brain):
    assert {name.split("/")[0] for name in brain.digests} >= {"brain", "tf_knowledge"}
    for name, digest in brain.digests.items():
        assert hashlib.sha256((ROOT / name).read_bytes()).hexdigest() == digest


def test_expression_of_another_namespace_is_refused(tmp_path):
    """The seed study's expression matched no gene at all, and nothing failed."""
    raw = tmp_path / "brain" / "raw"
    raw.mkdir(parents=True)
    for path in (ROOT / "brain" / "raw").iterdir():
        (raw / path.name).symlink_to(path.resolve())
    spoilt = raw / "hpa_rna_tissue.tsv.gz"
    head, *body = gzip.decompress(spoilt.read_bytes()).split(b"\n")
    spoilt.unlink()
    spoilt.write_bytes(
        gzip.compress(b"\n".join([head, *(b"ENSX" + line for line in body if line)]), 1)
    )
    sums = (ROOT / "SHA256SUMS").read_text()
    before = hashlib.sha256((ROOT / "brain/raw/hpa_rna_tissue.tsv.gz").read_bytes()).hexdigest()
    after = hashlib.sha256(spoilt.read_bytes()).hexdigest()
    (tmp_path / "SHA256SUMS").write_text(sums.replace(before, after))
    with pytest.raises(LowCoverage, match=r"Only 0\.0% of the regulators in the hpa table"):
        datasets.load("brain", tmp_path)


@pytest.fixture(scope="module")
def split(brain) -> Split:
    return make_split(brain, recipe.load("degree-brain").split_seed)


DRAWN = [f"{side}{stage}" for side in ("", "cold_gene_", "cold_tf_") for stage in STAGES]


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        *((part, kind) for part in DRAWN for kind in ("uniform", "degree_preserving")),
        *((stage, "within_source") for stage in STAGES),
    ],
)
def test_a_negative_of_the_benchmark_is_unlisted_and_stands_once(brain, split, part, kind):
    drawn = split.negatives[f"{part}/{kind}"]
    assert len(drawn) == len(split.positives(brain, part)) > 150
    listed = set(map(tuple, brain.pairs.tolist()))
    pairs = set(map(tuple, drawn.tolist()))
    assert pairs.isdisjoint(listed)
    assert len(pairs) == len(drawn)


@pytest.mark.parametrize("folder", BRAIN, ids=lambda folder: folder.name)
def test_the_split_that_an_entry_ships_can_be_made_again(brain, folder):
    shipped = Split.load(folder / "split.safetensors")
    shipped.require(brain)
    again = undivided(brain, shipped.seed)
    np.testing.assert_array_equal(again.part, shipped.part)
    assert not shipped.negatives
    folds = Manifest.load(folder / "manifest.json").folds
    assert folds.keys() == set(map(str, range(FOLDS)))


@pytest.mark.parametrize("fold", range(FOLDS))
def test_a_fold_trains_on_most_edges_and_leaks_none(brain, fold):
    split = make_split(brain, recipe.load("degree-brain").split_seed, fold)
    assert_no_leak(brain, split)
    counts = dict(zip(PARTS, np.bincount(split.part, minlength=len(PARTS)), strict=True))
    assert counts["train"] > 30_000
    assert counts.pop("unused") == 0
    assert all(counts.values())
