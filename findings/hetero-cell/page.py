"""The findings page on HeteroCell, from what its entry ships and from results/coverage.json.

    python findings/hetero-cell/page.py --measure    # measure, then write the page
    python findings/hetero-cell/page.py              # only the page

It writes findings/hetero-cell/README.md.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import measure as measuring
import words
from training import data as datasets
from training.cards import markdown as md
from training.data.cell_graph import cell_graph
from training.data.files import DataFiles
from training.perturbations import card_ablations as ablations
from training.perturbations import card_ahead as ahead
from training.perturbations.shipped import Body, Shipped
from training.perturbations.split import SetSplit
from training.perturbations.verdict import counted
from training.perturbations.words import SHORT, figure
from zoo.store import folders
from zoo.store.files import replacing

FINDINGS, COVERAGE = Path(__file__).parent, Path("results") / "coverage.json"
ENTRY = "hetero_cell-yeast"
RIVALS = ("ridge", "boosting", "pair_mlp", "pair_mlp_profiles", "dango-", "cls_transformer-")
"""How the names begin of the rivals that the page shows."""
HEAD = "no_members"
"""The ablation of what the head is told of single deletions."""
FEW = 0.1
"""A share below this is spoken of as little."""
DISTANCE = re.compile(r"distance_(\w+)_(\d+)")

Coverage = dict[str, Any]


def measure(entry: str = ENTRY) -> Coverage:
    """What results/coverage.json holds: shares of pairs, and z_p beyond the sum.

    Raises what opening an entry and loading its data raise.
    """
    folder, _ = folders.open_entry(entry)
    run = json.loads((folder / "run.json").read_text())
    data = datasets.load(run["recipe"]["dataset"])
    split = SetSplit.load(folder / "split.safetensors")
    split.require(data)
    cell, genes = cell_graph(data, DataFiles.find(None)), run["config"]["genes_total"]
    pairs = measuring.headline_pairs(data, split, "valid")
    found = measuring.beyond_sum(measuring.load_model(folder, run["config"]), pairs)
    near = dict(measuring.touched(cell, pairs, genes))["edge_or_neighbour"]
    kinds = {"all": np.ones_like(near), "edge_or_neighbour": near, "apart": ~near}
    return {
        "records_digest": split.records_digest,
        "genes": genes,
        "coverage": measuring.coverage(cell, data, split, genes),
        "beyond_sum": {name: measuring.summary(found[kind]) for name, kind in kinds.items()},
    }


def render(shipped: Shipped, coverage: Coverage | None) -> str:
    """The page as Markdown."""
    evaluation = shipped.evaluation
    source = shipped.headlined[0][1]["source"]
    measured = coverage or {}
    sections = (
        words.TITLE.format(entry=shipped.entry),
        *map(md.paragraph, ahead.said(shipped)),
        md.paragraph(counted(shipped)),
        words.COMPARED,
        md.paragraph(words.TABLE.format(source=source, **evaluation)),
        md.table(("model", *_protocols(shipped)), _figures(shipped)),
        words.GAPS.format(entry=shipped.entry),
        md.table(("less", *_protocols(shipped)), _gaps(shipped)),
        words.WHY,
        md.paragraph(words.WHY_TEXT),
        words.ABLATIONS,
        ablations.section(shipped.ablations),
        *_of_head(shipped),
        words.COVERAGE,
        md.paragraph(words.SHARES),
        _shares(measured.get("coverage")),
        words.BEYOND,
        _beyond(measured.get("beyond_sum")),
        words.DISTANCE,
        words.DISTANCES,
        _distances(shipped),
        words.AGAIN.format(entry=shipped.entry, records=evaluation["records_digest"][:12]),
    )
    return "\n\n".join(section.strip() for section in sections) + "\n"


def _protocols(shipped: Shipped) -> list[str]:
    return [SHORT[protocol] for protocol, _ in shipped.headlined]


def _rivals(shipped: Shipped) -> dict[str, str]:
    """Name and title of those that the page shows, in the order of RIVALS."""
    found = {n: row["title"] for _, body in shipped.headlined for n, row in body["ladder"].items()}
    return {
        name: title
        for start in RIVALS
        for name, title in found.items()
        if (name.startswith(start) if start.endswith("-") else name == start)
    }


def _figures(shipped: Shipped) -> Iterator[tuple[str, ...]]:
    bodies = [body for _, body in shipped.headlined]
    yield f"**`{shipped.entry}`**", *(figure(body, "pearson") for body in bodies)
    for name, title in _rivals(shipped).items():
        yield title, *(figure(_row(body, name), "pearson") for body in bodies)


def _gaps(shipped: Shipped) -> Iterator[tuple[str, ...]]:
    for name, title in _rivals(shipped).items():
        rows = (_row(body, name) for _, body in shipped.headlined)
        yield title, *(figure(row, "pearson", "difference") for row in rows)


def _row(body: Body, name: str) -> Body | None:
    return body["ladder"].get(name)


def _of_head(shipped: Shipped) -> list[str]:
    """What the head's products are worth, in words, where that was tried."""
    if not shipped.ablations:
        return []
    gaps, far = dict(ablations.differences(shipped.ablations)), ablations.spread(shipped.ablations)
    if HEAD not in gaps:
        return []
    against = "" if far is None else words.AGAINST.format(spread=md.number(far))
    said = words.NO_MEMBERS.format(name=HEAD, gap=f"{gaps[HEAD]:+.3f}", against=against)
    return [md.paragraph(said)]


