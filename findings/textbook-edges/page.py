"""The findings page on textbook edges of the brain, from results/.

zoo reproduce textbook-edges --runs RUNS    # rank by the entries and by the folds of RUNS/ENTRY
zoo reproduce textbook-edges                # only the page
"""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer
from jaxtyping import Float
from matplotlib.figure import Figure

import measure
from measure import ENTRIES
from training import data as datasets
from training import finding
from training.cards.plotting import BLUE, COLOURS, GREY, svg
from training.cards.render import NONE, count, figure, interval, render
from training.data.files import DataFiles
from training.scoring.bootstrap import RESAMPLES
from training.scoring.bootstrap import interval as ends

FINDINGS = Path(__file__).parent
MAIN, DEGREE = "two_tower-brain", "degree-brain"
NAMED = (
    *("REST-SCN2A", "NEUROD1-NEUROD2", "OLIG2-SOX10", "SOX10-MBP", "NR4A2-TH", "DLX2-GAD1"),
    *("SOX9-GFAP", "MYRF-MBP", "FEV-TPH2", "LHX6-SST", "NPAS4-BDNF", "SPI1-CX3CR1"),
)
"""Edges of the panel that the page shows one by one; the last six are in no resource."""
SHOWN = ("GFAP", "MBP", "TH", "GAD1", "BDNF")
FIRST = (10, LAST := 50)
BEFORE, AFTER = "1.0.0", "2.0.0"
RESOURCES = ("DoRothEA", "TRRUST", "CollecTRI")
FIGURE = "ranks.svg"
KINDS = {"held": "held out", "unlisted": "in no resource", "seen": "trained on"}
COLUMNS = [
    (BEFORE, "held"),
    (AFTER, "held"),
    (BEFORE, "unlisted"),
    (AFTER, "unlisted"),
    (AFTER, "seen"),
]
"""Version and kind of the columns of ranks of single edges and settings."""

Tables = Mapping[str, pd.DataFrame]
Record = dict[str, float]


def read(folder: Path) -> dict[str, pd.DataFrame]:
    """Every table of results/, by its name."""
    tables = sorted((folder / "results").glob("*.csv"))
    return {path.stem: pd.read_csv(path, keep_default_na=False) for path in tables}


def tidy(tables: Tables) -> pd.DataFrame:
    """All ranks in one table: `when` is 1.0.0 or 2.0.0, `kind` one of KINDS, `edge` has both names.

    An edge in a validation part is neither held out nor trained on: it is left out where the model
    is that of a split.
    """
    parts = [
        tables[name].assign(when=when) for name, when in (("before", BEFORE), ("after", AFTER))
    ]
    ranks = pd.concat(parts, ignore_index=True)
    kinds = {"train": "seen", "unlisted": "unlisted"}
    ranks["kind"] = ranks["part"].map(kinds).fillna("held")
    ranks["edge"] = ranks["regulator"] + "-" + ranks["target"]
    return ranks[~ranks["part"].str.endswith("valid")]


def record(values: Float[np.ndarray, "edges"], of: Any = np.mean) -> Record:
    """value, low and high of a mean or a median over edges, which are drawn again."""
    rows = np.random.default_rng(0).integers(len(values), size=(RESAMPLES, len(values)))
    low, high = ends(of(values[rows], axis=1))
    return {"value": float(of(values)), "low": low, "high": high}


def first(ranks: pd.Series, k: int) -> Float[np.ndarray, "edges"]:
    """1 for each edge whose regulator is among the first k."""
    return (ranks <= k).to_numpy(float)


def by_edge(ranks: pd.DataFrame, entry: str, when: str, kind: str) -> pd.Series:
    """The rank of every edge of a kind, by one entry."""
    rows = (ranks["entry"] == entry) & (ranks["when"] == when) & (ranks["kind"] == kind)
    return ranks[rows].set_index("edge")["rank"]


def figures(ranks: pd.DataFrame, kind: str) -> list[tuple[str, ...]]:
    """A row an entry and version: edges, median rank, shares in the first ranks, gap to degree."""
    rows = []
    for entry, when in itertools.product(ENTRIES, (BEFORE, AFTER)):
        rank = by_edge(ranks, entry, when, kind)
        if rank.empty:
            continue
        degree = by_edge(ranks, DEGREE, when, kind).reindex(rank.index)
        shares = [interval(record(first(rank, k)), ".2f") for k in FIRST]
        gap = interval(record(first(rank, LAST) - first(degree, LAST)), "+.2f")
        median = interval(record(rank.to_numpy(float), np.median), ".0f")
        cells = count(len(rank)), median, *shares, "-" if entry == DEGREE else gap
        rows.append((f"`{entry}`", when, *cells))
    return rows


def progress(ranks: pd.DataFrame, kind: str) -> dict[str, Any]:
    """Both versions of the main entry on the edges that are of this kind for both of them."""
    both = [by_edge(ranks, MAIN, when, kind) for when in (BEFORE, AFTER)]
    before, after = both[0].align(both[1], join="inner")
    shares = [record(first(rank, LAST)) for rank in (before, after)]
    gap = record(first(after, LAST) - first(before, LAST))
    return {"edges": len(before), "before": shares[0], "after": shares[1], "gap": gap}


