"""Evaluate an exported perturbation entry, as a user loads it, on its own saved split.

Each protocol is answered by the entry and, on the same sets in the same run, by every baseline of
the ladder and by the simpler entries of the same data, with intervals from genes drawn again.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int64

from contracts.errors import Unsupported
from contracts.manifest import Manifest, split_entry
from contracts.perturbations.kinds import JOINT, KINDS
from training import data as datasets
from training.data.perturbations import PerturbationData
from training.pairs.split import StaleSplit
from training.perturbations import ladder, metrics
from training.perturbations.answers import (
    ESTIMATED,
    Answers,
    Model,
    answers,
    protocol_body,
    value,
)
from training.perturbations.baselines import Answer, Members, Rung, orders, product
from training.perturbations.questions import (
    Question,
    check_protocol,
    check_stage,
    headline,
    offered,
    questions,
)
from training.perturbations.split import SetSplit
from training.scoring import metrics as intervals
from training.scoring.keeping import keep
from zoo import loading
from zoo.perturbations.composition import Sets, compose
from zoo.store import folders

SPLIT, RUN, SEEDS = "split.safetensors", "run.json", "seeds.json"
KIND, SCHEMA_VERSION = "perturbations", 2
ESTIMATE = 1e-3
"""Single fitness of a gene that was not measured, and that is further than this from the mean."""
OWN_PRODUCT = "Its own single fitness, multiplied"
SIMPLE = ("multiplicative", "ridge", "dango")
"""Architectures whose entries for the same data stand in every other's ladder, where they are."""
ORDER = (*SIMPLE, "cls_transformer", "hetero_cell")
"""From the simplest on: the others stand in the ladder of those that come after them."""

_answered: dict[tuple[str, str, str, str], Answers] = {}
"""What a rung says under a protocol: the same for every entry that is evaluated on its split."""


@runtime_checkable
class Scorer(Protocol):
    """What can be asked: a loaded entry."""

    manifest: Manifest

    def terms(
        self, codes: Int64[np.ndarray, "sets order"]
    ) -> tuple[Float64[np.ndarray, "sets"], Float64[np.ndarray, "sets"]]:
        """Interaction and expectation of sets of one order; codes are gene * 4 + kind."""
        ...


def rung(scorer: Scorer) -> Rung:
    """A loaded entry as the ladder asks: it has one interaction, whatever the source."""

    def answer(members: Members, source: str) -> Answer:
        sets = Sets(members[members >= 0] * len(KINDS), orders(members))
        composed = compose(sets, scorer.terms)
        return Answer(composed.gene_interaction, composed.fitness)

    return answer


