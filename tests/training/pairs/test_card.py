"""A card says what the entry ships, says it in words that fit the figures, and nothing else."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

import zoo
from contracts.errors import MissingArtefact
from tests.training import synthetic
from training.cards import markdown
from training.pairs import card, card_text
from training.pairs.shipped import Shipped, StaleEvaluation
from zoo.store import folders

NUMBER = re.compile(r"(?<![\w.@/-])[+-]?\d[\d,]*(?:\.\d+)?(?:e-\d+)?%?")
FIXED = {"0.5", "1.0", "10", "1", "100", "0", "95%", "64", "32"}
"""Numbers of the words themselves: decisions at 0.5, k=10, the first 1, 10 and 100, float64."""


@pytest.fixture
def shipped(tiny_root: Path) -> Shipped:
    return synthetic.shipped(tiny_root)


def changed(tiny_root: Path, where: str, value: Any) -> str:
    """The card after one field of the evaluation was set; `where` is a path with dots."""
    measured = synthetic.evaluation()
    *path, last = where.split(".")
    inside = measured
    for name in path:
        inside = inside[name]
    inside[last] = value
    return card.render(synthetic.shipped(tiny_root, measured))


def first_sentence(text: str) -> str:
    return " ".join(text.split("# tiny_dot-toy\n\n", 1)[1].split("\n\n")[0].split())


def leaves(value: Any) -> Iterator[float]:
    """All numbers in nested lists and dictionaries, as they are, and as keys."""
    if isinstance(value, dict):
        value = [*value.values(), *value.keys()]
    if isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, int | float):
        yield value
    elif isinstance(value, str):
        yield from map(float, re.findall(r"\d+(?:\.\d+)?", value))


def formatted(numbers: Iterator[float]) -> set[str]:
    """Every way that a card may write a number."""
    found = set()
    for n in numbers:
        found |= {f"{n:.3f}", f"{n:+.3f}", f"{n:.1e}", f"{n:.1%}", f"{n:.0%}", f"{n:g}"}
        found |= {f"{n:,.0f}", str(round(n, 4)), str(n)}
    return found


def test_the_same_files_give_the_same_card(shipped: Shipped, tiny_root: Path):
    assert card.render(shipped) == card.render(synthetic.shipped(tiny_root))


def test_every_number_of_a_card_is_one_of_the_files(shipped: Shipped):
    files = [shipped.evaluation, shipped.run, shipped.parity, shipped.manifest.model_dump()]
    allowed = formatted(leaves(files)) | FIXED
    written = NUMBER.findall(card.render(shipped))
    assert len(written) > 500
    assert [n for n in written if n.rstrip(",") not in allowed] == []


@pytest.mark.parametrize(
    "where",
    [
        "protocols.degree_preserving.metrics.auroc.value",
        "protocols.degree_preserving.difference.auroc.low",
        "protocols.cold_tf.ladder.shuffled.metrics.auroc.value",
        "protocols.uniform.decisions.ece",
        "protocols.imbalance_50.decisions.f1_uncorrected",
        "protocols.retrieval.metrics.hits@50.high",
        "seeds.figures.degree_preserving/auroc.sd",
        "resamples",
    ],
)
def test_another_figure_gives_another_card(shipped: Shipped, tiny_root: Path, where: str):
    assert changed(tiny_root, where, 0.4242) != card.render(shipped)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.01, 0.09, "ranks listed edges better than the best of 4 baselines"),
        (-0.01, 0.09, "It is not certain that `tiny_dot-toy` beats the best baseline"),
        (0.0, 0.09, "includes zero"),
        (-0.09, -0.01, "A simple baseline does better than `tiny_dot-toy`"),
    ],
)
def test_the_first_sentence_follows_the_interval(tiny_root: Path, low: float, high: float, words):
    gap = {"value": (low + high) / 2, "low": low, "high": high}
    said = first_sentence(changed(tiny_root, "protocols.degree_preserving.difference.auroc", gap))
    assert words in said
    assert markdown.difference(gap) in said
    assert "pairs with the same degrees" in said


def test_without_degree_preserving_pairs_the_first_sentence_says_so(tiny_root: Path):
    measured = synthetic.evaluation(given=True)
    said = first_sentence(card.render(synthetic.shipped(tiny_root, measured)))
    assert "among pairs with the same degrees is [not measured]" in said
    assert markdown.difference(measured["protocols"]["given"]["difference"]["auroc"]) in said


def test_the_front_matter_is_a_hubs(shipped: Shipped):
    data = ModelCard(card.render(shipped)).data
    assert (data.license, data.library_name) == ("cc-by-sa-4.0", "regzoo")
    assert data.model_name == shipped.entry
    results = {(r.dataset_config, r.metric_type): r for r in data.eval_results}
    figure = shipped.protocols["degree_preserving"]["metrics"]["auroc"]
    result = results["degree_preserving", "roc_auc"]
    assert result.metric_value == round(figure["value"], 4)
    assert result.metric_args["low"] == round(figure["low"], 4)
    assert len(results) == sum(len(body["metrics"]) for body in shipped.protocols.values())


def test_a_licence_that_hubs_do_not_know_is_named(shipped: Shipped):
    licences = shipped.manifest.licences.model_copy(update={"weights": "Academic use, lab X"})
    manifest = shipped.manifest.model_copy(update={"licences": licences})
    other = Shipped(manifest, shipped.run, shipped.parity, shipped.evaluation, shipped.example)
    data = ModelCard(card.render(other)).data
    assert (data.license, data.license_name) == ("other", "academic-use-lab-x")


def test_what_was_not_measured_is_said(tiny_root: Path):
    measured = synthetic.evaluation()
    del measured["protocols"]["retrieval"], measured["protocols"]["imbalance_50"]
    for body in measured["protocols"].values():
        body.pop("curves", None)
        body.pop("by_family", None)
    measured["seeds"] = None
    text = card.render(synthetic.shipped(tiny_root, measured))
    for name in ("roc", "pr", "ranks"):
        assert f"Figure `{name}`: [not measured]" in text
        assert f"{name}.svg" not in text
    assert "### Over seeds\n\n[not measured]" in text
    assert f"| imbalance_50 |{' [not measured] |' * 8}" in text
    assert "gain.svg" in text


def test_a_card_renders_from_an_evaluation_without_any_protocol(tiny_root: Path):
    measured = synthetic.evaluation() | {"protocols": {}, "seeds": None}
    assert "[not measured]" in first_sentence(card.render(synthetic.shipped(tiny_root, measured)))


def test_failures_are_told_from_the_figures(shipped: Shipped, tiny_root: Path):
    def told(measured: dict[str, Any]) -> str:
        text = card.render(synthetic.shipped(tiny_root, measured)).split("## Known failures")[1]
        return " ".join(text.split("\n## ")[0].split())

    bad = told(shipped.evaluation)
    good = copy.deepcopy(shipped.evaluation)
    for body in good["protocols"].values():
        for gap in body["difference"].values():
            gap.update(value=0.1, low=0.05, high=0.15)
        for row in body.get("by_degree", []) + body.get("by_family", []):
            row["auroc"] = {"value": 0.8, "low": 0.7, "high": 0.9}
        body.get("decisions", {}).update(ece=0.01, accuracy_uncorrected=1.0)
    good["protocols"]["external"]["metrics"]["auroc_per_tf"].update(value=0.7, low=0.6, high=0.8)
    del good["protocols"]["within_source"]
    marks = ("regulators that training never saw", "Genes with 0", "ZNF", "another data set", "ECE",
             "without correction for the prior", "knowing which resource")  # fmt: skip
    for mark in marks:
        assert mark in bad, mark
        assert mark not in told(good), mark
    assert told(good).count("- ") == len(card_text.STANDING)


def test_a_shipped_entry_is_read_and_an_old_evaluation_refused(tmp_path: Path, tiny_root: Path):
    folder = synthetic.ship(tmp_path, tiny_root)
    text = card.card(synthetic.ENTRY)
    assert "tiny_dot-toy" in first_sentence(text)
    (folder / "evaluation.json").write_text(json.dumps({"schema_version": 1}))
    folders.record(folder, "evaluation.json")
    with pytest.raises(StaleEvaluation, match="zoo evaluate tiny_dot-toy --save"):
        card.card(synthetic.ENTRY)


def test_an_entry_that_was_never_evaluated_has_no_card(tiny_root: Path):
    folders.register(tiny_root / synthetic.ENTRY)
    with pytest.raises(MissingArtefact, match=r"run\.json"):
        card.card(synthetic.ENTRY)


@pytest.mark.parametrize("entry", zoo.names("*"))
def test_the_card_of_every_entry_is_what_its_files_give(entry: str):
    assert zoo.card(entry) == card.card(entry)


def test_what_others_published_stands_beside_the_ladder(tiny_root):
    measured = synthetic.evaluation(given=True)
    assert "As published" not in card.render(synthetic.shipped(tiny_root, measured))
    rows = [{"model": "Their network", "figure": "AUROC", "low": 0.9, "high": 0.95}]
    text = card.render(synthetic.shipped(tiny_root, measured | {"published": rows}))
    assert "not measured here: Their network, AUROC 0.90 to 0.95." in " ".join(text.split())
