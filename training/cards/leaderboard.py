"""Tables over entries: the leaderboard, and which model answers which question."""

from collections.abc import Iterable
from dataclasses import dataclass

from training.cards import render
from training.cards.card import folders
from training.cards.filters import FILTERS
from training.cards.shipped import Shipped
from training.cards.view import Line, View
from training.scoring.table import ENTRY, Figure, better

Row = tuple[str, str, list[Figure | None], Figure | None]
"""Name, kind, a figure a column, and the entry's figure with its gap to the best baseline."""


@dataclass(frozen=True)
class Group:
    """The entries that answered the same questions about the same data, best first."""

    family: str
    dataset: str
    digest: str
    views: list[View]

    @property
    def columns(self) -> list[Line]:
        """The questions that cards of these entries show."""
        found = {(x.info.protocol, x.info.question): x for v in self.views for x in v.shown}
        return list(found.values())

    def rows(self) -> list[Row]:
        """Every entry, and every baseline once, best first.

        A baseline that is an entry here has no row of its own. One whose figures differ between
        entries, as it is made of each of them, is named with the entry.
        """
        entries = [view.entry for view in self.views]
        found: dict[str, Row] = {}
        for view in self.views:
            first = view.headline
            kind = "baseline" if view.evaluation.about.baseline else "entry"
            figures = self._figures(view, ENTRY)
            gap = first.baseline if first else None
            found[view.entry] = (f"`{view.entry}`", kind, figures, gap)
        for view in self.views:
            for model, info in view.evaluation.about.models.items():
                named = [entry for entry in entries if entry in info.title or entry == model]
                figures = self._figures(view, model)
                if info.kind != "baseline" or named or not any(figures):
                    continue
                row = (info.title, "baseline", figures, None)
                if _values(found.setdefault(info.title, row)[2]) != _values(figures):
                    title = f"{info.title} ({view.entry})"
                    found[title] = (title, *row[1:])
        return sorted(found.values(), key=lambda row: (_place(row), row[0]))

    def _figures(self, view: View, model: str) -> list[Figure | None]:
        return [
            view.evaluation.figure(x.info.protocol, x.measure, x.info.question, model)
            for x in self.columns
        ]


def groups(everything: Iterable[Shipped]) -> list[Group]:
    """The entries by data set; within it the best at the headline comes first."""
    found: dict[tuple[str, str, str], list[View]] = {}
    for shipped in everything:
        about = shipped.evaluation.about
        found.setdefault((about.family, about.dataset, about.digest), []).append(View(shipped))
    return [Group(*key, sorted(found[key], key=_order)) for key in sorted(found)]


def leaderboard(everything: Iterable[Shipped]) -> str:
    """The page of all entries and baselines, a table a data set."""
    found = groups(everything)
    return render.render(
        render.TEMPLATES / "leaderboard.md.j2",
        filters=FILTERS,
        groups=[(g, g.rows()) for g in found],
    )


def readme_table(everything: Iterable[Shipped], cards: str = "model_cards") -> str:
    """*Which model should I use?*: a row an entry, from what it says of itself."""
    rows = [line for group in groups(everything) for line in _uses(group, cards)]
    head = ("Your question", "Entry", "How good, beside the best baseline", "Use it")
    return render.table(rows, head)


def _uses(group: Group, cards: str) -> Iterable[tuple[str, ...]]:
    rivals = [view for view in group.views if not view.evaluation.about.baseline]
    for number, view in enumerate(group.views):
        said = render.render(
            render.TEMPLATES / "use.md.j2",
            folders(group.family),
            FILTERS,
            v=view,
            e=view.evaluation,
            about=view.evaluation.about,
            manifest=view.shipped.manifest,
            run=view.shipped.run,
            facts=view.shipped.facts,
            best=bool(rivals) and view is rivals[0],
        )
        question, good, use = (" ".join(part.split()) for part in said.split("\n\n"))
        mark = " (baseline)" if view.evaluation.about.baseline else ""
        first = f"{question} (data set {group.dataset})" if number == 0 else ""
        yield first, f"[{view.entry}]({cards}/{view.entry}.md){mark}", good, use


def _order(view: View) -> tuple[float, str]:
    line = view.headline
    value = line.entry.value if line and line.entry else None
    return _worth(value, line.measure if line else ""), view.entry


def _worth(value: float | None, measure: str) -> float:
    """Small where a value is good."""
    if value is None or value != value:
        return float("inf")
    return -value if better(measure, 1.0, 0.0) else value


def _place(row: Row) -> float:
    return _worth(row[2][0].value if row[2] and row[2][0] else None, "")


def _values(figures: list[Figure | None]) -> list[str]:
    return [f"{figure.value:.6g}" if figure else "" for figure in figures]