def rivals_of(architecture: str) -> tuple[str, ...]:
    """The architectures that one is held against; one that has no place comes after all."""
    before = ORDER[: ORDER.index(architecture)] if architecture in ORDER else ORDER
    return tuple(each for each in (*SIMPLE, *before[len(SIMPLE) :]) if each != architecture)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """An entry and its rivals, ready to answer protocols."""

    entry: str
    stage: str
    folder: Path
    data: PerturbationData
    split: SetSplit
    scorer: Scorer

    @classmethod
    def open(cls, entry: str, stage: str = "test", root: Path | None = None) -> "Evaluation":
        """Load the entry, its split and its data.

        Raises what `evaluate` raises.
        """
        check_stage(stage)
        folder, manifest = folders.open_entry(entry)
        if SPLIT not in manifest.files:
            raise Unsupported(entry, "zoo evaluate", "The entry ships no split of its own.")
        split = SetSplit.load(folder / SPLIT)
        run = json.loads((folder / RUN).read_text())
        data = datasets.load(run["recipe"]["dataset"], root)
        split.require(data)
        return cls(entry, stage, folder, data, split, loading.load(entry))

    def questions(self, protocol: str) -> tuple[Question, ...]:
        """What a protocol asks. Raises InvalidOption for one that the stage has no part for."""
        check_protocol(protocol, offered(self.stage))
        return questions(self.data, self.split, protocol, self.stage)

    def open_rival(self, rival: str) -> Scorer:
        """Load another entry; raises StaleSplit where it may have learned from this one's test."""
        theirs = SetSplit.load(folders.open_entry(rival)[0] / SPLIT)
        same = theirs.records_digest == self.split.records_digest
        if not (same and np.array_equal(theirs.part, self.split.part)):
            raise StaleSplit(
                f"{rival} was trained on another split than {self.entry}, so the two "
                f"can't be compared. Type: zoo train {rival}, then zoo export {rival}."
            )
        return loading.load(rival)

    @cached_property
    def own(self) -> Model:
        """The entry itself."""
        return Model(self.entry, rung(self.scorer))

    @cached_property
    def entries(self) -> dict[str, Model]:
        """The simpler entries of the same data that are on this machine."""
        architecture, variant = split_entry(self.entry)
        named = [f"{rival}-{variant}" for rival in rivals_of(architecture)]
        there = [name for name in named if name in folders.known()]
        return {name: Model(f"{name} (entry)", rung(self.open_rival(name))) for name in there}

    @cached_property
    def estimated(self) -> dict[str, Model]:
        """The entry without interactions, if it estimates single fitness that nobody measured."""
        data = self.data
        genes = np.arange(len(data.vocabulary))
        single = self.scorer.terms(genes[:, None] * len(KINDS))[1]
        apart = np.abs(single - data.filled_single_fitness)
        if apart[~np.isfinite(data.single_fitness)].max(initial=0.0) <= ESTIMATE:
            return {}

        def answer(members: Members, source: str) -> Answer:
            return Answer(np.zeros(len(members)), product(single, members))

        return {ESTIMATED: Model(OWN_PRODUCT, answer)}

    def climb(
        self, protocol: str, asked: tuple[Question, ...], names: Iterable[str] | None = None
    ) -> dict[str, tuple[str, Answers]]:
        """Titles and answers of the ladder's baselines (or those of `names`)."""
        key = ladder.digest(self.split), self.stage, protocol
        fitted = ladder.climb(self.data, self.split, names)
        for name, fit in fitted.items():
            if (*key, name) not in _answered:
                _answered[*key, name] = answers(self.data, asked, Model(ladder.title(name), fit))
        return {name: (ladder.title(name), _answered[*key, name]) for name in fitted}

    def report(self, protocol: str) -> tuple[dict[str, Any], pd.DataFrame]:
        """Figures of one protocol beside all rivals'; and the predictions."""
        asked = self.questions(protocol)
        own = answers(self.data, asked, self.own)
        of_fitness = tuple(question for question in asked if question.of_fitness)
        rivals = self._asked_of(asked, self.entries) | self.climb(protocol, asked)
        rivals |= self._asked_of(of_fitness, self.estimated)
        body = protocol_body(protocol, self.data, asked, own, rivals)
        return body, self.predictions(asked, own)

    def _asked_of(
        self, asked: tuple[Question, ...], models: dict[str, Model]
    ) -> dict[str, tuple[str, Answers]]:
        """Titles and answers of these models."""
        return {n: (model.title, answers(self.data, asked, model)) for n, model in models.items()}

    def predictions(self, asked: tuple[Question, ...], own: Answers) -> pd.DataFrame:
        """perturbation, source, quantity, label and prediction, a row for each set and question."""
        symbols = np.array(self.data.vocabulary.genes)
        parts = [
            pd.DataFrame(
                {
                    "perturbation": [
                        JOINT.join(symbols[one[one >= 0]])
                        for one in self.data.records.members[question.rows]
                    ],
                    "source": question.source,
                    "quantity": question.quantity,
                    "label": question.label(self.data.records),
                    "prediction": value(question, own[question.name]),
                }
            )
            for question in asked
        ]
        columns = ["perturbation", "source", "quantity", "label", "prediction"]
        return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def evaluate(
    entry: str,
    protocols: Iterable[str] | None = None,
    stage: str = "test",
    root: Path | None = None,
) -> tuple[dict[str, Any], dict[str, pd.DataFrame]]:
    """Evaluate `entry` under `protocols` (None: all that the stage has parts for).

    Returns what evaluation.json holds, and all predictions. Raises UnknownEntry and the store's
    errors, InvalidOption for an unknown protocol or stage, MissingData without the raw data,
    StaleSplit where the data is not the one that was split, or a rival learned on another split.
    """
    there = offered(check_stage(stage))
    names = [check_protocol(name, there) for name in protocols or there]
    evaluation = Evaluation.open(entry, stage, root)
    found = {name: evaluation.report(name) for name in names}
    report = {
        "schema_version": SCHEMA_VERSION,
        "kind": KIND,
        "entry": entry,
        "version": evaluation.scorer.manifest.version,
        "dataset": evaluation.data.name,
        "stage": stage,
        "resamples": metrics.RESAMPLES,
        "level": intervals.LEVEL,
        "lowest": metrics.LOWEST,
        "records_digest": evaluation.split.records_digest,
        "headline": headline(evaluation.data),
        "complete": set(names) == set(there),
        "protocols": {name: body for name, (body, _) in found.items()},
        "seeds": _seeds(evaluation.folder),
    }
    return report, {name: predictions for name, (_, predictions) in found.items()}


def _seeds(folder: Path) -> dict[str, Any] | None:
    """Validation figures of other seeds, where the training has been repeated."""
    path = folder / SEEDS
    return json.loads(path.read_text()) if path.is_file() else None


def figures(report: dict[str, Any]) -> dict[str, float]:
    """Figures for the manifest: random/pearson_epsilon, and others with their source behind.

    Only the headline source's epsilon has no source in its name.
    """
    return {
        f"{protocol}/{measure}_{name if name != report['headline'] else body['quantity']}": record[
            "value"
        ]
        for protocol, asked in report["protocols"].items()
        for name, body in asked["questions"].items()
        for measure, record in body["metrics"].items()
    }


def save(entry: str, report: dict[str, Any]) -> Path:
    """Write a test report over all protocols into the entry, and its figures into the manifest.

    Raises InvalidOption for a report of some protocols only, or of another stage than test.
    """
    return keep(entry, report, figures(report))
