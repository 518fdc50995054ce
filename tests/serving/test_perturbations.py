"""POST /score_perturbations of the real server: answers, and every way to ask wrongly."""

import json

import numpy as np
import pytest

import zoo
from contracts.perturbations.requests import ScorePerturbationsResponse
from contracts.sets.kinds import KINDS
from tests import entries, tiny, tiny_cells
from tests.serving.servers import problem, run_python

PATH = "/score_perturbations"
GENE = {"gene": "YAL002W"}
ASKED = {"model": tiny.PRODUCT, "perturbations": [[GENE]]}
SETS = [
    [],
    [(0, 0)],
    [(1, 0), (9, 0)],
    [(0, 0), (2, 3), (11, 0)],
    [(5, 3), (7, 0)],
    [(1, 0), (2, 0), (5, 0), (7, 0)],
]
"""Members of some sets: a gene's position and a kind's."""


def sets_of(*members: object) -> list:
    return [[{"gene": name} for name in one] for one in members]


def asked(**fields: object) -> dict[str, object]:
    return ASKED | fields


@pytest.mark.parametrize("entry", tiny.CELLS)
def test_predictions_are_those_known_in_advance(server, entry: str):
    sets = [
        [{"gene": tiny_cells.GENES[gene], "kind": KINDS[kind]} for gene, kind in one]
        for one in SETS
    ]
    answer = server.post(PATH, {"model": entry, "perturbations": sets})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    got = ScorePerturbationsResponse.model_validate_json(answer.content)
    assert (got.model, got.version, got.skipped) == (entry, "1.0", [])
    told = [[one.model_dump(exclude={"name"}) for one in row.genes] for row in got.scores]
    assert told == sets
    names = [[one.name for one in row.genes] for row in got.scores]
    assert names == [[tiny_cells.RECORDS[gene].aliases[0] for gene, _ in one] for one in SETS]
    fitness = [tiny_cells.fitness(entry, one) for one in SETS]
    np.testing.assert_allclose([row.fitness for row in got.scores], fitness, atol=1e-6)
    expected = [tiny_cells.expectation(one) for one in SETS]
    np.testing.assert_allclose([row.expectation for row in got.scores], expected, atol=1e-6)
    interaction = [tiny_cells.interaction(entry, tiny_cells.counted(one)) for one in SETS[:5]]
    got_interaction = [row.gene_interaction for row in got.scores]
    np.testing.assert_allclose(got_interaction[:5], interaction, atol=1e-6)
    assert got_interaction[5] == pytest.approx(fitness[5] - expected[5], abs=1e-6)


def test_any_name_and_either_word_for_a_kind_will_do(server):
    sets = [
        [{"gene": "ade2", "kind": "deletion"}, {"gene": " HO ", "kind": "overexpression"}],
        [{"gene": "S000005654", "kind": "deleted"}, {"gene": "YDL227C", "kind": "overexpressed"}],
    ]
    first, second = server.post(PATH, asked(perturbations=sets)).json()["scores"]
    assert first == second
    assert first["genes"] == [
        {"gene": "YDL227C", "name": "HO", "kind": "overexpressed"},
        {"gene": "YOR128C", "name": "ADE2", "kind": "absent"},
    ]


def test_support_says_what_the_model_has_seen(server):
    sets = sets_of([], ["YAL002W"], ["YAL002W", "YBR001C"], ["YBR001C"])
    got = server.post(PATH, asked(perturbations=sets)).json()["scores"]
    assert [row["support"] for row in got] == ["all_seen", "all_seen", "some_seen", "unseen"]


def test_the_basis_says_whose_single_mutant_was_measured(server):
    sets = sets_of([], ["HO"], ["ADE2", "HO"], ["ADE2", "ACT1"])
    got = server.post(PATH, asked(perturbations=sets)).json()["scores"]
    basis = ["measured", "measured", "partly_measured", "estimated"]
    assert [row["expectation_basis"] for row in got] == basis


def test_the_wildtype_by_its_name(server):
    first, second = server.post(PATH, asked(perturbations=["wildtype", []])).json()["scores"]
    assert first == second
    assert (first["genes"], first["fitness"]) == ([], 1)


def test_skipping_reports_each_row_and_why(server):
    sets = sets_of(["FOO", "HO"], ["HO"], ["ADE2", "TWIN"], ["HO,ADE2"])
    got = server.post(PATH, asked(perturbations=sets, on_unknown="skip")).json()
    assert [row["genes"][0]["gene"] for row in got["scores"]] == ["YDL227C"]
    assert got["skipped"] == [
        {"row": 0, "name": "FOO", "reason": "unknown-gene"},
        {"row": 2, "name": "TWIN", "reason": "ambiguous-gene"},
        {"row": 3, "name": "HO,ADE2:deletion", "reason": "not-a-set"},
    ]


