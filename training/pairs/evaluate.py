"""Evaluate the exported entry, as a user loads it, on its own saved split.

Each protocol is answered by the entry and, on the same pairs in the same run, by every baseline of
the ladder, with intervals from regulators (genes, for retrieval) drawn again and again.
"""

import importlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from contracts.errors import InvalidOption, Unsupported
from contracts.manifest import split_entry
from training import data as datasets
from training.data.pairs import PairData
from training.pairs import ladder
from training.pairs.answers import Rival, asked_degrees, pair_body, retrieval_body
from training.pairs.batches import Degrees
from training.pairs.questions import (
    EXTERNAL,
    QUESTIONS,
    RETRIEVAL,
    RETRIEVAL_DESCRIPTION,
    STAGES,
    Labelled,
    Question,
    Score,
    Scorer,
    answer,
    check_protocol,
    logits,
    offered,
    retrieve,
)
from training.pairs.shuffled import shuffled_scorer
from training.pairs.split import Split, StaleSplit
from training.scoring import metrics
from training.scoring.keeping import keep
from zoo import loading
from zoo.pairs.scorer import PairScorer
from zoo.store import folders

SPLIT, RUN, SEEDS = "split.safetensors", "run.json", "seeds.json"
RIVAL, SHUFFLED = "degree", "shuffled"
RETRIEVERS = ("tf_degree", "degree_logistic", "spectral_boosting")
"""Baselines of questions over very many pairs: the popularity, and the strongest rung for pairs."""

_answered: dict[tuple[str, ...], dict[str, Rival]] = {}
"""What the ladder says of a split's pairs: the same for every entry that is evaluated on it."""


class Evaluation:
    """An entry and its rivals, ready to answer protocols."""

    def __init__(self, entry: str, stage: str = "test", root: Path | None = None):
        if stage not in STAGES:
            raise InvalidOption("--stage", stage, f"one of {', '.join(STAGES)}")
        self.entry, self.stage = entry, stage
        self.folder, self.manifest = folders.open_entry(entry)
        if SPLIT not in self.manifest.files:
            raise Unsupported(entry, "zoo evaluate", "The entry ships no split of its own.")
        self.run = json.loads((self.folder / RUN).read_text())
        self.split = Split.load(self.folder / SPLIT)
        self.root = root
        self.data: PairData = datasets.load(self.run["recipe"]["dataset"], root)
        self.split.require(self.data)
        self.degrees = Degrees.count(self.data, self.split.positives(self.data, "train"))
        self.offered = offered(self.data, self.split, stage)
        self.scorer: PairScorer = loading.load(entry)

    @cached_property
    def rivals(self) -> dict[str, tuple[str, Scorer]]:
        """Entries among the rivals: the degree baseline, and this network with wrong identities."""
        found = {}
        degree = f"{RIVAL}-{split_entry(self.entry)[1]}"
        if degree != self.entry and degree in folders.known():
            found[RIVAL] = (f"degree baseline ({degree})", self.open_rival(degree))
        if self.run["config"].get("identity_dim"):
            found[SHUFFLED] = ("this network, identities shuffled", shuffled_scorer(self.entry))
        return found

    def open_rival(self, rival: str) -> PairScorer:
        """Load the rival; raises StaleSplit where it may have learned from this entry's test."""
        theirs = Split.load(folders.open_entry(rival)[0] / SPLIT)
        same = theirs.edges_digest == self.split.edges_digest
        if not (same and np.array_equal(theirs.part, self.split.part)):
            raise StaleSplit(
                f"{rival} was trained on another split than {self.entry}, so the two "
                f"can't be compared. Type: zoo train {rival}, then zoo export {rival}."
            )
        return loading.load(rival)

    def predictions(self, protocol: str) -> pd.DataFrame:
        """Pairs, labels and scores of the entry under one protocol.

        Raises InvalidOption for a protocol that the entry's data set has no part for.
        """
        check_protocol(protocol, self.offered)
        if protocol == RETRIEVAL:
            return retrieve(logits(self.scorer), self.data, self.split, self.stage)
        if protocol == EXTERNAL:
            return self._external.predictions(self.scorer)
        question = QUESTIONS[protocol]
        asked = Labelled.of(question, self.data, self.split, self.stage)
        return answer(self.scorer, question, asked)

    @property
    def _external(self) -> Any:
        """The edges of another data set that this one's entries are asked about."""
        return importlib.import_module(self.data.external).load(self.data, self.root)

    def report(self, protocol: str) -> tuple[dict[str, Any], pd.DataFrame]:
        """Figures of one protocol beside the ladder's; and the predictions."""
        own = self.predictions(protocol)
        if protocol == RETRIEVAL:
            return retrieval_body(RETRIEVAL_DESCRIPTION, own, self._retrieval_rivals()), own
        if protocol == EXTERNAL:
            rivals = {n: (title, s) for n, (title, s) in self.rivals.items() if n == RIVAL}
            return self._external.body(own, rivals), own
        question = QUESTIONS[protocol]
        asked = Labelled.of(question, self.data, self.split, self.stage)
        rivals = {
            name: Rival(title, answer(scorer, question, asked)["score"].to_numpy())
            for name, (title, scorer) in self.rivals.items()
        }
        rivals |= self._rungs(protocol, question, asked)
        in_degree = asked_degrees(asked, self.degrees.gene)
        return pair_body(question, own, rivals, in_degree), own

    def _rungs(self, protocol: str, question: Question, asked: Labelled) -> dict[str, Rival]:
        """What every rung of the ladder says of these pairs."""
        key = (ladder.digest(self.split), self.stage, protocol)
        if key not in _answered:
            names = RETRIEVERS if question.ratio > 1 else None
            rungs = ladder.climb(self.data, self.split, question.trained_with, names)
            _answered[key] = {
                name: Rival(ladder.title(name), rung(asked.pairs)) for name, rung in rungs.items()
            }
        return _answered[key]

    def _retrieval_rivals(self) -> dict[str, Rival]:
        """Ranks by the rungs that retrieve, and by the rivals that are entries."""
        key = (ladder.digest(self.split), self.stage, RETRIEVAL)
        if key not in _answered:
            rungs = ladder.climb(self.data, self.split, "uniform", RETRIEVERS)
            _answered[key] = {n: self._ranked(ladder.title(n), rung) for n, rung in rungs.items()}
        entries = {n: self._ranked(title, logits(s)) for n, (title, s) in self.rivals.items()}
        return entries | _answered[key]

    def _ranked(self, title: str, score: Score) -> Rival:
        ranks = retrieve(score, self.data, self.split, self.stage)["rank"]
        return Rival(title, ranks.to_numpy(float))


