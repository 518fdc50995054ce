"""A card says what the entry ships, in sentences that fit the figures, on one page."""

import dataclasses
import json
import re
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from huggingface_hub import ModelCard

from contracts import evidence
from contracts.errors import MissingArtefact
from training.cards import figures, report
from training.cards.card import render_card, render_evaluation
from training.cards.shipped import PARITY, Shipped
from training.cards.view import View
from training.scoring.table import FIGURES, KEYS, Evaluation
from zoo.store import folders

ENTRIES = report.bundled()
BRAIN, MESC, CELL = "cross_encoder-brain", "two_tower-mesc500", "hetero_cell-yeast"
NUMBER = re.compile(r"(?<![\w.@/:-])[+-]?\d[\d,]*(?:\.\d+)?(?:e[+-]\d+)?%?(?![\w/-])")
FIXED = {"0.5", "1", "2", "3", "10", "95%", "5%", "2018", "3000", "12", "2015", "2019", "2023"}
"""Numbers of the words themselves: decisions at 0.5, k=10, years, a port."""

read = cache(Shipped.read)
DATASETS = {"brain", "mesc", "mesc500", "norman19", "pancreas", "papalexi2021", "yeast"}


def body(card: str) -> list[str]:
    """The lines below the head."""
    return card.split("\n---\n", 1)[1].splitlines()


def changed(
    shipped: Shipped, protocol: str, measure: str, column: str, value: float, **keys: str
) -> Shipped:
    """The same with one cell of its evaluation set; the entry's own row unless `keys` differ."""
    rows = shipped.evaluation.rows.copy()
    wanted = {"protocol": protocol, "measure": measure, "model": "entry", "seed": "", "fold": ""}
    wanted |= keys
    here = rows["variant"] == ""
    for key, name in wanted.items():
        here &= rows[key] == name
    assert here.sum() == 1, wanted
    rows.loc[here, column] = value
    evaluation = dataclasses.replace(shipped.evaluation, rows=rows)
    return dataclasses.replace(shipped, evaluation=evaluation)


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_card_is_a_page(entry: str):
    card = render_card(read(entry), linked=True)
    lines = body(card)
    # Variants with less knowledge and the licences of what it comes from need a little more.
    more = 18 if "rotation" in read(entry).run and not read(entry).evaluation.about.baseline else 0
    assert len(card.splitlines()) <= 210 + more
    assert len(card.splitlines()) - len(lines) <= 60
    assert len(lines) <= 150 + more
    first = next(number for number, line in enumerate(lines) if line.startswith("|"))
    assert first <= 60
    opening = [line.split("**")[1] for line in lines[:first] if line.startswith("**")]
    assert opening == [
        "What it predicts.", "How good it is.", "When to use it.", "When not to use it.",
    ]  # fmt: skip
    assert "not measured]" not in card


def told(card: str) -> str:
    """All words of a card in one line."""
    return " ".join(card.split())


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_card_states_its_evidence_in_one_sentence(entry: str):
    shipped = read(entry)
    rung = evidence.of(shipped.manifest.evidence)
    assert told(render_card(shipped)).count(f"Evidence: `{rung.name}`. {rung.meaning}") == 1


def test_a_card_names_imported_vectors_and_their_licence():
    shipped = read(BRAIN)
    assert "The vectors are" not in told(render_card(shipped))
    run = shipped.run | {"imported": {"name": "scgpt", "licence": "MIT", "sha256": "0" * 64}}
    manifest = shipped.manifest.model_copy(update={"evidence": "embedding-import"})
    card = told(render_card(dataclasses.replace(shipped, manifest=manifest, run=run)))
    rung = evidence.rung("embedding-import")
    words = f"Evidence: `embedding-import`. {rung.meaning} The vectors are `scgpt` (licence: MIT)."
    assert words in card


@pytest.mark.parametrize("entry", ENTRIES)
def test_nothing_is_said_twice(entry: str):
    prose = " ".join(line for line in body(render_card(read(entry))) if line[:1] not in "|`")
    sentences = [each for each in re.split(r"(?<=[.:]) ", prose) if len(each) > 60]
    assert len(sentences) == len(set(sentences))


