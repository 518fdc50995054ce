"""Two tiny perturbation entries: 12 genes of yeast, every number a small fraction known in advance.

`tiny_product-toy` (perturbation) multiplies a number of each member; `tiny_cell-toy`
(perturbation_encoded) does the same with numbers that come of the encoded cell, and adds a
background that moves a little when genes are added. Numbers are exact in float32 but for the
background, so that ties are ties.
"""

from collections.abc import Iterable
from itertools import combinations
from math import prod
from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from contracts.genes.vocabulary import GeneRecord
from contracts.perturbations.task import PERTURBATION, PERTURBATION_ENCODED
from tests.tiny_files import finish, save_graph

PRODUCT, CELL = "tiny_product-toy", "tiny_cell-toy"

_NAMES = {
    "YAL002W": ("VPS8", "FUN15", "TWIN"),
    "YBR001C": ("NTH2", "TWIN"),
    "YDL227C": ("HO", "S000002386"),
    "YEL021W": ("URA3",),
    "YFL039C": ("ACT1",),
    "YGR192C": ("TDH3", "GLD1"),
    "YKL106W": ("AAT1",),
    "YML123C": ("PHO84",),
    "YNL307C": ("MCK1", "YPK1"),
    "YOR128C": ("ADE2", "S000005654"),
    "YPL031C": ("PHO85",),
    "YPR119W": ("CLB2",),
}
RECORDS = tuple(GeneRecord(orf, aliases=names) for orf, names in _NAMES.items())
GENES = tuple(_NAMES)
G, LIMIT = len(GENES), 6
FEATURES = ("degree", "complex")
SIZES = {"genes_total": G, "members_limit": LIMIT}
ENCODED_SIZES = {
    **SIZES,
    "tokens_total": G + 1,
    "dim": 2,
    "key_dim": 2,
    "value_dim": 1,
    "features": len(FEATURES),
}

GENE_RECORDS = np.array([3, 0, 5, 1, 0, 2, 7, 1, 4, 6, 0, 2], dtype=np.int32)
KIND_RECORDS = np.array([9, 0, 0, 3], dtype=np.int32)
FITNESS = np.array([1, 0.5, 0.75, 1, 0, 0.875, 1, 0.75, 0.5, 1, 0.625, 1], dtype=np.float32)
WEIGHT = np.array([1, -1, 0.5, 0.5, -0.5, 0.25, 1, -0.25, 0, 0.5, -1, 0.5], dtype=np.float32)
SINGLE_MEASURED = np.array([1, 1, 1, 1, 0, 1, 1, 1, 1, 0, 1, 1], dtype=np.uint8)
STRENGTH = np.array([1, 0, 0.5, -1], dtype=np.float32)
"""What a member's weight is multiplied with, kind by kind."""

_draw = np.random.default_rng(11)
TOKENS = _draw.integers(-4, 5, (G + 1, 2)).astype(np.float32) / 8
TOKEN_FITNESS = np.append(FITNESS, np.float32(0.9375))
FEATURE_ROWS = _draw.integers(-4, 5, (G, len(FEATURES))).astype(np.float32) / 4
FEATURE_SCALE = np.array([[0, 1, 0], [0, 1, 0]], dtype=np.float64)
"""Mean 0, deviation 1 and no count: what people say of a gene is what the encoder is given."""
PROJECTION = np.array([[0.5, 0.25], [-0.25, 0.5]], dtype=np.float32)
VALUES = np.array([[1], [-1]], dtype=np.float32)
SCALE = np.float32(1 / 64)

Member = tuple[int, int]
"""A gene's position and a kind's."""


def weights(entry: str) -> np.ndarray:
    """The truth: what each gene brings to an interaction, float64 [genes]."""
    if entry == PRODUCT:
        return WEIGHT.astype(np.float64)
    return cell(np.arange(G), FEATURE_ROWS)["hidden"].astype(np.float64).sum(axis=1)


