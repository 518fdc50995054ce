"""An exported entry on planted cells: figures, series, rivals and pages."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load_file

import training.data
import zoo
from contracts.errors import InvalidOption
from tests import shared
from tests.training.cells import planted, planted_entry
from training.cards import card, figures
from training.cards.shipped import Shipped
from training.cells.answers import COLUMNS, by_type
from training.cells.family import FAMILY
from training.cells.stage_one import FILE, STAGE_ONE, stage_one
from training.scoring import bootstrap, keeping
from training.scoring.contest import Contest
from training.scoring.evaluate import evaluate
from training.scoring.table import ENTRY, Evaluation
from zoo.store import folders


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = shared.room(tmp_path_factory) / "planted" / planted_entry.ENTRY
    return shared.once(place, planted_entry.export)


@pytest.fixture(scope="module")
def evaluated(exported: Path) -> tuple[Evaluation, dict[str, pd.DataFrame]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(training.data, "load", lambda name, root=None: planted.data())
        patch.setattr(bootstrap, "RESAMPLES", 200)
        patch.setitem(folders._registered, planted_entry.ENTRY, exported)
        found = evaluate(planted_entry.ENTRY)
        keeping.keep(planted_entry.ENTRY, found[0])
    return found


@pytest.fixture
def entry(evaluated: object, exported: Path) -> str:
    folders.register(exported)
    return planted_entry.ENTRY


def test_figures_are_those_of_the_table(evaluated):
    found, tables = evaluated
    for protocol, table in tables.items():
        assert tuple(table.columns) == COLUMNS
        headline = table.iloc[: found.question(protocol).facts["cells"]]
        figure = found.figure(protocol, "balanced_accuracy")
        right = headline["type"] == headline["predicted"]
        truth = right.groupby(headline["type"]).mean().mean()
        assert figure.value == pytest.approx(truth)
        assert figure.low <= figure.value <= figure.high
        assert figure.value > 0.6
        assert found.figure(protocol, "accuracy").value == pytest.approx(right.mean())


def test_labels_are_those_of_the_public_method(evaluated, entry: str):
    _, tables = evaluated
    data, model = planted.data(), zoo.load(entry, device="cpu")
    human, mouse = (
        pd.DataFrame(one.counts.toarray(), one.labels.index, one.genes)[one.donors.isin(donors)]
        for one, donors in (
            (data.species["human"], ["human1", "human2"]),
            (data.species["mouse"], ["mouse2"]),
        )
    )
    labels = data.species["human"].labels[human.index]
    expected = model.transfer_labels(human, labels, mouse, ("human", "mouse"), threshold=0)
    table = tables["human_to_mouse"].drop_duplicates("cell").set_index("cell")
    expected = expected.set_index("cell").loc[table.index]
    assert table["predicted"].tolist() == expected["label"].tolist()
    np.testing.assert_allclose(table["confidence"], expected["confidence"])
    unsure = table["confidence"] < planted_entry.THRESHOLD
    assert (table["assigned"] == ~unsure).all()
    assert table["predicted"].ne("unassigned").all()


def test_the_ladder_answers_the_same_rows(evaluated):
    found, _ = evaluated
    for protocol in FAMILY.protocols:
        for question in ("", "all_types"):
            models = found.models(protocol, question)
            assert set(models) == {ENTRY, STAGE_ONE, *FAMILY.rungs()}
            counts = {found.figure(protocol, "accuracy", question, model).n for model in models}
            assert counts == {found.question(protocol, question).facts["cells"]}
        assert found.best(protocol, "balanced_accuracy")[1].value > 0.9


def test_what_the_first_stage_knew_answers_by_its_own_encoder(entry: str, monkeypatch, exported):
    monkeypatch.setattr(training.data, "load", lambda name, root=None: planted.data())
    contest = Contest.open(entry, "test")
    scorer = stage_one(contest)
    counts = planted.data().species["human"].counts[:30].toarray()
    genes = planted.data().species["human"].genes
    cells = pd.DataFrame(counts, columns=genes)
    assert np.ptp(scorer.embed(cells, "human"), axis=0).max() < 1e-6  # a constant, by its making
    assert np.ptp(contest.scorer.embed(cells, "human"), axis=0).max() > 0.01
    assert FILE in contest.manifest.files
    assert load_file(exported / FILE)["body.1.bias"].tolist() == [1.0] * 16


def test_the_share_without_a_label_is_told_apart(evaluated):
    found, tables = evaluated
    for protocol, table in tables.items():
        first = table.iloc[: found.question(protocol).facts["cells"]]
        assert found.figure(protocol, "assigned").value == pytest.approx(first["assigned"].mean())
        sure = first[first["assigned"]]
        figure = found.figure(protocol, "accuracy_assigned")
        assert figure.value == pytest.approx((sure["type"] == sure["predicted"]).mean())
        assert np.isnan(figure.low)


def test_confusion_and_map_are_of_the_same_cells(evaluated):
    found, tables = evaluated
    series = {(s.kind, s.protocol): s for s in found.series if not s.question}
    for protocol, table in tables.items():
        first = table.iloc[: found.question(protocol).facts["cells"]]
        confusion = {(a, b): n for a, b, n in series["confusion", protocol].rows}
        expected = first.groupby(["type", "predicted"]).size()
        assert confusion == expected.to_dict()
        assert len(series["map", protocol].rows) == len(first)


def test_by_type_names_what_most_others_are_taken_for():
    table = pd.DataFrame(
        {"type": ["A", "A", "A", "A", "B"], "predicted": ["A", "C", "C", "D", "B"]}
    )
    assert by_type(table).to_numpy(object).tolist() == [["A", 4, 0.25, "C"], ["B", 1, 1.0, ""]]


def test_an_entry_cannot_be_asked_about_its_training_donors(entry: str, monkeypatch):
    monkeypatch.setattr(training.data, "load", lambda name, root=None: planted.data())
    with pytest.raises(InvalidOption, match=r"--stage='valid'"):
        evaluate(entry, stage="valid")


def test_the_card_says_both_ways_and_draws_both_figures(entry: str):
    shipped = Shipped.read(entry)
    text = " ".join(card.render_card(shipped).split())
    head = text[: text.index("**When to use it.**")]
    assert "rom mouse to human" in head
    assert head.count("balanced accuracy 0.") == 2
    assert "Intervals are over cells, not donors" in text
    assert "After stage 1 alone" in text
    assert "less its mean in training, in units of its deviation there" in text
    page = " ".join(card.render_evaluation(shipped).split())
    assert "Class-balanced logistic regression (log counts)" in page
    drawn = figures.svgs(shipped)
    assert set(drawn) == {"confusion", "map"}
    assert all(svg.startswith("<?xml") for svg in drawn.values())
    assert figures.svgs(shipped) == drawn


@pytest.mark.parametrize(
    ("low", "high", "sentence"),
    [
        (0.01, 0.1, "From mouse to human it clearly beats the strongest baseline"),
        (-0.1, 0.1, "From mouse to human it does not clearly differ from the strongest baseline"),
        (-0.1, -0.01, "From mouse to human the strongest baseline clearly beats it"),
    ],
)
def test_the_second_line_follows_the_interval(entry: str, low: float, high: float, sentence: str):
    shipped = Shipped.read(entry)
    rows = shipped.evaluation.rows
    rivals = (rows["protocol"] == "mouse_to_human") & (rows["model"] != ENTRY)
    rows.loc[rivals, ["gap", "gap_low", "gap_high"]] = [(low + high) / 2, low, high]
    text = " ".join(card.render_card(shipped).split())
    assert sentence in text[: text.index("**When to use it.**")]


def test_the_manifest_names_both_ways(entry: str, exported: Path):
    metrics = json.loads((exported / "manifest.json").read_text())["metrics"]
    assert {"human_to_mouse/balanced_accuracy", "mouse_to_human/accuracy_all_types"} <= set(metrics)
