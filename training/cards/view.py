"""An evaluation as pages show it: one line a test, and who is ahead."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from contracts.manifest import split_entry
from training.cards.filters import cell
from training.cards.shipped import Shipped
from training.scoring.table import COMPLETE, ENTRY, KEYS, Figure, QuestionInfo, Series, better

TWIN = 1e-6
"""A rival whose difference is smaller, with its whole interval, answers as the entry does."""


@dataclass(frozen=True)
class Line:
    """The leading measure of a test: the entry beside its best rival.

    A rival is a baseline or another entry; `title` is of the best one, `baselines` and `entries`
    are how many there are. Its figure has the entry's gap to it.
    """

    info: QuestionInfo
    measure: str
    entry: Figure | None
    rival: Figure | None
    title: str
    baselines: int
    entries: int

    @property
    def verdict(self) -> Literal["ahead", "level", "behind", "open", "unknown"]:
        """Which side of zero the interval of the difference lies on; open without an interval."""
        if self.rival is None or not np.isfinite(self.rival.gap):
            return "unknown"
        if not np.isfinite(self.rival.gap_low):
            return "open"
        above, below = self.rival.gap_low > 0, self.rival.gap_high < 0
        if not (above or below):
            return "level"
        return "ahead" if above == better(self.measure, 1.0, 0.0) else "behind"


class View:
    """What templates ask of an entry."""

    def __init__(self, shipped: Shipped) -> None:
        self.shipped, self.entry, self.evaluation = shipped, shipped.entry, shipped.evaluation

    @cached_property
    def lines(self) -> list[Line]:
        """Every test, those of the headline's question first.

        One that is asked again of a part of its rows is no test of its own.
        """
        first = self.evaluation.about.headline
        main = first.question if first else ""
        asked = [q for q in self.evaluation.questions() if not q.question.endswith(COMPLETE)]
        return [self._line(each) for each in sorted(asked, key=lambda q: q.question != main)]

    @property
    def headline(self) -> Line | None:
        """The test that stands for the entry."""
        about = self.evaluation.about.headline
        return about and self.line(about.protocol)

    def line(self, protocol: str) -> Line | None:
        """The test of a protocol that asks the headline's question."""
        about = self.evaluation.about.headline
        wanted = protocol, about.question if about else ""
        there = (x for x in self.lines if (x.info.protocol, x.info.question) == wanted)
        return next(there, None)

    def about(self, *quantities: str) -> list[Line]:
        """The tests of some quantities."""
        return [line for line in self.lines if line.info.facts.get("quantity") in quantities]

    def figure(self, info: QuestionInfo, measure: str, model: str = ENTRY) -> Figure | None:
        """The figure of a model in one test, the entry's where none is named."""
        return self.evaluation.figure(info.protocol, measure, info.question, model)

    def against(self, line: Line, model: str) -> Figure | None:
        """The figure of one rival in a line's measure."""
        return self.figure(line.info, line.measure, model)

    def verdicts(self, verdict: str, lines: Sequence[Line] | None = None) -> list[Line]:
        """The lines with one verdict."""
        return [x for x in (self.lines if lines is None else lines) if x.verdict == verdict]

    def series(self, kind: str, protocol: str) -> list[Series]:
        """The entry's series of a kind."""
        wanted = kind, ENTRY, protocol
        return [x for x in self.evaluation.series if (x.kind, x.model, x.protocol) == wanted]

    @cached_property
    def entries(self) -> dict[str, str]:
        """The rivals that are other entries of the zoo: model -> the entry's name."""
        name = re.compile(rf"[\w.]+-{split_entry(self.entry)[1]}\b")
        models = self.evaluation.about.models.items()
        found = {model: name.search(info.title) for model, info in models if model != ENTRY}
        return {model: match[0] for model, match in found.items() if match}

    def title(self, model: str) -> str:
        """What pages call a rival."""
        other = self.entries.get(model)
        return f"{other} (entry)" if other else self.evaluation.about.models[model].title

    def models(self, info: QuestionInfo, measure: str) -> list[str]:
        """The models of a question, best first; those without the measure come last."""

        def place(model: str) -> float:
            figure = self.figure(info, measure, model)
            if not figure or not np.isfinite(figure.value):
                return np.inf
            return -figure.value if better(measure, 1.0, 0.0) else figure.value

        return sorted(self.evaluation.models(info.protocol, info.question), key=place)

    def measured(self, info: QuestionInfo, measures: Sequence[str]) -> list[str]:
        """Those of some measures that any model of a question has."""
        models = self.evaluation.models(info.protocol, info.question)
        return [m for m in measures if any(self.figure(info, m, model) for model in models)]

    def cells(self, info: QuestionInfo, measures: Sequence[str], model: str = ENTRY) -> list[str]:
        """The figures of a model, as a row of a table has them."""
        return [cell(self.figure(info, measure, model), measure) for measure in measures]

    @cached_property
    def seeds(self) -> list[Any]:
        """Means over repeated trainings, a row a protocol; the deviation is its `value_sd`."""
        rows = self.evaluation.rows[self.evaluation.rows["model"] == ENTRY]
        mean, deviation = (rows[rows["seed"] == seed] for seed in ("mean", "sd"))
        keys = [key for key in KEYS if key != "seed"]
        return list(mean.merge(deviation, on=keys, suffixes=("", "_sd")).itertuples())

    @property
    def variants(self) -> list[str]:
        """Trainings with the recipe changed that answered the same questions."""
        models = self.evaluation.about.models.items()
        return [name for name, info in models if info.kind == "ablation"]

    def by(self, line: Line, measure: str) -> Line:
        """The same test by another measure; the best rival may be another."""
        return self._measured(line.info, measure)

    def _line(self, info: QuestionInfo) -> Line:
        first = self.evaluation.about.headline
        measures = self.evaluation.measures(info.protocol, info.question)
        wanted = first.measure if first else ""
        leads = wanted in measures or self._rivals(info, wanted)
        return self._measured(info, wanted if leads or not measures else measures[0])

    def _measured(self, info: QuestionInfo, measure: str) -> Line:
        rivals = self._rivals(info, measure)
        best = next(iter(rivals), "")
        return Line(
            info,
            measure,
            self.figure(info, measure),
            rivals.get(best),
            self.title(best) if best else "",
            len(rivals.keys() - self.entries.keys()),
            len(rivals.keys() & self.entries.keys()),
        )

    def _rivals(self, info: QuestionInfo, measure: str) -> dict[str, Figure]:
        found = self.evaluation.baselines(info.protocol, measure, info.question)
        return {m: f for m, f in found.items() if not _is_twin(f)}


def _is_twin(figure: Figure) -> bool:
    """Whether a rival answers as the entry does."""
    known = [abs(x) for x in (figure.gap, figure.gap_low, figure.gap_high) if np.isfinite(x)]
    return max(known, default=np.inf) < TWIN