@pytest.mark.parametrize("entry", entries.bundled("perturbation*"))
def test_bundled_entries_answer_as_they_do_in_python(server, entry: str):
    model = zoo.load(entry, device="cpu")
    genes = model.vocabulary.genes
    sets = [[], genes[:1], genes[-2:], genes[1:4]]
    answer = server.post(PATH, {"model": entry, "perturbations": sets_of(*sets)}).json()
    expected = model.predict(sets)
    for name in ("fitness", "gene_interaction", "expectation"):
        got = [row[name] for row in answer["scores"]]
        np.testing.assert_allclose(got, expected[name].to_numpy(), atol=1e-6)


def kinds(*words: object) -> list:
    return [[{**GENE, "kind": word} for word in words]]


EVERYONE = list(tiny_cells.GENES)
WRONG = [
    # no JSON, or another form
    ("", 400, "malformed-body", "is not JSON"),
    ("[" * 5000, 400, "malformed-body", "Send something like {"),
    ({}, 400, "invalid-request", "perturbations: got nothing, expected this field"),
    (asked(perturbations="HO"), 400, "invalid-request", "expected a valid array"),
    (asked(perturbations=[GENE]), 400, "invalid-request", "perturbations.0: got"),
    (asked(perturbations=[["HO"]]), 400, "invalid-request", "perturbations.0.0: got 'HO'"),
    (asked(perturbations=[[{"gene": 3}]]), 400, "invalid-request", "perturbations.0.0.gene: got 3"),
    (asked(perturbations=[[{"kind": "added"}]]), 400, "invalid-request", "gene: got nothing"),
    (asked(perturbations=kinds(float("nan"))), 422, "contract-violation", "kind: got nan"),
    (asked(pairs=[]), 400, "invalid-request", "pairs: got [], expected no field of this name"),
    # the right form, but nothing can be answered
    (asked(model="tiny_produkt-toy"), 404, "unknown-entry", tiny.PRODUCT),
    (asked(model="nothing-like_it"), 404, "unknown-entry", "GET /models"),
    (asked(perturbations=[]), 422, "empty-input", "perturbations is empty"),
    (asked(perturbations=kinds("deletd")), 422, "contract-violation", "'absent', 'present'"),
    (asked(perturbations=sets_of([" "])), 422, "contract-violation", "one character"),
    (asked(perturbations=sets_of(["HO", "YAL002"])), 422, "unknown-gene", "Did you mean YAL002W"),
    (asked(perturbations=sets_of(["CDC28"])), 422, "not-in-vocabulary", "not in the training data"),
    (
        asked(perturbations=kinds("added")),
        422,
        "unsupported-kind",
        "absent, present, overexpressed",
    ),
    (asked(perturbations=sets_of(["HO,ADE2"])), 422, "contract-violation", "itself: 'HO', 'ADE2'"),
    (asked(perturbations=sets_of(["wildtype"])), 422, "contract-violation", "in place of the set"),
    (asked(perturbations=sets_of(["TWIN"])), 422, "ambiguous-gene", "YAL002W, YBR001C"),
    (
        asked(perturbations=sets_of([], ["ADE2", "YOR128C"])),
        422,
        "contract-violation",
        "perturbations[1]: got YOR128C twice, as 'ADE2' and 'YOR128C'",
    ),
    (asked(on_unknown="guess"), 422, "invalid-option", "'raise' or 'skip'"),
    (
        asked(perturbations=sets_of(EVERYONE[:7])),
        422,
        "contract-violation",
        "got 7 genes, expected at most 6",
    ),
    # too much of it
    (asked(perturbations=[[GENE]] * 26), 413, "too-many-items", "26 perturbations.*at most 25"),
    (
        asked(perturbations=sets_of(EVERYONE)),
        413,
        "too-many-items",
        "286 pairs and triples of genes are asked for; this server takes at most 60",
    ),
    (b" " * 20_001, 413, "body-too-large", "20001 bytes"),
    # the server's own fault
    (
        asked(model="tiny_product-not_finite", perturbations=sets_of(["HO", "ADE2"])),
        500,
        "not-finite",
        "withheld",
    ),
]


