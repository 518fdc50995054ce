"""Paired comparison of entries: the same pairs, the same resamples, and who is ahead of whom."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from contracts.errors import InvalidOption
from training.pairs import ladder
from training.pairs.answers import Figures, difference, pair_figures, rank_figures, records
from training.pairs.evaluate import Evaluation
from training.pairs.questions import (
    EXTERNAL,
    QUESTIONS,
    RETRIEVAL,
    RETRIEVAL_DESCRIPTION,
    Labelled,
    Score,
    Scorer,
    answer,
    check_protocol,
    logits,
    retrieve,
)
from training.scoring import metrics


def compare(
    entries: Sequence[str],
    protocols: Sequence[str] | None = None,
    stage: str = "valid",
    rungs: Sequence[str] = (),
    root: Path | None = None,
) -> dict[str, Any]:
    """Figures of `entries` and of baselines of the ladder, and how far the first is ahead of each.

    All are asked the pairs of the first entry's split and resampled together, so that an interval
    of a difference is paired: by regulator, and by gene for retrieval. `protocols` are by default
    all that the data set offers at `stage`, but for `external`, which has figures of its own.

    Raises InvalidOption for fewer than two entries, one named twice, or an unknown protocol, stage
    or rung; StaleSplit where two entries were trained on different splits; and what `zoo evaluate`
    raises.
    """
    if len(set(entries)) < max(2, len(entries)):
        raise InvalidOption("entries", " ".join(entries), "two or more different ones")
    first = Evaluation(entries[0], stage, root)
    offered = tuple(name for name in first.offered if name != EXTERNAL)
    asked = [check_protocol(name, offered) for name in protocols or offered]
    scorers = {entries[0]: first.scorer} | {n: first.open_rival(n) for n in entries[1:]}
    return {
        "schema_version": 1,
        "entries": list(entries),
        "versions": {n: s.manifest.version for n, s in scorers.items()},
        "rungs": {name: ladder.title(name) for name in rungs},
        "dataset": first.data.name,
        "stage": stage,
        "edges_digest": first.split.edges_digest,
        "level": metrics.LEVEL,
        "protocols": {name: _protocol(first, name, scorers, rungs) for name in asked},
    }


def _protocol(
    first: Evaluation, name: str, scorers: Mapping[str, Scorer], rungs: Sequence[str]
) -> dict[str, Any]:
    """One protocol's figures of every model, and those of the first less those of each other."""
    ask = _retrieval if name == RETRIEVAL else _pairs
    figures = ask(first, name, scorers, rungs)
    mine, *_ = figures.values()
    return {
        "description": _description(name),
        "resampled_by": "gene" if name == RETRIEVAL else "tf",
        "resamples": len(next(iter(mine.values()))[1]),
        "metrics": {model: records(each) for model, each in figures.items()},
        "difference": {
            model: difference(mine, theirs)
            for model, theirs in figures.items()
            if theirs is not mine
        },
    }


def _description(name: str) -> str:
    return RETRIEVAL_DESCRIPTION if name == RETRIEVAL else QUESTIONS[name].description


def _pairs(
    first: Evaluation, name: str, scorers: Mapping[str, Scorer], rungs: Sequence[str]
) -> dict[str, Figures]:
    """Figures of a protocol over labelled pairs."""
    question = QUESTIONS[name]
    asked = Labelled.of(question, first.data, first.split, first.stage)
    tables = {model: answer(scorer, question, asked) for model, scorer in scorers.items()}
    scores = {model: table["score"].to_numpy() for model, table in tables.items()}
    climbed = ladder.climb(first.data, first.split, question.trained_with, rungs)
    scores |= {rung: score(asked.pairs) for rung, score in climbed.items()}
    own, *_ = tables.values()
    fewer = 1 if question.ratio == 1 else 5
    draws = metrics.Resampling.of(own["tf"].to_numpy(), resamples=metrics.RESAMPLES // fewer)
    return {model: pair_figures(asked.label, each, draws) for model, each in scores.items()}


def _retrieval(
    first: Evaluation, name: str, scorers: Mapping[str, Scorer], rungs: Sequence[str]
) -> dict[str, Figures]:
    """Figures of the ranks of held-out regulators."""
    scores: dict[str, Score] = {model: logits(scorer) for model, scorer in scorers.items()}
    scores |= ladder.climb(first.data, first.split, "uniform", rungs)
    ranked = {n: retrieve(s, first.data, first.split, first.stage) for n, s in scores.items()}
    own, *_ = ranked.values()
    draws = metrics.Resampling.of(own["gene"].to_numpy())
    return {model: rank_figures(table["rank"].to_numpy(), draws) for model, table in ranked.items()}
