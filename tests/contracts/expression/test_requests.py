"""What is sent to have changes of expression predicted, and what comes back."""

import json
import re

import pytest
from pydantic import ValidationError

from contracts.expression.requests import (
    PredictedExpression,
    PredictExpressionMetadata,
    PredictExpressionRequest,
    PredictExpressionResponse,
)

GENE = {"gene": "KLF1"}
ASKED = {"model": "additive-norman19", "perturbations": [[GENE, {"gene": "MEK3"}], []]}
PREDICTED = {
    "genes": ["KLF1"],
    "support": "all_seen",
    "gene": ["VIM", "ACTB"],
    "change": [0.5, -0.25],
    "low": [0.25, -0.5],
    "high": [0.75, 0.0],
}


def test_a_request_with_nothing_but_sets():
    request = PredictExpressionRequest.model_validate_json(json.dumps(ASKED))
    assert [len(one) for one in request.perturbations] == [2, 0]
    assert [one.kind for one in request.perturbations[0]] == [None, None]
    assert (request.control, request.top, request.on_unknown) == (None, None, "raise")


def test_the_wildtype_may_be_named():
    words = {**ASKED, "perturbations": ["wildtype", " WildType "]}
    request = PredictExpressionRequest.model_validate_json(json.dumps(words))
    assert request.perturbations == [[], []]
    field = PredictExpressionRequest.model_json_schema()["properties"]["perturbations"]
    assert {"const": "wildtype", "type": "string"} in field["items"]["anyOf"]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"perturbations": []}, "perturbations"),
        ({"perturbations": [GENE]}, "perturbations.0"),
        ({"perturbations": [[{"gene": " "}]]}, "perturbations.0.0.gene"),
        ({"perturbations": [[{**GENE, "kind": "gone"}]]}, "perturbations.0.0.kind"),
        ({"perturbations": [[{**GENE, "dose": 2}]]}, "perturbations.0.0.dose"),
        ({"control": {}}, "control"),
        ({"control": [0.5]}, "control"),
        ({"control": {"VIM": -0.5}}, "control.VIM"),
        ({"control": {"VIM": float("nan")}}, "control.VIM"),
        ({"control": {"VIM": float("inf")}}, "control.VIM"),
        ({"control": {"VIM": "1"}}, "control.VIM"),
        ({"control": {"VIM": None}}, "control.VIM"),
        ({"top": 0}, "top"),
        ({"top": 2.5}, "top"),
        ({"on_unknown": "guess"}, "on_unknown"),
        ({"layer": "x"}, "layer"),
    ],
)
def test_what_is_refused_says_where(change: dict, where: str):
    with pytest.raises(ValidationError) as told:
        PredictExpressionRequest(**{**ASKED, **change})
    assert ".".join(map(str, told.value.errors()[0]["loc"])) == where


def test_the_metadata_of_a_stream_are_text():
    about = PredictExpressionMetadata.model_validate(
        {"model": "additive-norman19", "top": "20", "control": {"VIM": 1}}
    )
    assert (about.top, about.control) == (20, {"VIM": 1.0})


def test_a_set_that_was_not_measured_has_no_measured_change():
    assert PredictedExpression(**PREDICTED).measured == []
    for broken in ({"measured": None}, {"measured": [float("nan")]}, {"change": [float("nan")]}):
        with pytest.raises(ValidationError, match=re.escape(next(iter(broken)))):
            PredictedExpression(**PREDICTED | broken)


def test_a_response_comes_back_as_it_went():
    response = PredictExpressionResponse(
        model="additive-norman19",
        version="1.0",
        kind="overexpressed",
        unit="log",
        predictions=[PredictedExpression(**PREDICTED)],
    )
    sent = response.model_dump_json()
    assert "null" not in sent
    assert PredictExpressionResponse.model_validate_json(sent) == response
