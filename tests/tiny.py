"""Tiny synthetic entries: 6 regulators, 12 genes, every number a small fraction known in advance.

`tiny_table-toy` (pair_score) looks logits up in a table; `tiny_dot-toy` (pair_embed) multiplies
vectors of -1 and 1. All logits are exact in float32, so that ties are ties.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

from contracts.genes import GeneRecord, Vocabulary
from contracts.manifest import FileRecord, Licences, Manifest
from zoo.files import sha256

TABLE, DOT = "tiny_table-toy", "tiny_dot-toy"
ENTRIES = (TABLE, DOT)

RECORDS = (
    GeneRecord("ASCL1", True, "HGNC:738", (), (), (), ("HASH1",)),
    GeneRecord("GFAP", False, "HGNC:4235", ("ENSG00000131095",), ("P14136",), (), ("TWIN",)),
    GeneRecord("MAP2", False, "HGNC:6839", ("ENSG00000078018",)),
    GeneRecord("MBP", False, "HGNC:6925", (), (), (), ("TWIN",)),
    GeneRecord("NEUROD1", True, "HGNC:7762", (), (), ("NEUROD",)),
    GeneRecord("OLIG2", True, "HGNC:9398"),
    GeneRecord("PAX6", True, "HGNC:8620"),
    GeneRecord("S100B", False, "HGNC:10500"),
    GeneRecord("SOX2", True, "HGNC:11195", (), (), (), ("ANOP3",)),
    GeneRecord("SOX9", True, "HGNC:11204"),
    GeneRecord("SYN1", False, "HGNC:11494"),
    GeneRecord("TUBB3", False, "HGNC:20772"),
)
GENES = tuple(record.symbol for record in RECORDS)
REGULATORS = tuple(record.symbol for record in RECORDS if record.regulator)
R, G, DIM = len(REGULATORS), len(GENES), 4

_draw = np.random.default_rng(7)
TF_EDGES = np.array([0, 3, 1, 0, 9, 2], dtype=np.int32)
GENE_EDGES = np.array([1, 4, 0, 2, 0, 1, 3, 0, 2, 0, 1, 5], dtype=np.int32)
TF_POPULARITY = np.array([-1, 0.5, 0, -1, 1, 0.5], dtype=np.float32)
GENE_POPULARITY = np.round(_draw.normal(size=G) * 4).astype(np.float32) / 4
SPECIFIC = _draw.integers(-4, 5, (R, G)).astype(np.float32) / 2
TF_VECTORS = _draw.choice([-1, 1], (R, DIM)).astype(np.float32)
GENE_VECTORS = _draw.choice([-1, 1], (G, DIM)).astype(np.float32)


def logits(entry: str) -> np.ndarray:
    """The truth: logits float64 [tfs, genes], by arithmetic and without a graph."""
    specific = SPECIFIC if entry == TABLE else np.inner(TF_VECTORS, GENE_VECTORS)
    return specific.astype(np.float64) + TF_POPULARITY[:, None] + GENE_POPULARITY


def probabilities(entry: str) -> np.ndarray:
    """The truth: probabilities float64 [tfs, genes]."""
    return 1 / (1 + np.exp(-logits(entry)))


def build_table(root: Path) -> Path:
    """Build tiny_table-toy in `root` and return its folder."""
    folder = root / TABLE
    folder.mkdir(parents=True)
    nodes = [
        helper.make_node("Mul", ["tf", "width"], ["row"]),
        helper.make_node("Add", ["row", "gene"], ["cell"]),
        helper.make_node("Gather", ["specific", "cell"], ["pair_specific"]),
        helper.make_node("Gather", ["tf_terms", "tf"], ["tf_popularity"]),
        helper.make_node("Gather", ["gene_terms", "gene"], ["gene_popularity"]),
        helper.make_node("Add", ["pair_specific", "tf_popularity"], ["partial"]),
        helper.make_node("Add", ["partial", "gene_popularity"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["probability"]),
    ]
    constants = {
        "width": np.array(G, dtype=np.int64),
        "specific": SPECIFIC.ravel(),
        "tf_terms": TF_POPULARITY,
        "gene_terms": GENE_POPULARITY,
    }
    names = ("probability", "pair_specific", "tf_popularity", "gene_popularity")
    outputs = {name: ["pairs"] for name in names}
    _save_graph(
        folder / "score.onnx", nodes, {"tf": ["pairs"], "gene": ["pairs"]}, outputs, constants
    )
    tf, gene = (axis.ravel() for axis in np.indices((R, G)))
    golden = {
        "score/real/in/tf": tf,
        "score/real/in/gene": gene,
        "score/real/out/probability": probabilities(TABLE)[tf, gene].astype(np.float32),
        "score/real/out/pair_specific": SPECIFIC[tf, gene],
        "score/real/out/tf_popularity": TF_POPULARITY[tf],
        "score/real/out/gene_popularity": GENE_POPULARITY[gene],
    }
    state = {"tf_edges": TF_EDGES, "gene_edges": GENE_EDGES}
    return _finish(folder, "pair_score", {"score": "score.onnx"}, golden, state)


def build_dot(root: Path) -> Path:
    """Build tiny_dot-toy in `root` and return its folder."""
    folder = root / DOT
    folder.mkdir(parents=True)
    golden: dict[str, np.ndarray] = {}
    state = {"tf_edges": TF_EDGES, "gene_edges": GENE_EDGES}
    sides = {
        "tf": ("tfs", TF_VECTORS, TF_POPULARITY),
        "gene": ("genes", GENE_VECTORS, GENE_POPULARITY),
    }
    for side, (axis, vectors, popularity) in sides.items():
        nodes = [
            helper.make_node("Gather", ["vectors", side], [f"{side}_vector"]),
            helper.make_node("Gather", ["terms", side], [f"{side}_popularity"]),
        ]
        outputs = {f"{side}_vector": [axis, DIM], f"{side}_popularity": [axis]}
        constants = {"vectors": vectors, "terms": popularity}
        _save_graph(folder / f"{side}_tower.onnx", nodes, {side: [axis]}, outputs, constants)
        golden[f"{side}_tower/edge/in/{side}"] = np.array([len(vectors) - 1, 0], dtype=np.int64)
        golden[f"{side}_tower/edge/out/{side}_vector"] = vectors[[-1, 0]]
        golden[f"{side}_tower/edge/out/{side}_popularity"] = popularity[[-1, 0]]
        state |= {f"{side}_vectors": vectors, f"{side}_popularity": popularity}
    graphs = {role: f"{role}.onnx" for role in ("tf_tower", "gene_tower")}
    return _finish(folder, "pair_embed", graphs, golden, state)


BUILDERS: dict[str, Callable[[Path], Path]] = {TABLE: build_table, DOT: build_dot}


def without_card(folder: Path) -> None:
    """Take away an entry's card and its record, as if it were just exported."""
    (folder / "card.md").unlink()
    fields = Manifest.load(folder / "manifest.json").model_dump()
    del fields["files"]["card.md"]
    Manifest.model_validate(fields).save(folder / "manifest.json")


