"""A tiny entry of expression responses: 5 genes to perturb, 8 readouts, every number known.

`tiny_response-toy` adds the effects of the members. All numbers are quarters, exact in float32.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from onnx import helper

from contracts.expression.task import RESPONSE
from contracts.genes.vocabulary import GeneRecord, Vocabulary
from tests.tiny_files import finish, save_graph

RESPONDING = "tiny_response-toy"
KIND, UNIT = "overexpressed", "natural log of 1 + counts per 1,000 of a cell"

PERTURBED = (
    GeneRecord("KLF1", True, "HGNC:6345", ("ENSG00000105610",)),
    GeneRecord("MAP2K3", False, "HGNC:6843", previous=("PRKMK3",), aliases=("MEK3",)),
    GeneRecord("MAP2K6", False, "HGNC:6846"),
    GeneRecord("MAPK1", False, "HGNC:6871", aliases=("ERK",)),
    GeneRecord("TGFBR2", False, "HGNC:11773"),
)
READOUTS = (
    GeneRecord("ACTB", False, "HGNC:132", ("ENSG00000075624",)),
    GeneRecord("ALAS2", False, "HGNC:397", ("ENSG00000158578",)),
    GeneRecord("GYPA", False, "HGNC:4702", ("ENSG00000170180",), aliases=("CD235a",)),
    GeneRecord("HBG1", False, "HGNC:4831", ("ENSG00000213934",)),
    GeneRecord("HBZ", False, "HGNC:4835", ("ENSG00000130656",)),
    GeneRecord("KLF1", True, "HGNC:6345", ("ENSG00000105610",)),
    GeneRecord("TMSB4X", False, "HGNC:11881", ("ENSG00000205542",), previous=("TMSB4",)),
    GeneRecord("VIM", False, "HGNC:12692", ("ENSG00000026025",)),
)
GENES = tuple(record.symbol for record in PERTURBED)
GENES_READ = tuple(record.symbol for record in READOUTS)
G, R, LIMIT = len(GENES), len(GENES_READ), 3

CONTROL = np.array([3.25, 0.5, 0.25, 2.75, 0.75, 0.5, 4.25, 1.5], np.float32)
EFFECT = (np.random.default_rng(4).integers(-4, 7, (G, R)) / 4).astype(np.float32)
VARIANCE = (np.random.default_rng(5).integers(1, 5, (G, R)) / 16).astype(np.float32)
GENE_CELLS = np.array([200, 90, 180, 0, 40], np.int32)
MEASURED: dict[tuple[int, ...], np.ndarray] = {
    (0,): EFFECT[0] + np.float32(0.125),
    (2,): EFFECT[2] - np.float32(0.125),
    (0, 2): EFFECT[0] + EFFECT[2] + np.float32(0.25),
}
SIZES = {
    "genes_total": G,
    "readouts": R,
    "members_limit": LIMIT,
    "measured_sets": len(MEASURED),
    "measured_members": sum(map(len, MEASURED)),
}


def change(sets: Iterable[Iterable[int]], control: np.ndarray = CONTROL) -> np.ndarray:
    """The truth: changes float32 [sets, readouts], by arithmetic and without a graph."""
    rows = [EFFECT[list(one)].sum(0) if list(one) else np.zeros(R) for one in sets]
    return np.maximum(np.reshape(rows, (-1, R)), -control).astype(np.float32)


def deviation(sets: Iterable[Iterable[int]]) -> np.ndarray:
    """The truth: deviations float32 [sets, readouts]."""
    return np.sqrt([VARIANCE[list(one)].sum(0) for one in sets]).astype(np.float32).reshape(-1, R)


def build_response(root: Path) -> Path:
    """Build tiny_response-toy in `root` and return its folder."""
    folder = root / RESPONDING
    folder.mkdir(parents=True)
    nodes = [
        helper.make_node("Unsqueeze", ["set", "last"], ["place"]),
        helper.make_node("Shape", ["order"], ["sets"]),
        helper.make_node("Concat", ["sets", "readouts"], ["shape"], axis=0),
        helper.make_node("ConstantOfShape", ["shape"], ["none"]),
        helper.make_node("Neg", ["control"], ["least"]),
    ]
    for name, added in (("effect", "moved"), ("variance", "noise")):
        nodes += [
            helper.make_node("Gather", [name, "member"], [f"{name}_row"]),
            helper.make_node(
                "ScatterND", ["none", "place", f"{name}_row"], [added], reduction="add"
            ),
        ]
    nodes += [
        helper.make_node("Max", ["moved", "least"], ["change"]),
        helper.make_node("Sqrt", ["noise"], ["deviation"]),
    ]
    constants = {
        "last": np.array([1], np.int64),
        "readouts": np.array([R], np.int64),
        "effect": EFFECT,
        "variance": VARIANCE,
    }
    save_graph(folder / "response.onnx", nodes, RESPONSE, constants, SIZES)
    Vocabulary.from_records(READOUTS).save(folder / "readouts.tsv.gz")
    sets = [[], [0], [1, 3, 4], [2, 0]]
    golden = {
        "response/edge/in/member": np.array([gene for one in sets for gene in one]),
        "response/edge/in/set": np.repeat(np.arange(4), [len(one) for one in sets]),
        "response/edge/in/order": np.array([len(one) for one in sets]),
        "response/edge/in/control": CONTROL,
        "response/edge/out/change": change(sets),
        "response/edge/out/deviation": deviation(sets),
    }
    measured = np.stack([*MEASURED.values()])
    state = {
        "control": CONTROL,
        "gene_cells": GENE_CELLS,
        "measured_member": np.array([gene for one in MEASURED for gene in one], np.int32),
        "measured_order": np.array([len(one) for one in MEASURED], np.int32),
        "measured_change": measured,
        "measured_deviation": np.full_like(measured, 0.25),
        "measured_cells": np.array([110, 95, 90], np.int32),
    }
    return finish(
        folder,
        golden,
        state,
        PERTURBED,
        task="expression_response",
        species="human",
        tissue="blood",
        sizes=SIZES,
        graphs={"response": "response.onnx"},
        metrics={"both_seen/l2": 0.5},
        config={"kind": KIND, "unit": UNIT},
    )