def evaluate(
    entry: str,
    protocols: Iterable[str] | None = None,
    stage: str = "test",
    root: Path | None = None,
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Evaluate `entry` under `protocols` (None: all that its data set has parts for).

    Returns what evaluation.json holds, and all predictions. Raises UnknownEntry and the store's
    errors, InvalidOption for an unknown protocol or stage, MissingData without the raw data,
    StaleSplit where the data is not the one that was split.
    """
    asked = [check_protocol(name) for name in protocols or ()]
    evaluation = Evaluation(entry, stage, root)
    names = [check_protocol(n, evaluation.offered) for n in asked or evaluation.offered]
    answers = {name: evaluation.report(name) for name in names}
    report = {
        "schema_version": 2,
        "entry": entry,
        "version": evaluation.manifest.version,
        "dataset": evaluation.data.name,
        "stage": stage,
        "resamples": metrics.RESAMPLES,
        "level": metrics.LEVEL,
        "edges_digest": evaluation.split.edges_digest,
        "complete": set(names) == set(evaluation.offered),
        "protocols": {name: body for name, (body, _) in answers.items()},
        "published": [asdict(each) for each in evaluation.data.published],
        "seeds": _seeds(evaluation.folder),
    }
    return report, {name: predictions for name, (_, predictions) in answers.items()}


def _seeds(folder: Path) -> dict[str, Any] | None:
    """Validation figures of other seeds, where the training has been repeated."""
    path = folder / SEEDS
    return json.loads(path.read_text()) if path.is_file() else None


def save(entry: str, report: dict[str, Any]) -> Path:
    """Write a test report over all protocols into the entry, and its figures into the manifest.

    Raises InvalidOption for a report of some protocols only, or of another stage than test.
    """
    figures = {
        f"{protocol}/{name}": figure["value"]
        for protocol, body in report["protocols"].items()
        for name, figure in body["metrics"].items()
    }
    return keep(entry, report, figures)
