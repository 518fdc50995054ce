import json
import logging

import pytest
from pydantic import BaseModel, FiniteFloat, ValidationError

from contracts import errors
from contracts.errors import ZooError
from serving import problems
from serving.problems import INSIDE, MEDIA_TYPE, Problem

KNOWN = [
    (errors.UnknownGene("GFPA", ["GFAP"]), 422),
    (errors.NotInVocabulary("CDC28"), 422),
    (errors.UnsupportedKind("ADE2:added", "added", ["absent"]), 422),
    (errors.AmbiguousGene("TWIN", ["GFAP", "MBP"]), 422),
    (errors.NotARegulator("GFAP"), 422),
    (errors.EmptyInput("pairs"), 422),
    (errors.InvalidOption("k", 0, "more"), 422),
    (errors.ContractViolation([errors.Violation("a", "b", "c")]), 422),
    (errors.Unsupported("tiny-x", "embed", "Ask for scores."), 422),
    (errors.NothingLeft("Nothing is left", "Ask for less"), 422),
    (errors.OtherGenes("tiny-x", "tiny-y"), 422),
    (errors.NotCounts(1.25, "GCG", "cell-1", "A count is a whole number", "Type so."), 422),
    (errors.EmptyCell("cell-1"), 422),
    (errors.RepeatedGene("GCG", ["GCG", "ENSG00000115263"]), 422),
    (errors.LowCoverage("human", 300, 2000, 0.5, "Type species='mouse'"), 422),
    (errors.OtherUnit(1234.0, "GCG", "log1p", "All numbers are whole, as counts are."), 422),
    (errors.UnknownEntry("tiny-y", ["tiny-x"]), 404),
]
INTERNAL = [
    (errors.CorruptArtefact("/private/me/x.onnx", "sha256 a", "sha256 b"), 500),
    (errors.InvalidManifest("/private/me/manifest.json", "no"), 500),
    (errors.MissingArtefact("/private/me/x.onnx"), 500),
    (errors.MissingDependency("onnxruntime", "cpu"), 500),
    (errors.DeviceUnavailable("cuda", ["CPU"]), 500),
    (errors.CacheNotWritable("/private/me"), 503),
    (errors.Offline("tiny-x"), 503),
    (errors.RemoteError("https://me@there", "no"), 503),
]


def sent(problem: Problem) -> dict:
    response = problem.response()
    assert response.media_type == MEDIA_TYPE
    assert response.status_code == problem.status
    return json.loads(response.body)


@pytest.mark.parametrize(("error", "status"), KNOWN)
def test_the_senders_errors_are_told_in_full(error: ZooError, status: int):
    told = sent(problems.from_error(error))
    assert told["status"] == status
    assert told["code"] == error.code
    assert told["type"].endswith(error.code)
    assert told["detail"].startswith(str(error))
    assert error.details().items() <= told.items()


@pytest.mark.parametrize(("error", "status"), INTERNAL)
def test_the_servers_errors_are_logged_and_their_facts_kept_back(
    error: ZooError, status: int, caplog: pytest.LogCaptureFixture
):
    with caplog.at_level(logging.ERROR):
        told = sent(problems.from_error(error))
    assert set(told) == {"type", "title", "status", "code", "detail"}
    assert (told["status"], told["detail"]) == (status, INSIDE)
    assert str(error) in caplog.text


def test_every_error_of_the_tree_is_one_or_the_other():
    def leaves(kind: type[ZooError]) -> set[type[ZooError]]:
        below = kind.__subclasses__()
        return {leaf for one in below for leaf in leaves(one)} if below else {kind}

    # What a request cannot cause: it names no file, and reads no evaluation.
    unreachable = {errors.BadTable, errors.CannotResume, errors.UnusableIndex}
    unreachable |= {errors.StaleEvaluation}
    ours = {kind for kind in leaves(ZooError) if kind.__module__ == errors.__name__}
    told = {type(error) for error, _ in KNOWN + INTERNAL}
    assert told - {errors.UnknownGene} == ours - unreachable


def test_no_fact_replaces_a_standard_member():
    told = sent(Problem(422, "odd", "Told.", {"status": 200, "detail": "no", "more": 1}))
    assert (told["status"], told["detail"], told["more"]) == (422, "Told.", 1)
    assert list(told)[:5] == ["type", "title", "status", "code", "detail"]


def test_a_status_that_says_it_all_is_about_blank():
    told = sent(Problem(405, "", "Told."))
    assert (told["type"], told["title"]) == ("about:blank", "Method Not Allowed")
    assert told["code"] == "method-not-allowed"


LONG = "x" * 10**6


@pytest.mark.parametrize(
    "error",
    [
        errors.UnknownGene(LONG, [], {LONG: [], f"{LONG}y": []}),
        errors.UnknownEntry(LONG),
        errors.NotARegulator(LONG, target=LONG),
        errors.AmbiguousGene(LONG, ["GFAP"]),
        errors.InvalidOption("on_unknown", LONG, "raise or skip"),
    ],
)
def test_a_megabyte_of_the_request_is_not_repeated(error: ZooError):
    assert len(problems.from_error(error).response().body) < 2000


def test_nan_can_not_be_sent():
    with pytest.raises(ValueError, match="JSON"):
        Problem(422, "odd", "Told.", {"got": float("nan")}).response()


class Answer(BaseModel):
    scores: list[FiniteFloat]
    word: str = ""


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"scores": [0.5, float("nan")]}, "not-finite"),
        ({"scores": [], "word": 1}, "invalid-answer"),
    ],
)
def test_an_unsound_answer_is_withheld_and_logged(
    fields: dict, code: str, caplog: pytest.LogCaptureFixture
):
    with pytest.raises(ValidationError) as told:
        Answer(**fields)
    with caplog.at_level(logging.ERROR):
        problem = problems.from_answer(told.value)
    assert (problem.status, problem.code, problem.facts) == (500, code, {})
    assert "withheld" in caplog.text
