"""`zoo predict` for sets typed, and `zoo screen`."""

import json
import re
from itertools import combinations
from pathlib import Path

import pytest

import zoo
from contracts.perturbations.requests import ScorePerturbationsResponse
from tests import tiny, tiny_cells
from tests.zoo.batch_tables import names, read
from tests.zoo.commands import refused, run

pytestmark = pytest.mark.usefixtures("only_tiny")

HO, URA3, ADE2 = 2, 3, 9


@pytest.mark.parametrize("entry", tiny.CELLS)
def test_sets_from_arguments(entry: str):
    result = run("predict", entry, "ADE2+ura3", "YDL227C:overexpression", "wildtype", "")
    sets = [[(URA3, 0), (ADE2, 0)], [(HO, 3)], [], []]
    written = [["YEL021W|YOR128C", "URA3|ADE2"], ["YDL227C:overexpressed", "HO:overexpressed"]]
    written += [["wildtype"], ["wildtype"]]
    rows = [line.split() for line in result.stdout.splitlines() if "\tall_seen" in line]
    assert [row[:-5] for row in rows] == written
    fitness = [tiny_cells.fitness(entry, one) for one in sets]
    assert [float(row[-5]) for row in rows] == pytest.approx(fitness, rel=1e-5)
    expectation = [tiny_cells.expectation(one) for one in sets]
    assert [float(row[-3]) for row in rows] == pytest.approx(expectation, rel=1e-5)
    assert [row[-2] for row in rows] == ["partly_measured", "measured", "measured", "measured"]
    assert result.stderr == ""


def test_predict_as_json_is_the_response_that_http_gives():
    asked = (
        "predict",
        tiny.PRODUCT,
        "ADE2+FOO",
        "HO:overexpressed+ADE2",
        "--on-unknown",
        "skip",
        "--json",
    )
    response = ScorePerturbationsResponse.model_validate_json(run(*asked).stdout)
    assert (response.model, response.version) == (tiny.PRODUCT, "1.0")
    (row,) = response.scores
    assert [(one.gene, one.name, one.kind) for one in row.genes] == [
        ("YDL227C", "HO", "overexpressed"),
        ("YOR128C", "ADE2", "absent"),
    ]
    assert row.expectation_basis == "estimated"
    assert row.fitness == pytest.approx(tiny_cells.fitness(tiny.PRODUCT, [(HO, 3), (ADE2, 0)]))
    assert row.support == "all_seen"
    (skipped,) = response.skipped
    assert (skipped.row, skipped.name, skipped.reason) == (0, "FOO", "unknown-gene")


