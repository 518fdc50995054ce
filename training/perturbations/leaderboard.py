"""One table a data set of perturbations: every entry, and every rival that answered its sets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from training.cards import markdown as md
from training.perturbations.card_verdict import BASELINES
from training.perturbations.shipped import Body, Record, Shipped, gap, rivals
from training.perturbations.split import PROTOCOLS
from training.perturbations.verdict import counted
from training.perturbations.words import NOTHING, QUANTITIES, SHORT

Column = tuple[str, str]
"""Protocol and question."""

SHOWN = {"tau": ("random", "query_disjoint"), "fitness": ("random",)}
"""Quantities that have columns besides the headline's, and under which protocols."""

ABOUT = md.paragraph(
    """Pearson correlation with what was measured: epsilon of pairs that nobody selected, on gene
    sets drawn by chance or held out with their genes, then tau of triples, and fitness. The gain is
    the difference to the best rival in the first column, with its interval. A dash: all predictions
    are the same."""
)


CERTAIN = md.paragraph(
    """Each question has one source, one quantity and one way to hold sets out. In brackets: which
    rivals, chosen with hindsight as the best in each question."""
)


@dataclass(frozen=True)
class Row:
    """One model: its name, whether it is a baseline, its correlations and its gain."""

    name: str
    baseline: bool
    figures: dict[Column, Record | None]
    gain: Record | None = None


def tables(everything: Iterable[Shipped], brief: bool = False) -> str:
    """The tables of all data sets, each under its name.

    A brief one has the entries and, of the rivals that are none, only the best in its first column.
    Below it stands how often each entry that is no baseline does better or worse than its rivals.
    """
    groups: dict[tuple[str, str], list[Shipped]] = {}
    for shipped in sorted(everything, key=lambda each: each.entry):
        evaluation = shipped.evaluation
        groups.setdefault((evaluation["dataset"], evaluation["records_digest"]), []).append(shipped)
    parts = []
    for dataset, digest in sorted(groups):
        group = groups[dataset, digest]
        title = f"**{dataset}** (records {digest[:12]})"
        counts = [counted(each) for each in group if each.manifest.architecture not in BASELINES]
        below = [CERTAIN, md.items(counts)] if counts else []
        parts.append("\n\n".join((title, ABOUT, _table(group, brief), *below)))
    return "\n\n".join(parts)


def _table(group: list[Shipped], brief: bool) -> str:
    columns = _columns(group)
    rows = _rows(group, list(columns))
    if columns:
        first = next(iter(columns))
        rows = sorted(rows, key=lambda row: (-_value(row, first), row.name))
    if brief:
        best = next((row.name for row in rows if not row.name.startswith("`")), "")
        rows = [row for row in rows if row.name.startswith("`") or row.name == best]
    head = ("model", "kind", *columns.values(), "gain")
    return md.table(head, (_cells(row, list(columns)) for row in rows))


def _columns(group: list[Shipped]) -> dict[Column, str]:
    """What is shown, and what it is called: epsilon that nobody selected, then the others."""
    found: dict[Column, str] = {}
    for protocol in PROTOCOLS:
        for shipped in group:
            if shipped.question(protocol):
                found[protocol, shipped.headline] = f"epsilon, {SHORT[protocol]}"
    for quantity, protocols in SHOWN.items():
        for shipped in group:
            for protocol, body in shipped.asked(quantity):
                if protocol in protocols:
                    name = f"{QUANTITIES[quantity]} ({body['source']}), {SHORT[protocol]}"
                    found.setdefault((protocol, f"{quantity}/{body['source']}"), name)
    return found


def _rows(group: list[Shipped], columns: list[Column]) -> list[Row]:
    """Entries, then rivals, each once.

    A rival that is an entry of the table, or that says the same of every set, is left out. One of
    the same name that has other figures in another entry's run is named with that entry.
    """
    entries = [each.entry for each in group]
    found: dict[str, Row] = {}
    for shipped in group:
        bodies = _bodies(shipped, columns)
        figures = {at: body["metrics"].get("pearson") for at, body in bodies}
        first = next((body for _, body in bodies), None)
        baseline = shipped.manifest.architecture in BASELINES
        gained = gap(first) if first else None
        found[shipped.entry] = Row(f"`{shipped.entry}`", baseline, figures, gained)
    for shipped in group:
        for name, title, rival in _rivals(shipped, columns):
            row = Row(title, True, rival)
            known = name not in entries and any(rival.values())
            if known and found.setdefault(title, row) != row:
                named = f"{title} ({shipped.entry})"
                found[named] = Row(named, True, rival)
    return list(found.values())


def _bodies(shipped: Shipped, columns: list[Column]) -> list[tuple[Column, Body]]:
    asked = [((protocol, name), shipped.question(protocol, name)) for protocol, name in columns]
    return [(at, body) for at, body in asked if body is not None]


def _rivals(
    shipped: Shipped, columns: list[Column]
) -> Iterator[tuple[str, str, dict[Column, Record | None]]]:
    """Name, title and correlations of every rival, over all columns."""
    found: dict[str, tuple[str, dict[Column, Record | None]]] = {}
    for at, body in _bodies(shipped, columns):
        for name, rival in rivals(body).items():
            _, figures = found.setdefault(name, (rival["title"], {}))
            figures[at] = rival["metrics"].get("pearson")
    for name, (title, figures) in found.items():
        yield name, title, figures


def _cells(row: Row, columns: list[Column]) -> tuple[str, ...]:
    shown = [_shown(row.figures[at]) if at in row.figures else md.NOT_MEASURED for at in columns]
    gain = md.difference(row.gain) if row.gain else ""
    return row.name, "baseline" if row.baseline else "entry", *shown, gain


def _shown(record: Record | None) -> str:
    return md.number(record["value"]) if record else NOTHING


def _value(row: Row, at: Column) -> float:
    record = row.figures.get(at)
    return record["value"] if record else float("-inf")
