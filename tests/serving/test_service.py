"""Answers of the real server: by httpx, by BentoML's own client and by curl."""

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import zoo
from contracts.pairs.requests import ScorePairsResponse, TopRegulatorsResponse
from tests import entries, tiny
from tests.serving.servers import run_python
from zoo.pairs.enrich.table import records as enriched_records

PAIR = {"tf": "SOX2", "gene": "GFAP"}
ASKED = {"model": tiny.TABLE, "pairs": [PAIR]}
PARTS = ("pair_specific", "tf_popularity", "gene_popularity")


def pairs_of(*names: str) -> list[dict[str, str]]:
    return [dict(zip(("tf", "gene"), name.split(":"), strict=True)) for name in names]


@pytest.mark.parametrize("entry", tiny.PAIRS)
def test_scores_are_those_known_in_advance(server, entry: str):
    pairs = [{"tf": tf, "gene": gene} for tf in tiny.REGULATORS[-2:] for gene in tiny.GENES]
    answer = server.post("/score_pairs", {"model": entry, "pairs": pairs})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    got = ScorePairsResponse.model_validate_json(answer.content)
    assert [{"tf": one.tf, "gene": one.gene} for one in got.scores] == pairs
    assert (got.model, got.version, got.skipped) == (entry, "1.0", [])
    scores = np.array([one.score for one in got.scores]).reshape(2, -1)
    np.testing.assert_allclose(scores, tiny.probabilities(entry)[-2:], atol=1e-6)
    logits = [sum(getattr(one, part) for part in PARTS) for one in got.scores]
    np.testing.assert_allclose(logits, tiny.logits(entry)[-2:].ravel(), atol=1e-6)


def test_duplicates_and_order_are_kept_and_any_name_will_do(server):
    pairs = pairs_of("sox2:ENSG00000131095.4", "NEUROD:MAP2", "ANOP3:gfap", "NEUROD1: MAP2 ")
    got = server.post("/score_pairs", {**ASKED, "pairs": pairs}).json()["scores"]
    assert [(one["tf"], one["gene"]) for one in got] == [("SOX2", "GFAP"), ("NEUROD1", "MAP2")] * 2
    assert got[:2] == got[2:]
    assert got[0] != got[1]


def test_support_says_what_the_model_has_seen(server):
    pairs = pairs_of("NEUROD1:GFAP", "NEUROD1:MAP2", "ASCL1:GFAP", "ASCL1:MAP2")
    got = server.post("/score_pairs", {**ASKED, "pairs": pairs}).json()["scores"]
    assert [one["support"] for one in got] == ["both_seen", "tf_only", "gene_only", "unseen"]


def test_skipping_reports_each_row_and_why(server):
    pairs = pairs_of("SOX2:GFPA", "SOX2:GFAP", "SOX2:TWIN", "GFAP:MAP2")
    asked = {**ASKED, "pairs": pairs, "on_unknown": "skip"}
    got = server.post("/score_pairs", asked).json()
    assert [(one["tf"], one["gene"]) for one in got["scores"]] == [("SOX2", "GFAP")]
    assert got["skipped"] == [
        {"row": 0, "name": "GFPA", "reason": "unknown-gene"},
        {"row": 2, "name": "TWIN", "reason": "ambiguous-gene"},
        {"row": 3, "name": "GFAP", "reason": "not-a-regulator"},
    ]


def test_skipping_all_leaves_no_scores(server):
    asked = {**ASKED, "pairs": pairs_of("SOX2:GFPA"), "on_unknown": "skip"}
    got = server.post("/score_pairs", asked)
    assert got.status_code == 200
    assert got.json()["scores"] == []
    assert len(got.json()["skipped"]) == 1


def best(entry: str, gene: str) -> list[str]:
    """All regulators of a tiny entry by the logit known in advance, ties by name."""
    logits = dict(zip(tiny.REGULATORS, tiny.logits(entry)[:, tiny.GENES.index(gene)], strict=True))
    return sorted(logits, key=lambda tf: (-logits[tf], tf))


@pytest.mark.parametrize("entry", tiny.PAIRS)
def test_top_regulators_are_the_best_of_all(server, entry: str):
    genes = ["TUBB3", "GFAP"]
    answer = server.post("/top_regulators", {"model": entry, "genes": genes, "k": 4})
    got = TopRegulatorsResponse.model_validate_json(answer.content)
    expected = [(gene, rank + 1, best(entry, gene)[rank]) for gene in genes for rank in range(4)]
    assert [(one.gene, one.rank, one.tf) for one in got.regulators] == expected


