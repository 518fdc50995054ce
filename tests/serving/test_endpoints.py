"""Every way to ask wrongly, and what the real server answers to it."""

import json
from collections.abc import Iterator

import pytest

from tests import tiny
from tests.serving.servers import problem

PAIR = {"tf": "SOX2", "gene": "GFAP"}
SCORE = {"model": tiny.TABLE, "pairs": [PAIR]}
TOP = {"model": tiny.TABLE, "genes": ["GFAP"], "k": 2}


def score(**fields: object) -> dict[str, object]:
    return SCORE | fields


def top(**fields: object) -> dict[str, object]:
    return TOP | fields


def targets(**fields: object) -> dict[str, object]:
    return {"model": tiny.TABLE, "tfs": ["SOX2"], "k": 2} | fields


def enrich(**fields: object) -> dict[str, object]:
    return {"model": tiny.DOT, "genes": ["GFAP", "MBP", "MAP2"], "k": 2} | fields


def pair(tf: object, gene: object) -> list[dict[str, object]]:
    return [{"tf": tf, "gene": gene}]


WRONG = [
    # no JSON at all
    ("/score_pairs", "", 400, "malformed-body", "is not JSON"),
    ("/score_pairs", '{"model": "tiny', 400, "malformed-body", "column"),
    ("/score_pairs", "tf=SOX2&gene=GFAP", 400, "malformed-body", "Send something like {"),
    ("/score_pairs", b"\xff\xfe{}", 400, "malformed-body", "is not JSON"),
    ("/top_regulators", "[" * 5000, 400, "malformed-body", "is not JSON"),
    # JSON, but not what was asked for
    ("/score_pairs", [], 400, "invalid-request", "the body: got [], expected an object"),
    ("/score_pairs", {}, 400, "invalid-request", "model: got nothing, expected this field"),
    ("/score_pairs", score(pairs="SOX2"), 400, "invalid-request", "expected a valid array"),
    ("/score_pairs", score(pairs=[["SOX2", "GFAP"]]), 400, "invalid-request", "pairs.0: got"),
    ("/score_pairs", score(pairs=pair(3, "GFAP")), 400, "invalid-request", "pairs.0.tf: got 3"),
    ("/score_pairs", score(pairs=pair("SOX2", None)), 400, "invalid-request", "pairs.0.gene"),
    ("/score_pairs", score(model=7), 400, "invalid-request", "model: got 7"),
    ("/score_pairs", score(rerank=True), 400, "invalid-request", "expected no field of this name"),
    ("/top_regulators", top(k="2"), 400, "invalid-request", "expected a valid integer"),
    ("/top_regulators", top(k=1.5), 400, "invalid-request", "expected a valid integer"),
    ("/top_regulators", top(genes="GFAP"), 400, "invalid-request", "expected a valid array"),
    ("/top_regulators", top(rerank=tiny.DOT), 400, "invalid-request", "rerank"),
    ("/top_regulators", top(rerank_with=7), 400, "invalid-request", "rerank_with"),
    ("/top_regulators", top(by="fame"), 422, "invalid-option", "'score' or 'pair_specific'"),
    ("/top_targets", targets(known="all"), 422, "invalid-option", "'include', 'exclude' or 'only'"),
    ("/top_regulators", top(prior=1), 400, "invalid-request", "less than 1"),
    ("/top_targets", targets(tfs="SOX2"), 400, "invalid-request", "expected a valid array"),
    ("/top_targets", targets(tfs=["GFAP"]), 422, "not-a-regulator", "GFAP"),
    ("/top_targets", targets(k=13), 422, "invalid-option", "a whole number from 1 to 12"),
    ("/top_targets", targets(tfs=["SOX2"] * 6), 413, "too-many-items", "at most 5"),
    ("/top_regulators", top(min_edges=1.5), 400, "invalid-request", "min_edges"),
    ("/enrich", enrich(genes="GFAP"), 400, "invalid-request", "expected a valid array"),
    ("/enrich", enrich(signs=["GFAP"]), 400, "invalid-request", "signs"),
    ("/enrich", enrich(least=3), 400, "invalid-request", "expected no field of this name"),
    # Python writes NaN and Infinity into what it calls JSON
    ("/score_pairs", score(pairs=float("nan")), 400, "invalid-request", "pairs: got nan"),
    ("/score_pairs", score(pairs=pair("SOX2", float("nan"))), 400, "invalid-request", "got nan"),
    ("/top_regulators", top(k=float("nan")), 400, "invalid-request", "k: got nan"),
    ("/top_regulators", top(k=float("inf")), 400, "invalid-request", "k: got inf"),
    # the right form, but nothing can be answered
    ("/score_pairs", score(model="tiny_tabel-toy"), 404, "unknown-entry", tiny.TABLE),
    ("/top_regulators", top(model="nothing-like_it"), 404, "unknown-entry", "GET /models"),
    ("/score_pairs", score(model="../../etc/passwd"), 404, "unknown-entry", "passwd"),
    ("/score_pairs", score(pairs=[]), 422, "empty-input", "pairs is empty"),
    ("/top_regulators", top(genes=[]), 422, "empty-input", "genes is empty"),
    ("/score_pairs", score(pairs=pair("SOX2", "GFPA")), 422, "unknown-gene", "Did you mean GFAP?"),
    ("/score_pairs", score(pairs=pair("SOX2", "TP53")), 422, "not-in-vocabulary", "is a gene, but"),
    ("/top_regulators", top(genes=["TP53"]), 422, "not-in-vocabulary", "is a gene, but"),
    ("/score_pairs", score(pairs=pair("SOX2", "TWIN")), 422, "ambiguous-gene", "GFAP, MBP"),
    ("/score_pairs", score(pairs=pair("GFAP", "MAP2")), 422, "not-a-regulator", "'GFAP'"),
    ("/score_pairs", score(pairs=pair(" ", "MAP2")), 422, "contract-violation", "one character"),
    ("/score_pairs", score(on_unknown="guess"), 422, "invalid-option", "'raise' or 'skip'"),
    ("/top_regulators", top(genes=["GFPA"]), 422, "unknown-gene", "Did you mean GFAP?"),
    ("/top_regulators", top(genes=["TWIN"]), 422, "ambiguous-gene", "GFAP, MBP"),
    ("/top_regulators", top(rerank_with="no-entry"), 404, "unknown-entry", "no-entry"),
    ("/top_regulators", top(recall=1), 400, "invalid-request", "less than 1"),
    ("/top_regulators", top(exact=True), 422, "invalid-option", "rerank_with"),
    ("/top_regulators", top(min_edges=99), 422, "nothing-left", "Lower min_edges"),
    ("/top_regulators", top(among=["GFAP"]), 422, "not-a-regulator", "GFAP"),
    ("/top_regulators", top(k=0), 422, "invalid-option", "greater than or equal to 1"),
    ("/top_regulators", top(k=7), 422, "invalid-option", "a whole number from 1 to 6"),
    ("/top_regulators", top(k=10**30), 422, "invalid-option", "a whole number from 1 to 6"),
    ("/enrich", enrich(genes=[]), 422, "empty-input", "genes is empty"),
    ("/enrich", enrich(genes=["GFAP", "GFAP", "MBP"]), 422, "nothing-left", "at least 3"),
    ("/enrich", enrich(genes=["GFAP", "MBP", "GFPA"]), 422, "unknown-gene", "Did you mean GFAP?"),
    ("/enrich", enrich(background=["GFAP"]), 422, "contract-violation", "not in it, such as MAP2"),
    ("/enrich", enrich(signs={"SOX2": 1}), 422, "contract-violation", "only genes of the list"),
    ("/enrich", enrich(signs={"GFAP": 2}), 422, "contract-violation", "signs"),
    ("/enrich", enrich(k=7), 422, "invalid-option", "a whole number from 1 to 6"),
    # too much of it
    ("/enrich", enrich(genes=["GFAP"] * 26), 413, "too-many-items", "at most 25"),
    ("/score_pairs", score(pairs=[PAIR] * 26), 413, "too-many-items", "at most 25"),
    ("/top_regulators", top(genes=["GFAP"] * 6), 413, "too-many-items", "at most 5"),
    ("/top_regulators", top(genes=["GFAP"] * 5, k=6), 413, "too-many-items", "30 regulators"),
    ("/score_pairs", b" " * 20_001, 413, "body-too-large", "20001 bytes"),
    # the server's own fault
    ("/score_pairs", score(model="tiny_table-not_finite"), 500, "not-finite", "withheld"),
    ("/top_regulators", top(model="tiny_table-not_finite"), 500, "not-finite", "withheld"),
    ("/score_pairs", score(model="tiny_table-damaged"), 500, "corrupt-artefact", "its log"),
]


