"""What holds for every entry that predicts perturbed cells."""

import importlib.util
import re
import warnings
from collections.abc import Iterator
from itertools import combinations, permutations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zoo
from contracts import strategies
from contracts.errors import (
    ContractViolation,
    EmptyInput,
    InvalidOption,
    UnknownGene,
    Unsupported,
    UnsupportedKind,
)
from contracts.sets.kinds import KINDS
from tests import entries
from zoo.entry import STATE
from zoo.perturbations.scorer import PerturbationScorer
from zoo.runtime.graph import Graph
from zoo.store import folders
from zoo.store.files import read_tensors

EQUAL = 1e-5  # two ways through the same graph
NUMBERS = ["fitness", "gene_interaction", "expectation"]
WORDS = ["expectation_basis", "support"]
OF_PAIRS = ("score", "scored", "details", "score_matrix", "regulators", "targets", "support")
OF_PAIRS += ("embed_tfs", "embed_genes")

Genes = list[str]


@pytest.fixture(scope="module", params=entries.of_task("perturbation*"))
def entry(request: pytest.FixtureRequest, tiny_root: Path) -> Iterator[str]:
    """The name of an entry that can be loaded."""
    with entries.known(request.param, tiny_root) as name:
        yield name


@pytest.fixture(scope="module")
def model(entry: str) -> PerturbationScorer:
    return zoo.load(entry, device="cpu")


@pytest.fixture(scope="module")
def head(model: PerturbationScorer) -> Graph:
    return model._opened.graphs["head"]


def draw_sets(model: PerturbationScorer, orders: list[int], seed: int = 0) -> list[Genes]:
    """Random sets of genes of these sizes."""
    draw = np.random.default_rng(seed)
    return [draw.choice(model.vocabulary.genes, order, replace=False).tolist() for order in orders]


