"""`zoo regulators` with filters and a second entry, for names typed and for files."""

import json
from pathlib import Path

import pytest

import zoo
from contracts.pairs.requests import TopRegulatorsResponse
from tests import tiny
from tests.tiny import REGULATORS, R
from tests.zoo.batch_tables import read
from tests.zoo.commands import refused, run

pytestmark = pytest.mark.usefixtures("only_tiny")


@pytest.fixture
def lists(tmp_path: Path) -> list[object]:
    """Options that, with a training edge, leave three regulators, and for GFAP two."""
    (tmp_path / "among.txt").write_text("SOX2\nANOP3\n\nPAX6\nOLIG2\nNEUROD1\nASCL1\n")
    (tmp_path / "known.csv").write_text("tf,gene\nSOX2,GFAP\nNOBODY,GFAP\n")
    return ["--among", tmp_path / "among.txt", "--exclude", tmp_path / "known.csv"]


def expected(genes: list[str], k: int) -> list[str]:
    model = zoo.load(tiny.DOT, device="cpu")
    among = ["SOX2", "PAX6", "OLIG2", "NEUROD1", "ASCL1"]
    table = model.regulators(genes, k, among=among, min_edges=1, exclude=[("SOX2", "GFAP")])
    return table["tf"].tolist()


def test_filters_from_files(lists):
    got = run("regulators", tiny.DOT, "GFAP", "MBP", "-k", 3, *lists, "--min-edges", 1, "--json")
    answer = TopRegulatorsResponse.model_validate_json(got.stdout)
    assert [row.tf for row in answer.regulators] == expected(["GFAP", "MBP"], 3)
    assert sum(row.gene == "GFAP" for row in answer.regulators) == 2


def test_a_file_of_genes_gets_fewer_rows_where_pairs_are_excluded(tmp_path, lists):
    (tmp_path / "genes.csv").write_text("gene,n\nGFAP,1\nMBP,2\nGFAP,3\n")
    words = ["-i", tmp_path / "genes.csv", "-o", tmp_path / "out.csv", "-k", 3, "--min-edges", 1]
    run("regulators", tiny.DOT, *words, *lists)
    rows = read(tmp_path / "out.csv")
    assert [row["tf"] for row in rows] == expected(["GFAP", "MBP", "GFAP"], 3)
    assert [row["n"] for row in rows] == ["1"] * 2 + ["2"] * 3 + ["3"] * 2
    assert [row["rank"] for row in rows] == [*"12", *"123", *"12"]


def test_another_entry_ranks_and_it_is_told(tmp_path):
    got = run("regulators", tiny.DOT, "GFAP", "-k", 3, "--rerank-with", tiny.TABLE, "--json")
    told = json.loads(got.stdout)
    alone = zoo.load(tiny.TABLE, device="cpu").regulators(["GFAP"], 3)
    assert [row["tf"] for row in told["regulators"]] == alone["tf"].tolist()
    assert told["reranked"]["candidates"] == R
    got = run("regulators", tiny.DOT, "GFAP", "-k", 3, "--rerank-with", tiny.TABLE)
    assert f"Ranked by {tiny.TABLE} over all {R} regulators." in got.stderr
    (tmp_path / "genes.csv").write_text("gene\nGFAP\n")
    words = ["-i", tmp_path / "genes.csv", "-o", tmp_path / "out.csv", "-k", 3]
    run("regulators", tiny.DOT, *words, "--rerank-with", tiny.TABLE)
    rows = read(tmp_path / "out.csv")
    assert [row["tf"] for row in rows] == alone["tf"].tolist()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--min-edges", 99], "Lower min_edges"),
        (["--min-edges", -1], "min_edges=-1"),
        (["--among", "nowhere.txt"], "nowhere.txt"),
        (["--exclude", "nowhere.csv"], "nowhere.csv"),
        (["--exact"], "rerank_with"),
        (["--by", "fame"], "by='fame'"),
        (["--known", "all"], "known='all'"),
        (["--prior", 1], "prior=1.0"),
        (["--rerank-with", tiny.TABLE, "--recall", 1], "recall"),
        (["--rerank-with", "tiny_tabel-toy"], tiny.TABLE),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_what_cannot_be_done_leaves_nothing(tmp_path, words, message, whole):
    asked: list[object] = ["GFAP"]
    if whole:
        (tmp_path / "genes.csv").write_text("gene\nGFAP\n")
        asked = ["-i", tmp_path / "genes.csv"]
    told = refused("regulators", tiny.DOT, *asked, "-o", tmp_path / "out.csv", "-k", 1, *words)
    assert message in told
    assert {path.name for path in tmp_path.iterdir()} <= {"genes.csv"}


