"""`explain` of a toy entry: a frozen model of nine genes, exported as a training would leave it."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.numpy import save_file
from safetensors.torch import save_file as save_tensors

import zoo
from contracts.errors import (
    ContractViolation,
    CorruptArtefact,
    InvalidOption,
    MissingArtefact,
    MissingDependency,
    UnknownGene,
    Unsupported,
)
from contracts.genes.vocabulary import FILENAME, GeneRecord, Vocabulary
from contracts.manifest import Manifest
from export.package import package
from tests import tiny
from tests.zoo.architectures.hetero_formulas import (
    GENES,
    METABOLITES,
    NODES,
    made_up,
    random_model,
)
from tests.zoo.commands import refused, run
from zoo import verification
from zoo.perturbations import figure
from zoo.perturbations.explain import nodes_of
from zoo.perturbations.scorer import PerturbationScorer
from zoo.store import folders

ENTRY = "hetero_cell-toy"
NAMES = {f"Y{i:02d}W": f"ABC{i}" for i in range(GENES)}
ALONE = "Y08W"  # without edges
MODEL = {
    "layers": 1,
    "pool": "attention",
    "metabolism_to_genes": True,
    "residual": False,
    "members": False,
    "features": ("one", "other"),
    "outputs": ("pairs", "fitness"),
}
COLUMNS = ["rank", "node", "name", "kind", "status", "moved", "share"]


def write(folder: Path) -> Path:
    """The run folder of a training."""
    folder.mkdir(parents=True)
    graph = made_up(0)
    graph = graph._replace(features=graph.features.half().double())
    model = random_model(**MODEL).freeze(graph, torch.ones(GENES, dtype=torch.float64))
    save_tensors(
        {name: t.contiguous().clone() for name, t in model.float().state_dict().items()},
        folder / "weights.safetensors",
    )
    state = {"gene_records": np.arange(GENES, dtype=np.int32)}
    state |= {"kind_records": np.array([99, 0, 0, 0], np.int32)}
    save_file(state | {"single_measured": np.ones(GENES, np.uint8)}, folder / "state.safetensors")
    save_file({"train": np.arange(3)}, folder / "split.safetensors")
    sample = {"member": np.array([3, 1, 2]), "kind": np.zeros(3, int), "order": np.array([1, 2])}
    save_file(sample, folder / "sets.safetensors")
    records = (GeneRecord(symbol, aliases=(name,)) for symbol, name in NAMES.items())
    Vocabulary.from_records(records).save(folder / FILENAME)
    nodes = {
        "reactions": [f"r_{i}" for i in range(NODES)],
        "metabolites": [f"s_{i}" for i in range(METABOLITES)],
    }
    (folder / "nodes.json").write_text(json.dumps(nodes))
    recipe = {"version": "0.1", "summary": "A toy.", "species": "yeast", "tissue": "none"}
    told = {
        "entry": ENTRY,
        "max_steps": None,
        "config": model.config.model_dump(mode="json"),
        "sizes": {"genes_total": GENES, "members_limit": 6},
        "recipe": recipe | {"weights_licence": "CC0-1.0"},
        "licences": {"toy": "CC0-1.0"},
        "data": {},
        "seed": 1,
        "commit": None,
        "packages": {"torch": torch.__version__},
    }
    (folder / "run.json").write_text(json.dumps(told))
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The entry's folder; not to be changed."""
    root = tmp_path_factory.mktemp("explained")
    package(write(root / "runs" / ENTRY), root / ENTRY)
    return root / ENTRY


@pytest.fixture
def model(folder: Path) -> PerturbationScorer:
    return zoo.load(zoo.register(folder), device="cpu")


def test_the_entry_holds_and_has_its_sizes_and_names(folder: Path):
    report = verification.verify(folders.register(folder))
    assert report.ok, report.failures
    assert f"{NODES} reactions, {METABOLITES} metabolites" in {c.detail for c in report.checks}
    manifest = Manifest.load(folder / "manifest.json")
    assert manifest.task == "perturbation_graph"
    assert "nodes.json" in manifest.files
    assert manifest.sizes == {
        "genes_total": GENES,
        "members_limit": 6,
        "reactions_total": NODES,
        "metabolites_total": METABOLITES,
    }
    parity = json.loads((folder / "parity.json").read_text())
    assert parity["explained_sets"] > 1
    assert 0 <= parity["lanes"]["ort_cpu"]["max_explained"] <= parity["tolerance"]