@pytest.mark.parametrize(("body", "status", "code", "words"), WRONG)
def test_problem(server, body: object, status: int, code: str, words: str):
    answer = server.post(PATH, body)
    assert answer.status_code == status, answer.text
    told = problem(answer)
    assert told["code"] == code
    assert all(part in told["detail"] for part in words.split(".*"))


def test_unknown_genes_are_all_named_with_near_names(server):
    told = problem(server.post(PATH, asked(perturbations=sets_of(["YAL002"], ["zzzzzz", "HO"]))))
    assert told["unknown"].keys() == {"YAL002", "zzzzzz"}
    assert "YAL002W" in told["unknown"]["YAL002"]
    assert told["unknown"]["zzzzzz"] == []


def test_present_genes_cost_nothing(server):
    """They change nothing, so that a set may have more of them than others."""
    sets = [[{"gene": name, "kind": "present"} for name in EVERYONE]]
    (row,) = server.post(PATH, asked(perturbations=sets)).json()["scores"]
    assert (row["fitness"], len(row["genes"])) == (1.0, tiny_cells.G)


PAIR = {"tf": "SOX2", "gene": "GFAP"}


@pytest.mark.parametrize("entry", tiny.CELLS)
@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/score_pairs", {"pairs": [PAIR]}),
        ("/top_regulators", {"genes": ["GFAP"], "k": 2}),
    ],
)
def test_another_endpoint_says_where_to_post(server, entry: str, path: str, fields: dict):
    answer = server.post(path, {"model": entry, **fields})
    assert answer.status_code == 422
    told = problem(answer)
    assert (told["code"], told["entry"], told["method"]) == ("unsupported", entry, f"POST {path}")
    assert "POST /score_perturbations" in told["detail"]


@pytest.mark.parametrize("entry", tiny.PAIRS)
def test_an_entry_for_pairs_says_where_to_post(server, entry: str):
    told = problem(server.post(PATH, asked(model=entry)))
    assert (told["status"], told["code"]) == (422, "unsupported")
    assert "POST /score_pairs" in told["detail"]


def test_a_perturbation_entry_re_ranks_nothing(server):
    body = {"model": tiny.DOT, "genes": ["GFAP"], "k": 2, "rerank_with": tiny.CELL}
    told = problem(server.post("/top_regulators", body))
    assert (told["status"], told["code"], told["entry"]) == (422, "unsupported", tiny.CELL)


CLIENT = """
import json, sys
import bentoml

with bentoml.SyncHTTPClient(sys.argv[1]) as client:
    sets = [[{"gene": "HO"}, {"gene": "ADE2", "kind": "overexpressed"}], []]
    print(json.dumps(client.score_perturbations(model=sys.argv[2], perturbations=sets)))
"""


def test_bentoml_client(server):
    said = json.loads(run_python(CLIENT, server.url, tiny.CELL))
    sets = [[{"gene": "HO"}, {"gene": "ADE2", "kind": "overexpressed"}], []]
    assert said == server.post(PATH, {"model": tiny.CELL, "perturbations": sets}).json()


def test_the_description_shows_the_endpoint(server):
    docs = server.client.get("/docs.json").json()
    assert "post" in docs["paths"][PATH]
    shown = docs["components"]["schemas"]
    assert set(shown["ScorePerturbationsRequest"]["properties"]) == {
        "model",
        "perturbations",
        "on_unknown",
    }
    assert set(shown["ScorePerturbationsResponse"]["properties"]) == {
        "model",
        "version",
        "scores",
        "skipped",
    }
    assert set(shown["PerturbedGene"]["properties"]["kind"]["enum"]) >= {
        *(*KINDS, "deletion", "deleted")
    }
    field = shown["ScorePerturbationsRequest"]["properties"]["perturbations"]["items"]
    assert {"const": "wildtype", "type": "string"} in field["anyOf"]
    told = docs["paths"][PATH]["post"]
    assert "zoo screen" in json.dumps(told)
    assert set(shown["PerturbedSymbol"]["properties"]) == {"gene", "name", "kind"}
    assert "expectation_basis" in shown["PredictedPerturbation"]["properties"]


def test_pages_about_the_entries(server):
    listed = {row["entry"] for row in server.client.get("/models").json()["models"]}
    assert set(tiny.CELLS) <= listed
    told = server.client.get(f"/models/{tiny.CELL}").json()
    assert told["sizes"]["members_limit"] == tiny_cells.LIMIT
    assert server.client.get(f"/models/{tiny.CELL}/card").status_code == 200
