"""Tiny synthetic entries: 6 regulators, 12 genes, every number a small fraction known in advance.

`tiny_table-toy` (pair_score) looks logits up in a table; `tiny_dot-toy` (pair_embed) multiplies
vectors of -1 and 1. All logits are exact in float32, so that ties are ties. Those for perturbed
cells are in tests.tiny_cells, the one for expression in tests.tiny_expression.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
from onnx import helper
from safetensors.numpy import save_file

from contracts.genes.vocabulary import GeneRecord
from contracts.manifest import Manifest
from contracts.pairs.task import PAIR_EMBED, PAIR_SCORE
from tests.tiny_cells import CELL, PRODUCT, build_cell, build_product
from tests.tiny_expression import RESPONDING, build_response
from tests.tiny_files import finish, save_graph

TABLE, DOT = "tiny_table-toy", "tiny_dot-toy"
PAIRS = (TABLE, DOT)
CELLS = (PRODUCT, CELL)
ENTRIES = (*PAIRS, *CELLS, RESPONDING)

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

MEMBERS = 2
"""Of both ensembles: of tiny_dot-toy, each member has half of the coordinates."""
SPREAD = _draw.integers(0, 8, (R, G)).astype(np.float32) / 4
ACTIVATES = _draw.integers(0, 9, (R, G)).astype(np.float32) / 8
RESOURCES = ("DoRothEA", "TRRUST", "CollecTRI")
LISTED = _draw.integers(0, 8, (R, G)) * (_draw.random((R, G)) < 0.4) * (np.arange(G) != 7)
"""Bits of the resources that list a pair; none lists one of S100B."""
REFERENCES = np.where(LISTED > 0, _draw.integers(0, 500, (R, G)), 0)
SIGNS = np.where(LISTED > 0, _draw.integers(0, 4, (R, G)), 0)
"""Bits: 1 where a resource says activation, 2 where one says repression."""


def logits(entry: str) -> np.ndarray:
    """The truth: logits float64 [tfs, genes], by arithmetic and without a graph."""
    specific = SPECIFIC if entry == TABLE else np.inner(TF_VECTORS, GENE_VECTORS)
    return specific.astype(np.float64) + TF_POPULARITY[:, None] + GENE_POPULARITY


def probabilities(entry: str) -> np.ndarray:
    """The truth: probabilities float64 [tfs, genes]."""
    return 1 / (1 + np.exp(-logits(entry)))


def uncertainties(entry: str) -> np.ndarray:
    """The truth: deviations of the logit over the members, float64 [tfs, genes]."""
    if entry == TABLE:
        return SPREAD.astype(np.float64)
    halves = [slice(0, DIM // 2), slice(DIM // 2, DIM)]
    logits = [MEMBERS * np.inner(TF_VECTORS[:, h], GENE_VECTORS[:, h]) for h in halves]
    return np.std(logits, axis=0)


def listed_by(tf: int, gene: int) -> str:
    """The truth: the resources that list a pair, as text."""
    return ", ".join(n for bit, n in enumerate(RESOURCES) if LISTED[tf, gene] >> bit & 1)


def _write_known(folder: Path) -> None:
    """The pairs that resources list, as entries ship them."""
    pair = np.flatnonzero(LISTED.ravel())
    tensors = {
        "pair": pair.astype(np.int32),
        "resources": LISTED.ravel()[pair].astype(np.uint8),
        "references": REFERENCES.ravel()[pair].astype(np.uint16),
        "sign": SIGNS.ravel()[pair].astype(np.uint8),
    }
    save_file(tensors, folder / "known.safetensors", {"resources": ",".join(RESOURCES)})


def _cells(*names: str) -> list[onnx.NodeProto]:
    """Nodes that look the cell of each pair up in tables [tfs x genes]: `<name>_table` to name."""
    return [
        helper.make_node("Mul", ["tf", "width"], ["row"]),
        helper.make_node("Add", ["row", "gene"], ["cell"]),
        *(helper.make_node("Gather", [f"{name}_table", "cell"], [name]) for name in names),
    ]


def build_table(root: Path) -> Path:
    """Build tiny_table-toy in `root` and return its folder."""
    folder = root / TABLE
    folder.mkdir(parents=True)
    nodes = [
        *_cells("pair_specific", "uncertainty"),
        helper.make_node("Gather", ["tf_terms", "tf"], ["tf_popularity"]),
        helper.make_node("Gather", ["gene_terms", "gene"], ["gene_popularity"]),
        helper.make_node("Add", ["pair_specific", "tf_popularity"], ["partial"]),
        helper.make_node("Add", ["partial", "gene_popularity"], ["logit"]),
        helper.make_node("Sigmoid", ["logit"], ["probability"]),
    ]
    width = {"width": np.array(G, dtype=np.int64)}
    constants = {
        **width,
        "pair_specific_table": SPECIFIC.ravel(),
        "uncertainty_table": SPREAD.ravel(),
        "tf_terms": TF_POPULARITY,
        "gene_terms": GENE_POPULARITY,
    }
    save_graph(folder / "score.onnx", nodes, PAIR_SCORE.graphs["score"], constants, {})
    signs = {**width, "activates_table": ACTIVATES.ravel()}
    save_graph(folder / "sign.onnx", _cells("activates"), PAIR_SCORE.extras["sign"], signs, {})
    _write_known(folder)
    tf, gene = (axis.ravel() for axis in np.indices((R, G)))
    golden = {
        "score/real/in/tf": tf,
        "score/real/in/gene": gene,
        "score/real/out/probability": probabilities(TABLE)[tf, gene].astype(np.float32),
        "score/real/out/pair_specific": SPECIFIC[tf, gene],
        "score/real/out/tf_popularity": TF_POPULARITY[tf],
        "score/real/out/gene_popularity": GENE_POPULARITY[gene],
        "score/real/out/uncertainty": SPREAD[tf, gene],
        "sign/real/in/tf": tf,
        "sign/real/in/gene": gene,
        "sign/real/out/activates": ACTIVATES[tf, gene],
    }
    state = {"tf_edges": TF_EDGES, "gene_edges": GENE_EDGES}
    return finish(
        folder,
        golden,
        state,
        RECORDS,
        task="pair_score",
        species="human",
        tissue="brain",
        sizes={"tfs_total": R, "genes_total": G, "members": MEMBERS},
        graphs={"score": "score.onnx", "sign": "sign.onnx"},
        metrics={"uniform/auroc": 0.75},
    )


def build_dot(root: Path) -> Path:
    """Build tiny_dot-toy in `root` and return its folder."""
    folder = root / DOT
    folder.mkdir(parents=True)
    golden: dict[str, np.ndarray] = {}
    state = {"tf_edges": TF_EDGES, "gene_edges": GENE_EDGES}
    sides = {"tf": (TF_VECTORS, TF_POPULARITY), "gene": (GENE_VECTORS, GENE_POPULARITY)}
    for side, (vectors, popularity) in sides.items():
        nodes = [
            helper.make_node("Gather", ["vectors", side], [f"{side}_vector"]),
            helper.make_node("Gather", ["terms", side], [f"{side}_popularity"]),
        ]
        constants = {"vectors": vectors, "terms": popularity}
        contract = PAIR_EMBED.graphs[f"{side}_tower"]
        save_graph(folder / f"{side}_tower.onnx", nodes, contract, constants, {"dim": DIM})
        golden[f"{side}_tower/edge/in/{side}"] = np.array([len(vectors) - 1, 0], dtype=np.int64)
        golden[f"{side}_tower/edge/out/{side}_vector"] = vectors[[-1, 0]]
        golden[f"{side}_tower/edge/out/{side}_popularity"] = popularity[[-1, 0]]
        state |= {f"{side}_vectors": vectors, f"{side}_popularity": popularity}
    _write_known(folder)
    graphs = {role: f"{role}.onnx" for role in ("tf_tower", "gene_tower")}
    return finish(
        folder,
        golden,
        state,
        RECORDS,
        task="pair_embed",
        species="human",
        tissue="liver",
        sizes={"tfs_total": R, "genes_total": G, "dim": DIM, "members": MEMBERS},
        graphs=graphs,
        metrics={"uniform/auroc": 0.5},
    )


BUILDERS: dict[str, Callable[[Path], Path]] = {
    TABLE: build_table,
    DOT: build_dot,
    PRODUCT: build_product,
    CELL: build_cell,
    RESPONDING: build_response,
}


def without_card(folder: Path) -> None:
    """Take away an entry's card and its record, as if it were just exported."""
    (folder / "card.md").unlink()
    fields = Manifest.load(folder / "manifest.json").model_dump()
    del fields["files"]["card.md"]
    Manifest.model_validate(fields).save(folder / "manifest.json")