def _save_graph(
    path: Path,
    nodes: list[onnx.NodeProto],
    inputs: dict[str, list],
    outputs: dict[str, list],
    constants: dict[str, np.ndarray],
) -> None:
    graph = helper.make_graph(
        nodes,
        path.stem,
        [helper.make_tensor_value_info(n, TensorProto.INT64, axes) for n, axes in inputs.items()],
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, axes) for n, axes in outputs.items()],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    path.write_bytes(model.SerializeToString())


def _finish(
    folder: Path,
    task: str,
    graphs: dict[str, str],
    golden: dict[str, np.ndarray],
    state: dict[str, np.ndarray],
) -> Path:
    """Add what every entry has, and the manifest."""
    save_file(golden, folder / "vectors.safetensors")
    save_file(state, folder / "state.safetensors")
    Vocabulary.from_records(RECORDS).save(folder / "vocabulary.tsv.gz")
    (folder / "card.md").write_text(f"# {folder.name}\n\nMade for tests.\n", encoding="utf-8")
    files = {
        path.name: FileRecord(sha256=sha256(path), bytes=path.stat().st_size)
        for path in sorted(folder.iterdir())
    }
    sizes = {"tfs_total": R, "genes_total": G}
    Manifest(
        entry=folder.name,
        version="1.0",
        task=task,
        architecture=folder.name.split("-")[0],
        summary="Made for tests.",
        species="human",
        tissue="brain" if task == "pair_score" else "liver",
        config={},
        sizes=sizes if task == "pair_score" else {**sizes, "dim": DIM},
        graphs=graphs,
        files=files,
        licences=Licences(code="Apache-2.0", weights="CC0-1.0", data={}),
        evidence="native",
        recipe="",
        data={},
        seeds=[],
        packages={},
        metrics={"uniform/auroc": 0.75} if task == "pair_score" else {"uniform/auroc": 0.5},
    ).save(folder / "manifest.json")
    return folder
