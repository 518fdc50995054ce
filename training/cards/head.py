"""The YAML head of a card, which model hubs read: licence, tags, and the headline's figures."""

import re

import numpy as np
from huggingface_hub import EvalResult, ModelCardData

from training.cards.filters import measure as title
from training.cards.shipped import Shipped, of_family

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
HUB_NAMES = {
    "auroc": "roc_auc",
    "auprc": "average_precision",
    "pearson": "pearsonr",
    "spearman": "spearmanr",
}
DIGITS = 4


def front_matter(shipped: Shipped) -> str:
    """The YAML block between its dashes."""
    manifest = shipped.manifest
    about = of_family(shipped.family).TAG
    data = ModelCardData(
        **_licence(manifest.licences.weights),
        library_name="regzoo",
        pipeline_tag=TASK,
        tags=sorted({about, "onnx", manifest.species, manifest.tissue, manifest.task}),
        model_name=manifest.entry,
        eval_results=_results(shipped) or None,
    )
    return f"---\n{data.to_yaml().strip()}\n---"


def _licence(weights: str) -> dict[str, str]:
    name = weights.lower()
    if name in LICENCES:
        return {"license": name}
    return {"license": "other", "license_name": re.sub(r"[^a-z0-9.]+", "-", name).strip("-")}


def _results(shipped: Shipped) -> list[EvalResult]:
    """One result a measure of the headline, its interval among the arguments of the metric."""
    evaluation = shipped.evaluation
    about, first = evaluation.about, evaluation.about.headline
    found = []
    for measure in evaluation.measures(first.protocol, first.question) if first else ():
        figure = evaluation.figure(first.protocol, measure, first.question)
        if figure is None or not np.isfinite(figure.low):
            continue
        found.append(
            EvalResult(
                task_type=TASK,
                task_name=" ".join(filter(None, (first.protocol, first.question))),
                dataset_type=about.dataset,
                dataset_name=about.dataset,
                dataset_split=about.stage,
                dataset_revision=about.digest,
                metric_type=HUB_NAMES.get(measure, measure),
                metric_name=title(measure),
                metric_value=round(figure.value, DIGITS),
                metric_args={
                    "level": about.level,
                    "low": round(figure.low, DIGITS),
                    "high": round(figure.high, DIGITS),
                },
            )
        )
    return found