def test_candidates_are_ranked_by_another_model(server):
    asked = {"model": tiny.DOT, "genes": ["TUBB3", "GFAP"], "k": 2, "rerank_with": tiny.TABLE}
    got = TopRegulatorsResponse.model_validate_json(server.post("/top_regulators", asked).content)
    expected = [best(tiny.TABLE, gene)[rank] for gene in asked["genes"] for rank in range(2)]
    assert [one.tf for one in got.regulators] == expected
    assert got.reranked is not None
    assert (got.reranked.retriever, got.reranked.reranker) == (tiny.DOT, tiny.TABLE)
    assert (got.reranked.candidates, got.reranked.exact) == (tiny.R, True)


def test_filters_are_those_of_python(server):
    some = best(tiny.TABLE, "GFAP")
    known = [{"tf": some[0], "gene": "GFAP"}]
    asked = {"model": tiny.TABLE, "genes": ["GFAP"], "k": 2, "among": some[:3], "exclude": known}
    got = TopRegulatorsResponse.model_validate_json(server.post("/top_regulators", asked).content)
    assert [one.tf for one in got.regulators] == some[1:3]
    assert got.reranked is None


@pytest.mark.parametrize("entry", tiny.PAIRS)
@pytest.mark.parametrize("known", ["exclude", "only"])
def test_every_option_and_column_is_that_of_python(server, tiny_root: Path, entry: str, known: str):
    model = zoo.load(zoo.register(tiny_root / entry), device="cpu")
    options = {"k": 3, "by": "pair_specific", "known": known, "prior": 0.1}
    for path, asked, expected in (
        (
            "regulators",
            {"genes": ["GFAP", "S100B"]},
            model.regulators(["GFAP", "S100B"], **options),
        ),
        ("targets", {"tfs": ["SOX2", "PAX6"]}, model.targets(["SOX2", "PAX6"], **options)),
    ):
        got = server.post(f"/top_{path}", {"model": entry, **asked, **options}).json()[path]
        assert len(got) == len(expected)
        for row, wanted in zip(got, expected.drop(columns="query").to_dict("records"), strict=True):
            assert {n: v for n, v in row.items() if v is not None} == pytest.approx(wanted)


@pytest.mark.parametrize("entry", tiny.PAIRS)
def test_a_score_says_what_it_rests_on(server, tiny_root: Path, entry: str):
    model = zoo.load(zoo.register(tiny_root / entry), device="cpu")
    pairs = pairs_of("SOX2:GFAP", "NEUROD1:MBP")
    got = server.post("/score_pairs", {"model": entry, "pairs": pairs, "prior": 0.2}).json()
    expected = model.details([tuple(pair.values()) for pair in pairs], prior=0.2)
    for row, wanted in zip(got["scores"], expected.to_dict("records"), strict=True):
        assert {n: v for n, v in row.items() if v is not None} == pytest.approx(wanted)
    assert [row["verdict"] for row in got["scores"]] == ["listed", "little known"]


@pytest.mark.parametrize("entry", tiny.PAIRS)
@pytest.mark.parametrize("signs", [None, {"GFAP": 1, "MBP": -1}])
def test_regulators_of_a_gene_list_are_those_of_python(
    server, tiny_root: Path, entry: str, signs: dict[str, int] | None
):
    model = zoo.load(zoo.register(tiny_root / entry), device="cpu")
    genes, more = ["GFAP", "MBP", "MAP2"], {"k": 4, "signs": signs}
    expected = model.enrich(genes, **more)
    asked = {"model": entry, "genes": [*genes, "NOBODY"], "on_unknown": "skip", **more}
    got = server.post("/enrich", asked).json()
    assert (got["genes"], got["background"]) == (3, len(model.vocabulary))
    assert got["skipped"] == [{"row": 3, "name": "NOBODY", "reason": "unknown-gene"}]
    for row, wanted in zip(got["regulators"], enriched_records(expected), strict=True):
        assert row.pop("genes") == wanted.pop("genes")
        said = {name: value for name, value in row.items() if value is not None}
        assert said == pytest.approx({n: v for n, v in wanted.items() if v is not None})


