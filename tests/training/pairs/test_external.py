"""External pairs: carried over by orthologs, without what the entries know, ranked by regulator."""

import csv
import gzip
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import average_precision_score, roc_auc_score

from contracts.genes.vocabulary import GeneRecord, Vocabulary
from tests.training.data import mesc_files, real
from training.data.files import LowCoverage
from training.data.pairs import PairData, Profile
from training.family import Ground
from training.pairs import external
from training.pairs.answers import answer
from training.pairs.family import FAMILY
from training.pairs.notes import per_regulator
from training.scoring.evaluate import _best
from training.scoring.observe import observe
from training.scoring.question import Question
from training.scoring.table import ENTRY, ModelInfo
from zoo.pairs.answers import Terms
from zoo.pairs.graphs import GraphPairScorer

GENES = ("ACTB", "ESRRB", "KRT8", "OCT4-HUMAN", "OTHER", "SOX2")
REGULATORS = ("OCT4-HUMAN", "OTHER", "SOX2")


def brain(*edges: tuple[str, str]) -> PairData:
    """A data set of six human genes that lists `edges`; POU5F1 is an alias there."""
    aliases = {"OCT4-HUMAN": ("POU5F1",)}
    vocabulary = Vocabulary.from_records(
        GeneRecord(gene, gene in REGULATORS, aliases=aliases.get(gene, ())) for gene in GENES
    )
    table = pd.DataFrame(sorted(edges), columns=["tf", "gene"]).assign(core=True, toy=True)
    table["tf_index"] = vocabulary.regulator_index(table["tf"])
    table["gene_index"] = vocabulary.gene_index(table["gene"])
    values = pd.DataFrame({"toy": np.arange(6.0)}, index=list(GENES))
    return PairData(
        name="toy",
        vocabulary=vocabulary,
        edges=table,
        core_sources=("toy",),
        profile=Profile.from_log(values),
        cells=np.zeros((6, 2), np.float32),
        coverage={},
        digests={},
        licences={},
        description="toy",
        external="training.pairs.external",
    )


class Table(GraphPairScorer):
    """Looks the parts of the logit up; the score of a pair is their sum."""

    def __init__(self, vocabulary: Vocabulary, specific, tf, gene) -> None:
        self.vocabulary = vocabulary
        self.parts = [np.asarray(part, np.float32) for part in (specific, tf, gene)]

    def terms(self, tf, gene) -> Terms:
        specific, of_tf, of_gene = self.parts
        parts = (specific[tf, gene], of_tf[tf], of_gene[gene])
        return Terms(1 / (1 + np.exp(-sum(parts))), *parts)


def random_scorer(vocabulary: Vocabulary, seed: int) -> Table:
    draw = np.random.default_rng(seed)
    tfs, genes = len(vocabulary.regulators), len(vocabulary)
    return Table(vocabulary, draw.normal(size=(tfs, genes)), draw.normal(size=tfs), np.zeros(genes))


@pytest.fixture
def toy(tmp_path, monkeypatch) -> Path:
    """The made-up mESC folder, with floors that it reaches."""
    monkeypatch.setattr(external, "GENES_FLOOR", 0.5)
    monkeypatch.setattr(external, "REGULATORS_FLOOR", 0.5)
    return mesc_files.write(tmp_path)


def question_of(ground: Ground) -> Question:
    (question,) = FAMILY.questions(ground, "external")
    return question


def rows(found: external.External) -> list[tuple[str, str, int]]:
    return list(found.pairs.itertuples(index=False, name=None))


def test_pairs_of_all_parts_are_carried_over_by_one_to_one_orthologs(toy):
    """NANOG has two orthologs, ESRRB is no human regulator here, GM24455 has none."""
    found = external.load(brain(("OTHER", "ACTB")), toy)
    assert rows(found) == [
        ("OCT4-HUMAN", "ACTB", 1),
        ("OCT4-HUMAN", "KRT8", 0),
        ("SOX2", "ACTB", 0),
        ("SOX2", "ESRRB", 0),
        ("SOX2", "KRT8", 1),
        ("SOX2", "OCT4-HUMAN", 1),
    ]
    assert found.dropped == {"unresolved": 5, "known_edges": 0, "known_negatives": 0}
    assert found.coverage == {"genes": 5 / 10, "regulators": 2 / 4}
    assert "pancreas/orthologs_1v1.csv.gz" in found.digests


def test_pairs_that_a_resource_lists_are_dropped_and_counted(toy):
    found = external.load(brain(("SOX2", "KRT8"), ("SOX2", "ESRRB"), ("OTHER", "ACTB")), toy)
    pairs = {row[:2] for row in rows(found)}
    assert not pairs & {("SOX2", "KRT8"), ("SOX2", "ESRRB")}
    assert len(pairs) == 4
    assert found.dropped == {"unresolved": 5, "known_edges": 1, "known_negatives": 1}


