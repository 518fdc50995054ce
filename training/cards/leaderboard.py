"""Tables over entries: the leaderboard, and which model answers which question."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from training.cards import render
from training.cards.card import ROOTS, page
from training.cards.filters import FILTERS, gap, number
from training.cards.shipped import Shipped
from training.cards.view import Line, View
from training.scoring.table import ENTRY, better


@dataclass(frozen=True)
class Row:
    """A model and its figure in each column; an entry has its gap to the best rival as well."""

    title: str
    kind: str
    cells: list[str]
    place: float
    gap: str | None = None


@dataclass(frozen=True)
class Group:
    """The entries that answered the same questions about the same data, best first."""

    family: str
    dataset: str
    digest: str
    views: list[View]

    @property
    def columns(self) -> list[Line]:
        """Every test of these entries."""
        found = {(x.info.protocol, x.info.question): x for v in self.views for x in v.lines}
        return list(found.values())

    def rows(self) -> list[Row]:
        """Every entry, and every baseline once, best first.

        One whose figures differ between entries, as it is made of each of them, is named with the
        entry.
        """
        entries = [self._row(view, ENTRY) for view in self.views]
        found: dict[str, Row] = {}
        for view in self.views:
            for model, info in view.evaluation.about.models.items():
                if info.kind != "baseline" or model in view.entries:
                    continue
                row = self._row(view, model)
                if found.setdefault(row.title, row).cells != row.cells:
                    title = f"{row.title} ({view.entry})"
                    found[title] = replace(row, title=title)
        there = [row for row in found.values() if set(row.cells) != {render.NONE}]
        return sorted([*entries, *there], key=lambda row: (row.place, row.title))

    def leads(self, view: View) -> list[Line]:
        """The tests in which no other entry has a higher figure."""
        best: dict[tuple[str, str], float] = {}
        for line in (x for other in self.views for x in other.lines):
            key = line.info.protocol, line.info.question
            best[key] = min(best.get(key, np.inf), _place(line))
        return [
            line
            for line in view.lines
            if _place(line) == best[line.info.protocol, line.info.question] < np.inf
        ]

    def _row(self, view: View, model: str) -> Row:
        own, about = model == ENTRY, view.evaluation.about
        figures = [view.against(line, model) for line in self.columns]
        values = [figure.value if figure else np.nan for figure in figures]
        measures = [line.measure for line in self.columns]
        return Row(
            view.entry if own else about.models[model].title,
            "entry" if own and not about.baseline else "baseline",
            list(map(number, values, measures)),
            _worth(values[0], measures[0]) if values else np.inf,
            gap(view.headline.rival) if own and view.headline else None,
        )


def groups(everything: Iterable[Shipped]) -> list[Group]:
    """The entries by data set; within it the best at the headline comes first."""
    found: dict[tuple[str, str, str], list[View]] = {}
    for shipped in everything:
        about = shipped.evaluation.about
        found.setdefault((about.family, about.dataset, about.digest), []).append(View(shipped))
    return [
        Group(*key, sorted(found[key], key=lambda view: (_place(view.headline), view.entry)))
        for key in sorted(found)
    ]


def leaderboard(everything: Iterable[Shipped]) -> str:
    """The page of all entries and baselines, a table a data set."""
    template = render.TEMPLATES / "leaderboard.md.j2"
    return render.render(template, ROOTS, FILTERS, groups=groups(everything))


def readme_table(everything: Iterable[Shipped], cards: str = "model_cards") -> str:
    """*Which model should I use?*: a row an entry, from what it says of itself."""
    rows = [line for group in groups(everything) for line in _uses(group, cards)]
    head = ("Your question", "Entry", "How good, beside the best rival", "Use it")
    return render.table(rows, head)


def _uses(group: Group, cards: str) -> Iterator[tuple[str, ...]]:
    for place, view in enumerate(group.views):
        said = page("use.md.j2", view, leads=group.leads(view))
        question, good, use = (" ".join(part.split()) for part in said.split("\n\n"))
        mark = " (baseline)" if view.evaluation.about.baseline else ""
        first = f"{question} (data set {group.dataset})" if place == 0 else ""
        yield first, f"[{view.entry}]({cards}/{view.entry}.md){mark}", good, use


def _place(line: Line | None) -> float:
    """Small where the entry's figure is good; infinite where it has none."""
    return _worth(line.entry.value, line.measure) if line and line.entry else np.inf


def _worth(value: float, measure: str) -> float:
    return np.inf if np.isnan(value) else -value if better(measure, 1.0, 0.0) else value