def leaves(value: Any) -> Iterator[float]:
    """All numbers in nested lists and dictionaries, and in their texts and keys."""
    if isinstance(value, dict):
        value = [*value.values(), *value.keys()]
    if isinstance(value, list | tuple):
        for each in value:
            yield from leaves(each)
    elif isinstance(value, int | float):
        yield value
    elif isinstance(value, str):
        yield from (float(n.replace(",", "")) for n in re.findall(r"\d[\d,]*(?:\.\d+)?", value))


def formatted(numbers: Iterator[float]) -> set[str]:
    """Every way that a page may write a number."""
    found = set()
    for n in numbers:
        forms = (".2f", ".3f", "+.3f", ".3g", "+.3g", ".1e", ".1%", ".0%", "g", ",.0f")
        found |= {f"{n:{form}}" for form in forms} | {str(round(n, 4)), str(n)}
    return found


def numbers_of(shipped: Shipped) -> list[Any]:
    evaluation, view = shipped.evaluation, View(shipped)
    counts = [len(view.lines), *(len(view.verdicts(v)) for v in ("ahead", "level", "behind"))]
    counts += [n for line in view.lines for n in (line.baselines, line.entries)]
    counts += [len(shipped.manifest.data), len(view.verdicts("unknown"))]
    counts += range(len(view.about("epsilon", "tau", "epsilon_selected", "emap_s")) + 1)
    features = shipped.run.get("features") or []
    counts += [len(features), sum("_profile_" in name for name in features)]
    counts.append(sum(shipped.run["config"].get("edges", {}).values()))
    given = view.line("given")
    if given:
        facts = given.info.facts
        counts.append(facts["positives"] / (facts["positives"] + facts["negatives"]))
    rows = evaluation.rows
    means = rows.loc[rows["protocol"] == "monitor", "value"].tolist()
    best = shipped.run.get("best") or {}
    plain = (shipped.run.get("without_graphs") or {}).get("best", {})
    counts += [best[name] - plain[name] for name in best if name in plain]
    counts += [one - other for one in means for other in means]
    said = evaluation.about.model_dump()
    series = [each.rows for each in evaluation.series]
    return [rows[list(FIGURES)].values.tolist(), said, series, counts, shipped.facts]


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_number_of_a_card_is_one_of_the_files(entry: str):
    shipped = read(entry)
    files = [shipped.run, shipped.parity, shipped.manifest.model_dump(), *numbers_of(shipped)]
    allowed = formatted(leaves(files)) | FIXED
    text = re.sub(r"`[^`\n]*`|[0-9a-f]{12,}", "", render_card(shipped))
    written = NUMBER.findall(text)
    assert len(written) > 60
    assert [n for n in written if n.strip(",") not in allowed] == []


def test_the_same_files_give_the_same_pages():
    for render in (render_card, render_evaluation):
        assert render(Shipped.read(MESC)) == render(read(MESC))


@pytest.mark.parametrize(
    ("render", "protocol", "measure", "column", "keys"),
    [
        (render_card, "degree_preserving", "auroc", "value", {}),
        (render_card, "degree_preserving", "auroc", "gap_low", {"model": "knowledge_boosting"}),
        (render_card, "uniform", "ece", "value", {}),
        (render_card, "imbalance_50", "f1_uncorrected", "value", {}),
        (render_card, "retrieval", "hits@10", "value", {}),
        (render_evaluation, "cold_tf", "auroc", "value", {"model": "marbach"}),
        (render_evaluation, "retrieval", "hits@50", "high", {}),
    ],
)
def test_another_figure_gives_another_page(render: Callable, protocol, measure, column, keys):
    shipped = read(BRAIN)
    other = changed(shipped, protocol, measure, column, 0.4242, **keys)
    assert render(other) != render(shipped)