def test_an_edge_outside_the_benchmark_is_dropped_too(toy):
    data = brain(("SOX2", "KRT8"))
    data = replace(data, edges=data.edges.assign(core=False))
    assert external.load(data, toy).dropped["known_edges"] == 1


def test_two_names_of_one_human_gene_are_both_left_out(toy, monkeypatch):
    twice = [*mesc_files.ORTHOLOGS, ("OCT4-HUMAN", "Gm24455", "ortholog_one2one")]
    text = "human.gene.name,gene.name,human.homology.type\n"
    text += "".join(",".join(row) + "\n" for row in twice)
    root = mesc_files.write(toy / "again", orthologs_1v1=text)
    monkeypatch.setattr(external, "GENES_FLOOR", 0.3)
    monkeypatch.setattr(external, "REGULATORS_FLOOR", 0.2)
    assert "OCT4-HUMAN" not in set(external.load(brain(("OTHER", "ACTB")), root).pairs["tf"])


@pytest.mark.parametrize(("floor", "what"), [("GENES_FLOOR", "genes"), ("REGULATORS_FLOOR", "reg")])
def test_low_coverage_is_refused(toy, monkeypatch, floor, what):
    monkeypatch.setattr(external, floor, 0.51)
    with pytest.raises(LowCoverage, match=f"50.0% of the {what}.*under the floor of 51%"):
        external.load(brain(("OTHER", "ACTB")), toy)


def test_scores_are_the_whole_logit_of_the_right_pairs(toy):
    data = brain(("OTHER", "ACTB"))
    gene = np.array([0.5, 1, 2, 4, 8, 16])
    specific = np.arange(18).reshape(3, 6) * 100
    found = external.load(data, toy)
    ground = Ground(data, None, "test", toy)
    scorer = Table(data.vocabulary, specific, [0.25, 0, 0.125], gene)
    table = answer(ground, question_of(ground), scorer)
    score = table.set_index(["tf", "gene"])["score"]
    assert score["OCT4-HUMAN", "ACTB"] == 0 + 0.25 + 0.5
    assert score["SOX2", "KRT8"] == 1400 + 0.125 + 2
    assert table["label"].tolist() == found.pairs["label"].tolist()


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> external.External:
    """40 regulators of 30 genes; the last two regulators have one label only."""
    draw = np.random.default_rng(5)
    tf, gene = (axis.ravel() for axis in np.indices((40, 30)))
    label = (draw.random(1200) < 0.3).astype(np.int8)
    label[tf == 38], label[tf == 39] = 1, 0
    pairs = pd.DataFrame({"tf": tf, "gene": gene, "label": label}).astype({"label": np.int8})
    pairs["tf"] = pairs["tf"].map("T{:02d}".format)
    pairs["gene"] = pairs["gene"].map("G{:02d}".format)
    found = external.External(pairs, {"genes": 1.0}, {"unresolved": 0}, {})
    monkeypatch.setattr(external, "load", lambda data, root: found)
    return found


def vocabulary_of(found: external.External) -> Vocabulary:
    records = [GeneRecord(name, True) for name in sorted(found.pairs["tf"].unique())]
    records += [GeneRecord(name) for name in sorted(found.pairs["gene"].unique())]
    return Vocabulary.from_records(records)


def ground_of(found: external.External) -> Ground:
    data = SimpleNamespace(
        vocabulary=vocabulary_of(found), external="training.pairs.external", published=()
    )
    return Ground(data, None, "test")


Figures = dict[str, dict[str, dict[str, float]]]


def measured(
    found: external.External, own: Table, **rivals: Table
) -> tuple[pd.DataFrame, Figures, list]:
    """What the entry says, the figures by model and measure, and the rows that they are from."""
    ground = ground_of(found)
    question = question_of(ground)
    scorers = {ENTRY: own} | rivals
    tables = {name: answer(ground, question, scorer) for name, scorer in scorers.items()}
    answers = {name: table["score"].to_numpy() for name, table in tables.items()}
    lines = list(observe(question, answers, "test"))
    figures: Figures = {name: {} for name in answers}
    for line in lines:
        figures[line["model"]][line["measure"]] = line
    return tables[ENTRY], figures, lines


def test_macro_figures_are_means_over_regulators_with_both_labels(many):
    scorer = random_scorer(vocabulary_of(many), 1)
    predicted, figures, _ = measured(many, scorer)
    table = per_regulator(predicted)
    expected = {"auroc_per_tf": [], "auprc_per_tf": []}
    for tf in [f"T{i:02d}" for i in range(38)]:
        part = predicted[predicted["tf"] == tf]
        expected["auroc_per_tf"].append(roc_auc_score(part["label"], part["score"]))
        expected["auprc_per_tf"].append(average_precision_score(part["label"], part["score"]))
    assert table["tf"].tolist() == [f"T{i:02d}" for i in range(38)]
    np.testing.assert_allclose(table["auroc"], expected["auroc_per_tf"])
    assert (table["positives"] + table["negatives"]).eq(30).all()
    for name, values in expected.items():
        assert figures[ENTRY][name]["value"] == pytest.approx(np.mean(values))


