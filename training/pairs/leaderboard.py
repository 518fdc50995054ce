"""One table a data set: every entry, and every baseline that answered the same pairs."""

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.manifest import split_entry
from training.cards import markdown as md
from training.pairs.card_text import TITLES
from training.pairs.card_verdict import BASELINE
from training.pairs.shipped import HEADLINES, Record, Shipped

COLUMNS = {
    "given/auroc": "AUROC, own split",
    "given/auprc": "AUPRC, own split",
    "degree_preserving/auroc": "AUROC, degree-preserving",
    "uniform/auroc": "AUROC, uniform",
    "within_source/auroc": "AUROC, within source",
    "cold_gene/auroc": "AUROC, unseen gene",
    "cold_tf/auroc": "AUROC, unseen regulator",
    "cold_both/auroc": "AUROC, unseen both",
    "retrieval/mrr": "MRR",
    "retrieval/hits@10": "hits@10",
    "external/auroc_per_tf": "AUROC per regulator, external",
}


@dataclass(frozen=True)
class Row:
    """One model: its name, whether it is a baseline, its figures and its gain over the best."""

    name: str
    baseline: bool
    figures: dict[str, Record]
    gain: Record | None = None


def tables(everything: Iterable[Shipped], brief: bool = False) -> str:
    """The tables of all data sets, each under its name.

    A brief one has the entries and, of the baselines, only the best in its first column.
    """
    groups: dict[tuple[str, str], list[Shipped]] = {}
    for shipped in sorted(everything, key=lambda each: each.entry):
        evaluation = shipped.evaluation
        groups.setdefault((evaluation["dataset"], evaluation["edges_digest"]), []).append(shipped)
    return "\n\n".join(
        f"**{dataset}** (edge table {digest[:12]})\n\n{_table(groups[dataset, digest], brief)}"
        for dataset, digest in sorted(groups)
    )


def _table(group: list[Shipped], brief: bool) -> str:
    headline = next((n for n in HEADLINES if any(n in each.protocols for each in group)), None)
    rows = _rows(group, headline)
    columns = _columns(rows, headline)
    if columns:
        rows = sorted(rows, key=lambda row: (-_value(row, columns[0]), row.name))
    if brief:
        best = next((row.name for row in rows if row.baseline and not row.name.startswith("`")), "")
        rows = [row for row in rows if row.name.startswith("`") or row.name == best]
    head = ("model", "kind", *(COLUMNS[name] for name in columns))
    gain = f"gain, {TITLES[headline]}" if headline else "gain"
    return md.table((*head, gain), (_cells(row, columns) for row in rows))


def _columns(rows: list[Row], headline: str | None) -> list[str]:
    """The columns that some model has a figure in, the headline protocol's AUROC first."""
    there = [name for name in COLUMNS if any(name in row.figures for row in rows)]
    return sorted(there, key=lambda name: name != f"{headline}/auroc")


def _cells(row: Row, columns: list[str]) -> tuple[str, ...]:
    shown = (row.figures.get(name) for name in columns)
    values = (md.number(figure["value"]) if figure else md.NOT_MEASURED for figure in shown)
    gain = md.difference(row.gain) if row.gain else ""
    return row.name, "baseline" if row.baseline else "entry", *values, gain


def _value(row: Row, name: str) -> float:
    return row.figures[name]["value"] if name in row.figures else float("-inf")


def _rows(group: list[Shipped], headline: str | None) -> list[Row]:
    """Entries, then baselines, each once.

    The degree baseline is left out as a rung where it is an entry of its own. A rung of the same
    name that has other figures in another entry's run (such as shuffled identities, which belong
    to one network) is named with that entry.
    """
    entries = [each.entry for each in group]
    found: dict[str, Row] = {}
    for shipped in group:
        gain = shipped.figure(f"{headline}/auroc", "difference")
        baseline = shipped.manifest.architecture == BASELINE
        figures = {name: each for name in COLUMNS if (each := shipped.figure(name)) is not None}
        found[shipped.entry] = Row(f"`{shipped.entry}`", baseline, figures, gain)
    for shipped in group:
        own_degree = f"{BASELINE}-{split_entry(shipped.entry)[1]}"
        for title, rung in _rungs(shipped, skip=BASELINE if own_degree in entries else None):
            rival = Row(title, True, rung)
            if found.setdefault(title, rival) != rival:
                named = f"{title} ({shipped.entry})"
                found[named] = Row(named, True, rung)
    return list(found.values())


def _rungs(shipped: Shipped, skip: str | None) -> list[tuple[str, dict[str, Record]]]:
    """Title and figures of every baseline, over all protocols."""
    found: dict[str, tuple[str, dict[str, Record]]] = {}
    for column in COLUMNS:
        protocol, metric = column.split("/")
        for name, rung in shipped.rungs(protocol).items():
            _, figures = found.setdefault(name, (rung["title"], {}))
            if metric in rung["metrics"]:
                figures[column] = rung["metrics"][metric]
    return [each for name, each in found.items() if name != skip]