def test_another_spread_over_seeds_gives_another_card():
    shipped, of_seeds = read(MESC), {"seed": "sd", "stage": "valid"}
    other = changed(shipped, "degree_preserving", "auroc", "value", 0.4242, **of_seeds)
    assert render_card(other) != render_card(shipped)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.01, 0.09, "It clearly beats the strongest of {}:"),
        (-0.01, 0.09, "It does not clearly differ from the strongest of {}:"),
        (0.0, 0.09, "It does not clearly differ from the strongest of {}:"),
        (-0.09, -0.01, "The strongest of {} clearly beats it:"),
    ],
)
def test_the_first_sentence_follows_the_interval(low: float, high: float, words: str):
    best = {"model": "knowledge_boosting"}
    shipped = changed(read(BRAIN), "degree_preserving", "auroc", "gap_low", low, **best)
    shipped = changed(shipped, "degree_preserving", "auroc", "gap_high", high, **best)
    said = " ".join(render_card(shipped).split())
    rivals = "9 baselines and one other entry"
    assert f"**How good it is.** {words.format(rivals)}" in said
    assert f"95% CI {low:+.3f} to {high:+.3f}" in said


def test_an_entry_without_interactions_says_so_first():
    said = " ".join(render_card(read("multiplicative-yeast")).split())
    assert "**How good it is.** It gives every input the same answer" in said
    assert "It predicts the same interaction whatever the genes" in said


def table(card: str) -> list[list[str]]:
    """The rows of a card's table of tests."""
    part = card.split("| test | measure |")[1].split("\n\n")[0]
    return [[cell.strip() for cell in row.split("|")[1:-1]] for row in part.splitlines()[2:]]


def clear(row: list[str]) -> int:
    """1 where the interval of a row's difference is on the better side of zero, -1, or 0."""
    ends = re.search(r"\[(\S+), (\S+)\]", row[-1])
    low, high = ends.groups() if ends else ("-0", "+0")
    ahead, behind = low[0] == "+", high[0] == "-"  # the sign also of what is rounded to 0.000
    return (ahead - behind) * (-1 if row[1] == "L2 distance" else 1)


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_test_is_counted_and_every_count_is_of_the_table(entry: str):
    shipped = read(entry)
    rows, said = table(render_card(shipped)), " ".join(render_card(shipped).split())
    questions = shipped.evaluation.questions()
    asked = {f"{q.protocol}, {q.question}".removesuffix(", ") for q in questions}
    assert {row[0] for row in rows} == {name for name in asked if not name.endswith("/complete")}
    wins, losses = (sum(clear(row) == side for row in rows) for side in (1, -1))
    rows = [row for row in rows if "too small for an interval" not in said or "[" in row[-1]]
    if len(rows) > 1:
        won = f"In {wins} of {len(rows)} tests it" if wins else f"In none of {len(rows)} tests"
        assert won in said
        assert f"; in {losses or 'none'} the rival clearly wins" in said
    found = re.findall(r"(\d+) tests (?!of interactions)", said)
    assert found == [str(len(rows))][: max(0, len(rows) - 1)]


def test_a_clear_loss_among_selected_pairs_counts():
    shipped, rival = read(CELL), {"model": "pair_mlp_profiles"}
    question = {"question": "epsilon_selected/costanzo2010_intermediate", **rival}
    before = len(View(shipped).verdicts("behind"))
    level = changed(shipped, "random", "pearson", "gap_high", 0.1, **question)
    assert len(View(level).verdicts("behind")) == before - 1


def test_fitness_is_compared_with_the_strongest_rival():
    said = " ".join(render_card(read("cls_transformer-yeast")).split())
    words = "A rival clearly predicts fitness better: Pearson correlation 0.883 vs 0.976 for Ridge"
    assert words in said
    rival = {"question": "fitness/kuzmin_sga_digenic", "model": "ridge_fitness"}
    level = changed(read(CELL), "random", "pearson", "gap_high", 0.1, **rival)
    said = " ".join(render_card(level).split())
    assert "predicts fitness better" not in said
    assert "It predicts fitness as well: Pearson correlation 0.863 vs 0.976 for Ridge" in said


