"""Evaluate the exported entry, as a user loads it, on its own saved split.

Each protocol is answered by the entry and by its rival, the degree baseline of the same variant,
with intervals from regulators (genes, for retrieval) drawn again and again.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from contracts.errors import InvalidOption, Unsupported
from contracts.manifest import FILENAME, Manifest, split_entry
from training import data as datasets
from training import metrics
from training.data.pairs import PairData
from training.protocols import Split, StaleSplit
from training.questions import (
    PROTOCOLS,
    QUESTIONS,
    RETRIEVAL,
    RETRIEVAL_DESCRIPTION,
    STAGES,
    Labelled,
    answer,
    check_protocol,
    retrieve,
)
from zoo import loading, store
from zoo.files import replacing
from zoo.pair_base import PairScorer

EVALUATION, SPLIT, RUN = "evaluation.json", "split.safetensors", "run.json"
RIVAL = "degree"


class Evaluation:
    """An entry and its rival, ready to answer protocols."""

    def __init__(self, entry: str, stage: str = "test", root: Path | None = None):
        if stage not in STAGES:
            raise InvalidOption("--stage", stage, f"one of {', '.join(STAGES)}")
        self.folder, self.manifest = store.open_entry(entry)
        if SPLIT not in self.manifest.files:
            raise Unsupported(entry, "zoo evaluate", "The entry ships no split of its own.")
        self.run = json.loads((self.folder / RUN).read_text())
        self.stage, self.split = stage, Split.load(self.folder / SPLIT)
        self.data: PairData = datasets.load(self.run["recipe"]["dataset"], root)
        self.split.require(self.data)
        self.scorer: PairScorer = loading.load(entry)
        rival = f"{RIVAL}-{split_entry(entry)[1]}"
        self.rival = rival if rival != entry and rival in store.known() else None
        self.rival_scorer = self._open_rival(self.rival) if self.rival else None

    def _open_rival(self, rival: str) -> PairScorer:
        """Load the rival; raises StaleSplit where it may have learned from this entry's test."""
        theirs = Split.load(store.open_entry(rival)[0] / SPLIT)
        same = theirs.edges_digest == self.split.edges_digest
        if not (same and np.array_equal(theirs.part, self.split.part)):
            raise StaleSplit(
                f"{rival} was trained on another split than {self.manifest.entry}, so the two "
                f"can't be compared. Type: zoo train {rival}, then zoo export {rival}."
            )
        return loading.load(rival)

    def predictions(self, protocol: str) -> pd.DataFrame:
        """Pairs, labels and scores of the entry under one protocol."""
        return self._predict(self.scorer, check_protocol(protocol))

    def _predict(self, scorer: PairScorer, protocol: str) -> pd.DataFrame:
        if protocol == RETRIEVAL:
            return retrieve(scorer, self.data, self.split, self.stage)
        question = QUESTIONS[protocol]
        asked = Labelled.of(question, self.data, self.split, self.stage)
        return answer(scorer, question, asked)

    def report(self, protocol: str) -> tuple[dict[str, Any], pd.DataFrame]:
        """Figures of one protocol, the rival's and the difference; and the predictions."""
        own = self.predictions(protocol)
        theirs = self._predict(self.rival_scorer, protocol) if self.rival_scorer else None
        if protocol == RETRIEVAL:
            body = _retrieval(own, theirs)
            body |= {"description": RETRIEVAL_DESCRIPTION, "positives": len(own)}
        else:
            question = QUESTIONS[protocol]
            body = _ranking(own, theirs)
            body |= {
                "description": question.description,
                "component": question.component if np.ptp(own["pair_specific"]) else "probability",
                "positives": int(own["label"].sum()),
                "negatives": int((own["label"] == 0).sum()),
            }
            if question.component == "probability":
                label, probability = own["label"].to_numpy(bool), own["probability"].to_numpy()
                body["brier"] = metrics.brier(label, probability)
        return body | {"rival": self.rival}, own