def test_pairs_that_leave_a_gene_bare(tmp_path):
    rows = "".join(f"{tf},GFAP\n" for tf in REGULATORS)
    (tmp_path / "known.csv").write_text(f"tf,gene\n{rows}")
    told = refused("regulators", tiny.DOT, "GFAP", "-k", 1, "--exclude", tmp_path / "known.csv")
    assert "no regulator of GFAP" in told


def test_rows_left_out_are_counted_where_filters_leave_fewer_than_k(tmp_path, lists):
    (tmp_path / "genes.csv").write_text("gene\nGFAP\nNOBODY\nMBP\n")
    words = ["-i", tmp_path / "genes.csv", "-o", tmp_path / "out.csv", *lists[:2]]
    got = run("regulators", tiny.DOT, *words, "--on-unknown", "skip", "-k", 6)
    assert "1 of 3 genes were left out." in got.stderr
    assert len(read(tmp_path / "out.csv")) == 10


OPTIONS = {"by": "pair_specific", "known": "exclude", "prior": 0.1}
WORDS = ["--by", "pair_specific", "--known", "exclude", "--prior", 0.1, "-k", 3]


def test_options_of_rankings_are_those_of_python(tmp_path):
    model = zoo.load(tiny.DOT, device="cpu")
    expected = model.regulators(["GFAP", "MBP"], 3, **OPTIONS)
    answer = json.loads(run("regulators", tiny.DOT, "GFAP", "MBP", *WORDS, "--json").stdout)
    TopRegulatorsResponse.model_validate(answer)
    assert answer["regulators"] == expected.drop(columns="query").to_dict("records")
    (tmp_path / "genes.csv").write_text("gene\nGFAP\nMBP\n")
    run("regulators", tiny.DOT, "-i", tmp_path / "genes.csv", "-o", tmp_path / "out.csv", *WORDS)
    rows = read(tmp_path / "out.csv")
    assert [row["tf"] for row in rows] == expected["tf"].tolist()
    assert [row["verdict"] for row in rows] == expected["verdict"].tolist()
    scores = [float(row["score"]) for row in rows]
    assert scores == pytest.approx(expected["score"].tolist(), rel=1e-5)
    answer = json.loads(run("targets", tiny.DOT, "SOX2", *WORDS, "--json").stdout)
    expected = model.targets(["SOX2"], 3, **OPTIONS).drop(columns="query")
    assert answer["targets"] == expected.to_dict("records")


def test_only_known_pairs_may_be_none(tmp_path):
    got = run("regulators", tiny.DOT, "GFAP", "S100B", "-k", 6, "--known", "only")
    assert got.stderr == "No resource lists any for S100B.\n"
    listed = sum(tiny.LISTED[:, tiny.GENES.index("GFAP")] > 0)
    assert got.stdout.count("\n") == 1 + listed
    (tmp_path / "genes.csv").write_text("gene\nGFAP\nS100B\nNOBODY\n")
    words = ["-i", tmp_path / "genes.csv", "-o", tmp_path / "out.csv", "--known", "only", "-k", 6]
    told = run("regulators", tiny.DOT, *words, "--on-unknown", "skip").stderr
    assert [row["gene"] for row in read(tmp_path / "out.csv")] == ["GFAP"] * listed
    assert "1 genes were left out." in told


def test_a_prior_for_pairs_and_for_files(tmp_path):
    expected = zoo.load(tiny.TABLE, device="cpu").score([("SOX2", "GFAP")], prior=0.01)
    got = run("score", tiny.TABLE, "SOX2:GFAP", "--prior", 0.01, "--json").stdout
    assert json.loads(got)["scores"][0]["score"] == pytest.approx(expected[0])
    (tmp_path / "pairs.csv").write_text("tf,gene\nSOX2,GFAP\n")
    words = ["-i", tmp_path / "pairs.csv", "-o", tmp_path / "out.csv", "--prior", 0.01]
    run("score", tiny.TABLE, *words)
    assert float(read(tmp_path / "out.csv")[0]["score"]) == pytest.approx(expected[0], rel=1e-5)