SENSELESS = (
    "The gain over it",
    "networks and single fitness",
    "Do not take a predicted interaction",
    "read `pair_specific`",
    "With new genes",
    "that training never saw",
    "is not clearly better than chance",
)


def test_baselines_have_sentences_of_their_own():
    for entry in filter(lambda name: read(name).evaluation.about.baseline, ENTRIES):
        card = render_card(read(entry))
        assert [words for words in SENSELESS if words in " ".join(card.split())] == []
        assert not [row for row in table(card) if row[-1].startswith("+0.000 [-0.000, +0.000]")]
        assert ("screen(" in card) == (entry == "ridge-yeast")


def test_a_rival_that_answers_as_the_entry_does_is_none():
    shipped = read("ridge-yeast")
    line = next(x for x in View(shipped).about("tau") if x.info.protocol == "query_disjoint")
    assert shipped.evaluation.best("query_disjoint", "pearson", line.info.question)[0] == "ridge"
    assert line.title == "Boosting on pair features"
    assert line.verdict == "ahead"


def test_other_entries_are_rivals_and_no_baselines():
    view = View(read(CELL))
    assert view.entries.keys() == {
        "cls_transformer-yeast", "dango-yeast", "multiplicative-yeast", "ridge-yeast"
    }  # fmt: skip
    assert (view.headline.baselines, view.headline.entries) == (6, 3)
    assert View(read(BRAIN)).title("degree") == "degree-brain (entry)"


@pytest.mark.parametrize(("high", "behind"), [(-0.01, True), (0.01, False)])
def test_a_card_of_cells_says_where_plain_accuracy_is_lower(high: float, behind: bool):
    """The tests are led by balanced accuracy, whose tables would not show it."""
    shipped = read("saturn-pancreas")
    best, _ = shipped.evaluation.best("human_to_mouse", "accuracy")
    keys = {"model": best, "question": ""}
    for column, value in (("gap_low", -0.09), ("gap_high", high)):
        shipped = changed(shipped, "human_to_mouse", "accuracy", column, value, **keys)
    view = View(shipped)
    plain = view.by(view.headline, "accuracy")
    assert (plain.measure, plain.verdict == "behind") == ("accuracy", behind)
    said = " ".join(render_card(shipped).split())
    assert ("a baseline is clearly better from human to mouse" in said) == behind


def test_weak_groups_have_their_interval_and_number():
    said = " ".join(render_card(read(BRAIN)).split())
    assert "than chance for TBP (0.693, 95% CI 0.458 to 0.743, 88 edges)," in said
    assert "| imbalance_50 | AUROC |" in said


@pytest.mark.parametrize("render", [render_card, render_evaluation])
def test_shuffled_identities_are_explained_where_they_are_named(render: Callable):
    for entry in ENTRIES:
        page = " ".join(render(read(entry)).split())
        named = "this network, identities shuffled |" in page
        assert ("with the learned vectors of genes and regulators exchanged" in page) == named


def test_derived_fitness_is_circular_for_the_product():
    page = render_evaluation(read(CELL))
    _, *derived = page.split("fitness_derived/costanzo2016_dcell_subset\n")
    assert all("(circular)" in part.split("###")[0] for part in derived)
    measured = page.split("### random: fitness/kuzmin_sga_digenic\n")[1].split("###")[0]
    assert "circular" not in measured


def test_gain_in_fitness_is_told_apart_from_genes_that_nobody_measured():
    shipped, keys = read(CELL), {"model": "multiplicative"}
    whole = {"question": "fitness/kuzmin_sga_digenic", **keys}
    part = {"question": "fitness/kuzmin_sga_digenic/complete", **keys}
    words = "get the average fitness from the multiplicative model"
    assert words in " ".join(render_card(shipped).split())
    remains = changed(shipped, "random", "pearson", "gap", 0.2, **part)
    assert "remains on sets whose singles were all measured" in " ".join(
        render_card(remains).split()
    )
    none = changed(shipped, "random", "pearson", "gap_low", -0.1, **whole)
    assert words not in " ".join(render_card(none).split())


