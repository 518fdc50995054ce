import json
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from contracts.pairs import requests
from contracts.pairs.requests import (
    RankedRegulator,
    ScoredPair,
    ScorePairsRequest,
    ScorePairsResponse,
    SkippedPair,
    TopRegulatorsRequest,
    TopRegulatorsResponse,
)

PAIR = {"tf": "SOX2", "gene": "GFAP"}
SCORE = {"model": "degree-brain", "pairs": [PAIR]}
TOP = {"model": "degree-brain", "genes": ["GFAP"]}
SCORED = {
    **PAIR,
    "score": 0.5,
    "pair_specific": -1.5,
    "tf_popularity": 1.0,
    "gene_popularity": 0.5,
    "support": "both_seen",
}
RANKED = {"gene": "GFAP", "rank": 1, "tf": "SOX2", "score": 1.0, "support": "unseen"}


def both_ways(kind: type[BaseModel], content: dict[str, Any]) -> list[BaseModel]:
    return [kind.model_validate(content), kind.model_validate_json(json.dumps(content))]


def test_pairs_keep_their_order_and_their_duplicates():
    pairs = [PAIR, {"tf": "OCT4", "gene": "MAP2"}, PAIR]
    for request in both_ways(ScorePairsRequest, {**SCORE, "pairs": pairs}):
        assert [pair.model_dump() for pair in request.pairs] == pairs
        assert request.on_unknown == "raise"


def test_the_number_of_regulators_is_ten_unless_given():
    assert [request.k for request in both_ways(TopRegulatorsRequest, TOP)] == [10, 10]
    assert TopRegulatorsRequest(**TOP, k=3).k == 3


def test_space_around_a_name_is_dropped():
    request = TopRegulatorsRequest(model=" degree-brain", genes=["GFAP ", "\tMAP2"])
    assert (request.model, request.genes) == ("degree-brain", ["GFAP", "MAP2"])


