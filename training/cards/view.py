"""An evaluation as pages show it: one line a question, and who is ahead."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from training.cards.shipped import Shipped, of_family
from training.scoring.table import COMPLETE, ENTRY, Evaluation, Figure, QuestionInfo, Series


@dataclass(frozen=True)
class Line:
    """The leading measure of a question: the entry beside the strongest baseline."""

    info: QuestionInfo
    measure: str
    entry: Figure | None
    baseline: Figure | None
    title: str
    """Of the strongest baseline; its figure has the entry's gap to it."""
    baselines: int

    @property
    def verdict(self) -> Literal["ahead", "level", "behind", "unknown"]:
        """Which side of zero the interval of the difference lies on."""
        if self.baseline is None or not np.isfinite(self.baseline.gap_low):
            return "unknown"
        if self.baseline.gap_low > 0:
            return "ahead"
        return "behind" if self.baseline.gap_high < 0 else "level"


@dataclass(frozen=True)
class View:
    """What templates ask of an entry."""

    shipped: Shipped

    @property
    def entry(self) -> str:
        """The entry's name."""
        return self.shipped.entry

    @property
    def evaluation(self) -> Evaluation:
        """Its evaluation."""
        return self.shipped.evaluation

    @property
    def facts(self) -> dict[str, Any]:
        """What its family counted."""
        return self.shipped.facts

    @cached_property
    def all_lines(self) -> list[Line]:
        """Every question, the headline's first."""
        questions = self.evaluation.questions()
        first = self.evaluation.about.headline
        of_headline = first.question if first else ""
        ordered = sorted(questions, key=lambda each: each.question != of_headline)
        return [self._line(each) for each in ordered if not each.question.endswith(COMPLETE)]

    @cached_property
    def lines(self) -> list[Line]:
        """The questions by which the entry is judged."""
        judges = of_family(self.shipped.family).judges
        return [line for line in self.all_lines if judges(line.info)]

    @cached_property
    def shown(self) -> list[Line]:
        """Those of them that a card has a row of; the evaluation's own page has all."""
        shows = of_family(self.shipped.family).shows
        first = self.evaluation.about.headline
        main = first.question if first else ""
        return [x for x in self.lines if shows(x.info) or (main and x.info.question == main)]

    @property
    def headline(self) -> Line | None:
        """The question that stands for the entry."""
        about = self.evaluation.about.headline
        return about and self.line(about.protocol, about.question)

    def line(self, protocol: str, question: str | None = None) -> Line | None:
        """The line of a protocol, of the headline's question where none is named."""
        about = self.evaluation.about.headline
        wanted = question if question is not None else about.question if about else ""
        there = (
            line
            for line in self.all_lines
            if (line.info.protocol, line.info.question) == (protocol, wanted)
        )
        return next(there, None)

    def about(self, *quantities: str) -> list[Line]:
        """The lines of some quantities."""
        return [line for line in self.all_lines if line.info.facts.get("quantity") in quantities]

    def against(self, line: Line, model: str) -> Figure | None:
        """The figure of one baseline in a line's measure."""
        info = line.info
        return self.evaluation.figure(info.protocol, line.measure, info.question, model)

    def own(self, line: Line, measure: str) -> Figure | None:
        """The entry's figure in another measure of a line."""
        return self.evaluation.figure(line.info.protocol, measure, line.info.question)

    def verdicts(self, verdict: str, lines: Sequence[Line] | None = None) -> list[Line]:
        """The lines with one verdict."""
        return [
            each for each in (self.lines if lines is None else lines) if each.verdict == verdict
        ]

    def series(self, kind: str, protocol: str | None = None) -> list[Series]:
        """The entry's series of a kind."""
        return [
            each
            for each in self.evaluation.series
            if each.kind == kind and each.model == ENTRY and protocol in (None, each.protocol)
        ]

    def models(self, info: QuestionInfo, measure: str) -> list[tuple[str, str, bool]]:
        """Id and title of the models of a question, best first, and whether it is the entry.

        Models without the measure come last.
        """
        evaluation = self.evaluation
        place = {}
        for model in evaluation.models(info.protocol, info.question):
            figure = evaluation.figure(info.protocol, measure, info.question, model)
            value = figure.value if figure and figure.value == figure.value else float("-inf")
            place[model] = -value
        titles = evaluation.about.models
        return [
            (model, titles[model].title, model == ENTRY)
            for model in sorted(place, key=lambda each: place[each])
        ]

    def ladder(self, line: Line, strongest: int) -> list[tuple[str, str, bool]]:
        """The entry and so many of the strongest baselines, best first."""
        models, kinds = self.models(line.info, line.measure), self.evaluation.about.models
        rivals = [each for each in models if kinds[each[0]].kind == "baseline"][:strongest]
        return [each for each in models if each[2] or each in rivals]

    @cached_property
    def seeds(self) -> list[tuple[str, str, Figure, Figure]]:
        """Protocol, measure, mean and standard deviation over repeated trainings."""
        rows = self.evaluation.rows
        means = rows[(rows["seed"] == "mean") & (rows["model"] == ENTRY)]
        found = []
        for row in means.itertuples():
            mean, spread = (
                self.evaluation.figure(
                    row.protocol, row.measure, row.question, stage=row.stage, seed=seed
                )
                for seed in ("mean", "sd")
            )
            if mean and spread:
                found.append((row.protocol, row.measure, mean, spread))
        return found

    def _line(self, info: QuestionInfo) -> Line:
        evaluation, first = self.evaluation, self.evaluation.about.headline
        measures = evaluation.measures(info.protocol, info.question)
        wanted = first.measure if first else ""
        leads = wanted in measures or evaluation.baselines(info.protocol, wanted, info.question)
        measure = wanted if leads or not measures else measures[0]
        best = evaluation.best(info.protocol, measure, info.question)
        return Line(
            info,
            measure,
            evaluation.figure(info.protocol, measure, info.question),
            best[1] if best else None,
            evaluation.about.models[best[0]].title if best else "",
            len(evaluation.baselines(info.protocol, measure, info.question)),
        )