def test_the_nodes_that_moved_stand_in_order(model: PerturbationScorer):
    table = model.explain(["ABC0", "Y02W"], top=99)
    outputs = model._opened.graphs["explain"].run({"member": np.array([0, 2])})
    nodes = nodes_of(model._opened)
    names = [*NAMES, *nodes.reactions, *nodes.metabolites]
    moved = np.concatenate([outputs[f"{k}_moved"] for k in ("gene", "reaction", "metabolite")])
    expected = sorted((-far, node) for node, far in zip(names, moved, strict=True) if far > 0)
    assert list(table.columns) == COLUMNS
    assert [
        (-far, node) for node, far in zip(table["node"], table["moved"], strict=True)
    ] == expected
    assert table["rank"].tolist() == list(range(1, len(expected) + 1))
    by_node = table.set_index("node")
    assert by_node.loc["Y00W", "name"] == "ABC0"
    assert by_node.loc["r_0", "name"] == "r_0"
    assert by_node[by_node["status"] == "deleted"].index.tolist() == sorted(
        ("Y00W", "Y02W"), key=lambda node: -by_node.loc[node, "moved"]
    )
    lost = {f"r_{i}" for i in np.flatnonzero(outputs["reaction_lost"])}
    assert lost == set(by_node[by_node["status"] == "lost"].index)
    assert lost
    genes = table["kind"] == "gene"
    assert table["share"].notna().equals(genes)
    lengths = outputs["gene_share"]
    shares = dict(zip(NAMES, (lengths / lengths.sum()).tolist(), strict=True))
    for node, share in zip(table["node"][genes], table["share"][genes], strict=True):
        assert share == shares[node]


@pytest.mark.parametrize("kind", ["gene", "reaction", "metabolite"])
def test_one_kind_and_only_the_first(model: PerturbationScorer, kind: str):
    whole = model.explain(["Y00W"], top=99)
    some = model.explain(["Y00W"], top=2, kind=kind)
    expected = whole[whole["kind"] == kind].head(2).drop(columns="rank").reset_index(drop=True)
    pd.testing.assert_frame_equal(some.drop(columns="rank"), expected)
    assert some["rank"].tolist() == [1, 2][: len(expected)]
    assert len(expected)


@pytest.mark.parametrize(
    "same", [("ABC1", "Y03W"), {"Y01W", "abc3"}, {"ABC3": "deleted", "ABC1": "absent"},
             [("ABC1", "deletion"), "Y03W"]],
)  # fmt: skip
def test_a_set_is_written_as_for_predict(model: PerturbationScorer, same):
    pd.testing.assert_frame_equal(model.explain(same), model.explain(["Y01W", "Y03W"]))


def test_the_wildtype_moves_nothing_and_a_gene_without_edges_itself_alone(
    model: PerturbationScorer,
):
    for nothing in ([], "wildtype", ["Y00W"]):
        table = model.explain(nothing, kind="gene")
        assert list(table.columns) == COLUMNS
        assert len(table) == 0 or nothing == ["Y00W"]
    table = model.explain([ALONE])
    assert table[["node", "status"]].to_numpy().tolist() == [[ALONE, "deleted"]]


def test_both_backends_say_the_same(model: PerturbationScorer):
    other = zoo.load(ENTRY, backend="torch", device="cpu").explain(["Y00W", "Y05W"], top=99)
    one = model.explain(["Y00W", "Y05W"], top=99)
    for column in ("moved", "share"):
        columns = (table.set_index("node")[column].sort_index() for table in (one, other))
        np.testing.assert_allclose(*columns, atol=1e-5)


@pytest.mark.parametrize(
    ("asked", "error", "message"),
    [
        (["NOPE"], UnknownGene, "'NOPE' is no gene of this vocabulary"),
        ([["Y00W", "Y01W"], ["Y02W"]], ContractViolation,
         r"got several sets, expected one set: type explain\(\['Y00W', 'Y01W'\]\), and once more"),
        ([["Y00W"]], ContractViolation, r"a set in a list, expected one set: type explain\(\['Y0"),
        ([{"Y00W"}, {"Y01W"}], ContractViolation, r"type explain\(\{'Y00W'\}\)"),
        ("Y00W", ContractViolation, r"got 'Y00W', expected one set of genes such as \['YAL"),
        ([("ABC1", "added")], ContractViolation, "Y01W: got 'added', expected a deletion"),
        ({"ABC1": "present"}, ContractViolation, "Y01W: got 'present', expected a deletion"),
        ([("ABC1", "deletd")], InvalidOption, "kind='deletd'"),
        (["Y00W", "ABC0"], ContractViolation, "Y00W twice, as 'Y00W' and 'ABC0'"),
        (list(NAMES), ContractViolation, "got 9 genes, expected at most 6"),
        (["Y00W, Y01W"], ContractViolation, "each gene by itself: 'Y00W', 'Y01W'"),
        (3, ContractViolation, "got 3"),
    ],
)  # fmt: skip
def test_what_is_no_set_of_deletions_is_told(model: PerturbationScorer, asked, error, message):
    with pytest.raises(error, match=message):
        model.explain(asked)


@pytest.mark.parametrize(
    "options", [{"top": 0}, {"top": True}, {"top": 1.5}, {"kind": "protein"}, {"kind": 1}]
)
def test_an_option_out_of_range_is_told(model: PerturbationScorer, options):
    with pytest.raises(InvalidOption, match=f"{next(iter(options))}="):
        model.explain(["Y00W"], **options)


