"""Entries side by side, the first held against each other: same rows, same draws, paired gaps."""

from collections.abc import Sequence
from pathlib import Path

from contracts.errors import InvalidOption
from training import family as families
from training.scoring import ladder
from training.scoring.contest import RUNS, Contest
from training.scoring.evaluate import Report
from training.scoring.observe import Row, observe, resamples
from training.scoring.table import ENTRY, Evaluation, QuestionInfo


def compare(
    entries: Sequence[str],
    protocols: Sequence[str] | None = None,
    stage: str = "valid",
    rungs: Sequence[str] = (),
    root: Path | None = None,
    runs: Path = RUNS,
) -> Evaluation:
    """Figures of `entries` and of baselines of the ladder, and how far the first is ahead of each.

    All are asked the rows of the first entry's split, and units are drawn again for all of them
    together, so that the interval of a gap is paired.

    Raises InvalidOption for fewer than two entries, one named twice, entries of two families, or an
    unknown protocol, stage or rung; StaleSplit where two entries were trained on different splits;
    and what `zoo evaluate` raises.
    """
    if len(set(entries)) < max(2, len(entries)):
        raise InvalidOption("entries", " ".join(entries), "two or more different ones")
    family = families.of_all(entries)
    first = Contest.open(entries[0], stage, root, runs)
    for name in rungs:
        family.rung(name)
    names = first.protocols(protocols)
    others = {name: first.rival(name, name) for name in entries[1:]}
    rows: list[Row] = []
    infos: list[QuestionInfo] = []
    own = first.ask
    for question in (q for name in names for q in first.questions(name)):
        if question.subset is not None:
            continue
        answers = {ENTRY: own(question)}
        answers |= {name: model.ask(question) for name, model in others.items()}
        answers |= ladder.climb(family, first.ground, question, rungs)
        if compared := family.comparable(question, answers):
            question, answers = compared
            rows += observe(question, answers, stage)
            infos.append(question.info(resamples(question), {}))
    report = Report(first, others)
    models = {name: report.info(name) for name in (ENTRY, *others, *rungs)}
    complete = set(names) == set(family.offered(first.ground))
    return Evaluation.of(first.about(models, infos, complete), rows)