def test_ten_regulators_unless_told_otherwise(server):
    """The tiny entries have only six: the default k says so."""
    answer = server.post("/top_regulators", {"model": tiny.TABLE, "genes": ["GFAP"]})
    assert (answer.status_code, answer.json()["got"]) == (422, 10)


@pytest.mark.parametrize("entry", entries.bundled("pair_*"))
def test_bundled_entries_answer_as_they_do_in_python(server, entry: str):
    model = zoo.load(entry, device="cpu")
    tfs, genes = model.vocabulary.regulators[:3], model.vocabulary.genes[-3:]
    pairs = list(zip(tfs, genes, strict=True))
    asked = {"model": entry, "pairs": [{"tf": tf, "gene": gene} for tf, gene in pairs]}
    got = server.post("/score_pairs", asked).json()["scores"]
    np.testing.assert_allclose([one["score"] for one in got], model.score(pairs), atol=1e-6)
    top = server.post("/top_regulators", {"model": entry, "genes": genes[:1], "k": 5}).json()
    assert [one["tf"] for one in top["regulators"]] == list(model.regulators(genes[:1], 5)["tf"])


@pytest.mark.parametrize(
    "kind", ["application/json", "application/x-www-form-urlencoded", "text/plain", "nonsense", ""]
)
def test_a_body_is_json_whatever_its_type_says(server, kind: str):
    answer = server.post("/score_pairs", ASKED, headers={"Content-Type": kind})
    assert answer.status_code == 200


def test_curl_needs_no_options(server):
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    command = [curl, "--silent", "--max-time", "30", "-d", json.dumps(ASKED)]
    said = subprocess.run([*command, f"{server.url}/score_pairs"], capture_output=True, check=True)
    assert json.loads(said.stdout)["scores"][0]["tf"] == "SOX2"


CLIENT = """
import json, sys
import bentoml

url, table, dot = sys.argv[1:]
with bentoml.SyncHTTPClient(url) as client:
    scored = client.score_pairs(model=table, pairs=[{"tf": "SOX2", "gene": "GFAP"}])
    top = client.top_regulators(model=dot, genes=["GFAP"], k=2)
    try:
        client.score_pairs(model=table, pairs=[{"tf": "SOX2", "gene": "GFPA"}])
    except bentoml.exceptions.BentoMLException as error:
        print(json.dumps([scored, top, error.error_code, json.loads(str(error))]))
"""


def test_bentoml_client(server):
    said = run_python(CLIENT, server.url, tiny.TABLE, tiny.DOT)
    scored, top, status, problem = json.loads(said)
    assert scored == server.post("/score_pairs", ASKED).json()
    assert [one["rank"] for one in top["regulators"]] == [1, 2]
    assert (status, problem["near"]) == (422, ["GFAP"])


def test_many_at_once_get_their_own_answers(server):
    def score(position: int) -> float:
        pairs = [{"tf": tiny.REGULATORS[position % tiny.R], "gene": tiny.GENES[position % tiny.G]}]
        answer = server.post("/score_pairs", {"model": tiny.DOT, "pairs": pairs})
        return answer.json()["scores"][0]["score"]

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(score, range(24)))
    truth = tiny.probabilities(tiny.DOT)
    expected = [truth[position % tiny.R, position % tiny.G] for position in range(24)]
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_bentomls_own_pages_work(server):
    server.post("/score_pairs", ASKED)
    assert server.client.get("/livez").status_code == 200
    assert server.client.get("/readyz").status_code == 200
    assert 'endpoint="/score_pairs"' in server.client.get("/metrics").text
    docs = server.client.get("/docs.json").json()
    posts = {"/score_pairs", "/top_regulators", "/score_perturbations"}
    assert posts | {"/livez"} <= set(docs["paths"])
    assert (docs["info"]["title"], docs["info"]["version"]) == ("regzoo", zoo.__version__)
    assert "BentoML" not in json.dumps(docs["info"])
    shown = docs["components"]["schemas"]
    assert {"model", "pairs", "on_unknown", "prior"} == set(
        shown["ScorePairsRequest"]["properties"]
    )
    assert {"model", "version", "regulators", "reranked"} == set(
        shown["TopRegulatorsResponse"]["properties"]
    )