def test_an_entry_without_the_graph_says_what_to_load(product, cell, table):
    for scorer in (product, cell):
        with pytest.raises(Unsupported, match=r"not offer explain\. .*--task perturbation_graph"):
            scorer.explain(["ADE2"])
    with pytest.raises(Unsupported, match="does not offer explain"):
        table.explain(["ADE2"])


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (None, MissingArtefact, "nodes.json is missing"),
        ("{", CorruptArtefact, "lists of the names"),
        ({"reactions": []}, CorruptArtefact, "lists of the names"),
        ({"reactions": ["r"], "metabolites": []}, CorruptArtefact, "got 1, expected 7 reactions"),
    ],
)
def test_names_that_are_not_the_graphs_are_corrupt(
    folder: Path, tmp_path: Path, content, error, message
):
    from zoo.entry import open_parts

    copy = Path(shutil.copytree(folder, tmp_path / ENTRY))
    (copy / "nodes.json").unlink()
    if content is not None:
        text = content if isinstance(content, str) else json.dumps(content)
        (copy / "nodes.json").write_text(text)
    opened = open_parts(copy, Manifest.load(copy / "manifest.json"), "onnx", "cpu", 1)
    with pytest.raises(error, match=message):
        nodes_of(opened)


@pytest.mark.parametrize("genes", [["ABC0+Y02W"], ["Y02W+ABC0"]])
def test_the_command_lists_what_python_does(model: PerturbationScorer, genes: list[str]):
    expected = model.explain(["Y00W", "Y02W"], top=5)
    told = json.loads(run("explain", ENTRY, *genes, "--top", 5, "--json").stdout)
    assert (told["model"], told["version"]) == (ENTRY, "0.1")
    got = pd.DataFrame(told["nodes"])
    for name in COLUMNS[:-2]:
        assert got[name].tolist() == expected[name].tolist()
    assert got["moved"].tolist() == pytest.approx(expected["moved"].tolist())
    assert [one is None for one in (row["share"] for row in told["nodes"])] == (
        expected["share"].isna().tolist()
    )
    shown = run("explain", ENTRY, *genes, "--top", 5).stdout
    rows = [line.split() for line in shown.splitlines() if line.strip()[:1].isdigit()]
    assert [row[1] for row in rows] == expected["node"].tolist()


def test_the_command_says_where_nothing_moves(model: PerturbationScorer):
    result = run("explain", ENTRY, "wildtype")
    assert (result.stdout, result.stderr) == ("", "No node moves.\n")


@pytest.mark.parametrize("name", ["moved.png", "moved.svg"])
def test_the_figure(model: PerturbationScorer, tmp_path: Path, name: str):
    said = run("explain", ENTRY, "ABC0", "--figure", tmp_path / name, "--top", 4).stderr
    assert "Drew 4 nodes to" in said
    content = (tmp_path / name).read_bytes()
    assert content.startswith(b"\x89PNG" if name.endswith("png") else b"<?xml")


def test_a_figure_needs_matplotlib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.delitem(sys.modules, "matplotlib.figure", raising=False)
    with pytest.raises(
        MissingDependency, match=r"matplotlib is not installed. Type: .*regzoo\[plot\]"
    ):
        figure.check_target(tmp_path / "moved.png")


def test_the_command_does_not_import_matplotlib():
    code = "import sys, zoo.cli.app; print('matplotlib' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "expected at least one, for example zoo explain hetero_cell-yeast ADE2"),
        (["NOPE"], "'NOPE' is no gene"),
        (["ABC0:added"], "Y00W: got 'added', expected a deletion"),
        (["ABC0,ABC1"], r"joined by '\+': ABC0\+ABC1"),
        (["ABC0+wildtype"], "wildtype alone, or genes without it"),
        (["ABC0", "Y02W"], r"sets='ABC0 Y02W'.*expected one set: type ABC0\+Y02W for the set of"),
        (["ABC0", "--top", "0"], "--top=0"),
        (["ABC0", "--kind", "protein"], "--kind='protein'.*gene, reaction, metabolite"),
        (["ABC0", "--figure", "moved.txt"], "ends in .png, .svg, .pdf"),
        (["ABC0", "--figure", "no/such/moved.png"], "a folder that is there"),
    ],
)
def test_bad_input_is_one_message(model: PerturbationScorer, arguments: list[str], message: str):
    assert re.search(message, refused("explain", ENTRY, *arguments))


@pytest.mark.usefixtures("only_tiny")
def test_another_entry_is_told_what_it_does_not_offer():
    assert "does not offer explain" in refused("explain", tiny.CELL, "ADE2", code=1)
    assert "does not offer zoo explain" in refused("explain", tiny.TABLE, "ADE2", code=1)
