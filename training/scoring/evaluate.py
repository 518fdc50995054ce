"""Evaluate an exported entry beside its baselines: questions in, one tidy table out.

Every question is answered by the entry and, on the same rows in the same run, by all its rivals,
with intervals and differences from the same units drawn again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from contracts.errors import InvalidOption
from contracts.manifest import FILENAME, FileRecord, Manifest
from training.family import Extras, Model
from training.scoring import seeds
from training.scoring.bootstrap import LEVEL, Estimate, defined, difference, interval
from training.scoring.question import Question
from training.scoring.subject import Subject, is_simple
from training.scoring.table import ENTRY, About, Evaluation, ModelInfo, QuestionInfo, Series
from zoo.store import folders
from zoo.store.files import replacing, sha256

Row = dict[str, object]


@dataclass
class Draft:
    """An evaluation in the making."""

    models: dict[str, ModelInfo]
    rows: list[Row] = field(default_factory=list)
    questions: list[QuestionInfo] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)

    def add(
        self,
        stage: str,
        question: Question,
        models: Mapping[str, Model],
        answers: Mapping[str, np.ndarray],
        extras: Extras,
    ) -> None:
        """Measure a question's answers; the first model is what the others are held against."""
        self.models |= {name: model.info for name, model in models.items()}
        self.rows += _rows(stage, question, answers, extras)
        if question.listed:
            info = question.info()
            self.questions.append(info.model_copy(update={"facts": info.facts | extras.facts}))
        self.series += extras.series


def evaluate(
    entry: str,
    protocols: Iterable[str] | None = None,
    stage: str = "test",
    root: Path | None = None,
) -> Evaluation:
    """Evaluate `entry` under `protocols` (None: all that its data set has parts for).

    Raises what `Subject.open` raises, and InvalidOption for an unknown protocol.
    """
    subject = Subject.open(entry, stage, root)
    family, names = subject.family, subject.check(protocols)
    draft = Draft({})
    own = family.entry(entry, subject.scorer)
    for question in _questions(subject, names):
        models = {ENTRY: own} | family.rivals(subject, question)
        models |= family.baselines(subject, question, None)
        answers = {name: family.ask(subject, question, each) for name, each in models.items()}
        extras = family.extras(subject, question, answers)
        draft.add(stage, question, models, answers, extras)
    complete = set(names) == set(subject.offered)
    about = _about(subject, draft, complete)
    rows = draft.rows + seeds.rows(subject.folder, family, about.headline)
    return Evaluation.of(about, rows, draft.series)


def compare(
    entries: Sequence[str],
    protocols: Iterable[str] | None = None,
    stage: str = "valid",
    baselines: Sequence[str] = (),
    root: Path | None = None,
) -> Evaluation:
    """Entries and baselines on the rows of the first entry's split; it is held against the others.

    All are resampled together, so that an interval of a difference (the columns `gap`) is paired.
    Protocols about another data set are left out.

    Raises InvalidOption for fewer than two entries, one named twice, or an unknown protocol, stage
    or baseline; StaleSplit where two entries were trained on different splits; and what
    `Subject.open` raises.
    """
    if len(set(entries)) < max(2, len(entries)):
        raise InvalidOption("entries", " ".join(entries), "two or more different ones")
    first = Subject.open(entries[0], stage, root)
    family, names = first.family, first.check(protocols)
    scorers = {entries[0]: first.scorer} | {name: first.open_rival(name) for name in entries[1:]}
    draft = Draft({})
    for question in _questions(first, names):
        models = {name: family.entry(name, scorer) for name, scorer in scorers.items()}
        models |= family.baselines(first, question, baselines)
        answers = {name: family.ask(first, question, each) for name, each in models.items()}
        draft.add(stage, question, models, answers, Extras())
    return Evaluation.of(_about(first, draft, complete=False), draft.rows)


def predictions(
    entry: str, protocol: str, stage: str = "test", root: Path | None = None
) -> pd.DataFrame:
    """The entry's predictions under one protocol, with names and labels."""
    subject = Subject.open(entry, stage, root)
    subject.check([protocol])
    tables = [subject.family.predictions(subject, q) for q in _questions(subject, [protocol])]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def save(entry: str, evaluation: Evaluation) -> list[Path]:
    """Write a test evaluation over all protocols into the entry, and its figures into the manifest.

    All files are whole before any takes its place, one right after the other. A machine that stops
    in between leaves files that the manifest does not know: opening the entry then raises
    CorruptArtefact until it is exported again.

    Raises InvalidOption for an evaluation of some protocols only, or of another stage than test.
    """
    if evaluation.about.stage != "test" or not evaluation.about.complete:
        raise InvalidOption("--save", "a partial report", "all protocols, with --stage test")
    folder, manifest = folders.open_entry(entry)
    fields = manifest.model_dump() | {"metrics": evaluation.named()}
    texts = evaluation.texts()
    drafts = {name: folder / f".{name}.draft" for name in texts}
    try:
        for name, draft in drafts.items():
            draft.write_text(texts[name], encoding="utf-8", newline="\n")
            record = FileRecord(sha256=sha256(draft), bytes=draft.stat().st_size)
            fields["files"][name] = record.model_dump()
        with replacing(folder / FILENAME) as manifest_draft:
            Manifest.model_validate(fields).save(manifest_draft)
            for name, draft in drafts.items():
                draft.replace(folder / name)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
    return [folder / name for name in texts]


def _questions(subject: Subject, protocols: Iterable[str]) -> Iterator[Question]:
    for protocol in protocols:
        yield from subject.family.questions(subject, protocol)


def _about(subject: Subject, draft: Draft, complete: bool) -> About:
    names = list(dict.fromkeys(info.protocol for info in draft.questions))
    return About(
        family=subject.family.name,
        entry=subject.entry,
        version=subject.manifest.version,
        dataset=subject.data.name,
        digest=subject.split.data_digest,
        stage=subject.stage,
        complete=complete,
        level=LEVEL,
        baseline=is_simple(subject.entry),
        headline=subject.family.headline(subject.data, names),
        models=draft.models,
        questions=draft.questions,
        published=subject.family.published(subject.data),
    )


def _rows(
    stage: str, question: Question, answers: Mapping[str, np.ndarray], extras: Extras
) -> list[Row]:
    """One row a model and measure, with what the first model is ahead of each other."""
    measured = question.measured(answers)
    first, *_ = answers
    base = {"stage": stage, "protocol": question.protocol, "question": question.name}
    base["n"] = len(question.rows)
    rows: list[Row] = []
    for model in answers:
        for measure, estimates in measured.items():
            estimate = estimates[model]
            if not defined(estimate):
                continue
            row = base | {"model": model, "measure": measure} | _figure(estimate, question.digits)
            gap = difference(estimates[first], estimate)
            if model != first and defined(gap):
                found = _figure(gap, question.digits)
                row |= {"gap": found["value"], "gap_low": found["low"], "gap_high": found["high"]}
            rows.append(row)
        if model == first:
            rows += [
                base | {"model": model, "measure": name, "value": value}
                for name, value in extras.figures.items()
            ]
    return rows


def _figure(estimate: Estimate, digits: int | None) -> dict[str, float]:
    low, high = interval(estimate[1])
    found = {"value": estimate[0], "low": low, "high": high}
    if digits is None:
        return found
    return {name: float(f"{value:.{digits}g}") for name, value in found.items()}