@pytest.mark.parametrize("output", ["out.csv", "out.tsv", "out.parquet"])
def test_predictions_into_a_file(tmp_path: Path, output: str):
    sets = ("HO+ADE2", "TWIN", "wildtype")
    result = run("predict", tiny.CELL, *sets, "-o", tmp_path / output, "--on-unknown", "skip")
    assert result.stdout == ""
    assert "Wrote 2 rows" in result.stderr
    assert "Set 2 was left out: 'TWIN' (ambiguous-gene)." in result.stderr
    assert result.stderr.endswith("1 of 3 sets were left out.\n")
    expected = zoo.load(tiny.CELL).predict([["HO", "ADE2"], []])
    rows = read(tmp_path / output)
    assert [row["perturbation"] for row in rows] == expected["perturbation"].tolist()
    assert [float(row["fitness"]) for row in rows] == pytest.approx(expected["fitness"].tolist())


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_skipping_every_set_is_told_and_ends_with_two(flags: list[str]):
    result = run("predict", tiny.CELL, "FOO", "HO+BAR", "--on-unknown", "skip", *flags, code=2)
    assert result.stderr.endswith("2 of 2 sets were left out: nothing was predicted.\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["predict", tiny.CELL], "expected at least one, for example zoo predict"),
        (["predict", "tiny_cell-tot", "HO"], "Did you mean tiny_cell-toy"),
        (["predict", tiny.CELL, "ADE2+"], "perturbation='ADE2[+]'.*genes joined by '[+]'"),
        (["predict", tiny.CELL, "ADE99"], "'ADE99' is no gene.*Did you mean ADE2"),
        (["predict", tiny.CELL, "TWIN"], "'TWIN' names 2 genes.*YAL002W, YBR001C"),
        (["predict", tiny.CELL, "ADE2:deletd+X"], "kind='deletd'.*absent [(]or deletion, deleted"),
        (["predict", tiny.CELL, "ADE2,HO"], "'ADE2,HO' .* joined by '[+]': ADE2[+]HO[.]"),
        (["predict", tiny.CELL, "ADE2 HO", "--on-unknown", "skip"], "'ADE2 HO'.*: ADE2[+]HO[.]"),
        (["predict", tiny.CELL, "ADE2+wildtype"], "expected wildtype alone, or genes without it"),
        (["predict", tiny.CELL, "qqqqqqqq"], "Give a systematic name such as YAL002W.* or an SGD"),
        (["predict", tiny.CELL, "ADE2+YOR128C"], "YOR128C twice, as 'ADE2' and 'YOR128C'"),
        (["predict", tiny.CELL, "+".join(tiny_cells.GENES)], "got 12 genes, expected at most 6"),
        (["predict", tiny.CELL, "HO", "--on-unknown", "no"], "on_unknown='no'"),
        (["predict", tiny.CELL, "HO", "-o", "out.txt"], "ends in .csv, .tsv, .parquet"),
        (["predict", tiny.CELL, "HO", "--device", "tpu"], "device='tpu'"),
        (["predict", tiny.CELL, "HO", "--resume"], "--resume=True.*with --input and --output"),
        (["predict", tiny.CELL, "-i", "sets.csv"], "sets.csv: there is no such file"),
        (["screen", tiny.CELL, "--order", "4"], "--order=4.*1, 2 or 3"),
        (
            ["screen", tiny.CELL, "--order", "3"],
            "--order=3.*its 220: type --given YOR128C .* or --among FILE for",
        ),
        (["screen", tiny.CELL, "--top", "0"], "--top=0"),
        (["screen", tiny.CELL, "--by", "growth"], "--by='growth'.*gene_interaction, fitness"),
        (["screen", tiny.CELL, "--direction", "up"], "--direction='up'.*lowest, highest"),
        (
            ["screen", tiny.CELL, "--direction", "strongest", "--by", "fitness"],
            "lowest or highest with --by fitness;",
        ),
        (
            ["screen", tiny.CELL, "--order", "1", "--given", "HO", "--given", "ADE2"],
            "--given='HO, ADE2'.*at most 1 genes with --order 1",
        ),
        (["screen", tiny.CELL, "--given", "FOO"], "'FOO' is no gene"),
        (["screen", tiny.CELL, "--given", "HO", "--given", "YDL227C"], "each gene once"),
        (["screen", tiny.CELL, "--among", "missing.txt"], "missing.txt: it cannot be read"),
        (["screen", tiny.CELL, "-o", "out.txt"], "ends in .csv, .tsv, .parquet"),
    ],
)
def test_bad_input_is_one_message_that_says_what_to_type(arguments: list[str], message: str):
    assert re.search(message, refused(*arguments))


@pytest.mark.parametrize(
    "arguments",
    [
        ["predict", tiny.TABLE, "HO"],
        ["screen", tiny.DOT],
        ["score", tiny.CELL, "HO:ADE2"],
        ["regulators", tiny.PRODUCT, "HO"],
        ["targets", tiny.CELL, "HO"],
        ["score-matrix", tiny.CELL, "-o", "matrix.npy"],
        ["regulators", tiny.DOT, "GFAP", "-k", "2", "--rerank-with", tiny.CELL],
    ],
)
def test_an_entry_of_another_task_says_what_to_ask_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
):
    monkeypatch.chdir(tmp_path)
    told = refused(*arguments, code=1)
    of_pairs = arguments[0] in ("predict", "screen")
    assert ("POST /score_pairs" if of_pairs else "zoo predict, .predict in Python") in told
    assert names(tmp_path) == set()


def brute_force(entry: str, order: int, given: tuple[int, ...] = ()) -> list[tuple[float, tuple]]:
    """The truth: interaction and genes of every set, lowest first, ties by name."""
    sets = [one for one in combinations(range(tiny_cells.G), order) if set(given) <= set(one)]
    valued = [(tiny_cells.interaction(entry, [(gene, 0) for gene in one]), one) for one in sets]
    return sorted(valued)


def test_a_file_that_leaves_nothing_to_combine_is_told_as_it_is_typed(tmp_path: Path):
    among = tmp_path / "genes.txt"
    among.write_text("\n\n")
    told = refused("screen", tiny.CELL, "--among", among)
    assert told.endswith(
        "genes.txt is empty: expected at least one, for example a line with the name of a gene.\n"
    )
    among.write_text("ACT1\nADE2\nHO\n")
    told = refused("screen", tiny.CELL, "--among", among, "--measured-only")
    assert "Name more genes in the file of --among, or leave out --measured-only." in told


def test_only_genes_with_a_measured_single_mutant(tmp_path: Path):
    told = json.loads(run("screen", tiny.CELL, "--measured-only", "--json").stdout)
    assert (told["sets"], told["doubts"]) == (45, [])
    assert not {"ACT1", "ADE2"} & {row[name] for row in told["ranking"] for name in ("name_a",)}
    assert {row["expectation_basis"] for row in told["ranking"]} == {"measured"}