def _ranking(own: pd.DataFrame, theirs: pd.DataFrame | None) -> dict[str, Any]:
    """AUROC and AUPRC of labelled pairs, resampled by regulator."""
    label = own["label"].to_numpy(bool)
    draws = metrics.Resampling.of(own["tf"].to_numpy())
    body: dict[str, Any] = {"resampled_by": "tf", "metrics": {}, "rival_metrics": {}}
    body["difference"] = {}
    for name, figure in metrics.PAIR_FIGURES.items():
        value = figure(label, own["score"].to_numpy(), None)
        values = draws.figures(figure, label, own["score"].to_numpy())
        body["metrics"][name] = metrics.record(value, values)
        if theirs is not None:
            other = figure(label, theirs["score"].to_numpy(), None)
            others = draws.figures(figure, label, theirs["score"].to_numpy())
            body["rival_metrics"][name] = metrics.record(other, others)
            body["difference"][name] = metrics.record(value - other, values - others)
    return body


def _retrieval(own: pd.DataFrame, theirs: pd.DataFrame | None) -> dict[str, Any]:
    """Mean reciprocal rank and hits of held-out regulators, resampled by gene."""
    draws = metrics.Resampling.of(own["gene"].to_numpy())
    weight = draws.weights[:, draws.group]
    weight /= weight.sum(1, keepdims=True)
    body: dict[str, Any] = {"resampled_by": "gene", "metrics": {}, "rival_metrics": {}}
    body["difference"] = {}
    mine = metrics.reciprocal_ranks(own["rank"].to_numpy())
    other = metrics.reciprocal_ranks(theirs["rank"].to_numpy()) if theirs is not None else {}
    for name, values in mine.items():
        body["metrics"][name] = metrics.record(float(values.mean()), weight @ values)
        if name in other:
            rival, gap = other[name], values - other[name]
            body["rival_metrics"][name] = metrics.record(float(rival.mean()), weight @ rival)
            body["difference"][name] = metrics.record(float(gap.mean()), weight @ gap)
    return body


def evaluate(
    entry: str, protocols: Iterable[str] = PROTOCOLS, stage: str = "test", root: Path | None = None
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Evaluate `entry` under `protocols`; returns what evaluation.json holds, and all predictions.

    Raises UnknownEntry and the store's errors, InvalidOption for an unknown protocol or stage,
    MissingData without the raw data, StaleSplit where the data is not the one that was split.
    """
    names = [check_protocol(name) for name in protocols]
    evaluation = Evaluation(entry, stage, root)
    answers = {name: evaluation.report(name) for name in names}
    report = {
        "entry": entry,
        "version": evaluation.manifest.version,
        "stage": stage,
        "resamples": metrics.RESAMPLES,
        "level": metrics.LEVEL,
        "edges_digest": evaluation.split.edges_digest,
        "protocols": {name: body for name, (body, _) in answers.items()},
    }
    return report, {name: predictions for name, (_, predictions) in answers.items()}


def check_complete(protocols: Iterable[str], stage: str) -> None:
    """Raise InvalidOption for what is no complete test report, which alone may be saved."""
    if stage != "test" or set(protocols) != set(PROTOCOLS):
        raise InvalidOption("--save", "a partial report", "all protocols, with --stage test")


def save(entry: str, report: dict[str, Any]) -> Path:
    """Write a test report over all protocols into the entry, and its figures into the manifest.

    Raises InvalidOption for a report of some protocols only, or of another stage than test.
    """
    check_complete(report["protocols"], report["stage"])
    folder, _ = store.open_entry(entry)
    with replacing(folder / EVALUATION) as draft:
        draft.write_text(json.dumps(report, indent=2, sort_keys=True) + "\n")
    store.record(folder, EVALUATION)
    figures = {
        f"{protocol}/{name}": figure["value"]
        for protocol, body in report["protocols"].items()
        for name, figure in body["metrics"].items()
    }
    fields = Manifest.load(folder / FILENAME).model_dump() | {"metrics": figures}
    with replacing(folder / FILENAME) as draft:
        Manifest.model_validate(fields).save(draft)
    return folder / EVALUATION