@pytest.mark.parametrize(("path", "body", "status", "code", "words"), WRONG)
def test_problem(server, path: str, body: object, status: int, code: str, words: str):
    answer = server.post(path, body)
    assert answer.status_code == status, answer.text
    told = problem(answer)
    assert told["code"] == code
    assert words in told["detail"]


def test_unknown_genes_are_all_named_with_near_names(server):
    pairs = [*pair("SOX22", "GFAP"), *pair("SOX2", "GFPA"), *pair("SOX2", "zzzzzz")]
    told = problem(server.post("/score_pairs", score(pairs=pairs)))
    assert told["unknown"] == {"SOX22": ["SOX2", "SOX9"], "GFPA": ["GFAP"], "zzzzzz": []}


LONG = "S" * 15_000


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/score_pairs", score(pairs=pair("SOX2", LONG))),
        ("/score_pairs", score(pairs=pair(LONG, LONG))),
        ("/score_pairs", score(model=LONG)),
        ("/score_pairs", score(on_unknown=LONG)),
        ("/score_pairs", {**SCORE, LONG: 1}),
        ("/score_pairs", score(pairs=[LONG])),
        ("/top_regulators", top(genes=[LONG])),
        (f"/{LONG}", TOP),
        (f"/models/{LONG}", TOP),
    ],
)
def test_what_is_long_is_not_repeated(server, path: str, body: object):
    answer = server.post(path, body)
    problem(answer)
    assert len(answer.content) < 2000


