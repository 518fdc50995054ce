"""Perturbation scorers against arithmetic done here, on entries whose every number is known."""

import sys
import warnings
from itertools import combinations

import numpy as np
import pandas as pd
import pytest

import zoo
from contracts.errors import ContractViolation, InvalidOption, NothingLeft
from contracts.sets.kinds import KINDS
from tests import tiny, tiny_cells
from tests.tiny_cells import GENE_RECORDS, GENES, KIND_RECORDS
from zoo.perturbations import head, screening
from zoo.perturbations.scorer import PerturbationScorer
from zoo.perturbations.screen import doubts_before

PLACE = {gene: place for place, gene in enumerate(GENES)}
SETS = [
    [],
    ["YAL002W"],
    ["YFL039C", "YGR192C"],
    [("YAL002W", "overexpressed"), "YBR001C"],
    ["YAL002W", "YEL021W", "YKL106W"],
    {"YAL002W": "absent", "YDL227C": "overexpressed", "YPR119W": "present", "YNL307C": "absent"},
    list(GENES[2:6]),
    list(GENES[6:]),
]


@pytest.fixture(params=tiny.CELLS)
def model(request: pytest.FixtureRequest, tiny_root) -> PerturbationScorer:
    """Each of the two, loaded."""
    return zoo.load(zoo.register(tiny_root / request.param), device="cpu")


def members(one) -> list[tuple[int, int]]:
    """Positions and kinds of a set, without those that are present."""
    pairs = one.items() if isinstance(one, dict) else one
    named = [(pair, "absent") if isinstance(pair, str) else pair for pair in pairs]
    return [(PLACE[gene], KINDS.index(kind)) for gene, kind in named if kind != "present"]


@pytest.mark.parametrize("block", [1, 3, 1024])
def test_predictions_are_the_truth(
    model: PerturbationScorer, monkeypatch: pytest.MonkeyPatch, block: int
):
    monkeypatch.setattr(head, "BLOCK_SETS", block)
    table = model.predict(SETS)
    counted = [tiny_cells.counted(members(one)) for one in SETS]
    fitness = [tiny_cells.fitness(model.entry, one) for one in counted]
    expectation = [tiny_cells.expectation(one) for one in counted]
    np.testing.assert_allclose(table["fitness"], fitness, atol=1e-6)
    np.testing.assert_allclose(table["expectation"], expectation, atol=1e-7)
    for one, row in zip(counted, table.to_dict("records"), strict=True):
        own = row["fitness"] - row["expectation"]
        small = len(one) <= 3
        own = tiny_cells.interaction(model.entry, one) if small else own
        assert row["gene_interaction"] == pytest.approx(own, abs=1e-6)
    assert table["perturbation"].tolist()[3:6] == [
        "YAL002W:overexpressed|YBR001C",
        "YAL002W|YEL021W|YKL106W",
        "YAL002W|YDL227C:overexpressed|YNL307C|YPR119W:present",
    ]


def test_support_is_that_of_genes_and_kinds(model: PerturbationScorer):
    for one, support in zip(SETS, model.predict(SETS)["support"], strict=True):
        seen = [GENE_RECORDS[gene] > 0 and KIND_RECORDS[kind] > 0 for gene, kind in members(one)]
        expected = "all_seen" if all(seen) else "some_seen" if any(seen) else "unseen"
        assert support == expected


def test_predicted_tells_progress_and_what_was_left_out(model: PerturbationScorer):
    done: list[int] = []
    predicted = model.predicted([["ADE2"], ["QQQQ"], []], "skip", done.append)
    assert sum(done) == 2
    assert [(left.row, left.name) for left in predicted.skipped] == [(1, "QQQQ")]
    assert predicted.columns()["perturbation"] == ["YOR128C", ""]


def truth(model: PerturbationScorer, by: str, genes: tuple[str, ...]) -> float:
    """A number of a set of deleted genes; numbers that are equal are equal here as well."""
    own = [(PLACE[gene], 0) for gene in genes]
    if by == "fitness":
        return round(tiny_cells.fitness(model.entry, own), 6)
    if by == "expectation":
        return tiny_cells.expectation(own)
    return round(tiny_cells.interaction(model.entry, own), 6)


KEYS = {"lowest": lambda value: value, "highest": lambda value: -value}
KEYS["strongest"] = lambda value: -abs(value)


