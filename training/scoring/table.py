"""One tidy table of an evaluation: what was measured, one row an observation, whatever the family.

`evaluation.csv` has the rows, `evaluation.json` what is said once, `series.json` curves and bins.
Cards, leaderboards, comparisons and figures are pivots of these and of nothing else.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from contracts.errors import StaleEvaluation
from zoo.store.figures import ABOUT, ENTRY, LOWER_IS_BETTER
from zoo.store.figures import EVALUATION as ROWS

SERIES = "series.json"
FILES = (ROWS, ABOUT, SERIES)
SCHEMA_VERSION = 3

KEYS = ("stage", "protocol", "fold", "question", "model", "variant", "seed", "measure")
"""What tells one observation from another, empty where it says nothing; the entry is ENTRY."""
FIGURES = ("value", "low", "high", "n", "gap", "gap_low", "gap_high")
COLUMNS = (*KEYS, *FIGURES)

Fact = str | int | float | list[str]


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelInfo(_Said):
    """What tables call a model, and what it is: a rival, or the entry with a part changed.

    A reference is no model: it says how far the data themselves agree.
    """

    title: str
    kind: Literal["entry", "baseline", "ablation", "reference"]


class QuestionInfo(_Said):
    """What one question of a protocol asks, in a sentence, and what was counted of it.

    `unit` is what the bootstrap draws again; `facts` are counts and properties by name.
    """

    protocol: str
    question: str
    asks: str
    unit: str
    resamples: int
    facts: dict[str, Fact] = {}


class Headline(_Said):
    """The one figure that stands for the entry."""

    protocol: str
    question: str
    measure: str


class Variant(_Said):
    """A training with some keys of the recipe changed; its figures have its name as `variant`."""

    group: str
    changed: dict[str, bool | int | float | str | list[int]]
    epochs: int
    parameters: int | None = None
    device: str = ""
    seconds: float | None = None


class Published(_Said):
    """A figure that others reported on the same data."""

    model: str
    figure: str
    low: float
    high: float


class About(_Said):
    """What is said once of an evaluation."""

    schema_version: Literal[3] = 3
    family: str
    entry: str
    version: str
    dataset: str
    digest: str
    stage: str
    complete: bool
    level: float
    baseline: bool = False
    headline: Headline | None
    models: dict[str, ModelInfo]
    questions: list[QuestionInfo]
    variants: dict[str, Variant] = {}
    variants_note: str = ""
    published: list[Published] = []


class Series(_Said):
    """A curve, or bins: rows of numbers under named columns, for one model."""

    protocol: str
    question: str
    model: str
    kind: str
    columns: list[str]
    rows: list[list[float | int | str | None]]


class Figure(NamedTuple):
    """One observation: value, interval, rows that it is from, and how far the entry is ahead.

    What was not measured is NaN.
    """

    value: float
    low: float
    high: float
    n: float
    gap: float
    gap_low: float
    gap_high: float


@dataclass(frozen=True, eq=False)
class Evaluation:
    """An evaluation: its rows, what is said once, and its series."""

    about: About
    rows: pd.DataFrame
    series: tuple[Series, ...] = ()

    @classmethod
    def of(
        cls, about: About, rows: Iterable[Mapping[str, object]], series: Iterable[Series] = ()
    ) -> "Evaluation":
        """From one mapping a row; keys that are left out are empty, figures NaN."""
        table = pd.DataFrame(rows, columns=list(COLUMNS))
        table[list(KEYS)] = table[list(KEYS)].fillna("").astype(str)
        table[list(FIGURES)] = table[list(FIGURES)].astype(float)
        return cls(about, table, tuple(series))

    @classmethod
    def read(cls, folder: Path) -> "Evaluation":
        """From an entry's folder; raises StaleEvaluation for files of another version."""
        try:
            about = About.model_validate_json((folder / ABOUT).read_text(encoding="utf-8"))
            series = json.loads((folder / SERIES).read_text(encoding="utf-8"))
            lines = tuple(Series.model_validate(each) for each in series)
        except (ValidationError, FileNotFoundError) as error:
            raise StaleEvaluation(
                f"{folder / ABOUT} is not what this version reads ({str(error).splitlines()[0]}). "
                f"Type: zoo evaluate {folder.name} --save"
            ) from error
        types = dict.fromkeys(KEYS, str) | dict.fromkeys(FIGURES, float)
        rows = pd.read_csv(
            folder / ROWS,
            dtype=types,
            keep_default_na=False,
            na_values=_EMPTY,
            float_precision="round_trip",
        )
        return cls(about, rows, lines)

    def texts(self) -> dict[str, str]:
        """The files that hold the evaluation: name -> content."""
        lines = ",\n".join(json.dumps(each.model_dump()) for each in self.series)
        rows = self.rows.assign(n=self.rows["n"].map(_count))
        return {
            ROWS: rows.to_csv(index=False, lineterminator="\n"),
            ABOUT: self.about.model_dump_json(indent=1, exclude_defaults=False) + "\n",
            SERIES: f"[\n{lines}\n]\n",
        }

    def json(self) -> str:
        """All three parts as one JSON document; a figure that is not defined is null."""
        parts = {
            "about": self.about.model_dump(),
            "rows": json.loads(self.rows.to_json(orient="records", double_precision=15)),
            "series": [each.model_dump() for each in self.series],
        }
        return json.dumps(parts, indent=1)

    @cached_property
    def _by_key(self) -> dict[tuple[str, ...], Figure]:
        keys = self.rows[list(KEYS)].itertuples(index=False, name=None)
        figures = self.rows[list(FIGURES)].itertuples(index=False, name=None)
        return {key: Figure(*each) for key, each in zip(keys, figures, strict=True)}

    def figure(
        self,
        protocol: str,
        measure: str,
        question: str = "",
        model: str = ENTRY,
        *,
        stage: str | None = None,
        fold: str = "",
        variant: str = "",
        seed: str = "",
    ) -> Figure | None:
        """One observation (of the evaluation's own stage by default), or None."""
        stage = self.about.stage if stage is None else stage
        key = (stage, protocol, fold, question, model, variant, seed, measure)
        return self._by_key.get(key)

    @cached_property
    def protocols(self) -> list[str]:
        """The protocols, in the order of the questions."""
        return list(dict.fromkeys(each.protocol for each in self.about.questions))

    def questions(self, protocol: str | None = None) -> list[QuestionInfo]:
        """The questions of a protocol, or all."""
        return [each for each in self.about.questions if protocol in (None, each.protocol)]

    def question(self, protocol: str, question: str = "") -> QuestionInfo | None:
        """What one question asks, or None."""
        there = (each for each in self.questions(protocol) if each.question == question)
        return next(there, None)

    def models(self, protocol: str, question: str = "") -> list[str]:
        """The models that answered a question at the evaluation's own stage, the entry first."""
        answers = self._answers.get((protocol, question), ())
        return list(dict.fromkeys(model for model, _ in answers))

    def measures(self, protocol: str, question: str = "") -> list[str]:
        """What was measured of the entry, the leading measure first."""
        return [m for model, m in self._answers.get((protocol, question), ()) if model == ENTRY]

    @cached_property
    def _answers(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        """By protocol and question the models and measures at the evaluation's own stage."""
        found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for stage, protocol, fold, question, model, variant, seed, measure in self._by_key:
            if stage == self.about.stage and not (fold or variant or seed):
                found.setdefault((protocol, question), []).append((model, measure))
        return found

    def baselines(self, protocol: str, measure: str, question: str = "") -> dict[str, Figure]:
        """The figure of every baseline, the best first."""
        there = {
            model: self.figure(protocol, measure, question, model)
            for model in self.models(protocol, question)
            if model != ENTRY and self.about.models[model].kind == "baseline"
        }
        known = {m: each for m, each in there.items() if each and np.isfinite(each.value)}
        lower = measure in LOWER_IS_BETTER
        ordered = sorted(known, key=lambda model: known[model].value, reverse=not lower)
        return {model: known[model] for model in ordered}

    def best(
        self, protocol: str, measure: str, question: str = "", by: str | None = None
    ) -> tuple[str, Figure] | None:
        """The strongest baseline of a question and its figure, chosen by `by` (else `measure`)."""
        first = next(iter(self.baselines(protocol, by or measure, question)), None)
        found = first and self.figure(protocol, measure, question, first)
        return (first, found) if first and found else None

    def named(self) -> dict[str, float]:
        """The entry's figures by the names that manifests and `zoo search --metric` have."""
        figures = {
            self.name(protocol, measure, question): self.figure(protocol, measure, question)
            for protocol, question in self._answers
            for measure in self.measures(protocol, question)
            if not question.endswith(COMPLETE) and self.is_measured(protocol, measure, question)
        }
        return {name: each.value for name, each in figures.items() if each}

    def is_measured(self, protocol: str, measure: str, question: str = "") -> bool:
        """Whether the entry has such a figure, with an interval unless units are too few for one.

        What else is told of an entry beside its measures has no interval.
        """
        figure, info = self.figure(protocol, measure, question), self.question(protocol, question)
        too_few = info is not None and not info.resamples
        return bool(figure and (np.isfinite(figure.low) or too_few))

    def name(self, protocol: str, measure: str, question: str = "") -> str:
        """random/pearson_epsilon, say; only the headline question leaves its source out."""
        if not question:
            return f"{protocol}/{measure}"
        headline = self.about.headline
        short = question.partition("/")[0] if headline and headline.question == question else None
        return f"{protocol}/{measure}_{short or question}"


COMPLETE = "/complete"
"""Ends the name of a question that is asked again of the rows without a gap in what is known."""
_EMPTY = {name: [""] for name in FIGURES}


def better(measure: str, one: float, other: float) -> bool:
    """Whether the first of two figures is the better one: of errors the smaller."""
    return one < other if measure in LOWER_IS_BETTER else one > other


def _count(value: float) -> str:
    return "" if np.isnan(value) else str(int(value))