def draw(ranks: pd.DataFrame) -> Figure:
    """The share of edges within each rank, a panel a kind."""
    lines = {
        (MAIN, BEFORE): {"color": COLOURS[0]},
        (MAIN, AFTER): {"color": BLUE},
        (DEGREE, AFTER): {"color": GREY, "linestyle": "--"},
    }
    drawing = Figure(figsize=(8.6, 3.2), layout="constrained")
    panels = drawing.subplots(1, len(KINDS), sharey=True)
    for axes, (kind, title) in zip(panels, KINDS.items(), strict=True):
        for (entry, when), style in lines.items():
            rank = np.sort(by_edge(ranks, entry, when, kind))
            share = np.arange(1, len(rank) + 1) / len(rank)
            axes.step(rank, share, where="post", label=f"{entry} {when}", **style)
        axes.set(xscale="log", xlabel="rank of the regulator", title=title, ylim=(0, 1))
    drawing.axes[0].set_ylabel("share of edges")
    drawing.axes[-1].legend(loc="lower right")
    return drawing


def settings(panel: pd.DataFrame, ranks: pd.DataFrame) -> list[tuple[str, ...]]:
    """The median rank of every setting, by both versions of the main entry."""
    rows = []
    for setting, edges in panel.groupby("setting", sort=False):
        cells = [count(len(edges))]
        for when, kind in COLUMNS:
            rank = by_edge(ranks, MAIN, when, kind)
            own = rank[rank.index.isin(edges["edge"])]
            cells.append(f"{own.median():.0f} ({len(own)})" if len(own) else NONE)
        rows.append((setting, *cells))
    return rows


def named(panel: pd.DataFrame, ranks: pd.DataFrame) -> list[tuple[str, ...]]:
    """Well-known edges one by one: who lists them, and their ranks by the main entry."""
    tables = {each: by_edge(ranks, MAIN, *each) for each in COLUMNS}
    rows = []
    for edge in panel[panel["edge"].isin(NAMED)].itertuples():
        cells = [figure(tables[each].get(edge.edge), ".0f") for each in COLUMNS]
        references = len(edge.pmids.split(";")) if edge.pmids else 0
        rows.append((edge.edge, edge.resources.replace(";", ", ") or NONE, references, *cells))
    return rows


def page(tables: Tables) -> str:
    """The page, all of whose numbers are in results/."""
    ranks = tidy(tables)
    panel = tables["listed"].assign(edge=lambda t: t["regulator"] + "-" + t["target"])
    top = {when: tables[f"top_{name}"] for when, name in ((BEFORE, "before"), (AFTER, "after"))}
    best = {
        f"{when}, by {by}": table.set_index(["entry", "gene"])["regulators"]
        for when, lists in top.items()
        for by, table in lists.groupby("by", sort=False)
    }
    held = by_edge(ranks, MAIN, AFTER, "held")
    return render(
        FINDINGS / "README.md.j2",
        main=MAIN,
        panel=panel,
        unlisted=int((panel["resources"] == "").sum()),
        resources={name: int(panel["resources"].str.contains(name).sum()) for name in RESOURCES},
        never=int((panel["resources"] != "").sum()) - len(held),
        progress={kind: progress(ranks, kind) for kind in ("held", "unlisted")},
        figures={kind: figures(ranks, kind) for kind in KINDS},
        settings=settings(panel, ranks),
        named=named(panel, ranks),
        best=[(gene, how, of[MAIN, gene]) for gene in SHOWN for how, of in best.items()],
        orders=list(best),
        distinct=[
            (f"`{entry}`", *(_distinct(of.get(entry, of[:0])) or NONE for of in best.values()))
            for entry in ENTRIES
        ],
        genes=list(top[BEFORE]["gene"].unique()),
        core=_core(tables["old_core_split"]),
        protocols=list(tables["old_core_split"]["protocol"].unique()),
    )


def _distinct(lists: pd.Series) -> int:
    """How many regulators there are in lists together."""
    return len(set(" ".join(lists).split()))


def _core(table: pd.DataFrame) -> list[tuple[str, ...]]:
    """A row an entry, a column a protocol."""
    shown = [interval(row) for row in table[["value", "low", "high"]].to_dict("records")]
    cells = table.assign(shown=shown).pivot(index="entry", columns="protocol", values="shown")
    cells = cells.loc[list(ENTRIES), table["protocol"].unique()].fillna(NONE)
    return [(f"`{entry}`", *row) for entry, *row in cells.itertuples()]


def main(
    runs: Annotated[
        Path | None, typer.Option(help="Measure first, with the run folders of the entries here.")
    ] = None,
    folder: finding.Folder = FINDINGS,
) -> None:
    """Write the findings page of textbook edges."""
    if runs is not None:
        for name, table in measure.measure(datasets.load("brain"), DataFiles.find(), runs).items():
            table.to_csv(folder / "results" / f"{name}.csv", index=False)
    tables = read(folder)
    (folder / FIGURE).write_text(svg(lambda: draw(tidy(tables))), encoding="utf-8")
    typer.echo(str(finding.publish(folder, page(tables))))


if __name__ == "__main__":
    typer.run(main)