def test_ablations_are_held_against_the_spread_of_seeds():
    shipped = read(CELL)
    said = " ".join(render_card(shipped).split())
    assert "spreads over 0.078 in the mean of the parts" in said
    assert "-0.042 (`no_members`)" in said
    assert "`layers_2`" not in said
    page = render_evaluation(shipped)
    row = (
        "| head | `no_members` | `model.members` = false | 409,097 | 0.450 | 0.479 | -0.042 | 11 |"
    )
    assert row in page
    assert "| depth | `layers_2` | `model.layers` = 2 |" in page
    assert "Trainings of the group depth also set" in page


def test_a_lane_that_is_not_certified_says_why():
    lanes = {
        "ort_cpu": {"status": "certified", "max_abs_probability": 1.8713e-07},
        "ort_cuda": {"status": "not certified", "reason": "there is none here"},
    }
    shipped = dataclasses.replace(read(MESC), parity=read(MESC).parity | {"lanes": lanes})
    card = render_card(shipped)
    assert "| ort_cpu | certified | probability 1.9e-07 |  |" in card
    assert "| ort_cuda | not certified |  | there is none here |" in card


def test_a_section_without_content_is_left_out():
    shipped = read(MESC)
    rows = shipped.evaluation.rows
    plain = dataclasses.replace(shipped.evaluation, rows=rows[rows["seed"] == ""])
    assert "different seeds" in " ".join(render_card(shipped).split())
    other = dataclasses.replace(shipped, evaluation=plain)
    assert "different seeds" not in " ".join(render_card(other).split())
    assert "### Ablations" not in render_card(shipped)


@pytest.mark.parametrize("entry", ENTRIES)
def test_the_head_is_a_hubs_and_has_the_headline_alone(entry: str):
    shipped = read(entry)
    data, first = ModelCard(render_card(shipped)).data, shipped.evaluation.about.headline
    assert data.library_name == "regzoo"
    drawn = {result.dataset_name for result in data.eval_results}
    assert drawn == DATASETS & {shipped.evaluation.about.dataset}
    for result in data.eval_results:
        assert result.task_name == " ".join(filter(None, (first.protocol, first.question)))
    figure = shipped.evaluation.figure(first.protocol, first.measure, first.question)
    if figure:
        leading = data.eval_results[0]
        assert leading.metric_value == round(figure.value, 4)
        has = np.isfinite(figure.low)
        assert (leading.metric_args or {}).get("low") == (round(figure.low, 4) if has else None)


def test_an_entry_that_was_not_evaluated_says_what_to_type(tmp_path, monkeypatch):
    folder = shutil.copytree(folders.BUNDLED / MESC, tmp_path / MESC)
    manifest = json.loads((folder / "manifest.json").read_text())
    del manifest["files"]["evaluation.csv"]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    monkeypatch.setattr("zoo.store.folders.BUNDLED", tmp_path)
    with pytest.raises(MissingArtefact, match=f"zoo evaluate {MESC} --save"):
        Shipped.read(MESC)
    assert PARITY in manifest["files"]


def test_figures_are_the_same_bytes_each_time_and_follow_the_series():
    shipped = read(BRAIN)
    assert figures.names(shipped) == ["roc", "pr", "ranks", "reliability", "degree"]
    assert figures.names(read(CELL)) == ["bins"]
    once = figures.svgs(shipped)["roc"]
    assert figures.svgs(shipped)["roc"] == once
    series = [each.model_copy(deep=True) for each in shipped.evaluation.series]
    moved = next(each for each in series if each.kind == "roc" and each.model == "entry")
    moved.rows[7][1] += 0.05
    evaluation = Evaluation(shipped.evaluation.about, shipped.evaluation.rows, tuple(series))
    assert figures.svgs(dataclasses.replace(shipped, evaluation=evaluation))["roc"] != once
    none = Evaluation(shipped.evaluation.about, shipped.evaluation.rows)
    assert figures.svgs(dataclasses.replace(shipped, evaluation=none)) == {}


def test_keys_tell_rows_apart():
    for entry in ENTRIES:
        assert not read(entry).evaluation.rows.duplicated(list(KEYS)).any()
