"""The findings page on HeteroCell, from what its entry ships and from results/coverage.json.

zoo reproduce hetero-cell --measure    # measure, then write the page
zoo reproduce hetero-cell              # only the page
"""

import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

import measure as measuring
from training import data as datasets
from training import finding
from training.cards import ablations
from training.cards.filters import FILTERS, cell, gap
from training.cards.render import count, percent, render
from training.cards.shipped import Shipped
from training.cards.view import Line, View
from training.data.cell_graph import cell_graph
from training.data.files import DataFiles
from training.perturbations.split import SetSplit
from training.scoring.table import Figure
from zoo.architectures.hetero_cell import model as hetero_cell
from zoo.runtime.torch import WEIGHTS, load_model
from zoo.store import folders

FINDINGS, COVERAGE = Path(__file__).parent, Path("results") / "coverage.json"
ENTRY = "hetero_cell-yeast"
RIVALS = ("ridge", "boosting", "pair_mlp", "pair_mlp_profiles", "dango-", "cls_transformer-")
"""How the names begin of the rivals that the page shows."""
STRONG = ("pair_mlp", "cls_transformer-")
"""How the names begin of those that the page looks for ahead of the entry."""
SHORT = {
    "random": "random",
    "one_new": "one gene new",
    "both_new": "both genes new",
    "query_disjoint": "query gene new",
    "unseen": "unseen gene",
}
PARTS = {"random": "random sets", "one_new": "one gene new"}
DISTANCE = r"^distance_(\w+)_(\d+)$"
TOUCHED = {
    "reaction": "a gene in a reaction node",
    "reaction_beyond_singles": "loses a reaction that neither deletion loses alone",
    "physical_edge": "a physical edge between them",
    "common_neighbour": "a common physical neighbour",
    "edge_or_neighbour": "an edge or a common neighbour",
    "regulatory_edge": "one regulates the other",
    "common_target": "both regulate a gene",
}

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
    cells, genes = cell_graph(data, DataFiles.find(None)), run["config"]["genes_total"]
    pairs = measuring.headline_pairs(data, split, "valid")
    model = load_model(hetero_cell, run["config"], folder / WEIGHTS)
    found = measuring.beyond_sum(model, pairs)
    near = dict(measuring.touched(cells, pairs, genes))["edge_or_neighbour"]
    kinds = {"all": np.ones_like(near), "edge_or_neighbour": near, "apart": ~near}
    return {
        "records_digest": split.digest,
        "genes": genes,
        "coverage": measuring.coverage(cells, data, split, genes),
        "beyond_sum": {name: measuring.summary(found[kind]) for name, kind in kinds.items()},
    }


def page(shipped: Shipped, coverage: Coverage | None) -> str:
    """The page as Markdown."""
    view, measured = View(shipped), coverage or {}
    about = view.evaluation.about
    lines = [line for name in SHORT if (line := view.line(name))]
    rivals = [name for start in RIVALS for name in about.models if _starts(name, start)]
    rows = {name: [view.against(line, name) for line in lines] for name in rivals}
    shares = measured.get("coverage") or {}
    counted = [name for name in SHORT if name in shares]
    fitness = view.about("fitness")
    interactions = view.about("epsilon", "tau", "epsilon_selected", "emap_s")
    return render(
        FINDINGS / "README.md.j2",
        filters=FILTERS,
        v=view,
        about=about,
        leaders=[leader for line in lines for leader in _leaders(view, line)],
        quantities=[
            ("Interactions", interactions, _winners(interactions)),
            ("Measured fitness", fitness, _winners(fitness)),
        ],
        protocols=[SHORT[line.info.protocol] for line in lines],
        figures=[
            (f"**`{view.entry}`**", *(cell(line.entry) for line in lines)),
            *((about.models[name].title, *map(cell, of)) for name, of in rows.items()),
        ],
        gaps=[(about.models[name].title, *map(gap, of)) for name, of in rows.items()],
        counted=[SHORT[name] for name in counted],
        touched=counted
        and [
            ("number of pairs", *(count(shares[name]["pairs"]) for name in counted)),
            *(
                (title, *(percent(shares[name][which]) for name in counted))
                for which, title in TOUCHED.items()
            ),
        ],
        beyond=measured.get("beyond_sum"),
        **_ablations(view),
        distances=_distances(view),
    )


def _winners(lines: list[Line]) -> dict[str, int]:
    """How often each best baseline clearly wins, the most frequent first."""
    return dict(Counter(x.title for x in lines if x.verdict == "behind").most_common())


def _starts(name: str, start: str) -> bool:
    return name.startswith(start) if start.endswith("-") else name == start


def _leaders(view: View, line: Line) -> list[tuple[Line, str, Figure]]:
    """The strong rivals that have a higher figure, the best first."""
    titles, info = view.evaluation.about.models, line.info
    found = view.evaluation.baselines(info.protocol, line.measure, info.question)
    return [
        (line, titles[name].title, each)
        for name, each in found.items()
        if name.startswith(STRONG) and each.gap < 0
    ]


def _ablations(view: View) -> dict[str, Any]:
    """What each training came to, group by group, and which differences seeds may explain."""
    evaluation = view.evaluation
    trainings, spread = ablations.trainings(evaluation), ablations.spread(evaluation)
    groups: dict[str, list[ablations.Training]] = {}
    for each in trainings:
        groups.setdefault(each.variant.group, []).append(each)
    plain = [x for x in trainings if not x.apart and x.variant.group != ablations.SEED]
    gaps = {x.name: x.difference for x in plain if x.difference is not None}
    near = [name for name, value in gaps.items() if spread is None or abs(value) <= spread]
    return {
        "groups": groups,
        "shared": {group: ablations.shared(evaluation, group) for group in groups},
        "spread": spread,
        "devices": dict.fromkeys(x.variant.device for x in trainings if x.variant.device),
        "parts": [PARTS.get(part, part) for part in ablations.parts(evaluation)],
        "effects": gaps,
        "within": near,
        "apart": [name for name in gaps if name not in near],
    }


def _distances(view: View) -> pd.DataFrame:
    """Of the training that ships and of the ablations of depth: a row a kind, a column a depth."""
    evaluation, best = view.evaluation, view.shipped.run.get("best") or {}
    deep = [name for name, each in evaluation.about.variants.items() if each.group == "depth"]
    rows = evaluation.rows[evaluation.rows["variant"].isin(deep)]
    shipped = pd.DataFrame({"measure": best.keys(), "value": best.values()})
    found = pd.concat([shipped.assign(variant=view.entry), rows[["measure", "value", "variant"]]])
    found[["kind", "depth"]] = found["measure"].str.extract(DISTANCE)
    found = found.dropna().astype({"depth": int, "value": float})
    return found.pivot_table("value", ["variant", "kind"], "depth", sort=False)


def main(
    measured: Annotated[
        bool, typer.Option("--measure", help="Count pairs and encode cells first.")
    ] = False,
    folder: finding.Folder = FINDINGS,
) -> None:
    """Write the findings page of HeteroCell."""
    path = folder / COVERAGE
    if measured:
        finding.save(path, measure())
    typer.echo(str(finding.publish(folder, page(Shipped.read(ENTRY), finding.read(path)))))


if __name__ == "__main__":
    typer.run(main)
