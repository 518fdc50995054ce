"""Record batch of sets in, record batch out: the truth row by row, however the rows are divided."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zoo
from contracts.errors import ContractViolation
from contracts.sets.kinds import KINDS
from tests import tiny, tiny_cells
from zoo.batch.tasks import Task
from zoo.pairs.tasks import RegulatorsTask, ScoreTask
from zoo.perturbations.batches import PREDICT_FIELDS, PredictTask, predict_batch
from zoo.perturbations.scorer import PerturbationScorer
from zoo.sets import batches as sets_batches
from zoo.store import folders
from zoo.tables.arrow import REJECTED

ABSENT, PRESENT, _, OVER = range(4)
GOOD = {
    "": [],
    "WildType": [],
    "YAL002W": [(0, ABSENT)],
    "ade2+YAL002W": [(0, ABSENT), (9, ABSENT)],
    "YAL002W|YOR128C:overexpression": [(0, ABSENT), (9, OVER)],
    "ade2:deleted+ACT1:deletion": [(4, ABSENT), (9, ABSENT)],
    "HO:overexpressed + ACT1 + CLB2:Present": [(2, OVER), (4, ABSENT), (11, PRESENT)],
    "YBR001C+YDL227C+YEL021W+YGR192C": [(1, ABSENT), (2, ABSENT), (3, ABSENT), (5, ABSENT)],
}
"""Sets as they are written, and their members in the tiny entries."""
LARGE = "+".join(tiny_cells.GENES[: tiny_cells.LIMIT + 1])
BAD = {
    None: (None, "no-name"),
    "nan": ("nan", "no-name"),
    "ADE2+": ("ADE2+", "not-a-set"),
    "ADE2:twice:added": ("ADE2:twice:added", "not-a-set"),
    "ADE2+FOO+BAR": ("FOO", "unknown-gene"),
    "TWIN": ("TWIN", "ambiguous-gene"),
    "HO+ADE2:deletd": ("deletd", "unknown-kind"),
    "HO+ADE2:added": ("ADE2:added", "unsupported-kind"),
    "HO+ADE2,ACT1": ("HO+ADE2,ACT1", "not-a-set"),
    "ADE2 HO": ("ADE2 HO", "not-a-set"),
    "ADE2+wildtype": ("ADE2+wildtype", "not-a-set"),
    "ADE2+HO+YOR128C:added": ("ADE2+HO+YOR128C:added", "gene-twice"),
    LARGE: (LARGE, "too-many-genes"),
}
ROWS = st.lists(st.sampled_from([*GOOD, *BAD]), max_size=30)
NAMES = [record.aliases[0] for record in tiny_cells.RECORDS]
NUMBERS = ("fitness", "gene_interaction", "expectation")


@pytest.fixture(scope="module", params=tiny.CELLS)
def model(request: pytest.FixtureRequest, tiny_root: Any) -> Iterator[PerturbationScorer]:
    yield zoo.load(zoo.register(tiny_root / request.param), device="cpu")
    folders._registered.pop(request.param)


def batch_of(rows: list, kind: pa.DataType | None = None) -> pa.RecordBatch:
    """The rows, with their numbers as another column."""
    sets = pa.array(rows, pa.string()).cast(kind or pa.string())
    return pa.record_batch({"n": pa.array(range(len(rows)), "int64"), "perturbation": sets})


def truth(entry: str, members: list) -> list[float]:
    """Fitness, interaction and expectation, by arithmetic."""
    changed = tiny_cells.counted(members)
    fitness = tiny_cells.fitness(entry, members)
    expectation = tiny_cells.expectation(changed)
    many = len(changed) > 3
    interaction = fitness - expectation if many else tiny_cells.interaction(entry, changed)
    return [fitness, interaction, expectation]


def support(members: list) -> str:
    seen = [
        tiny_cells.GENE_RECORDS[gene] > 0 and tiny_cells.KIND_RECORDS[kind] > 0
        for gene, kind in members
        if kind != PRESENT
    ]
    if all(seen):
        return "all_seen"
    return "some_seen" if any(seen) else "unseen"


def basis(members: list) -> str:
    measured = [tiny_cells.SINGLE_MEASURED[gene] for gene, kind in members if kind == ABSENT]
    if all(measured):
        return "measured"
    return "partly_measured" if any(measured) else "estimated"


def told(members: list, names: Sequence[str]) -> str:
    kinds = ["", *(f":{kind}" for kind in KINDS[1:])]
    return "|".join(names[gene] + kinds[kind] for gene, kind in members)


@given(rows=ROWS)
def test_every_row_is_predicted_or_rejected_with_its_reason(model: PerturbationScorer, rows: list):
    result = predict_batch(model, batch_of(rows))
    good = [n for n, row in enumerate(rows) if row in GOOD]
    assert result.scored.column("n").to_pylist() == good
    assert result.scored.schema.names == ["n", "perturbation", *PREDICT_FIELDS.names]
    members = [GOOD[rows[n]] for n in good]
    got = np.array([result.scored.column(name).to_numpy() for name in NUMBERS]).T
    expected = np.array([truth(model.entry, one) for one in members]).reshape(-1, 3)
    np.testing.assert_allclose(got, expected, atol=1e-6)
    assert result.scored.column("support").to_pylist() == [support(one) for one in members]
    assert result.scored.column("expectation_basis").to_pylist() == [basis(one) for one in members]
    for column, names in (("names", NAMES), ("symbols", tiny_cells.GENES)):
        got = result.scored.column(f"perturbation_{column}").to_pylist()
        assert got == [told(one, names) for one in members]
    assert result.rejected.schema == REJECTED
    assert [tuple(row.values()) for row in result.rejected.to_pylist()] == [
        (n, "perturbation", *BAD[row]) for n, row in enumerate(rows) if row in BAD
    ]


@given(rows=ROWS, cuts=st.lists(st.integers(0, 30), max_size=5))
def test_any_division_into_batches_gives_the_same_rows_in_the_same_order(
    model: PerturbationScorer, rows: list, cuts: list[int]
):
    batch = batch_of(rows)
    whole = predict_batch(model, batch)
    places = [0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)]
    pieces = [batch.slice(start, stop - start) for start, stop in pairwise(places)]
    results = [predict_batch(model, piece) for piece in pieces]
    joined = pa.Table.from_batches([result.scored for result in results])
    assert joined.equals(pa.Table.from_batches([whole.scored]))
    placed = [
        {**row, "row": row["row"] + start}
        for result, start in zip(results, places, strict=False)
        for row in result.rejected.to_pylist()
    ]
    assert placed == whole.rejected.to_pylist()


@pytest.mark.parametrize("size", [1, 4, 9])
def test_slices_within_a_batch_change_nothing(
    model: PerturbationScorer, monkeypatch: pytest.MonkeyPatch, size: int
):
    batch = batch_of([*GOOD, *BAD, *GOOD])
    whole = predict_batch(model, batch)
    monkeypatch.setattr(sets_batches, "SLICE", size)
    sliced = predict_batch(model, batch)
    assert sliced.scored.equals(whole.scored)
    assert sliced.rejected.equals(whole.rejected)


@pytest.mark.parametrize(
    "kind",
    [pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())],
    ids=str,
)
def test_every_kind_of_text(model: PerturbationScorer, kind: pa.DataType):
    rows = ["ADE2", None, "HO+ADE2", "FOO", "ADE2"]
    plain, other = (predict_batch(model, batch_of(rows, some)) for some in (pa.string(), kind))
    names = ["n", *PREDICT_FIELDS.names]
    assert other.scored.select(names).equals(plain.scored.select(names))
    assert other.scored.schema.field("perturbation").type == kind
    assert other.rejected.equals(plain.rejected)


def test_unseen_kinds_are_nan_where_they_are_allowed(model: PerturbationScorer):
    rows = ["ADE2+HO:added", "ADE2"]
    got = predict_batch(model, batch_of(rows), allow_unseen=True)
    assert got.rejected.num_rows == 0
    assert np.isnan(got.scored.column("fitness").to_numpy()).tolist() == [True, False]


def test_rows_alone_are_those_of_python(model: PerturbationScorer):
    rows = ["ADE2+HO", "HO:overexpressed", ""]
    got = predict_batch(model, batch_of(rows)).scored
    expected = model.predict([["ADE2", "HO"], {"HO": "overexpressed"}, []])
    assert got.column("perturbation_symbols").to_pylist() == expected["perturbation"].tolist()
    assert got.column("perturbation_names").to_pylist() == expected["names"].tolist()
    for name in NUMBERS:
        np.testing.assert_array_equal(got.column(name).to_numpy(), expected[name].to_numpy())


def test_each_distinct_name_is_resolved_once(
    model: PerturbationScorer, monkeypatch: pytest.MonkeyPatch
):
    asked: list[list[str]] = []
    locate = type(model.vocabulary).locate_genes

    def noted(self: Any, names: list[str]) -> Any:
        asked.append(names)
        return locate(self, names)

    monkeypatch.setattr(type(model.vocabulary), "locate_genes", noted)
    predict_batch(model, batch_of(["ADE2+HO", "HO", "ADE2:overexpressed"] * 50))
    assert asked == [["ADE2", "HO"]]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"n": [1]}, "column 'perturbation': got 0 of them, expected one"),
        ({"perturbation": [1]}, "column 'perturbation': got int64, expected text"),
        ({"perturbation": ["HO"], "fitness": [1]}, "column 'fitness': got one that the result"),
    ],
)
def test_a_batch_that_cannot_be_predicted(model: PerturbationScorer, columns: dict, message: str):
    with pytest.raises(ContractViolation, match=message):
        predict_batch(model, pa.record_batch(columns))


def test_every_task_is_one(model: PerturbationScorer, tiny_root: Path):
    pairs = zoo.load(zoo.register(tiny_root / tiny.TABLE), device="cpu")
    assert isinstance(PredictTask(model, ("perturbation",)), Task)
    assert isinstance(ScoreTask(pairs, ("tf", "gene")), Task)
    assert isinstance(RegulatorsTask(pairs, ("gene",), 2), Task)
