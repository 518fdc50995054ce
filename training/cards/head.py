"""The YAML head of a card, which model hubs read: licence, tags, and every test figure."""

import re

from huggingface_hub import EvalResult, ModelCardData

from contracts.manifest import Manifest
from training.pairs import card_text as text
from training.pairs.shipped import Shipped

LICENCES = (
    "apache-2.0",
    "mit",
    "bsd-3-clause",
    "cc0-1.0",
    "cc-by-4.0",
    "cc-by-sa-4.0",
    "cc-by-nc-4.0",
    "cc-by-nc-sa-4.0",
    "gpl-3.0",
    "lgpl-3.0",
    "agpl-3.0",
)
"""SPDX names that hubs know, in lower case; any other licence is `other` with a name."""
TASK = "graph-ml"
HUB_NAMES = {"auroc": "roc_auc", "auprc": "average_precision"}
DIGITS = 4


def front_matter(shipped: Shipped) -> str:
    """The YAML block between its dashes."""
    return block(shipped.manifest, "gene-regulation", _results(shipped))


def block(manifest: Manifest, about: str, results: list[EvalResult]) -> str:
    """The YAML block of an entry, between its dashes; `about` is a tag for what it is about."""
    tags = {about, "onnx", manifest.species, manifest.tissue, manifest.task}
    data = ModelCardData(
        **_licence(manifest.licences.weights),
        library_name="regzoo",
        pipeline_tag=TASK,
        tags=sorted(tags),
        model_name=manifest.entry,
        eval_results=results or None,
    )
    return f"---\n{data.to_yaml().strip()}\n---"


def _licence(weights: str) -> dict[str, str]:
    name = weights.lower()
    if name in LICENCES:
        return {"license": name}
    return {"license": "other", "license_name": re.sub(r"[^a-z0-9.]+", "-", name).strip("-")}


def _results(shipped: Shipped) -> list[EvalResult]:
    """One result a figure, its interval among the arguments of the metric."""
    evaluation = shipped.evaluation
    return [
        EvalResult(
            task_type=TASK,
            task_name=f"{shipped.manifest.task}, {text.TITLES.get(protocol, protocol)}",
            dataset_type=evaluation["dataset"],
            dataset_name=evaluation["dataset"],
            dataset_config=protocol,
            dataset_split=evaluation["stage"],
            dataset_revision=evaluation["edges_digest"],
            metric_type=HUB_NAMES.get(name, name),
            metric_name=text.FIGURES.get(name, name),
            metric_value=round(figure["value"], DIGITS),
            metric_args={
                "level": evaluation["level"],
                "low": round(figure["low"], DIGITS),
                "high": round(figure["high"], DIGITS),
            },
        )
        for protocol, body in shipped.protocols.items()
        for name, figure in body["metrics"].items()
    ]