def test_a_doubtful_ranking_is_told_in_the_words_of_the_command():
    asked = ("screen", tiny.CELL, "--order", 3, "--given", "ADE2", "--top", 1)
    warned = run(*asked).stderr.splitlines()[0]
    assert warned.startswith("Warning: This ranks triples by tau (gene_interaction with --order 3)")
    assert warned.endswith("Rank them by fitness instead: --by fitness.")
    assert "Warning" not in run(*asked, "--by", "fitness").stderr
    alike = run("screen", tiny.CELL, "--order", 1, "--top", 1)
    assert "Warning: All 12 sets have the same gene_interaction, 0:" in alike.stderr
    told = run("screen", tiny.CELL, "--order", 1, "--json")
    assert told.stderr == ""
    (doubt,) = json.loads(told.stdout)["doubts"]
    assert f"Warning: {doubt}" in alike.stderr


def test_screen_lists_the_first_of_all_pairs():
    told = json.loads(run("screen", tiny.PRODUCT, "--top", 7, "--json").stdout)
    expected = brute_force(tiny.PRODUCT, 2)
    assert (told["model"], told["version"], told["sets"]) == (tiny.PRODUCT, "1.0", len(expected))
    assert [row["rank"] for row in told["ranking"]] == list(range(1, 8))
    got = [(row["gene_interaction"], row["gene_a"], row["gene_b"]) for row in told["ranking"]]
    genes = tiny_cells.GENES
    assert got == [(value, genes[a], genes[b]) for value, (a, b) in expected[:7]]


def test_screen_shows_a_table_and_says_how_many_there_were():
    result = run("screen", tiny.PRODUCT, "--top", 3)
    genes = tiny_cells.GENES
    rows = [line.split()[:5] for line in result.stdout.splitlines() if "seen" in line]
    first = [one for _, one in brute_force(tiny.PRODUCT, 2)[:3]]
    called = [record.aliases[0] for record in tiny_cells.RECORDS]
    assert rows == [
        [str(n + 1), genes[a], genes[b], called[a], called[b]] for n, (a, b) in enumerate(first)
    ]
    assert result.stderr == "The first 3 of 66 sets by gene_interaction, lowest first.\n"


def test_screen_of_triples_with_a_gene_into_a_file(tmp_path: Path):
    output = tmp_path / "out.parquet"
    asked = ("--order", 3, "--given", "ADE2", "--by", "fitness", "--direction", "highest")
    result = run("screen", tiny.PRODUCT, *asked, "--top", 5, "-o", output)
    assert result.stdout == ""
    assert f"The first 5 of 55 sets by fitness, highest first. Wrote 5 rows to {output}." in (
        result.stderr
    )
    rows = read(output)
    sets = [one for _, one in brute_force(tiny.PRODUCT, 3, (ADE2,))]
    truth = [tiny_cells.fitness(tiny.PRODUCT, [(gene, 0) for gene in one]) for one in sets]
    assert [row["fitness"] for row in rows] == pytest.approx(sorted(truth, reverse=True)[:5])
    assert all(row["given"] == "YOR128C" and "gene_c" not in row for row in rows)


def test_screen_among_some_genes_only(tmp_path: Path):
    (tmp_path / "genes.txt").write_text("HO\n\nADE2\nura3\nACT1\n")
    asked = ("--among", tmp_path / "genes.txt", "--direction", "strongest")
    told = json.loads(run("screen", tiny.CELL, *asked, "--json").stdout)
    expected = zoo.load(tiny.CELL).screen(
        among=["HO", "ADE2", "URA3", "ACT1"], direction="strongest"
    )
    assert told["sets"] == len(told["ranking"]) == 6
    assert [row["gene_a"] for row in told["ranking"]] == expected["gene_a"].tolist()
    assert [row["fitness"] for row in told["ranking"]] == pytest.approx(
        expected["fitness"].tolist()
    )
    output = tmp_path / "out.csv"
    told = json.loads(run("screen", tiny.CELL, *asked, "-o", output, "--json").stdout)
    assert (told["output"], told["rows"], told["sets"]) == (str(output), 6, 6)


def test_list_search_and_info_know_them():
    rows = json.loads(run("search", "--task", "perturbation*", "--json").stdout)
    assert {row["entry"] for row in rows} == set(tiny.CELLS)
    shown = run("list").stdout
    assert all(entry in shown for entry in tiny.CELLS)
    shown = run("info", tiny.CELL).stdout
    assert re.search("sizes members_limit\t6", shown)
    assert re.search("graphs encode\tencode.onnx", shown)


def test_help_shows_both():
    assert all(command in run("--help").stdout for command in ("predict", "screen"))


def test_a_number_that_there_is_not_is_null_in_json():
    answer = run("predict", tiny.CELL, "HO:added", "ADE2", "--allow-unseen", "--json").stdout
    assert [row["fitness"] is None for row in json.loads(answer)["scores"]] == [True, False]