@pytest.mark.parametrize(
    ("kind", "content", "where", "message"),
    [
        (ScorePairsRequest, {**SCORE, "pairs": []}, "pairs", "at least 1 item"),
        (ScorePairsRequest, {**SCORE, "pairs": None}, "pairs", "valid (list|array)"),
        (
            ScorePairsRequest,
            {**SCORE, "pairs": [["SOX2", "GFAP"]]},
            "pairs.0",
            "dict|object",
        ),
        (ScorePairsRequest, {**SCORE, "pairs": [{"tf": "SOX2"}]}, "pairs.0.gene", "required"),
        (ScorePairsRequest, {**SCORE, "pairs": [{**PAIR, "tf": 7}]}, "pairs.0.tf", "valid string"),
        (ScorePairsRequest, {**SCORE, "pairs": [{**PAIR, "tf": " "}]}, "pairs.0.tf", "at least 1"),
        (ScorePairsRequest, {**SCORE, "pairs": [{**PAIR, "TF": "A"}]}, "pairs.0.TF", "not permit"),
        (ScorePairsRequest, {**SCORE, "on_unknown": "ignore"}, "on_unknown", "'raise' or 'skip'"),
        (ScorePairsRequest, {**SCORE, "k": 3}, "k", "not permitted"),
        (ScorePairsRequest, {"pairs": [PAIR]}, "model", "required"),
        (ScorePairsRequest, {**SCORE, "model": ""}, "model", "at least 1"),
        (TopRegulatorsRequest, {**TOP, "genes": []}, "genes", "at least 1 item"),
        (TopRegulatorsRequest, {**TOP, "genes": "GFAP"}, "genes", "valid (list|array)"),
        (TopRegulatorsRequest, {**TOP, "genes": ["GFAP", None]}, "genes.1", "valid string"),
        (TopRegulatorsRequest, {**TOP, "k": 0}, "k", "greater than or equal to 1"),
        (TopRegulatorsRequest, {**TOP, "k": -5}, "k", "greater than or equal to 1"),
        (TopRegulatorsRequest, {**TOP, "k": "10"}, "k", "valid integer"),
        (TopRegulatorsRequest, {**TOP, "k": 2.5}, "k", "integer"),
        (TopRegulatorsRequest, {**TOP, "k": True}, "k", "valid integer"),
        (TopRegulatorsRequest, {**TOP, "rerank": "x-y"}, "rerank", "not permitted"),
        (TopRegulatorsRequest, {**TOP, "rerank_with": 3}, "rerank_with", "valid string"),
        (TopRegulatorsRequest, {**TOP, "recall": 1}, "recall", "less than 1"),
        (TopRegulatorsRequest, {**TOP, "min_edges": -1}, "min_edges", "greater than or equal"),
        (TopRegulatorsRequest, {**TOP, "among": []}, "among", "at least 1"),
        (ScorePairsRequest, {**SCORE, "prior": 0}, "prior", "greater than 0"),
        (ScorePairsRequest, {**SCORE, "prior": 1}, "prior", "less than 1"),
        (TopRegulatorsRequest, {**TOP, "prior": "x"}, "prior", "valid number"),
        (TopRegulatorsRequest, {**TOP, "by": "fame"}, "by", "'score' or 'pair_specific'"),
        (TopRegulatorsRequest, {**TOP, "known": "all"}, "known", "'include', 'exclude' or 'only'"),
        (ScoredPair, {**SCORED, "verdict": "sure"}, "verdict", "'little known'"),
        (ScoredPair, {**SCORED, "uncertainty": -1}, "uncertainty", "greater than or equal to 0"),
        (ScoredPair, {**SCORED, "score": 1.01}, "score", "less than or equal to 1"),
        (ScoredPair, {**SCORED, "score": -0.01}, "score", "greater than or equal to 0"),
        (ScoredPair, {**SCORED, "score": None}, "score", "valid number"),
        (ScoredPair, {**SCORED, "support": "some"}, "support", "both_seen"),
        (RankedRegulator, {**RANKED, "rank": 0}, "rank", "greater than or equal to 1"),
        (SkippedPair, {"row": -1, "name": "X", "reason": "unknown-gene"}, "row", "greater than"),
        (SkippedPair, {"row": 0, "name": "X", "reason": "bored"}, "reason", "not-a-regulator"),
    ],
)
def test_a_wrong_field_is_refused_and_named(kind, content, where, message):
    for validate, given in (
        (kind.model_validate, content),
        (kind.model_validate_json, json.dumps(content)),
    ):
        with pytest.raises(ValidationError, match=message) as caught:
            validate(given)
        found = [".".join(map(str, problem["loc"])) for problem in caught.value.errors()]
        assert found == [where]


@pytest.mark.parametrize("field", ["score", "pair_specific", "tf_popularity", "gene_popularity"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_a_response_never_holds_what_is_no_number(field, value):
    with pytest.raises(ValidationError, match="finite"):
        ScoredPair.model_validate({**SCORED, field: value})


def test_responses_come_back_from_json_as_they_were():
    skipped = {"row": 1, "name": "XXXX", "reason": "unknown-gene"}
    head = {"model": "degree-brain", "version": "1.0.0"}
    scores = {**head, "scores": [SCORED, SCORED], "skipped": [skipped]}
    top = {**head, "regulators": [RANKED], "reranked": None}
    for kind, content in ((ScorePairsResponse, scores), (TopRegulatorsResponse, top)):
        for response in both_ways(kind, content):
            assert json.loads(response.model_dump_json(exclude_unset=True)) == content


def test_what_an_entry_does_not_have_is_null():
    for kind, content in ((ScoredPair, SCORED), (RankedRegulator, RANKED)):
        dumped = kind.model_validate(content).model_dump()
        assert {name for name in dumped if dumped[name] is None} == set(dumped) - set(content)


def test_nothing_skipped_is_an_empty_list():
    response = ScorePairsResponse(model="degree-brain", version="1", scores=[])
    assert json.loads(response.model_dump_json())["skipped"] == []


def test_every_model_refuses_unknown_fields_and_changes():
    models = [
        value
        for value in vars(requests).values()
        if isinstance(value, type) and issubclass(value, BaseModel) and value is not BaseModel
    ]
    assert len(models) == 13
    for model in models:
        assert model.model_config["extra"] == "forbid"
        assert model.model_config["frozen"]
