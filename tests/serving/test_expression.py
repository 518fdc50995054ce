"""POST /predict_expression of the real server: answers, and every way to ask wrongly."""

import httpx
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from contracts.expression.requests import PredictExpressionResponse
from tests import tiny
from tests import tiny_expression as toy
from tests.serving.servers import Server, problem
from tests.zoo.expression.conftest import model  # noqa: F401
from zoo.tables import streams

PATH = "/predict_expression"
SETS = [["KLF1"], ["MEK3", "KLF1"], [], ["MAPK1"], ["MAP2K6", "KLF1"]]
CONTROL = dict(zip(toy.GENES_READ, (toy.CONTROL / 2).tolist(), strict=True))


def sets_of(*members: object) -> list:
    return [[{"gene": name} for name in one] for one in members]


def asked(**fields: object) -> dict[str, object]:
    return {"model": tiny.RESPONDING, "perturbations": sets_of(["KLF1"])} | fields


def tidy(answer: dict) -> pd.DataFrame:
    """The lists of an answer as the table that Python gives."""
    rows = []
    for one in answer["predictions"]:
        measured = one["measured"] or [np.nan] * len(one["gene"])
        columns = {**one, "measured": measured, "perturbation": "+".join(one["genes"])}
        del columns["genes"]
        rows.append(pd.DataFrame(columns))
    return pd.concat(rows, ignore_index=True)


def check(got: pd.DataFrame, expected: pd.DataFrame) -> None:
    wildtype = expected["perturbation"] == "wildtype"
    expected = expected.assign(perturbation=expected["perturbation"].mask(wildtype, ""))
    pd.testing.assert_frame_equal(got[expected.columns], expected, check_dtype=False, atol=1e-6)


@pytest.mark.parametrize("top", [None, 3])
@pytest.mark.parametrize("control", [None, CONTROL])
def test_changes_are_those_of_python(server, model, top, control):  # noqa: F811
    answer = server.post(PATH, asked(perturbations=sets_of(*SETS), top=top, control=control))
    assert answer.status_code == 200
    told = PredictExpressionResponse.model_validate_json(answer.content)
    assert (told.model, told.version, told.skipped) == (tiny.RESPONDING, "1.0", [])
    assert (told.kind, told.unit) == (toy.KIND, toy.UNIT)
    expected = model.predict_expression(SETS, control, top)
    check(tidy(answer.json()), expected)
    assert [one.support for one in told.predictions] == expected["support"][:: top or 8].tolist()
    assert [bool(one.measured) for one in told.predictions] == [True, False, False, False, True]


def test_kinds_may_be_said_and_the_wildtype_named(server):
    named = [[{"gene": "klf1", "kind": "overexpression"}], "wildtype"]
    answer = server.post(PATH, asked(perturbations=named)).json()
    assert answer == server.post(PATH, asked(perturbations=sets_of(["KLF1"], []))).json()


def ask(server: Server, table: pa.Table, **about: object) -> httpx.Response:
    body = streams.write(streams.with_metadata(table, {"model": tiny.RESPONDING, **about}))
    return server.post(PATH, body, headers={"content-type": streams.MEDIA_TYPE})


def test_changes_as_arrow(server, model):  # noqa: F811
    table = pa.table({"perturbation": ["KLF1+MEK3", "wildtype", "FOO", "KLF1,MEK3"]})
    answer = ask(server, table, top="3", on_unknown="skip", control=CONTROL)
    assert answer.headers["content-type"] == streams.MEDIA_TYPE
    found = streams.read(answer.content)
    expected = model.predict_expression([["KLF1", "MEK3"], []], CONTROL, 3)
    pd.testing.assert_frame_equal(found.to_pandas(), expected)
    told = streams.metadata(found)
    assert (told["model"], told["unit"], told["doubts"]) == (tiny.RESPONDING, toy.UNIT, [])
    assert told["skipped"] == [
        {"row": 2, "name": "FOO", "reason": "unknown-gene"},
        {"row": 3, "name": "KLF1,MEK3", "reason": "not-a-set"},
    ]
    for unfit in (pa.table({"perturbation": [1]}), pa.table({"other": ["KLF1"]})):
        assert problem(ask(server, unfit))["code"] == "contract-violation"
    assert problem(ask(server, table.slice(0, 0)))["code"] == "empty-input"