def assert_same(got: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Equal rows, but for the rounding of the numbers."""
    np.testing.assert_allclose(got[NUMBERS], expected[NUMBERS], atol=EQUAL, rtol=EQUAL)
    for column in set(expected) - set(NUMBERS):
        assert got[column].tolist() == expected[column].tolist()


@given(data=st.data())
def test_predictions_are_finite(model: PerturbationScorer, data: st.DataObject):
    kinds = [kind for kind, seen in zip(KINDS, model.evidence.trained_kinds, strict=True) if seen]
    member = st.tuples(st.sampled_from(model.vocabulary.genes), st.sampled_from(kinds))
    one = st.lists(member, max_size=5, unique_by=lambda pair: pair[0])
    table = model.predict(data.draw(st.lists(one, min_size=1, max_size=8)))
    assert np.isfinite(table[NUMBERS].to_numpy()).all()
    assert (table["expectation"] >= 0).all()


def test_the_empty_set_is_the_wildtype(model: PerturbationScorer):
    table = model.predict([[], set(), {}, "wildtype", [(model.vocabulary.genes[0], "present")]])
    assert table[NUMBERS].to_numpy().tolist() == [[1, 0, 1]] * 5
    assert table["perturbation"].tolist() == [*[""] * 4, f"{model.vocabulary.genes[0]}:present"]
    assert set(table["support"]) == {"all_seen"}
    assert set(table["expectation_basis"]) == {"measured"}


def test_the_order_within_a_set_does_not_matter(model: PerturbationScorer):
    (genes,) = draw_sets(model, [3])
    kinds = dict(zip(genes, ["absent", "present", "deletion"], strict=True))
    orders = [list(order) for order in permutations(kinds.items())]
    table = model.predict([*orders, kinds])
    assert_same(table, pd.concat([table.iloc[:1]] * len(table)))


def test_the_order_of_members_does_not_matter_to_the_graph(head: Graph):
    draw = np.random.default_rng(3)
    members = [draw.choice(head.sizes["genes_total"], 3, replace=False) for _ in range(8)]
    turned = [one[::-1] for one in members]
    outputs = [
        head.run(
            {
                "member": np.concatenate(some),
                "kind": np.zeros(24, np.int64),
                "set": np.repeat(np.arange(8), 3),
                "order": np.full(8, 3),
            }
        )
        for some in (members, turned)
    ]
    for name in outputs[0]:
        np.testing.assert_allclose(outputs[0][name], outputs[1][name], atol=EQUAL, rtol=EQUAL)


def test_a_batch_equals_its_sets_one_by_one(model: PerturbationScorer):
    """And so nothing depends on the sizes of a set's neighbours."""
    sets = draw_sets(model, [0, 2, 1, 3, 2, 0, 5, 2, 4, 1])
    singly = pd.concat([model.predict([one]) for one in sets], ignore_index=True)
    assert_same(model.predict(sets), singly)


@given(data=st.data())
def test_no_set_depends_on_its_neighbours_in_the_graph(head: Graph, data: st.DataObject):
    arrays = data.draw(strategies.inputs(head.contract, head.sizes))
    together = head.run(arrays, verify=True)
    for number, order in enumerate(arrays["order"]):
        rows = arrays["set"] == number
        alone = head.run(
            {
                "member": arrays["member"][rows],
                "kind": arrays["kind"][rows],
                "set": np.zeros(order, np.int64),
                "order": arrays["order"][number : number + 1],
            }
        )
        for name, array in together.items():
            np.testing.assert_allclose(alone[name], array[[number]], atol=EQUAL, rtol=EQUAL)


def test_a_single_has_no_interaction(model: PerturbationScorer):
    table = model.predict(draw_sets(model, [1] * 20))
    assert (table["gene_interaction"] == 0).all()
    assert (table["fitness"] == table["expectation"]).all()


def test_fitness_of_a_pair_is_expectation_and_interaction(model: PerturbationScorer):
    pairs = draw_sets(model, [2] * 50)
    table = model.predict(pairs).astype(dict.fromkeys(NUMBERS, np.float64))
    total = table["expectation"] + table["gene_interaction"]
    np.testing.assert_allclose(table["fitness"], total, atol=1e-6)
    singles = [model.predict([[gene] for gene in pair])["fitness"].prod() for pair in pairs[:5]]
    np.testing.assert_allclose(table["expectation"][:5], singles, atol=EQUAL)


def test_triples_keep_the_definition_of_tau(model: PerturbationScorer):
    """Kuzmin et al. (2018): tau = f_abc - f_a f_b f_c - e_ab f_c - e_ac f_b - e_bc f_a."""
    for triple in draw_sets(model, [3] * 5):
        (whole,) = model.predict([triple]).to_dict("records")
        single = {gene: model.predict([[gene]])["fitness"].item() for gene in triple}
        tau = whole["fitness"] - np.prod(list(single.values()))
        for pair in combinations(triple, 2):
            (third,) = set(triple) - set(pair)
            epsilon = model.predict([pair])["gene_interaction"].item()
            tau -= epsilon * single[third]
        assert whole["gene_interaction"] == pytest.approx(tau, abs=EQUAL)


def test_larger_sets_differ_from_the_expectation_by_their_interaction(model: PerturbationScorer):
    table = model.predict(draw_sets(model, [4, 5, 6]))
    difference = table["fitness"] - table["expectation"]
    np.testing.assert_allclose(table["gene_interaction"], difference, atol=EQUAL)


def test_what_is_present_changes_nothing(model: PerturbationScorer):
    one, two, three = draw_sets(model, [3])[0]
    table = model.predict([{one: "absent", two: "present", three: "absent"}])
    expected = model.predict([{one: "absent", three: "absent"}])
    assert table[[*NUMBERS, "support"]].equals(expected[[*NUMBERS, "support"]])
    assert f"{two}:present" in table["perturbation"][0]


def test_support_tells_which_members_had_training_records(model: PerturbationScorer, entry: str):
    state = read_tensors(folders.locate(entry) / STATE)
    genes = model.vocabulary.genes
    sets = draw_sets(model, [1, 2, 3] * 20)
    words = {0: "unseen", 1: "some_seen", 2: "all_seen"}
    for one, support in zip(sets, model.predict(sets)["support"], strict=True):
        seen = [state["gene_records"][genes.index(gene)] > 0 for gene in one]
        assert support == words[any(seen) + all(seen)]
    rare = np.flatnonzero(state["kind_records"] == 0)
    for kind in (KINDS[code] for code in rare if KINDS[code] != "present"):
        table = model.predict([[(genes[0], kind)]], allow_unseen=True)
        assert table["support"].tolist() == ["unseen"]


def test_a_kind_that_training_has_not_seen_is_refused_or_nan(model: PerturbationScorer, entry: str):
    rare = np.flatnonzero(read_tensors(folders.locate(entry) / STATE)["kind_records"] == 0)
    one, two, three = draw_sets(model, [3])[0]
    for kind in (KINDS[code] for code in rare if KINDS[code] != "present"):
        sets = [[one, (two, kind)], [one], [one, two, (three, kind)], [one, two]]
        with pytest.raises(UnsupportedKind, match=f":{kind}' cannot be predicted"):
            model.predict(sets)
        table = model.predict(sets, allow_unseen=True)
        assert table["fitness"].isna().tolist() == [True, False] * 2
        assert table["gene_interaction"].isna().tolist() == [True, False] * 2


def test_the_basis_tells_whose_single_mutant_was_measured(model: PerturbationScorer, entry: str):
    measured = dict(zip(model.vocabulary.genes, _measured(entry), strict=True))
    sets = draw_sets(model, [1, 2, 3] * 20)
    words = {0: "estimated", 1: "partly_measured", 2: "measured"}
    for one, basis in zip(sets, model.predict(sets)["expectation_basis"], strict=True):
        known = [measured[gene] for gene in one]
        assert basis == words[any(known) + all(known)]
    one, two = sorted(measured, key=measured.get)[:: len(measured) - 1]
    assert (measured[one], measured[two]) == (0, 1)
    table = model.predict([[], [(one, "present")], {two: "absent", one: "present"}, [one, two]])
    assert table["expectation_basis"].tolist() == ["measured"] * 3 + ["partly_measured"]


def _measured(entry: str) -> np.ndarray:
    return read_tensors(folders.locate(entry) / STATE)["single_measured"]


def test_common_names_are_shown_and_lead_back(model: PerturbationScorer):
    sets = draw_sets(model, [1, 2, 3], seed=7)
    table = model.predict([*sets, []])
    called = [names.split("|") for names in table["names"]]
    assert called[-1] == [""]
    assert_same(model.predict(called[:-1]), table.iloc[:-1])
    assert called[:-1] != [sorted(one) for one in sets]


def test_only_genes_with_a_measured_single_mutant_are_screened(
    model: PerturbationScorer, entry: str
):
    genes, measured = model.vocabulary.genes, _measured(entry)
    without, within = ([genes[n] for n in np.flatnonzero(measured == one)] for one in (0, 1))
    given, kept = without[0], {*within[:5]}
    among = [*without[:5], *within[:5]]
    options = {"given": [given], "among": among, "measured_only": True}
    table = model.screen(by="fitness", **options)
    assert ({*table["gene_a"]}, {*table["given"]}) == (kept, {given})
    assert len(table) == model.screen_total(**options) == len(kept)
    assert set(table["expectation_basis"]) == {"partly_measured"}
    assert model.screen_total(1, measured_only=True) == measured.sum() < model.screen_total(1)


def test_a_ranking_by_tau_is_doubted(model: PerturbationScorer):
    given, *among = draw_sets(model, [6], seed=5)[0]
    with warnings.catch_warnings(record=True, action="always") as told:
        model.screen(3, 4, [given], among=among)
    first = str(told[0].message)
    assert told[0].filename == __file__
    assert re.search(rf"by tau .* for {model.entry} .*by='fitness'", first)
    tested = [name for name in model.manifest.metrics if name.startswith("random/pearson_tau")]
    assert all(name in first and f"{model.manifest.metrics[name]:.3f}" in first for name in tested)
    assert tested or "it is not known how well" in first


def test_sets_that_are_all_alike_are_told(model: PerturbationScorer):
    with pytest.warns(UserWarning, match=f"All {len(model.vocabulary):,} sets have the same gene_"):
        model.screen(1, 3)


def test_a_table_keeps_the_index_of_its_input(model: PerturbationScorer):
    one, two = model.vocabulary.genes[:2]
    frame = pd.DataFrame({"perturbation": [f"{one}+{two}", "QQQQ", one, two]}, index=[7, 5, 5, 1])
    with pytest.warns(UserWarning, match="1 of 4 sets were left out, the first in row 1: 'QQQQ'"):
        table = model.predict(frame, on_unknown="skip")
    assert table.index.tolist() == [7, 5, 1]
    assert table["perturbation"].tolist() == [f"{one}|{two}", one, two]
    series = pd.Series([[two], [one]], index=["b", "a"])
    assert model.predict(series)["perturbation"].to_dict() == {"b": two, "a": one}


def test_inputs_are_left_as_they_were(model: PerturbationScorer):
    sets = [dict.fromkeys(genes, "absent") for genes in draw_sets(model, [2, 3])]
    kept = [dict(one) for one in sets]
    model.predict(sets)
    model.screen(given=(given := list(sets[0])[:1]), among=(among := list(sets[1])), by="fitness")
    assert (sets, given, among) == (kept, list(kept[0])[:1], list(kept[1]))


def test_a_screen_equals_predict(model: PerturbationScorer):
    genes = draw_sets(model, [8], seed=4)[0]
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # no interactions at all
        screened = model.screen(top=28, among=genes)
    assert len(screened) == 28
    assert screened["rank"].tolist() == list(range(1, 29))
    predicted = model.predict(screened[["gene_a", "gene_b"]].to_numpy().tolist())
    assert_same(screened[[*NUMBERS, *WORDS]], predicted[[*NUMBERS, *WORDS]])
    assert set(predicted["perturbation"]) == {"|".join(p) for p in combinations(sorted(genes), 2)}


@pytest.mark.parametrize("by", NUMBERS)
@pytest.mark.parametrize("order", [2, 3])
def test_a_screen_ranks_as_a_plain_sort_does(model: PerturbationScorer, by: str, order: int):
    given, *among = draw_sets(model, [7], seed=5)[0]
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # doubts, told below
        screened = model.screen(order, 4, [given], by=by, direction="highest", among=among)
    sets = [sorted([given, *others]) for others in combinations(sorted(among), order - 1)]
    values = model.predict(sets)[by].to_numpy()
    best = np.sort(values)[::-1][:4]
    np.testing.assert_allclose(screened[by], best, atol=EQUAL, rtol=EQUAL)
    assert (np.diff(screened[by]) <= 0).all()
    columns, names = ([f"{what}_{one}" for one in "abc"[: order - 1]] for what in ("gene", "name"))
    assert screened.columns.tolist() == [
        *("rank", "given", "given_names"),
        *(*columns, *names, *NUMBERS, *WORDS),
    ]
    rows = screened[["given", *columns]].to_numpy().tolist()
    assert all(sorted(row) in sets for row in rows)


def test_ties_of_a_screen_go_by_name(model: PerturbationScorer):
    with pytest.warns(UserWarning, match="in order of their names"):
        screened = model.screen(1, 10, by="gene_interaction")
    assert screened["gene_a"].tolist() == list(model.vocabulary.genes[:10])


def test_an_unknown_gene_has_near_names(model: PerturbationScorer):
    name = model.vocabulary.genes[-1]
    with pytest.raises(UnknownGene, match=rf"'{name}X' is no gene .*Did you mean .*{name}"):
        model.predict([[name], [f"{name}X"]])


def test_sets_with_unknown_genes_are_left_out_when_asked(model: PerturbationScorer):
    genes = model.vocabulary.genes
    with pytest.warns(UserWarning, match="1 of 3 sets were left out"):
        table = model.predict([[genes[0]], [genes[1], "QQQQ"], [genes[2]]], on_unknown="skip")
    assert table.index.tolist() == [0, 2]
    assert table["perturbation"].tolist() == [genes[0], genes[2]]


def test_what_is_wrong_with_a_set_is_said(model: PerturbationScorer):
    one, two = model.vocabulary.genes[:2]
    with pytest.raises(ContractViolation, match=rf"\[1\]: got {one} twice"):
        model.predict([[one, two], [one, two, (one, "added")]])
    with pytest.raises(
        InvalidOption, match=r"kind='gone' .*absent \(or deletion, deleted\), present"
    ):
        model.predict([{one: "gone"}])
    with pytest.raises(EmptyInput, match="perturbations is empty"):
        model.predict([])
    for wrong in (one, [one], [{one: "absent"}, 7]):
        with pytest.raises(ContractViolation, match="such as"):
            model.predict(wrong)


def test_a_set_larger_than_the_limit_is_refused(model: PerturbationScorer):
    most = model.members_limit
    genes = list(model.vocabulary.genes[: most + 1])
    with pytest.raises(ContractViolation, match=rf"got {most + 1} genes, expected at most {most}"):
        model.predict([genes])
    model.predict([{**dict.fromkeys(genes[:2], "absent"), **dict.fromkeys(genes[2:], "present")}])


def test_only_an_encoded_cell_takes_new_genes(model: PerturbationScorer):
    if "encode" in model._opened.graphs:
        assert "NOVEL1" in model.with_genes({"NOVEL1": {}}).vocabulary
        return
    with pytest.raises(Unsupported, match="task perturbation_encoded"):
        model.with_genes({"NOVEL1": {}})


def test_only_a_graph_of_the_cell_tells_what_a_deletion_moves(model: PerturbationScorer):
    one, other = model.vocabulary.genes[:2]
    if "explain" not in model._opened.graphs:
        with pytest.raises(Unsupported, match="task perturbation_graph"):
            model.explain([one])
        return
    assert len(model.explain([])) == 0
    table = model.explain([one, other], top=10**6)
    assert set(table["node"][table["status"] == "deleted"]) == {one, other}
    assert (table["moved"] > 0).all()
    assert table["moved"].is_monotonic_decreasing
    assert table["share"].notna().equals(table["kind"] == "gene")


def test_torch_gives_the_same_numbers(model: PerturbationScorer, entry: str):
    if importlib.util.find_spec("torch") is None:
        pytest.skip("torch is not installed")
    if importlib.util.find_spec(f"zoo.architectures.{model.manifest.architecture}") is None:
        pytest.skip("a synthetic entry has no torch module")
    other = zoo.load(entry, backend="torch", device="cpu")
    sets = draw_sets(model, [0, 1, 2, 2, 2, 3, 3, 4])
    assert_same(other.predict(sets), model.predict(sets))


@pytest.mark.parametrize("method", OF_PAIRS)
def test_what_entries_for_pairs_offer_is_refused(model: PerturbationScorer, method: str):
    with pytest.raises(Unsupported, match=rf"{method}\. .*type \.predict\(.*--task pairs"):
        getattr(model, method)([("SOX2", "GFAP")])