def test_a_skipped_name_that_is_long_is_not_repeated(server):
    answer = server.post("/score_pairs", score(pairs=pair("SOX2", LONG), on_unknown="skip"))
    assert (answer.status_code, len(answer.json()["skipped"])) == (200, 1)
    assert len(answer.content) < 2000


def test_ambiguous_names_come_with_the_candidates(server):
    told = problem(server.post("/top_regulators", top(genes=["twin"])))
    assert told["candidates"] == ["GFAP", "MBP"]


def test_all_violations_are_told_at_once(server):
    told = problem(server.post("/score_pairs", {"pairs": pair(1, 2), "more": 3}))
    where = {violation["where"] for violation in told["violations"]}
    assert where == {"model", "pairs.0.tf", "pairs.0.gene", "more"}


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/score_pairs", "POST"),
        ("PUT", "/top_regulators", "POST"),
        ("POST", "/models", "GET"),
    ],
)
def test_another_method(server, method: str, path: str, allow: str):
    answer = server.client.request(method, path)
    assert answer.status_code == 405
    assert allow in answer.headers["allow"]
    assert problem(answer)["type"] == "about:blank"


def test_another_path_tells_which_there_are(server):
    answer = server.post("/score_pair", SCORE)
    assert answer.status_code == 404
    assert "POST /score_pairs" in problem(answer)["detail"]


def test_pickle_is_refused(server):
    answer = server.post(
        "/score_pairs", b"\x80\x04.", headers={"Content-Type": "application/vnd.bentoml+pickle"}
    )
    assert answer.status_code == 415
    assert "application/json" in problem(answer)["detail"]


def chunks(total: int) -> Iterator[bytes]:
    """A body in pieces: httpx then sends it chunked, without Content-Length."""
    body = json.dumps(SCORE).encode()
    yield body
    for _ in range((total - len(body)) // 1000):
        yield b" " * 1000


def test_the_limit_holds_without_content_length(server):
    answer = server.client.post("/score_pairs", content=chunks(30_000))
    assert "content-length" not in answer.request.headers
    assert answer.status_code == 413
    assert problem(answer)["limit"] == 20_000


def test_below_the_limit_chunks_are_put_together(server):
    answer = server.client.post("/score_pairs", content=chunks(15_000))
    assert answer.status_code == 200
    assert answer.json() == server.post("/score_pairs", SCORE).json()


def test_a_body_of_exactly_the_limit_is_read(server):
    body = json.dumps(SCORE).ljust(20_000)
    assert server.post("/score_pairs", body).status_code == 200


def test_after_all_that_the_server_still_answers(server):
    assert server.post("/score_pairs", SCORE).status_code == 200
    assert server.process.poll() is None