@pytest.mark.parametrize("direction", KEYS)
@pytest.mark.parametrize("by", ["gene_interaction", "fitness", "expectation"])
@pytest.mark.parametrize("given", [[], ["ADE2"], ["YPR119W", "HO"]])
@pytest.mark.parametrize("order", [2, 3])
def test_a_screen_is_a_sort_of_everything(
    tiny_root, monkeypatch: pytest.MonkeyPatch, order: int, given: list[str], by: str, direction
):
    """On the entry whose numbers are exact, so that ties are ties and go by name."""
    model = zoo.load(zoo.register(tiny_root / tiny.PRODUCT), device="cpu")
    monkeypatch.setattr(screening, "BLOCK_SETS", 13)
    if by != "gene_interaction" and direction == "strongest":
        with pytest.raises(InvalidOption, match="only an interaction is weak or strong"):
            model.screen(order, given=given, by=by, direction=direction, among=GENES)
        return
    fixed = [model.vocabulary.resolve(name).symbol for name in given]
    free = [gene for gene in GENES if gene not in fixed]
    sets = [tuple(sorted([*fixed, *c])) for c in combinations(free, order - len(fixed))]
    sets.sort(key=lambda one: (KEYS[direction](truth(model, by, one)), one))
    for top in (1, 17, 1000):
        with warnings.catch_warnings(action="ignore", category=UserWarning):  # doubts: below
            table = model.screen(order, top, given, by, direction, among=GENES)
        columns = ["gene_a", "gene_b", "gene_c"][: order - len(given)]
        members = [tuple(sorted([*fixed, *row])) for row in table[columns].to_numpy()]
        assert members == sets[:top]
        assert ("given" in table) == bool(given)
        expected = [truth(model, by, one) for one in sets[:top]]
        np.testing.assert_allclose(table[by], expected, atol=1e-6)
        assert table["rank"].tolist() == list(range(1, len(table) + 1))


def test_a_screen_of_singles(model: PerturbationScorer):
    table = model.screen(1, 3, by="fitness")
    assert table.columns[:4].tolist() == ["rank", "gene_a", "name_a", "fitness"]
    assert table["name_a"].tolist() == ["ACT1", "NTH2", "MCK1"]
    assert table["gene_a"].tolist() == ["YFL039C", "YBR001C", "YNL307C"]


def test_a_screen_tells_progress_and_how_much_there_is(model: PerturbationScorer):
    done: list[int] = []
    model.screen(3, given=["ADE2"], by="fitness", progress=done.append)
    assert sum(done) == model.screen_total(3, ["ADE2"]) == 55
    assert model.screen_total() == 66


def test_what_makes_a_ranking_doubtful_is_asked_before_it_is_made(model: PerturbationScorer):
    (doubt,) = model.asked(3, given=["ADE2"]).doubts
    assert f"for {model.entry} it is not known how well it is predicted" in doubt
    assert model.asked(3, given=["ADE2"], by="fitness").doubts == ()
    assert model.asked(2).doubts == ()
    metrics = {"random/pearson_tau/some": -0.125, "random/pearson_tau/two": 1, "a/pearson_tau": 1}
    manifest = model.manifest.model_copy(update={"metrics": metrics})
    (doubt,) = doubts_before(manifest, 3, "gene_interaction")
    assert "is -0.125, where 0 is chance" in doubt
    assert f"`zoo card {model.entry}`, random/pearson_tau/some" in doubt


def test_a_ranking_of_sets_that_are_all_alike_is_told(model: PerturbationScorer):
    question = model.asked(1, 3)
    (doubt,) = model.answered(question).doubts
    assert doubt == (
        "All 12 sets have the same gene_interaction, 0: they stand in order of their names. "
        "Rank them by fitness instead: by='fitness'."
    )
    assert model.answered(model.asked(1, 3, by="fitness")).doubts == ()
    assert model.answered(model.asked(1, given=["HO"])).doubts == ()  # one set is in any order
    for direction in ("lowest", "highest"):
        same = model.asked(1, by="expectation", among=["VPS8", "URA3"], direction=direction)
        assert "same expectation, 1: " in model.answered(same).doubts[0]