def background(entry: str) -> float:
    """The truth: what every interaction has besides."""
    if entry == PRODUCT:
        return 0.0
    state = {name: a.astype(np.float64) for name, a in cell(np.arange(G), FEATURE_ROWS).items()}
    return float(SCALE) * (state["cell"].sum() + state["key"].mean() + state["value"].mean())


def counted(members: Iterable[Member]) -> list[Member]:
    """The members that a prediction counts: those of a kind that training has seen."""
    return [member for member in members if KIND_RECORDS[member[1]] > 0]


def interaction(entry: str, members: Iterable[Member]) -> float:
    """The truth: what the graph gives for a set, by arithmetic."""
    members = list(members)
    if len(members) < 2:
        return 0.0
    weight = weights(entry)
    return prod(weight[gene] * STRENGTH[kind] for gene, kind in members) + background(entry)


def expectation(members: Iterable[Member]) -> float:
    """The truth: the product of single fitness, absent members only."""
    return float(prod((FITNESS[gene] for gene, kind in members if kind == 0), start=1.0))


def fitness(entry: str, members: Iterable[Member]) -> float:
    """The truth: the sum over the sub-sets of two and three, term by term."""
    members = counted(members)
    total = expectation(members)
    for size in (2, 3):
        for inside in combinations(members, size):
            outside = [member for member in members if member not in inside]
            total += interaction(entry, inside) * expectation(outside)
    return total


def cell(token: np.ndarray, features: np.ndarray) -> dict[str, np.ndarray]:
    """What the encoder gives."""
    hidden = TOKENS[token] + features @ PROJECTION
    return {
        "hidden": hidden,
        "key": hidden / 2,
        "value": features @ VALUES,
        "single_fitness": TOKEN_FITNESS[token],
        "cell": hidden.mean(axis=0),
    }


def build_product(root: Path) -> Path:
    """Build tiny_product-toy in `root` and return its folder."""
    folder = root / PRODUCT
    folder.mkdir(parents=True)
    nodes = [
        helper.make_node("Gather", ["weights", "member"], ["weight"]),
        helper.make_node("Gather", ["fitness", "member"], ["single"]),
        *_head("scaled"),
        helper.make_node("Where", ["interacts", "scaled", "none"], ["gene_interaction"]),
    ]
    constants = {**_constants(), "weights": WEIGHT, "fitness": FITNESS}
    contract = PERTURBATION.graphs["head"]
    save_graph(folder / "head.onnx", nodes, contract, constants, SIZES)
    state = _known()
    return finish(
        folder, _golden(PRODUCT), state, RECORDS, task="perturbation", sizes=SIZES, **_fields()
    )


def build_cell(root: Path) -> Path:
    """Build tiny_cell-toy in `root` and return its folder."""
    folder = root / CELL
    folder.mkdir(parents=True)
    task = PERTURBATION_ENCODED
    nodes = [
        helper.make_node("Gather", ["tokens", "token"], ["known"]),
        helper.make_node("MatMul", ["features", "projection"], ["told"]),
        helper.make_node("Add", ["known", "told"], ["hidden"]),
        helper.make_node("Mul", ["hidden", "half"], ["key"]),
        helper.make_node("MatMul", ["features", "values"], ["value"]),
        helper.make_node("Gather", ["fitness", "token"], ["single_fitness"]),
        helper.make_node("ReduceMean", ["hidden", "first"], ["cell"], keepdims=0),
    ]
    constants = {"tokens": TOKENS, "projection": PROJECTION, "values": VALUES}
    constants |= {"half": np.float32(0.5), "fitness": TOKEN_FITNESS, "first": np.array([0])}
    save_graph(folder / "encode.onnx", nodes, task.graphs["encode"], constants, ENCODED_SIZES)
    nodes = [
        helper.make_node("ReduceSum", ["hidden", "second"], ["weights"], keepdims=0),
        helper.make_node("Gather", ["weights", "member"], ["weight"]),
        helper.make_node("Gather", ["single_fitness", "member"], ["single"]),
        *_head("scaled"),
        helper.make_node("ReduceSum", ["cell"], ["whole"], keepdims=0),
        helper.make_node("ReduceMean", ["key"], ["keys"], keepdims=0),
        helper.make_node("ReduceMean", ["value"], ["rest"], keepdims=0),
        helper.make_node("Sum", ["whole", "keys", "rest"], ["around"]),
        helper.make_node("Mul", ["around", "scale"], ["background"]),
        helper.make_node("Add", ["scaled", "background"], ["moved"]),
        helper.make_node("Where", ["interacts", "moved", "none"], ["gene_interaction"]),
    ]
    constants = {**_constants(), "second": np.array([1]), "scale": SCALE}
    save_graph(folder / "head.onnx", nodes, task.graphs["head"], constants, ENCODED_SIZES)
    token = np.arange(G)
    encoded = cell(token, FEATURE_ROWS)
    state = _known() | {"features": FEATURE_ROWS, "feature_scale": FEATURE_SCALE}
    some = np.array([3, 12, 0])
    golden = {"encode/edge/in/token": some, "encode/edge/in/features": FEATURE_ROWS[:3]}
    few = cell(some, FEATURE_ROWS[:3])
    golden |= {f"encode/edge/out/{name}": array for name, array in few.items()}
    return finish(
        folder,
        golden | _golden(CELL),
        state | encoded,
        RECORDS,
        task="perturbation_encoded",
        sizes=ENCODED_SIZES,
        **_fields("encode"),
    )