def test_skipping_reports_each_row_and_why(server):
    sets = sets_of(["FOO"], ["KLF1"], ["KLF1", "KLF1"], toy.GENES, ["KLF1,MEK3"])
    answer = server.post(PATH, asked(perturbations=sets, on_unknown="skip")).json()
    assert [one["genes"] for one in answer["predictions"]] == [["KLF1"]]
    reasons = ["unknown-gene", "gene-twice", "too-many-genes", "not-a-set"]
    assert [(one["row"], one["reason"]) for one in answer["skipped"]] == list(
        zip([0, 2, 3, 4], reasons, strict=True)
    )


def test_doubts_about_a_control_are_told(server):
    control = {name: CONTROL[name] / 2 for name in toy.GENES_READ[:6]}
    doubts = server.post(PATH, asked(control=control)).json()["doubts"]
    assert ["2 of the entry's 8" in doubts[0], "0.25 times" in doubts[1]] == [True, True]


WRONG = [
    ({"perturbations": "KLF1"}, 400, "invalid-request", "expected a valid array"),
    ({"perturbations": [["KLF1"]]}, 400, "invalid-request", "perturbations.0.0: got 'KLF1'"),
    ({"perturbations": []}, 422, "empty-input", "perturbations is empty"),
    ({"more": 1}, 400, "invalid-request", "no field of this name"),
    ({"top": 0}, 422, "invalid-option", "greater than or equal to 1"),
    ({"top": "many"}, 400, "invalid-request", "top: got 'many'"),
    ({"on_unknown": "guess"}, 422, "invalid-option", "'raise' or 'skip'"),
    ({"control": {}}, 422, "empty-input", "control is empty"),
    ({"control": {"VIM": -1}}, 422, "contract-violation", "control.VIM: got -1"),
    ({"control": {"VIM": "much"}}, 400, "invalid-request", "control.VIM: got 'much'"),
    ({"control": {"VIM": 1.5}}, 422, "low-coverage", "1 of the entry's 8"),
    ({"control": {**CONTROL, "VIM": 250.5}}, 422, "other-unit", "250.5 for gene VIM"),
    ({"control": {**CONTROL, "ENSG00000205542": 1.5}}, 422, "repeated-gene", "all the gene TMSB4X"),
    ({"perturbations": sets_of(["KLF5"])}, 422, "not-in-vocabulary", "does not know it"),
    ({"perturbations": sets_of(["MAP2K33"])}, 422, "unknown-gene", "MAP2K3"),
    ({"perturbations": sets_of(["KLF1", "KLF1"])}, 422, "contract-violation", "KLF1 twice"),
    (
        {"perturbations": [[{"gene": "KLF1", "kind": "absent"}]]},
        422,
        "unsupported-kind",
        "these kinds: overexpressed",
    ),
    (
        {"perturbations": [[{"gene": "KLF1", "kind": "gone"}]]},
        422,
        "contract-violation",
        "expected 'absent'",
    ),
    ({"perturbations": [[]] * 26}, 413, "too-many-items", "26 sets"),
    ({"perturbations": [[]] * 16}, 413, "too-many-items", "128 changes of genes"),
    ({"model": "tiny_response"}, 404, "unknown-entry", "is no entry"),
    ({"model": tiny.PRODUCT}, 422, "unsupported", "POST /score_perturbations"),
    ({"model": "tiny_response-not_finite"}, 500, "not-finite", "withheld"),
]


@pytest.mark.parametrize(("change", "status", "code", "words"), WRONG)
def test_problem(server, change: dict, status: int, code: str, words: str):
    answer = server.post(PATH, asked(**change))
    told = problem(answer)
    assert (answer.status_code, told["code"]) == (status, code)
    assert words in told["detail"]


def test_fewer_genes_make_room_for_more_sets(server):
    answer = server.post(PATH, asked(perturbations=[[]] * 16, top=7)).json()
    assert len(answer["predictions"]) == 16


def test_the_entry_is_listed_and_described(server):
    listed = server.client.get("/models").json()["models"]
    (row,) = [row for row in listed if row["entry"] == tiny.RESPONDING]
    assert (row["task"], row["metric"]) == ("expression_response", "both_seen/l2")
    manifest = server.client.get(f"/models/{tiny.RESPONDING}").json()
    assert manifest["config"] == {"kind": toy.KIND, "unit": toy.UNIT}
    described = server.client.get("/docs.json").json()
    assert PATH in described["paths"]
    fields = described["components"]["schemas"]["PredictExpressionRequest"]["properties"]
    assert set(fields) == {"model", "perturbations", "control", "top", "on_unknown"}
