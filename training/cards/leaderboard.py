"""Tables over entries: the leaderboard, and which model answers which question."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from training.cards import render
from training.cards.card import page, roots
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
        return list({_test(line): line for v in self.views for line in v.lines}.values())

    def rows(self) -> list[Row]:
        """Every entry, and every baseline once, best first.

        One whose figures differ between entries, as it is made of each of them, is named with the
        entry.
        """
        found: dict[str, Row] = {}
        for view in self.views:
            found[view.entry] = self._row(view, ENTRY)
            for model, info in view.evaluation.about.models.items():
                row = self._row(view, model)
                unmeasured = set(row.cells) == {render.NONE}
                if info.kind != "baseline" or model in view.entries or unmeasured:
                    continue
                if found.setdefault(row.title, row) != row:
                    title = f"{row.title} ({view.entry})"
                    found[title] = replace(row, title=title)
        return sorted(found.values(), key=lambda row: (row.place, row.title))

    def leads(self, view: View) -> list[Line]:
        """The tests in which no other entry has a higher figure."""
        found = []
        for line in view.lines:
            places = [_place(each, line) for each in self.views]
            if _place(view, line) == min(places) < np.inf:
                found.append(line)
        return found

    def _row(self, view: View, model: str) -> Row:
        own, about, columns = model == ENTRY, view.evaluation.about, self.columns
        figures = [view.against(line, model) for line in columns]
        return Row(
            view.entry if own else about.models[model].title,
            "entry" if own and not about.baseline else "baseline",
            [number(f and f.value, x.measure) for f, x in zip(figures, columns, strict=True)],
            round(_place(view, columns[0] if columns else None, model), 6),
            gap(view.headline.rival) if own and view.headline else None,
        )


def groups(everything: Iterable[Shipped]) -> list[Group]:
    """The entries by data set; within it the best at the headline comes first."""
    found: dict[tuple[str, str, str], list[View]] = {}
    for shipped in everything:
        about = shipped.evaluation.about
        found.setdefault((about.family, about.dataset, about.digest), []).append(View(shipped))
    return [
        Group(*key, sorted(views, key=lambda view: (_place(view, view.headline), view.entry)))
        for key, views in sorted(found.items(), key=lambda each: each[0])
    ]


def leaderboard(everything: Iterable[Shipped]) -> str:
    """The page of all entries and baselines, a table a data set."""
    template = render.TEMPLATES / "leaderboard.md.j2"
    return render.render(template, roots(), FILTERS, groups=groups(everything))


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


def _test(line: Line) -> str:
    return f"{line.info.protocol} {line.info.question}"


def _place(view: View, line: Line | None, model: str = ENTRY) -> float:
    """Small where a model is good in a test; infinite where it has no figure there."""
    figure = line and view.against(line, model)
    if not figure or np.isnan(figure.value):
        return np.inf
    return -figure.value if better(line.measure, 1.0, 0.0) else figure.value