def _known() -> dict[str, np.ndarray]:
    """What training knew."""
    return {
        "gene_records": GENE_RECORDS,
        "kind_records": KIND_RECORDS,
        "single_measured": SINGLE_MEASURED,
    }


def _head(scaled: str) -> list[onnx.NodeProto]:
    """From `weight` and `single` of each member to products of each set, and the expectation."""
    return [
        helper.make_node("Gather", ["strengths", "kind"], ["strength"]),
        helper.make_node("Mul", ["weight", "strength"], ["effect"]),
        helper.make_node("Shape", ["order"], ["count"]),
        helper.make_node("ConstantOfShape", ["count"], ["ones"], value=_ONE),
        helper.make_node(
            "ScatterElements", ["ones", "set", "effect"], [scaled], axis=0, reduction="mul"
        ),
        helper.make_node("GreaterOrEqual", ["order", "two"], ["interacts"]),
        helper.make_node("Equal", ["kind", "absent"], ["is_absent"]),
        helper.make_node("Where", ["is_absent", "single", "unit"], ["factor"]),
        helper.make_node(
            "ScatterElements", ["ones", "set", "factor"], ["expectation"], axis=0, reduction="mul"
        ),
    ]


_ONE = helper.make_tensor("one", onnx.TensorProto.FLOAT, [1], [1.0])


def _constants() -> dict[str, np.ndarray]:
    return {
        "strengths": STRENGTH,
        "two": np.array(2),
        "absent": np.array(0),
        "unit": np.float32(1),
        "none": np.float32(0),
    }


def _golden(entry: str) -> dict[str, np.ndarray]:
    """The wildtype, a single, a pair and a triple."""
    sets = [[], [(1, 0)], [(9, 0), (2, 3)], [(0, 0), (6, 2), (11, 0)], []]
    members = [member for one in sets for member in one]
    arrays = {
        "in/member": np.array([gene for gene, _ in members]),
        "in/kind": np.array([kind for _, kind in members]),
        "in/set": np.repeat(np.arange(len(sets)), [len(one) for one in sets]),
        "in/order": np.array([len(one) for one in sets]),
        "out/gene_interaction": np.array([interaction(entry, one) for one in sets], np.float32),
        "out/expectation": np.array([expectation(one) for one in sets], np.float32),
    }
    return {f"head/edge/{name}": array for name, array in arrays.items()}


def _fields(*roles: str) -> dict[str, object]:
    return {
        "species": "yeast",
        "tissue": "whole cell",
        "config": {"features": list(FEATURES)} if roles else {},
        "graphs": {role: f"{role}.onnx" for role in ("head", *roles)},
        "metrics": {"epsilon/pearson": 0.25},
    }
