"""The exported entry is asked, as a user loads it, beside every rival on the same sets."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import pearsonr, spearmanr

import training.data
import zoo
from contracts.errors import InvalidOption, UnknownEntry, Unsupported
from contracts.manifest import FILENAME, Manifest
from tests.entries import bundled
from tests.training.nested import nested
from tests.training.perturbations import planted
from tests.training.perturbations.conftest import RESAMPLES
from tests.training.perturbations.entries import MULTIPLICATIVE, RIDGE
from training.perturbations.answers import ESTIMATED
from training.perturbations.family import FAMILY
from training.perturbations.questions import PROTOCOLS, SMALLEST, part_of
from training.perturbations.split import SetSplit
from training.scoring.contest import Contest
from training.scoring.evaluate import Report, _best, evaluate
from training.scoring.keeping import keep
from training.scoring.observe import observe
from training.scoring.table import ENTRY, FILES, Evaluation, ModelInfo
from training.split import StaleSplit
from zoo.store import folders
from zoo.store.catalogue import headline

UNITS = {"epsilon", "tau", "epsilon_selected", "emap_s", "fitness", "fitness_derived"}


@pytest.fixture
def found(planted_answers) -> Evaluation:
    """The evaluation of the entry that knows the planted weights."""
    return planted_answers(RIDGE)[0]


@pytest.fixture
def report(found) -> dict:
    """The same by protocol and question."""
    return nested(found)


def bodies(report: dict):
    for protocol, asked in report.items():
        for name, body in asked.items():
            yield protocol, name, body


def test_the_report_is_plain_json_and_says_what_it_is_of(found, report):
    assert json.loads(found.json())["about"] == json.loads(found.about.model_dump_json())
    about = found.about
    assert (about.family, about.entry, about.dataset) == ("perturbations", RIDGE, "planted")
    assert about.headline.question == "epsilon/main"
    assert {each.resamples for each in about.questions} == {RESAMPLES}
    assert about.complete
    assert tuple(report) == tuple(PROTOCOLS)
    assert {body["quantity"] for _, _, body in bodies(report)} == UNITS


def test_every_question_has_the_whole_ladder_and_entries(found, report):
    expected = {MULTIPLICATIVE, *FAMILY.rungs()}
    assert set(found.about.models) == {ENTRY} | expected
    assert found.about.models[MULTIPLICATIVE].title == f"{MULTIPLICATIVE} (entry)"
    for _, name, body in bodies(report):
        # A model of no interaction orders no sets, so in another unit it has no figure at all.
        silent = {"multiplicative", MULTIPLICATIVE} if name.startswith("emap_s") else set()
        silent |= {"mean"} if name.startswith("emap_s") else set()
        assert expected - silent <= set(body["ladder"]) <= expected
        assert body["sets"] >= body["order"] > 1


def test_figures_are_those_of_the_loaded_entry(report, planted_data, planted_split):
    """Asked here by name through zoo.load, and scored by scipy."""
    scorer = zoo.load(RIDGE)
    records, symbols = planted_data.records, planted_data.vocabulary.genes
    for protocol, quantity in (("random", "interaction"), ("query_disjoint", "fitness")):
        source = {"interaction": planted.MAIN, "fitness": planted.TRIPLES}[quantity]
        rows = planted_split.rows(planted_data, part_of(protocol, "test"))
        rows = rows[records.source[rows] == source]
        sets = [[symbols[gene] for gene in one if gene >= 0] for one in records.members[rows]]
        column = "gene_interaction" if quantity == "interaction" else quantity
        own, label = scorer.predict(sets)[column], getattr(records, quantity)[rows]
        name = f"{'epsilon' if quantity == 'interaction' else 'fitness'}/{source}"
        figures = report[protocol][name]["metrics"]
        assert figures["pearson"]["value"] == pytest.approx(pearsonr(own, label).statistic, 1e-4)
        assert figures["spearman"]["value"] == pytest.approx(spearmanr(own, label).statistic, 1e-4)
        assert figures["mse"]["value"] == pytest.approx(np.mean((own - label) ** 2), 1e-4)


def test_predictions_give_the_figures_again(planted_answers, report):
    for protocol, table in planted_answers(RIDGE)[1].items():
        for (quantity, source), rows in table.groupby(["quantity", "source"]):
            body = report[protocol][f"{quantity}/{source}"]
            assert len(rows) == body["sets"]
            expected = pearsonr(rows["label"], rows["prediction"]).statistic
            assert body["metrics"]["pearson"]["value"] == pytest.approx(expected, abs=1e-5)
        assert table["perturbation"].str.count(r"\|").between(1, 2).all()


def test_intervals_hold_the_value_and_differences_are_those_of_values(report):
    for _, _, body in bodies(report):
        for record in body["metrics"].values():
            assert record["low"] <= record["high"]
        for rival in body["ladder"].values():
            for measure, gap in rival["difference"].items():
                mine, theirs = (each["metrics"][measure]["value"] for each in (body, rival))
                assert gap["value"] == pytest.approx(mine - theirs, abs=1e-5)
                assert gap["low"] <= gap["high"]


def test_the_best_rival_is_the_best_in_each_measure(report):
    for _, _, body in bodies(report):
        for measure, best in body["best"].items():
            values = {n: r["metrics"][measure]["value"] for n, r in body["ladder"].items()
                      if measure in r["metrics"]}  # fmt: skip
            choose = min if measure == "mse" else max
            assert values[best] == choose(values.values())


def test_the_planted_weights_are_found_and_the_product_has_no_interaction(planted_answers, report):
    own = report["random"]["epsilon/main"]
    assert own["metrics"]["pearson"]["low"] > 0
    other = nested(planted_answers(MULTIPLICATIVE)[0])["random"]["epsilon/main"]
    assert list(other["metrics"]) == ["mse"]
    assert other["ladder"]["pair_mlp"]["metrics"] == own["ladder"]["pair_mlp"]["metrics"]
    assert other["ladder"][RIDGE]["metrics"] == own["metrics"]


def test_scores_in_another_unit_have_no_error(report):
    for _, name, body in bodies(report):
        measured = {m for each in (body, *body["ladder"].values()) for m in each["metrics"]}
        assert ("mse" in measured) != name.startswith("emap_s")


def test_derived_fitness_is_circular_for_the_product(report):
    for _, _, body in bodies(report):
        derived = body["quantity"] == "fitness_derived"
        assert set(body["circular"]) == ({"multiplicative", MULTIPLICATIVE} if derived else set())


def test_queries_are_named(report):
    body = report["query_disjoint"]["tau/triples"]
    assert len(body["queries"]) == 2
    assert report["random"]["epsilon/main"]["queries"] == []


def test_binned_predictions_are_means_of_tenths(planted_answers, report):
    body = report["random"]["epsilon/main"]
    table = planted_answers(RIDGE)[1]["random"]
    rows = table[(table["quantity"] == "epsilon") & (table["source"] == "main")]
    binned = body["series"]["bins", ENTRY]
    assert sum(count for *_, count in binned) == len(rows)
    order = rows.sort_values("prediction", kind="stable")
    tenth = order.iloc[: binned[0][-1]]
    expected = [tenth["prediction"].mean(), tenth["label"].mean()]
    assert binned[0][:2] == pytest.approx(expected, abs=1e-5)


def test_saving_writes_the_report_and_the_manifests_figures(saved, found, report):
    folder = saved(RIDGE)
    assert {name: (folder / name).read_text() for name in FILES} == found.texts()
    metrics = Manifest.load(folder / "manifest.json").metrics
    value = report["random"]["epsilon/main"]["metrics"]["pearson"]
    assert metrics["random/pearson_epsilon"] == value["value"]
    assert headline(metrics) == ("random/pearson_epsilon", value["value"])
    assert "one_new/pearson_epsilon_selected/chosen" in metrics
    assert "query_disjoint/spearman_tau/triples" in metrics
    assert [name for name in metrics if name.count("/") == 1] == [
        f"{p}/{m}_epsilon"
        for p in sorted(("both_new", "one_new", "random", "unseen"))
        for m in sorted(report[p]["epsilon/main"]["metrics"])
    ]
    assert "random/precision_epsilon" in metrics
    assert not [name for name in metrics if "precision_fitness" in name]
    folders.check_digests(folder, Manifest.load(folder / "manifest.json"))


@pytest.mark.usefixtures("planted_zoo")
def test_wrong_names_and_partial_reports_are_refused():
    with pytest.raises(UnknownEntry, match=RIDGE):
        evaluate("ridge-plantet")
    with pytest.raises(InvalidOption, match=r"--protocol='cold'"):
        evaluate(RIDGE, ["cold"])
    with pytest.raises(InvalidOption, match=r"--protocol='unseen'.*one of random, one_new"):
        evaluate(RIDGE, ["unseen"], "valid")
    with pytest.raises(InvalidOption, match=r"--stage='train'"):
        evaluate(RIDGE, stage="train")
    report, _ = evaluate(RIDGE, ["both_new"], "valid")
    assert not report.about.complete
    with pytest.raises(InvalidOption, match="all protocols, with --stage test"):
        keep(RIDGE, report)


@pytest.mark.usefixtures("planted_zoo")
def test_other_data_and_a_rival_of_another_split_are_refused(planted_folder, tmp_path, monkeypatch):
    folder = shutil.copytree(planted_folder / MULTIPLICATIVE, tmp_path / MULTIPLICATIVE)
    split = planted.split()
    SetSplit(split.part[::-1].copy(), split.digest, split.seed).save(folder / "split.safetensors")
    folders.record(folder, "split.safetensors")
    folders.register(folder)
    with pytest.raises(StaleSplit, match=f"{MULTIPLICATIVE} was trained on another split"):
        evaluate(RIDGE, ["both_new"])
    data = planted.data()
    other = replace(data, records=replace(data.records, fitness=data.records.fitness + 1))
    monkeypatch.setattr(training.data, "load", lambda name, root=None: other)
    with pytest.raises(StaleSplit, match="belongs to the records"):
        evaluate(RIDGE, ["both_new"])


@pytest.mark.usefixtures("planted_zoo")
def test_an_entry_without_a_split_is_refused(planted_folder, tmp_path):
    folder = shutil.copytree(planted_folder / RIDGE, tmp_path / RIDGE)
    manifest = Manifest.load(folder / "manifest.json")
    files = {n: f for n, f in manifest.files.items() if n != "split.safetensors"}
    manifest.model_copy(update={"files": files}).save(folder / "manifest.json")
    folders.register(folder)
    with pytest.raises(Unsupported, match="ships no split"):
        evaluate(RIDGE)


def test_a_table_without_questions_has_its_columns(planted_zoo, monkeypatch):
    monkeypatch.setattr("training.perturbations.questions.SMALLEST", 10_000)
    report, tables = evaluate(RIDGE, ["both_new"], "valid")
    assert report.questions("both_new") == []
    assert report.rows.empty
    expected = ["perturbation", "source", "quantity", "label", "prediction"]
    pd.testing.assert_index_equal(tables["both_new"].columns, pd.Index(expected))


@pytest.mark.parametrize("entry", bundled("perturbation*"))
def test_a_bundled_report_is_what_the_manifest_shows(entry: str):
    folder = folders.BUNDLED / entry
    report = Evaluation.read(folder)
    manifest = Manifest.load(folder / FILENAME)
    assert (report.about.entry, report.about.stage) == (entry, "test")
    assert report.about.version == manifest.version
    source = report.about.headline.question.partition("/")[2]
    found = {}
    for protocol, asked in nested(report).items():
        for name, body in asked.items():
            quantity = "epsilon" if name == f"epsilon/{source}" else name
            for measure, record in body["metrics"].items():
                found[f"{protocol}/{measure}_{quantity}"] = record["value"]
    assert manifest.metrics == found
    assert "random/pearson_fitness/kuzmin_sga_digenic" in found


def test_fitness_stands_apart_where_every_single_mutant_was_measured(
    planted_answers, report, planted_data
):
    """Entry and product on the sets without the unmeasured gene, scored by scipy."""
    tables = planted_answers(RIDGE)[1]
    unmeasured = planted_data.vocabulary.genes[planted.UNMEASURED]
    for protocol, name, body in bodies(report):
        if not name.startswith("fitness"):
            assert "complete" not in body
            continue
        found, table = body["complete"], tables[protocol]
        rows = table[(table["source"] == body["source"]) & (table["quantity"] == body["quantity"])]
        rows = rows[[unmeasured not in one.split("|") for one in rows["perturbation"]]]
        assert found["sets"] == len(rows)
        if len(rows) < SMALLEST:
            assert set(found) == {"sets"}
            continue
        assert set(found["ladder"]) == {"multiplicative"}
        symbols = dict(zip(planted_data.vocabulary.genes, planted.SINGLE, strict=True))
        product = [np.prod([symbols[g] for g in one.split("|")]) for one in rows["perturbation"]]
        own, theirs = (pearsonr(rows["label"], each) for each in (rows["prediction"], product))
        row = found["ladder"]["multiplicative"]
        assert found["metrics"]["pearson"]["value"] == pytest.approx(own.statistic, abs=1e-4)
        assert row["metrics"]["pearson"]["value"] == pytest.approx(theirs.statistic, abs=1e-4)
        gap = row["difference"]["pearson"]
        assert gap["value"] == pytest.approx(own.statistic - theirs.statistic, abs=1e-4)
        assert gap["low"] <= gap["high"]
    sets = [(b["sets"], b["complete"]["sets"]) for _, n, b in bodies(report) if "fitness" in n]
    assert any(some < every for every, some in sets)


class Estimating:
    """The loaded entry, with a single fitness of the gene that nobody measured."""

    def __init__(self, scorer, single: float) -> None:
        self.manifest, self.scorer, self.single = scorer.manifest, scorer, single

    def terms(self, codes):
        interaction, expectation = self.scorer.terms(codes)
        has = (codes // 4 == planted.UNMEASURED).any(axis=1)
        filled = planted.data().filled_single_fitness[planted.UNMEASURED]
        return interaction, np.where(has, expectation / filled * self.single, expectation)


@pytest.mark.usefixtures("planted_zoo")
def test_an_entry_that_estimates_single_fitness_is_held_against_its_own_product():
    opened = Contest.open(RIDGE, "test")
    estimating = replace(opened, scorer=Estimating(opened.scorer, 0.2))
    plain, changed = (nested(reported(each)) for each in (opened, estimating))
    for protocol, asked in changed.items():
        check_the_row(plain[protocol], asked)
    data = opened.ground.data
    records = data.records
    rows = opened.ground.split.rows(data, "query_disjoint_test")
    rows = rows[records.source[rows] == planted.MEASURED]
    single = np.where(np.arange(planted.GENES) == planted.UNMEASURED, 0.2, planted.SINGLE)
    product = single[records.members[rows][:, :2]].prod(axis=1)
    figures = changed["query_disjoint"]["fitness/measured"]["ladder"][ESTIMATED]["metrics"]
    expected = pearsonr(records.fitness[rows], product).statistic
    assert figures["pearson"]["value"] == pytest.approx(expected, abs=1e-4)


def reported(contest: Contest) -> Evaluation:
    """Two protocols of an opened entry."""
    report = Report(contest, FAMILY.rivals(contest))
    for protocol in ("random", "query_disjoint"):
        report.add(protocol)
    about = contest.about(report.models, report.questions, False)
    return Evaluation.of(about, report.rows, report.series)


def check_the_row(plain: dict, body: dict) -> None:
    """An entry that estimates nothing has no such row; it is of fitness alone, and no rival."""
    for name, question in body.items():
        assert ESTIMATED not in plain[name]["ladder"]
        assert (ESTIMATED in question["ladder"]) == name.startswith("fitness")
        assert ESTIMATED not in question["best"].values()
        assert (ESTIMATED in question["circular"]) == name.startswith("fitness_derived")


@pytest.mark.usefixtures("planted_zoo")
def test_an_ablation_is_never_the_best_rival():
    """Single fitness that is right for the one gene whose sets are asked alone."""
    contest = Contest.open(RIDGE, "test")
    *_, question = (q for q in FAMILY.questions(contest.ground, "random") if q.subset is None)
    own = FAMILY.ask(contest.ground, contest.scorer)(question)
    answers = {ENTRY: own, ESTIMATED: question.label, "multiplicative": question.label**3}
    models = {
        name: ModelInfo(title="title", kind=kind)
        for name, kind in zip(answers, ("entry", "ablation", "baseline"), strict=True)
    }
    rows = list(observe(question, answers, "test"))
    assert _best(question, rows, models) == "multiplicative"
    found = Evaluation.of(contest.about(models, [question.info(RESAMPLES, {})], False), rows)
    body = nested(found)["random"][question.name]
    assert body["ladder"][ESTIMATED]["metrics"]["pearson"]["value"] == pytest.approx(1)
    assert set(body["best"].values()) == {"multiplicative"}


def test_the_share_of_the_source_is_told(report, planted_data):
    for _, _, body in bodies(report):
        total = (planted_data.records.source == body["source"]).sum()
        assert body["share"] == pytest.approx(body["sets"] / total, abs=1e-4)


@pytest.mark.usefixtures("planted_zoo")
def test_nothing_is_changed_where_the_manifest_cannot_be_written(
    planted_folder, planted_answers, tmp_path, monkeypatch
):
    folder = shutil.copytree(planted_folder / RIDGE, tmp_path / RIDGE)
    folders.register(folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    report, _ = planted_answers(RIDGE)

    def fail(self: Manifest, path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Manifest, "save", fail)
        with pytest.raises(OSError, match="No space left"):
            keep(RIDGE, report)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    folders.check_digests(folder, Manifest.load(folder / FILENAME))
    keep(RIDGE, report)
    folders.check_digests(folder, Manifest.load(folder / FILENAME))
