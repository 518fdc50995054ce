"""Does late interaction earn its place beside the shipped networks? Measured on validation only.

    zoo reproduce late-interaction --entries FOLDER    # measure, then write the page
    zoo reproduce late-interaction --trials RUNS       # gather the trials first
    zoo reproduce late-interaction --afresh FOLDERS    # other seeds, then write the page
    zoo reproduce late-interaction                     # only the page

Results lie in findings/late-interaction/results; every number of the page comes from there.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from rule import BOOSTING, DEGREE, NETWORKS, OURS, SEEDED, cost, judge
from training import finding
from training.cards.render import interval, render
from training.scoring.compare import compare
from training.scoring.table import ENTRY, Evaluation
from zoo.store import folders as store

FINDINGS = Path(__file__).parent
VALID, TRIALS, AFRESH = "valid.json", "trials.json", "afresh.json"
PROTOCOLS = ("degree_preserving", "within_source", "cold_gene", "uniform", "retrieval")
MONITORED = dict(zip(SEEDED, ("valid", "cold_gene_valid"), strict=True))
"""Figures of the page -> what the validation of a training calls them."""
COLUMNS = {
    "degree_preserving/auroc": "AUROC, degree-preserving",
    "within_source/auroc": "AUROC, within source",
    "cold_gene/auroc": "AUROC, unseen gene",
    "uniform/auroc": "AUROC, uniform",
    "retrieval/mrr": "MRR",
    "retrieval/hits@10": "hits@10",
}
TUNED = ("vectors", "dim", "smoothing", "initial_scale")

Result = dict[str, Any]


def measure(root: Path | None = None) -> Result:
    """Compare the entries on validation; what results/valid.json holds.

    Raises UnknownEntry where one of the four is neither bundled, cached nor registered, and what
    `training.scoring.compare.compare` raises.
    """
    entries = (OURS, *NETWORKS, DEGREE)
    found = compare(entries, PROTOCOLS, "valid", (BOOSTING,), root)
    return {
        "stage": found.about.stage,
        "entries": list(entries),
        "edges_digest": found.about.digest,
        "rungs": {BOOSTING: found.about.models[BOOSTING].title},
        "protocols": by_protocol(found),
        "networks": {name: _network(name) for name in (OURS, *NETWORKS)},
    }


def by_protocol(found: Evaluation) -> Result:
    """Figures and differences of every model, as the result files have them."""
    protocols: Result = {
        each.protocol: {"resamples": each.resamples, "metrics": {}, "difference": {}}
        for each in found.about.questions
    }
    for row in found.rows.to_dict("records"):
        body, model = protocols[row["protocol"]], row["model"]
        figure = {name: row[name] for name in ("value", "low", "high")}
        shown = found.about.entry if model == ENTRY else model
        body["metrics"].setdefault(shown, {})[row["measure"]] = figure
        if row["gap"] == row["gap"]:
            gap = {"value": row["gap"], "low": row["gap_low"], "high": row["gap_high"]}
            body["difference"].setdefault(shown, {})[row["measure"]] = gap
    return protocols


def _network(entry: str) -> Result:
    """Configuration, parameters and, where it was trained from several seeds, their summary."""
    folder, _ = store.open_entry(entry)
    run, seeds = json.loads((folder / "run.json").read_text()), folder / "seeds.json"
    spread = json.loads(seeds.read_text()) if seeds.is_file() else None
    return {"config": run["config"], "parameters": run["parameters"], "seeds": spread}


def gather(runs: Path) -> list[Result]:
    """Configuration and best validation figures of every run of the architecture below `runs`."""
    reports = [json.loads(path.read_text()) for path in sorted(runs.glob("*/run.json"))]
    return [
        {"model": each["recipe"]["model"], "seed": each["seed"], "epochs": len(each["history"])}
        | {name: each["best"][part] for name, part in MONITORED.items()}
        for each in reports
        if each["entry"].startswith("late_interaction-")
    ]


def compare_afresh(folders: Path, rival: str) -> list[Result]:
    """Differences to `rival` in each of `folders`, which hold both entries from another seed."""
    found = []
    for folder in sorted(path for path in folders.iterdir() if (path / OURS).is_dir()):
        _register(folder)
        bodies = by_protocol(compare((OURS, rival), PROTOCOLS, "valid"))
        seed = json.loads((folder / OURS / "run.json").read_text())["seed"]
        gaps = {name: body["difference"][rival] for name, body in bodies.items()}
        found.append({"seed": seed, "rival": rival, "difference": gaps})
    return found


def page(valid: Result, trials: list[Result], afresh: list[Result]) -> str:
    """The page as Markdown, from what results/ holds: valid.json, trials.json and afresh.json."""
    protocols, networks = valid["protocols"], valid["networks"]
    titles = {name: f"`{name}`" for name in (OURS, *NETWORKS)}
    models = titles | {BOOSTING: valid["rungs"][BOOSTING], DEGREE: f"`{DEGREE}`"}
    places = [column.split("/") for column in COLUMNS]

    def cells(kind: str, name: str, form: str) -> list[str]:
        return [interval(protocols[at][kind][name][figure], form) for at, figure in places]

    def gaps(of: Result) -> list[str]:
        return [interval(of.get(at, {}).get(figure), "+.3f") for at, figure in places]

    return render(
        FINDINGS / "README.md.j2",
        config=networks[OURS]["config"],
        verdict=judge(valid),
        resamples=protocols["degree_preserving"]["resamples"],
        digest=valid["edges_digest"][:12],
        columns=list(COLUMNS.values()),
        monitored=SEEDED,
        seeded=[COLUMNS[name] for name in SEEDED],
        tuned=list(TUNED),
        figures=[(title, *cells("metrics", name, ".3f")) for name, title in models.items()],
        gaps=[(title, *cells("difference", n, "+.3f")) for n, title in models.items() if n != OURS],
        networks={title: networks[name] for name, title in titles.items()},
        costs={title: cost(name, networks[name]["config"]) for name, title in titles.items()},
        trials=sorted(trials, key=lambda trial: -sum(trial[name] for name in SEEDED)),
        afresh=[(f"`{x['rival']}`", x["seed"], *gaps(x["difference"])) for x in afresh],
    )


def main(
    entries: Annotated[
        Path | None, typer.Option(help="Measure now, with the entries in this folder.")
    ] = None,
    trials: Annotated[
        Path | None, typer.Option(help="Gather the trials from this folder of run folders.")
    ] = None,
    afresh: Annotated[
        Path | None, typer.Option(help="Compare other seeds now: a folder of folders of entries.")
    ] = None,
    folder: finding.Folder = FINDINGS,
) -> None:
    """Measure late interaction on validation and write the findings page."""
    results = folder / "results"
    if trials:
        finding.save(results / TRIALS, gather(trials))
    if entries:
        _register(entries)
        finding.save(results / VALID, measure())
    if afresh:
        rival = judge(finding.read(results / VALID)).rival
        finding.save(results / AFRESH, compare_afresh(afresh, rival))
    valid, *others = (finding.read(results / name) for name in (VALID, TRIALS, AFRESH))
    typer.echo(str(finding.publish(folder, page(valid, *(each or [] for each in others)))))


def _register(entries: Path) -> None:
    for manifest in sorted(entries.glob("*/manifest.json")):
        store.register(manifest.parent)


if __name__ == "__main__":
    typer.run(main)