def test_measured_only_leaves_out_what_is_not_given(model: PerturbationScorer):
    """Of the tiny genes, ACT1 and ADE2 have no measured single mutant."""
    table = model.screen(2, 100, measured_only=True, by="fitness")
    assert len(table) == model.screen_total(measured_only=True) == 45
    assert not {"ACT1", "ADE2"} & {*table["name_a"], *table["name_b"]}
    assert set(table["expectation_basis"]) == {"measured"}
    given = model.screen(2, 100, given=["ADE2"], measured_only=True, by="fitness")
    assert {*given["name_a"]} == {*table["name_a"], *table["name_b"]}
    assert {*given["given_names"]} == {"ADE2"}
    with pytest.raises(NothingLeft, match="in among, or leave out measured_only"):
        model.screen(among=["ACT1", "ADE2", "HO"], measured_only=True)
    with pytest.raises(InvalidOption, match=r"measured_only='no'.*True or False"):
        model.screen(measured_only="no")


def test_a_screen_of_nothing_says_so(model: PerturbationScorer):
    with pytest.raises(NothingLeft, match="Name more genes in among"):
        model.screen(among=["ADE2"])
    with pytest.raises(InvalidOption, match="top=0"):
        model.screen(top=0)


def test_screened_rows_are_those_predicted(model: PerturbationScorer):
    table = model.screen(2, 66, direction="strongest")
    predicted = model.predict(table[["gene_a", "gene_b"]].to_numpy().tolist())
    columns = ["fitness", "gene_interaction", "expectation", "expectation_basis", "support"]
    pd.testing.assert_frame_equal(table[columns], predicted[columns], check_names=False)


def test_new_genes_take_their_place(cell: PerturbationScorer):
    more = cell.with_genes({"YGR000W": {"degree": 1}, "AAA1": [0.5, -0.25]})
    assert repr(more) == "PerturbationScorer(tiny_cell-toy: 14 genes, onnx on cpu)"
    token = np.append(np.arange(12), [12, 12])
    features = np.concatenate([tiny_cells.FEATURE_ROWS, [[1, 0], [0.5, -0.25]]])
    state = tiny_cells.cell(token, features.astype(np.float32))
    weight = state["hidden"].sum(axis=1)
    around = state["cell"].sum() + state["key"].mean() + state["value"].mean()
    expected = weight[12] * weight[PLACE["YOR128C"]] + around / 64
    (row,) = more.predict([["ygr000w", "ADE2"]]).to_dict("records")
    assert row["gene_interaction"] == pytest.approx(expected, abs=1e-6)
    assert row["expectation"] == pytest.approx(0.9375)
    assert row["support"] == "some_seen"
    assert "AAA1" in more.screen(1, 14, by="fitness")["gene_a"].tolist()
    assert more.screen_total() == 91


def test_new_genes_may_be_added_again(cell: PerturbationScorer):
    both = cell.with_genes({"NEW1": {"degree": 1}, "AAA1": {"complex": 1}})
    again = cell.with_genes({"NEW1": {"degree": 1}}).with_genes({"AAA1": {"complex": 1}})
    sets = [["NEW1", "AAA1"], ["ADE2", "HO"], ["NEW1", "ADE2", "HO"]]
    pd.testing.assert_frame_equal(again.predict(sets), both.predict(sets))
    with pytest.raises(ContractViolation, match="a name of NEW1"):
        both.with_genes({"new1": {}})


def test_predicting_needs_neither_torch_nor_pandas(tiny_root):
    import subprocess

    script = (
        f"import sys, zoo; m = zoo.load(zoo.register({str(tiny_root / tiny.CELL)!r})); "
        "m.predicted([['ADE2', 'HO']]).records(); "
        "assert not {'torch', 'pandas', 'pyarrow', 'typer'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_other_sessions_encode_by_themselves(cell: PerturbationScorer):
    """A session that is not the one that made the state gives its own cell."""
    opened = cell._opened
    state = {**opened.state, "features": tiny_cells.FEATURE_ROWS / 2}
    other = PerturbationScorer(type(opened)(**{**vars(opened), "state": state, "backend": "x"}))
    weight = tiny_cells.cell(np.arange(12), tiny_cells.FEATURE_ROWS / 2)["hidden"].sum(axis=1)
    got = other.predict([["HO", "ADE2"]])["gene_interaction"].item()
    assert got == pytest.approx(weight[2] * weight[9], abs=0.02)
    assert got != cell.predict([["HO", "ADE2"]])["gene_interaction"].item()