def _shares(found: dict[str, dict[str, float | int]] | None) -> str:
    if not found:
        return md.NOT_MEASURED
    protocols = [name for name in SHORT if name in found]
    rows = [("pairs", *(md.count(int(found[name]["pairs"])) for name in protocols))]
    rows += [
        (title, *(f"{found[name][which]:.1%}" for name in protocols))
        for which, title in words.TOUCHED.items()
    ]
    return md.table(("", *(SHORT[name] for name in protocols)), rows)


def _beyond(found: dict[str, dict[str, float | int]] | None) -> str:
    if not found or not found["all"]["pairs"]:
        return md.NOT_MEASURED
    shown = {name: f"{found['all'][name]:.2%}" for name in ("median", "low", "high")}
    little = found["all"]["high"] < FEW
    said = words.BEYOND_TEXT.format(**shown, verdict=words.MOSTLY_SUM if little else words.NOT_SUM)
    rows = [
        (
            title,
            md.count(int(found[name]["pairs"])),
            *(_percent(found[name].get(each)) for each in ("median", "low", "high")),
        )
        for name, title in words.WHICH.items()
    ]
    return md.paragraph(said) + "\n\n" + md.table(words.BEYOND_HEAD, rows)


def _percent(share: float | None) -> str:
    return md.NOT_MEASURED if share is None else f"{share:.2%}"


def _distances(shipped: Shipped) -> str:
    """Rows of the training that ships and of the ablations of depth; a column a depth."""
    told = [(f"`{shipped.entry}`", shipped.run.get("best") or {})]
    told += [
        (f"`{run['name']}`", run["best"])
        for run in (shipped.ablations or {"runs": []})["runs"]
        if run["group"] == "depth"
    ]
    found: dict[tuple[str, str], dict[int, float]] = {}
    for name, best in told:
        for key, value in best.items():
            if match := DISTANCE.fullmatch(key):
                found.setdefault((name, match[1]), {})[int(match[2])] = value
    deepest = max((max(depths) for depths in found.values()), default=0)
    rows = [
        (name, kind, *(f"{depths[d]:.3g}" if d in depths else "-" for d in range(deepest + 1)))
        for (name, kind), depths in found.items()
    ]
    return md.table(("training", "nodes", *(f"depth {d}" for d in range(deepest + 1))), rows)


def write(folder: Path, entry: str = ENTRY) -> Path:
    """Render the page into `folder`. Raises what reading an entry raises."""
    path = folder / "README.md"
    with replacing(path) as draft:
        draft.write_text(render(Shipped.read(entry), read(folder)))
    return path


def read(folder: Path) -> Coverage | None:
    """What was measured, if anything was."""
    path = folder / COVERAGE
    return json.loads(path.read_text()) if path.is_file() else None


def main(
    measured: Annotated[
        bool, typer.Option("--measure", help="Count pairs and encode cells first.")
    ] = False,
    folder: Annotated[Path, typer.Option(help="Where results and page lie.")] = FINDINGS,
) -> None:
    """Write the findings page of HeteroCell."""
    path = folder / COVERAGE
    path.parent.mkdir(parents=True, exist_ok=True)
    if measured:
        found = measure()
        with replacing(path) as draft:
            draft.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    typer.echo(str(write(folder)))


if __name__ == "__main__":
    typer.run(main)