def test_the_interval_is_that_of_a_mean_of_regulators(many):
    """Close to the interval of the mean by its standard error (38 regulators)."""
    predicted, figures, _ = measured(many, random_scorer(vocabulary_of(many), 1))
    table = per_regulator(predicted)
    width = 1.96 * table["auroc"].std(ddof=0) / np.sqrt(len(table))
    found = figures[ENTRY]["auroc_per_tf"]
    assert (found["high"] - found["low"]) / 2 == pytest.approx(width, rel=0.15)
    assert found["low"] < table["auroc"].mean() < found["high"]


def test_how_often_a_regulator_is_listed_does_not_help(many):
    """A regulator's own term moves all its pairs alike."""
    vocabulary = vocabulary_of(many)
    zero = np.zeros((40, len(vocabulary)))
    scorer = Table(vocabulary, zero, np.arange(40), np.zeros(len(vocabulary)))
    found = measured(many, scorer)[1][ENTRY]["auroc_per_tf"]
    assert {found[each] for each in ("value", "low", "high")} == {0.5}


def test_the_body_has_the_rivals_and_the_paired_difference_to_the_best(many):
    vocabulary = vocabulary_of(many)
    mine, weak = random_scorer(vocabulary, 1), random_scorer(vocabulary, 2)
    truth = np.zeros((40, len(vocabulary)))
    for tf, gene, label in many.pairs.itertuples(index=False):
        truth[vocabulary.regulator_index([tf]), vocabulary.gene_index([gene])] = label
    strong = Table(vocabulary, truth, np.zeros(40), np.zeros(len(vocabulary)))
    table, figures, lines = measured(many, mine, weak=weak, strong=strong)
    ground = ground_of(many)
    question = question_of(ground)
    rival = ModelInfo(title="a rival", kind="baseline")
    models = {ENTRY: ModelInfo(title="toy", kind="entry"), "weak": rival, "strong": rival}
    assert _best(question, lines, models) == "strong"
    best, own = figures["strong"]["auroc_per_tf"], figures[ENTRY]["auroc_per_tf"]
    assert [best[each] for each in ("value", "low", "high")] == [1, 1, 1]
    gap = [own[each] - 1 for each in ("value", "low", "high")]
    assert [best[each] for each in ("gap", "gap_low", "gap_high")] == pytest.approx(gap)
    assert (many.facts["positives"], many.facts["negatives"]) == (
        int(many.pairs["label"].sum()),
        int((1 - many.pairs["label"]).sum()),
    )
    assert question.facts == many.facts
    notes = FAMILY.notes(ground, question, table, {}, "strong")
    (series,) = notes.series
    assert (series.kind, len(series.rows)) == ("regulator", 38)
    assert notes.facts == {"component": "probability"}
    _, alone, lines = measured(many, mine)
    assert _best(question, lines, models) is None
    assert list(alone) == [ENTRY]
    assert alone[ENTRY] == figures[ENTRY]


@pytest.mark.skipif("ZOO_DATA" not in os.environ, reason="needs the raw data that ZOO_DATA names")
def test_the_real_pairs_against_the_raw_files():
    root = Path(os.environ["ZOO_DATA"])
    data = real.load("brain")
    found = external.load(data)
    assert found.pairs["tf"].nunique() == 68
    assert not found.pairs.duplicated(["tf", "gene"]).any()
    listed = set(data.edges[["tf", "gene"]].itertuples(index=False, name=None))
    assert not listed & {row[:2] for row in rows(found)}
    with gzip.open(root / "pancreas" / "orthologs_1v1.csv.gz", "rt", encoding="utf-8") as stream:
        mouse = {row[0]: row[1].upper() for row in csv.reader(stream)}
    home = root / "beeline_mesc" / "tfs1000"
    with (home / "Target.csv").open() as stream:
        name = {row["index"]: row["Gene"] for row in csv.DictReader(stream)}
    label = {}
    for part in ("Train", "Validation", "Test"):
        with (home / f"{part}_set.csv").open() as stream:
            label |= {
                (name[row["TF"]], name[row["Target"]]): int(row["Label"])
                for row in csv.DictReader(stream)
            }
    direct = [row for row in rows(found) if row[0] in mouse and row[1] in mouse]
    assert len(direct) > 0.97 * len(found.pairs)
    assert all(label[mouse[tf], mouse[gene]] == value for tf, gene, value in direct)
    assert len(found.pairs) + sum(found.dropped.values()) == len(label)
