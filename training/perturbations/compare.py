"""Paired comparison of perturbation entries: the same sets, the same resamples of genes."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from contracts.errors import InvalidOption
from training.perturbations import ladder, metrics
from training.perturbations.answers import Model, answers, measured
from training.perturbations.evaluate import Evaluation, rung
from training.perturbations.metrics import Figures
from training.perturbations.questions import DESCRIPTIONS, check_protocol, headline, offered
from training.scoring import metrics as intervals


def compare(
    entries: Sequence[str],
    protocols: Sequence[str] | None = None,
    stage: str = "valid",
    rungs: Sequence[str] = (),
    root: Path | None = None,
) -> dict[str, Any]:
    """Figures of `entries` and of baselines of the ladder, and how far the first is ahead of each.

    All are asked the sets of the first entry's split, and genes are drawn again for all of them
    together, so that an interval of a difference is paired.

    Raises InvalidOption for fewer than two entries, one named twice, or an unknown protocol, stage
    or rung; StaleSplit where two entries were trained on different splits; and what `zoo evaluate`
    raises.
    """
    if len(set(entries)) < max(2, len(entries)):
        raise InvalidOption("entries", " ".join(entries), "two or more different ones")
    first = Evaluation.open(entries[0], stage, root)
    there = offered(stage)
    asked = [check_protocol(name, there) for name in protocols or there]
    scorers = {entries[0]: first.scorer} | {n: first.open_rival(n) for n in entries[1:]}
    models = {name: Model(name, rung(scorer)) for name, scorer in scorers.items()}
    return {
        "schema_version": 1,
        "entries": list(entries),
        "versions": {n: s.manifest.version for n, s in scorers.items()},
        "rungs": {name: ladder.title(name) for name in rungs},
        "dataset": first.data.name,
        "stage": stage,
        "records_digest": first.split.records_digest,
        "headline": headline(first.data),
        "level": intervals.LEVEL,
        "protocols": {name: _protocol(first, name, models, rungs) for name in asked},
    }


def _protocol(
    first: Evaluation, name: str, models: dict[str, Model], rungs: Sequence[str]
) -> dict[str, Any]:
    """One protocol's figures of every model, and those of the first less those of each other."""
    asked = first.questions(name)
    given = {model: answers(first.data, asked, each) for model, each in models.items()}
    given |= {rung: theirs for rung, (_, theirs) in first.climb(name, asked, rungs).items()}
    found: dict[str, Figures] = {model: {} for model in given}
    for question in asked:
        for model, figures in measured(first.data, question, given).items():
            found[model] |= {f"{m} {question.name}": each for m, each in figures.items()}
    mine, *_ = found.values()
    return {
        "description": DESCRIPTIONS[name],
        "resampled_by": "gene",
        "resamples": metrics.RESAMPLES,
        "metrics": {model: metrics.records(each) for model, each in found.items()},
        "difference": {
            model: metrics.difference(mine, theirs)
            for model, theirs in found.items()
            if theirs is not mine
        },
    }
