"""A whole evaluation (schema 2) and the files beside it, made up: no number of it was measured."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from contracts.manifest import Manifest
from tests import tiny
from training.pairs.shipped import Shipped
from zoo.store import folders

ENTRY = tiny.DOT
RUNGS = {
    "degree": "degree baseline (degree-toy)",
    "shuffled": "this network, identities shuffled",
    "degree_logistic": "logistic on degrees",
    "spectral_boosting": "boosting on spectral factors",
}
LEVELS = {
    "uniform": (0.95, 0.93),
    "imbalance_5": (0.94, 0.92),
    "imbalance_10": (0.93, 0.91),
    "imbalance_50": (0.92, 0.90),
    "degree_preserving": (0.79, 0.73),
    "within_source": (0.73, 0.66),
    "cold_gene": (0.72, 0.62),
    "cold_tf": (0.51, 0.55),
    "cold_both": (0.50, 0.52),
}
PROBABILITY = ("uniform", "imbalance_5", "imbalance_10", "imbalance_50", "given")
RATIOS = {"imbalance_5": 5, "imbalance_10": 10, "imbalance_50": 50}
RANKS = 10


def evaluation(seed: int = 0, given: bool = False) -> dict[str, Any]:
    """A complete evaluation; with `given`, of a data set that came split."""
    draw = np.random.default_rng(seed)
    levels = {"given": (0.94, 0.93)} if given else LEVELS
    protocols = {name: pairs(draw, name, *levels[name]) for name in levels}
    protocols["retrieval"] = retrieval(draw)
    if not given:
        protocols["external"] = external(draw)
    return {
        "schema_version": 2,
        "entry": ENTRY,
        "version": "1.0",
        "dataset": "toy",
        "stage": "test",
        "resamples": 1000,
        "level": 0.95,
        "edges_digest": "3f" * 32,
        "complete": True,
        "protocols": protocols,
        "seeds": {
            "count": 5,
            "stage": "valid",
            "figures": {"degree_preserving/auroc": {"mean": 0.78613, "sd": 0.00417}},
        },
    }


def record(value: float, half: float = 0.021337) -> dict[str, float]:
    return {"value": value, "low": value - half, "high": value + 0.9 * half}


def pairs(draw: np.random.Generator, name: str, own: float, best: float) -> dict[str, Any]:
    """One protocol over pairs; the strongest baseline is spectral_boosting."""
    figures = ("auroc", "auprc", "auroc_per_tf", "auprc_per_tf")

    def measured(level: float) -> dict[str, Any]:
        return {f: record(level + draw.normal(0, 0.002)) for f in figures}

    mine = measured(own)
    ladder = {
        rung: {"title": title, "metrics": measured(best - 0.05 * (len(RUNGS) - 1 - place))}
        for place, (rung, title) in enumerate(RUNGS.items())
    }
    theirs = ladder["spectral_boosting"]["metrics"]
    grid = np.linspace(0, 1, 40)
    shown = {"entry": own, "spectral_boosting": best, "degree": 0.51}
    ratio = RATIOS.get(name, 1)
    positives = int(draw.integers(900, 1900))
    body = {
        "kind": "pairs",
        "description": f"made-up pairs of the kind {name.replace('_', ' ')}",
        "component": "probability" if name in PROBABILITY else "pair_specific",
        "ratio": ratio,
        "positives": positives,
        "negatives": ratio * positives,
        "resampled_by": "tf",
        "metrics": mine,
        "ladder": ladder,
        "best": "spectral_boosting",
        "difference": {f: record(mine[f]["value"] - theirs[f]["value"]) for f in figures},
        "curves": {
            "roc": {n: np.stack([grid, grid ** (1 / a - 1)], 1).tolist() for n, a in shown.items()},
            "pr": {
                n: np.stack([grid, 1 - (1 - a) * 1.6 * grid], 1).tolist() for n, a in shown.items()
            },
        },
        "by_degree": [
            {"low": low, "high": high, "positives": 200 + 7 * place, "negatives": 210 + 3 * place,
             "auroc": record(0.505 + 0.07 * place)}
            for place, (low, high) in enumerate(((0, 0), (1, 2), (3, 5), (6, 10), (11, None)))
        ],
        "by_family": [
            {"family": family, "tfs": tfs, "positives": 31 + tfs, "auroc": record(level)}
            for family, tfs, level in (("SOX", 9, 0.8123), ("STAT", 6, 0.7717), ("ZNF", 23, 0.4931))
        ],
    }  # fmt: skip
    if name in PROBABILITY:
        body["decisions"] = decisions(draw, ratio)
        mean = np.linspace(0.05, 0.95, 10) + draw.normal(0, 0.01, 10)
        share = np.clip(mean + draw.normal(0, 0.03, 10), 0, 1)
        body["reliability"] = [
            [float(m), float(s), int(draw.integers(20, 900))]
            for m, s in zip(mean, share, strict=True)
        ]
    return body


def decisions(draw: np.random.Generator, ratio: int) -> dict[str, float]:
    names = ["accuracy", "f1", "mcc", "brier", "ece"]
    values = dict(zip(names, draw.uniform(0.06, 0.1, 5).tolist(), strict=True))
    values["accuracy"] += 0.8
    if ratio > 1:
        values |= {f"{n}_uncorrected": values[n] / 2 for n in names[:3]}
    return values


def retrieval(draw: np.random.Generator) -> dict[str, Any]:
    figures = {"mrr": 0.32, "hits@1": 0.21, "hits@10": 0.55, "hits@50": 0.79}
    mine = {name: record(value + draw.normal(0, 0.002)) for name, value in figures.items()}
    ladder = {
        rung: {"title": RUNGS[rung], "metrics": {n: record(v * share) for n, v in figures.items()}}
        for rung, share in (("degree", 0.48), ("spectral_boosting", 0.76))
    }
    theirs = ladder["spectral_boosting"]["metrics"]
    start = {"entry": 0.21, "degree": 0.06, "spectral_boosting": 0.15}
    return {
        "kind": "retrieval",
        "description": "made-up ranks",
        "positives": 1717,
        "resampled_by": "gene",
        "metrics": mine,
        "ladder": ladder,
        "best": "spectral_boosting",
        "difference": {n: record(mine[n]["value"] - theirs[n]["value"], 0.018) for n in figures},
        "ranks": {n: np.linspace(a, 0.99, RANKS).tolist() for n, a in start.items()},
    }


def external(draw: np.random.Generator) -> dict[str, Any]:
    levels = {"auroc_per_tf": 0.5173}
    return {
        "kind": "external",
        "description": "made-up edges of another species",
        "positives": 4242,
        "negatives": 51515,
        "resampled_by": "tf",
        "coverage": {"orthologs": 0.76543},
        "metrics": {name: record(value) for name, value in levels.items()},
        "ladder": {
            "degree": {"title": RUNGS["degree"], "metrics": {"auroc_per_tf": record(0.5032)}}
        },
        "best": "degree",
        "difference": {"auroc_per_tf": record(0.0141)},
        "per_tf": [
            {"tf": tf, "positives": 111, "negatives": 999, "auroc": float(draw.uniform(0.4, 0.6))}
            for tf in ("SOX2", "PAX6")
        ],
    }


def run() -> dict[str, Any]:
    """What a training notes."""
    return {
        "entry": ENTRY,
        "recipe": {"dataset": "toy", "changes": {"1.0": "first release"}},
        "seed": 3,
        "seconds": 12.5,
        "parameters": 98765,
        "commit": None,
        "coverage": {"ids/toy": 0.98765, "expression/toy": 0.87654},
        "description": "Edges that nobody ever listed, told from expression that nobody measured.",
        "split": {"train": 14048, "valid": 1719, "test": 1798, "cold_tf_test": 202},
        "licences": {},
    }


def parity() -> dict[str, Any]:
    """What an export notes."""
    return {
        "batches": [1, 2, 7, 256],
        "top": 10,
        "ranked_genes": 200,
        "tolerance": 1e-05,
        "lanes": {
            "ort_cpu": {"status": "certified", "max_abs_probability": 1.8713e-07},
            "ort_cuda": {"status": "not certified", "reason": "there is none here"},
        },
    }


def ship(root: Path, tiny_root: Path, measured: dict[str, Any] | None = None) -> Path:
    """A tiny entry in `root` with all the files that a card is made of, registered."""
    folder = root / ENTRY
    shutil.copytree(tiny_root / ENTRY, folder)
    written = {
        "run.json": run(),
        "parity.json": parity(),
        "evaluation.json": measured or evaluation(),
    }
    for name, content in written.items():
        (folder / name).write_text(json.dumps(content))
        folders.record(folder, name)
    folders.register(folder)
    return folder


def shipped(tiny_root: Path, measured: dict[str, Any] | None = None) -> Shipped:
    """The same without writing files."""
    manifest = Manifest.load(tiny_root / ENTRY / "manifest.json")
    licences = manifest.licences.model_copy(
        update={"weights": "CC-BY-SA-4.0", "data": {"Toys": "CC0-1.0"}}
    )
    manifest = manifest.model_copy(update={"licences": licences, "packages": {"torch": "2.13.0"}})
    return Shipped(manifest, run(), parity(), measured or evaluation(), ("SOX2", "GFAP"))
