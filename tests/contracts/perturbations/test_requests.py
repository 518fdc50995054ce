import json
from typing import get_args

import pytest
from pydantic import BaseModel, ValidationError

from contracts.perturbations import requests
from contracts.perturbations.requests import (
    Kind,
    Known,
    PerturbedGene,
    PredictedPerturbation,
    ScorePerturbationsRequest,
    ScorePerturbationsResponse,
    SkippedPerturbation,
)
from contracts.sets.kinds import ALIASES, KINDS

GENE = {"gene": "YAL002W"}
ASKED = {"model": "ridge-yeast", "perturbations": [[GENE, {"gene": "ADE2", "kind": "added"}]]}
PREDICTED = {
    "genes": [
        {"gene": "YAL002W", "name": "VPS8", "kind": "absent"},
        {"gene": "YOR128C", "name": "ADE2", "kind": "added"},
    ],
    "fitness": 0.7,
    "gene_interaction": -0.1,
    "expectation": 0.8,
    "expectation_basis": "partly_measured",
    "support": "some_seen",
}


def test_kinds_are_all_that_python_takes():
    assert set(get_args(Kind)) == {*KINDS, *ALIASES}
    assert get_args(Known) == KINDS
    assert get_args(Known) == KINDS


def test_sets_keep_their_order_and_a_bare_gene_is_deleted():
    request = ScorePerturbationsRequest.model_validate_json(json.dumps(ASKED))
    ((first, second),) = request.perturbations
    assert (first.gene, first.kind, second.kind) == ("YAL002W", "deletion", "added")
    assert request.on_unknown == "raise"


def test_the_wildtype_may_be_asked():
    for word in ([], "wildtype", " WildType "):
        asked = json.dumps({**ASKED, "perturbations": [word, [GENE]]})
        request = ScorePerturbationsRequest.model_validate_json(asked)
        assert [len(one) for one in request.perturbations] == [0, 1]
    with pytest.raises(ValidationError, match=r"valid (list|array)"):
        ScorePerturbationsRequest.model_validate_json(json.dumps({**ASKED, "perturbations": [""]}))


def test_the_schema_shows_both_forms_of_a_set():
    field = ScorePerturbationsRequest.model_json_schema()["properties"]["perturbations"]
    listed, word = field["items"]["anyOf"]
    assert listed["items"] == {"$ref": "#/$defs/PerturbedGene"}
    assert word == {"const": "wildtype", "type": "string"}


@pytest.mark.parametrize(
    ("kind", "content", "where", "message"),
    [
        (ScorePerturbationsRequest, {**ASKED, "perturbations": []}, "perturbations", "at least 1"),
        (ScorePerturbationsRequest, {**ASKED, "perturbations": None}, "perturbations", "valid"),
        (ScorePerturbationsRequest, {**ASKED, "perturbations": [GENE]}, "perturbations.0", "valid"),
        (
            ScorePerturbationsRequest,
            {**ASKED, "perturbations": [["YAL002W"]]},
            "perturbations.0.0",
            "dict|object",
        ),
        (
            ScorePerturbationsRequest,
            {**ASKED, "perturbations": [[{**GENE, "kind": "deletd"}]]},
            "perturbations.0.0.kind",
            "'absent'.*'deletion', 'deleted'",
        ),
        (ScorePerturbationsRequest, {**ASKED, "pairs": []}, "pairs", "not permitted"),
        (PerturbedGene, {"gene": ""}, "gene", "at least 1"),
        (PerturbedGene, {"gene": 7}, "gene", "valid string"),
        (PredictedPerturbation, {**PREDICTED, "fitness": None}, "fitness", "valid number"),
        (PredictedPerturbation, {**PREDICTED, "expectation": -0.1}, "expectation", "or equal to 0"),
        (
            PredictedPerturbation,
            {**PREDICTED, "expectation_basis": "guessed"},
            "expectation_basis",
            "'estimated'",
        ),
        (PredictedPerturbation, {**PREDICTED, "support": "both_seen"}, "support", "all_seen"),
        (SkippedPerturbation, {"row": 0, "name": "X", "reason": "bored"}, "reason", "unknown-gene"),
    ],
)
def test_a_wrong_field_is_refused_and_named(kind, content, where, message):
    with pytest.raises(ValidationError, match=message) as caught:
        kind.model_validate_json(json.dumps(content))
    assert [".".join(map(str, one["loc"])) for one in caught.value.errors()] == [where]


@pytest.mark.parametrize("field", ["fitness", "gene_interaction", "expectation"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_response_never_holds_what_is_no_number(field: str, value: float):
    with pytest.raises(ValidationError, match="finite"):
        PredictedPerturbation.model_validate({**PREDICTED, field: value})


def test_a_response_comes_back_from_json_as_it_was():
    skipped = {"row": 1, "name": "XXXX", "reason": "unknown-gene"}
    wildtype = {**PREDICTED, "genes": [], "support": "all_seen"}
    told = {"model": "ridge-yeast", "version": "1", "scores": [PREDICTED, wildtype]}
    response = ScorePerturbationsResponse.model_validate({**told, "skipped": [skipped]})
    assert json.loads(response.model_dump_json()) == {**told, "skipped": [skipped]}


def test_every_model_refuses_unknown_fields_and_changes():
    models = [
        value
        for value in vars(requests).values()
        if isinstance(value, type) and issubclass(value, BaseModel)
    ]
    assert len(models) == 7
    for model in models:
        assert model.model_config["extra"] == "forbid"
        assert model.model_config["frozen"]
