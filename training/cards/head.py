"""The YAML head of a card, which model hubs read: licence, tags, and the headline's figures."""

import re

import numpy as np
from huggingface_hub import EvalResult, ModelCardData

from training.cards.filters import measure as title
from training.cards.shipped import Shipped, of_family
from training.scoring.table import Figure

LICENCES = re.compile(r"apache-2\.0|mit|bsd-3-clause|cc0-1\.0|cc-by(-nc)?(-sa)?-4\.0|[al]?gpl-3\.0")
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
    about, species = of_family(shipped.family).TAG, manifest.species.split(", ")
    licence = manifest.licences.weights.lower()
    named = {"license": licence}
    if not LICENCES.fullmatch(licence):
        named = {
            "license": "other",
            "license_name": re.sub(r"[^a-z0-9.]+", "-", licence).strip("-"),
        }
    data = ModelCardData(
        **named,
        library_name="regzoo",
        pipeline_tag=TASK,
        tags=sorted({about, "onnx", *species, manifest.tissue, manifest.task}),
        model_name=manifest.entry,
        eval_results=_results(shipped) or None,
    )
    return f"---\n{data.to_yaml().strip()}\n---"


def _results(shipped: Shipped) -> list[EvalResult]:
    """One result a measure of the headline, its interval among the arguments of the metric."""
    evaluation = shipped.evaluation
    about, first = evaluation.about, evaluation.about.headline
    measures = evaluation.measures(first.protocol, first.question) if first else ()
    figures = {each: evaluation.figure(first.protocol, each, first.question) for each in measures}
    return [
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
            metric_args=_interval(figure, about.level),
        )
        for measure, figure in figures.items()
        if evaluation.is_measured(first.protocol, measure, first.question)
    ]


def _interval(figure: Figure, level: float) -> dict[str, float] | None:
    """The interval of a figure and its level, if it has one."""
    if not np.isfinite(figure.low):
        return None
    return {"level": level} | {end: round(getattr(figure, end), DIGITS) for end in ("low", "high")}
