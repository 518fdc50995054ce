"""Evaluate an exported entry, as a user loads it, on its own saved split.

Each question is answered by the entry and, on the same rows in the same run, by every baseline of
the ladder and by the entries that it is held against, with intervals from units drawn again.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Float

from training import family as families
from training.family import Model
from training.scoring import ladder
from training.scoring.contest import RUNS, STAGES, Contest, check
from training.scoring.measures import Values
from training.scoring.observe import Row, by_fold, observe, resamples
from training.scoring.question import Question
from training.scoring.table import ABOUT, ENTRY, Evaluation, ModelInfo, QuestionInfo, Series, better

SEEDS = "seeds.json"
Some = Float[np.ndarray, "some"]


@dataclass
class Report:
    """What was found so far: rows, what is said once, series, and the entry's predictions."""

    contest: Contest
    rivals: dict[str, Model]
    rows: list[Row] = field(default_factory=list)
    questions: list[QuestionInfo] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    models: dict[str, ModelInfo] = field(default_factory=dict)
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)

    def add(self, protocol: str) -> None:
        """Ask and measure all questions of a protocol."""
        contest, family = self.contest, self.contest.family
        tables: list[pd.DataFrame] = []
        answers: dict[str, Values] = {}
        for question in contest.questions(protocol):
            if question.subset is None:
                table = contest.answer(question)
                tables.append(table)
                answers = {ENTRY: family.values(question, table)} | self._beside(question)
                if compared := family.comparable(question, answers):
                    self._measured(*compared, table)
            else:
                self._measured(question, _taken(question, answers), None)
        empty = pd.DataFrame(columns=list(family.columns))
        self.tables[protocol] = pd.concat(tables, ignore_index=True) if tables else empty

    def _beside(self, question: Question) -> dict[str, Values]:
        """The answers of all baselines and rivals that have one, by name."""
        contest = self.contest
        values: dict[str, Values | None] = {
            name: rival.ask(question)
            for name, rival in self.rivals.items()
            if question.rivals is None or name in question.rivals
        }
        values |= ladder.climb(contest.family, contest.ground, question, question.rungs)
        return {name: each for name, each in sorted(values.items()) if each is not None}

    def _measured(
        self, question: Question, answers: Mapping[str, Values], table: pd.DataFrame | None
    ) -> None:
        contest = self.contest
        rows = list(observe(question, answers, contest.ground.stage))
        for name in answers:
            self.models.setdefault(name, self.info(name))
        if table is not None:
            best = _best(question, rows, self.models)
            notes = contest.family.notes(contest.ground, question, table, answers, best)
            self.questions.append(question.info(resamples(question), notes.facts))
            self.series += notes.series
            own = sum(row["model"] == ENTRY for row in rows)
            key = {k: rows[0][k] for k in ("stage", "protocol", "question", "model", "n")}
            rows[own:own] = [key | {"measure": m, "value": v} for m, v in notes.values.items()]
            rows += by_fold(question, answers[ENTRY], contest.ground.stage)
        self.rows += rows

    def info(self, model: str) -> ModelInfo:
        """What tables call the entry, a rival or a rung."""
        if model == ENTRY:
            return ModelInfo(title=self.contest.entry, kind="entry")
        if model in self.rivals:
            return self.rivals[model].info
        return ModelInfo(title=self.contest.family.rung(model).TITLE, kind="baseline")


def _taken(question: Question, answers: Mapping[str, Values]) -> dict[str, Some]:
    """The answers to some rows of the question before."""
    beside = {*(question.rungs or ()), *(question.rivals or ())}
    return {n: v[question.subset] for n, v in answers.items() if n == ENTRY or n in beside}


def _best(question: Question, rows: list[Row], models: Mapping[str, ModelInfo]) -> str | None:
    """The baseline that does best in the leading measure."""
    lead, best = question.measures[0].name, None
    for row in rows:
        rival = models[row["model"]].kind == "baseline" and row["measure"] == lead
        if rival and (best is None or better(lead, row["value"], best["value"])):
            best = row
    return best and best["model"]


def evaluate(
    entry: str,
    protocols: Sequence[str] | None = None,
    stage: str = "test",
    root: Path | None = None,
    runs: Path = RUNS,
) -> tuple[Evaluation, dict[str, pd.DataFrame]]:
    """Evaluate `entry` under `protocols` (None: all that its data set has parts for).

    An entry with a rotation answers by the models of its folds, in its run folder below `runs`.
    Returns the table, and all predictions by protocol. Raises UnknownEntry and the store's errors,
    InvalidOption for an unknown protocol or stage, MissingData without the raw data, StaleSplit
    where the data is not the one that was split, or a rival learned on another split;
    MissingArtefact and OtherFolds for models of folds that are not there, or others.
    """
    family = families.of_entry(entry)
    for name in protocols or ():
        check("--protocol", name, family.protocols)
    contest = Contest.open(entry, check("--stage", stage, STAGES), root, runs)
    names = contest.protocols(protocols)
    report = Report(contest, family.rivals(contest))
    for name in names:
        report.add(name)
    complete = set(names) == set(family.offered(contest.ground))
    about = contest.about(report.models, report.questions, complete)
    found = Evaluation.of(about, [*report.rows, *_seeds(contest)], report.series)
    return with_kept(found, contest.folder), report.tables


def _seeds(contest: Contest) -> Iterator[Row]:
    """Validation figures of other seeds, where the training has been repeated."""
    path, headline = contest.folder / SEEDS, contest.family.headline(contest.ground)
    if not path.is_file():
        return
    found = json.loads(path.read_text())
    monitored = {each.name: each for each in contest.family.monitored.values()}
    for name, figures in found["figures"].items():
        key = {"stage": found["stage"], "protocol": monitored[name].protocol, "model": ENTRY}
        key |= {"question": headline.question if headline else "", "n": found["count"]}
        for seed in ("mean", "sd"):
            measure = monitored[name].measure
            yield key | {"measure": measure, "seed": seed, "value": figures[seed]}


def with_kept(found: Evaluation, folder: Path) -> Evaluation:
    """An evaluation with the seeds and variants that the entry's table has of former trainings."""
    if not (folder / ABOUT).is_file():
        return found
    former = Evaluation.read(folder)
    rows = former.rows
    kept = rows["variant"] != ""
    if not (found.rows["seed"] != "").any():
        kept |= rows["seed"] != ""
    about = found.about.model_copy(
        update={"variants": former.about.variants, "variants_note": former.about.variants_note}
    )
    table = pd.concat([found.rows, rows[kept]], ignore_index=True) if kept.any() else found.rows
    return replace(found, about=about, rows=table)
