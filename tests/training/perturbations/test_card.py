"""A card says what the entry ships, in words that fit the figures, and nothing else."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from huggingface_hub import ModelCard
from safetensors.numpy import load_file, save_file

from tests.training.perturbations.entries import ATTENTION, MULTIPLICATIVE, RIDGE
from training.cards import markdown as md
from training.pairs import card as cards
from training.pairs.shipped import StaleEvaluation
from training.perturbations import card, card_text, figures, leaderboard
from training.perturbations.answers import ESTIMATED
from training.perturbations.shipped import Known, Shipped
from zoo.store import folders

NUMBER = re.compile(r"(?<![\w.@/-])[+-]?\d[\d,]*(?:\.\d+)?(?:e-\d+)?%?")
FIXED = {"1", "10", "2", "0.5", "2018", "95%", "0", "64", "32"}
"""Numbers of the words themselves: fitness 1, top=10, order=2, chance, Kuzmin 2018, float64."""
MAIN = "protocols.random.questions.epsilon/main"


@pytest.fixture
def shipped(saved) -> Shipped:
    saved(RIDGE)
    return Shipped.read(RIDGE)


@pytest.fixture
def changed(shipped) -> Callable[[str, Any], Shipped]:
    """The entry after one field of its evaluation was set; the path has dots."""

    def change(where: str, value: Any) -> Shipped:
        measured = copy.deepcopy(shipped.evaluation)
        *path, last = where.split(".")
        inside = measured
        for name in path:
            inside = inside[name]
        inside[last] = value
        return Shipped(shipped.manifest, shipped.run, shipped.parity, measured, shipped.known)

    return change


def first_sentence(shipped: Shipped) -> str:
    text = card.render(shipped)
    return " ".join(text.split(f"# {shipped.entry}\n\n", 1)[1].split("\n\n")[0].split())


def section(shipped: Shipped, title: str) -> str:
    after = card.render(shipped).split(f"# {title}\n", 1)[1]
    return " ".join(re.split(r"\n#+ ", after)[0].split())


def leaves(value: Any) -> Iterator[float]:
    """All numbers in nested lists and dictionaries, as they are, and as keys."""
    if isinstance(value, dict):
        value = [*value.values(), *value.keys()]
    if isinstance(value, list | tuple):
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
        found |= {f"{n:.3g}", f"{n:+.3g}", f"{n:,.0f}", str(n)}
    return found


def test_every_number_of_a_card_is_one_of_the_files(shipped):
    files = [shipped.evaluation, shipped.run, shipped.parity, shipped.manifest.model_dump()]
    files.append(vars(shipped.known))
    allowed = formatted(leaves(files)) | FIXED
    counted = {str(len(shipped.protocols["random"]["questions"]["epsilon/main"]["ladder"]))}
    written = NUMBER.findall(card.render(shipped))
    assert len(written) > 500
    assert [n for n in written if n.rstrip(",") not in allowed | counted] == []


def test_the_same_files_give_the_same_card_by_either_way(shipped):
    assert card.render(shipped) == card.render(Shipped.read(RIDGE)) == cards.card(RIDGE)


@pytest.mark.parametrize(
    "where",
    [
        f"{MAIN}.metrics.pearson.value",
        f"{MAIN}.metrics.mse.high",
        "protocols.random.questions.fitness_derived/main.ladder.multiplicative.difference.pearson.low",
        "protocols.query_disjoint.questions.tau/triples.metrics.spearman.value",
        "protocols.random.questions.epsilon_selected/chosen.metrics.pearson.low",
        "protocols.unseen.questions.fitness_derived/main.ladder.multiplicative.metrics.mse.value",
        "resamples",
    ],
)
def test_another_figure_gives_another_card(shipped, changed, where):
    assert card.render(changed(where, 0.4242)) != card.render(shipped)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.01, 0.09, "predicts interactions better than the best of 9 rivals"),
        (-0.01, 0.09, "It is not certain that `ridge-planted` beats the best rival"),
        (0.0, 0.09, "includes zero"),
        (-0.09, -0.01, "A simpler rival does better than `ridge-planted`"),
    ],
)
def test_the_first_sentence_follows_the_interval(shipped, changed, low, high, words):
    gap = {"value": (low + high) / 2, "low": low, "high": high}
    best = shipped.protocols["random"]["questions"]["epsilon/main"]["best"]["pearson"]
    said = first_sentence(changed(f"{MAIN}.ladder.{best}.difference.pearson", gap))
    assert words in said
    assert md.difference(gap) in said
    assert "gene sets drawn by chance" in said
    assert "`main`" in said


def test_an_entry_without_interactions_says_so_first(saved):
    saved(MULTIPLICATIVE)
    shipped = Shipped.read(MULTIPLICATIVE)
    said = first_sentence(shipped)
    assert "`multiplicative-planted` predicts no interaction" in said
    assert "ridge-planted (entry)" in said
    assert section(shipped, "Known failures").count("the same interaction whatever") == 1


def test_one_protocol_without_a_correlation_is_told_as_that(shipped, changed):
    body = copy.deepcopy(shipped.protocols["both_new"]["questions"]["epsilon/main"])
    del body["metrics"]["pearson"]
    for rival in body["ladder"].values():
        rival["difference"].pop("pearson", None)
    said = section(changed("protocols.both_new.questions.epsilon/main", body), RIDGE)
    where = "For pairs of two genes that are new to the source"
    assert f"{where}, it predicts the same interaction" in said


def test_selected_epsilon_stands_apart_and_is_named_so(shipped):
    said = section(shipped, "Selected epsilon")
    assert "**selected**" in said
    assert "| chosen |" in said
    assert "chosen" not in section(shipped, "Epsilon that nobody selected")
    assert "chosen" not in first_sentence(shipped)


def test_derived_fitness_is_circular_for_the_product(shipped):
    said = section(shipped, "Fitness")
    measured, derived = said.split("Fitness that was derived")
    assert "circular" not in measured
    assert "multiplicative model (circular)" in derived


def test_attention_is_shown_where_it_was_measured(shipped, saved):
    row = ATTENTION["with"]["physical"] | {"plain": ATTENTION["without"]["physical"]}
    said = section(shipped, "Attention and networks")
    assert f"| physical | {row['auroc']:.3f} | {row['plain']['auroc']:.3f} |" in said
    assert f"{row['kl']:.3f} | {row['plain']['kl']:.3f} | {row['uniform_kl']:.3f} |" in said
    assert "| valid | 0.612 | 0.599 |" in said
    assert "monitor" not in said
    saved(MULTIPLICATIVE)
    assert section(Shipped.read(MULTIPLICATIVE), "Attention and networks") == md.NOT_MEASURED


def test_what_training_did_not_know_is_told(shipped):
    said = section(shipped, RIDGE)
    known = shipped.known
    assert known.kinds == ("absent",)
    assert f"{known.unseen_genes} of its {known.genes} genes" in said
    assert "What is predicted for added and overexpressed" in said
    assert "four and more genes" in said
    more = Known(known.example, known.genes, known.unseen_genes, ("absent", "added"))
    other = Shipped(shipped.manifest, shipped.run, shipped.parity, shipped.evaluation, more)
    said = section(other, RIDGE)
    assert "genes that are absent or added. What is predicted for overexpressed was" in said


def test_failures_are_told_from_the_figures(shipped):
    good = copy.deepcopy(shipped.evaluation)
    for asked in good["protocols"].values():
        for body in asked["questions"].values():
            for record in body["metrics"].values():
                record.update(value=0.8, low=0.7, high=0.9)
            for rival in body["ladder"].values():
                for gap in rival["difference"].values():
                    gap.update(value=0.1, low=0.05, high=0.15)
    perfect = Shipped(shipped.manifest, shipped.run, shipped.parity, good, shipped.known)
    marks = (
        "not certain to beat",
        "better than chance at",
        "Boosting on pair features, does better",
    )
    for mark in marks:
        assert mark in section(shipped, "Known failures"), mark
        assert mark not in section(perfect, "Known failures"), mark
    assert section(perfect, "Known failures").count("- ") == 1 + len(card_text.STANDING)
    worse = copy.deepcopy(good)
    body = worse["protocols"]["query_disjoint"]["questions"]["fitness/measured"]
    body["ladder"]["multiplicative"]["difference"]["pearson"].update(low=-0.3, high=-0.1)
    bad = Shipped(shipped.manifest, shipped.run, shipped.parity, worse, shipped.known)
    said = section(bad, "Known failures")
    assert "Fitness of `measured`" in said
    assert "the multiplicative model does better" in said


def test_the_front_matter_is_a_hubs_and_has_no_selected_source(shipped):
    data = ModelCard(card.render(shipped)).data
    assert (data.license, data.library_name) == ("cc0-1.0", "regzoo")
    results = {(r.dataset_config, r.metric_type): r for r in data.eval_results}
    figure = shipped.protocols["random"]["questions"]["epsilon/main"]["metrics"]["pearson"]
    result = results["random/epsilon/main", "pearsonr"]
    assert result.metric_value == figure["value"]
    assert result.metric_args["low"] == figure["low"]
    types = {r.metric_type for r in data.eval_results}
    assert types == {"pearsonr", "spearmanr", "precision", "mse"}
    assert not [name for name, _ in results if "selected" in name or "derived" in name]


def test_a_card_renders_without_any_protocol(changed):
    empty = changed("protocols", {})
    assert "[not measured]" in first_sentence(empty)
    assert "Figure `gain`: [not measured]" in card.render(empty)
    assert section(empty, "The ladder of rivals") == md.NOT_MEASURED


def test_an_old_evaluation_is_refused(saved):
    folder = saved(RIDGE)
    (folder / "evaluation.json").write_text(json.dumps({"schema_version": 0}))
    folders.record(folder, "evaluation.json")
    with pytest.raises(StaleEvaluation, match=f"zoo evaluate {RIDGE} --save"):
        cards.card(RIDGE)


ABOVE, BELOW = ({"value": v, "low": v - 0.01, "high": v + 0.01} for v in (0.2, -0.2))


def changed_run(shipped: Shipped, **values: Any) -> Shipped:
    return replace(shipped, run=shipped.run | values)


def test_the_held_out_query_is_named_with_its_share(shipped, changed):
    said = section(shipped, "How good it is")
    bodies = shipped.protocols["query_disjoint"]["questions"]
    pairs, triples = (bodies[name] for name in ("epsilon/measured", "tau/triples"))
    (query,) = pairs["queries"]
    (other,) = set(triples["queries"]) - {query}
    assert f"one gene, {query}: {pairs['share']:.1%} of the sets of `measured`" in said
    assert f"{triples['share']:.1%} of the sets of `triples` (with {other})" in said
    assert "not for new queries at large" in said
    without = changed("protocols.query_disjoint.questions", {})
    assert "new queries" not in section(without, "How good it is")


@pytest.mark.parametrize(
    ("plain", "words"),
    [
        ({"valid": 0.6123, "one_new_valid": 0.5300}, "brought no gain to speak of"),
        ({"valid": 0.5123, "one_new_valid": 0.5234}, "+0.100 on `valid`, +0.000 on"),
        ({"valid": 0.7123, "one_new_valid": 0.5234}, "-0.100 on `valid`"),
    ],
)
def test_whether_regularisation_was_worth_it_is_said(shipped, plain, words):
    other = changed_run(shipped, without_graphs={"best": {"epoch": 3, **plain}})
    said = section(other, "Attention and networks")
    assert words in said
    assert ("no gain" in said) == ("no gain" in words)


def test_one_seed_is_told_and_several_are_no_part_of_intervals(shipped, changed, saved):
    assert "of one seed (1). The spread over seeds is [not measured]" in section(
        shipped, "Over seeds"
    )
    figures = {"random/pearson_epsilon": {"mean": 0.512, "sd": 0.034}}
    repeated = changed("seeds", {"count": 5, "stage": "valid", "figures": figures})
    said = section(repeated, "Over seeds")
    assert "5 seeds" in said
    assert "how much a seed changes is not in them" in said
    assert "| random/pearson_epsilon | 0.512 | 0.034 |" in said
    saved(MULTIPLICATIVE)
    drawn = section(Shipped.read(MULTIPLICATIVE), "Over seeds")
    assert drawn == "Nothing is drawn at random in this training: every seed gives the same model."


def test_genes_that_nobody_measured_alone_are_counted(shipped):
    assert shipped.known.unmeasured == 1
    words = "genes no deletion strain was measured alone"
    assert f"For 1 of its 50 {words}" in section(shipped, RIDGE)
    for none in (None, 0):
        other = replace(shipped, known=replace(shipped.known, unmeasured=none))
        assert words not in card.render(other)


def test_a_state_without_measured_singles_is_read(saved):
    folder = saved(RIDGE)
    state = load_file(folder / "state.safetensors")
    del state["single_measured"]
    save_file(state, folder / "state.safetensors")
    assert Known.read(folder).unmeasured is None


def test_larger_sets_have_no_interaction_of_their_order(shipped):
    assert "is no interaction of that order" in section(shipped, RIDGE)


def test_features_made_of_the_target_are_told(shipped):
    said = "What it was trained on"
    named = ["physical_degree", "main_profile_01", "main_profile_02"]
    other = section(changed_run(shipped, features=named), said)
    assert "Of its 3 features of a gene, 2 are profiles" in other
    for features in (["physical_degree"], None):
        assert "profiles" not in section(changed_run(shipped, features=features), said)


def test_measures_that_are_lower_than_pearson_are_named(shipped, changed):
    words, title = "lower than the Pearson correlation suggests", "Epsilon that nobody selected"
    own = shipped.protocols["random"]["questions"]["epsilon/main"]["metrics"]
    high = {"value": 0.99, "low": 0.98, "high": 1.0}
    body = {"pearson": high, "spearman": ABOVE, "precision": ABOVE, "mse": own["mse"]}
    both = section(changed(f"{MAIN}.metrics", body), title)
    assert f"**Spearman and precision at 5% are {words}:** on gene sets drawn by chance" in both
    one = section(changed(f"{MAIN}.metrics", body | {"precision": high | {"value": 1.0}}), title)
    assert f"**Spearman is {words}:** on gene sets drawn by chance" in one
    none = section(changed(f"{MAIN}.metrics", body | {"pearson": BELOW}), title)
    assert f"{words}:** on gene sets drawn by chance" not in none
    assert "| precision at 5% |" in none


FITNESS = "protocols.query_disjoint.questions.fitness/triples"


@pytest.mark.parametrize(
    ("there", "words"),
    [
        (0.05, "Most of the gain over the multiplicative model in `triples`"),
        (0.15, "The gain over the multiplicative model in `triples`"),
    ],
)
def test_where_the_gain_in_fitness_comes_from_is_told(shipped, changed, there, words):
    body = copy.deepcopy(shipped.protocols["query_disjoint"]["questions"]["fitness/triples"])
    body["ladder"]["multiplicative"]["difference"]["pearson"] = ABOVE
    body["complete"]["ladder"]["multiplicative"]["difference"]["pearson"]["value"] = there
    said = section(changed(FITNESS, body), "Fitness")
    assert words in said
    assert f"{there:+.3f}" in said
    own = body["complete"]["metrics"]["pearson"]
    assert f"| {body['complete']['sets']} | {md.figure(own)} |" in said
    body["ladder"]["multiplicative"]["difference"]["pearson"] = BELOW
    assert "of the gain over" not in section(changed(FITNESS, body), "Fitness")


def test_too_few_sets_with_all_single_mutants_have_dashes(changed):
    said = section(changed(f"{FITNESS}.complete", {"sets": 7}), "Fitness")
    assert "| 7 | - | - |" in said


def test_a_rival_that_is_better_in_fitness_is_a_failure(shipped, changed):
    body = copy.deepcopy(shipped.protocols["query_disjoint"]["questions"]["fitness/triples"])
    body["best"]["pearson"] = "ridge_fitness"
    body["ladder"]["ridge_fitness"]["difference"]["pearson"] = BELOW
    words = "Fitness of `triples`, on sets of a query strain that training never saw: the best"
    assert f"{words} rival, Ridge on fitness, does better, difference -0.200" in section(
        changed(FITNESS, body), "Known failures"
    )
    body["ladder"]["ridge_fitness"]["difference"]["pearson"] = ABOVE
    assert words not in section(changed(FITNESS, body), "Known failures")


def test_an_entry_without_its_interactions_is_shown_and_counted_nowhere(shipped, changed):
    body = copy.deepcopy(shipped.protocols["query_disjoint"]["questions"]["fitness/triples"])
    row = copy.deepcopy(body["ladder"]["multiplicative"]) | {"title": "Its own product"}
    row["difference"]["pearson"] = BELOW
    body["ladder"][ESTIMATED] = row
    other = changed(FITNESS, body)
    assert "what its interactions add is -0.200" in section(other, "Fitness")
    assert "| Its own product |" in section(other, "The ladder of rivals")
    assert first_sentence(other) == first_sentence(shipped)
    assert leaderboard.tables([other]) == leaderboard.tables([shipped])
    assert figures.alts(other.evaluation) == figures.alts(shipped.evaluation)
