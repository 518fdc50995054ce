"""Does late interaction earn its place beside the shipped networks? Measured on validation only.

    zoo reproduce late-interaction

Results lie in findings/late-interaction/results; every number of the page comes from there.
"""

from pathlib import Path
from typing import Any

import typer

from rule import BOOSTING, DEGREE, NETWORKS, OURS, SEEDED, cost, judge
from training import finding
from training.cards.render import interval, render

FINDINGS = Path(__file__).parent
VALID, TRIALS, AFRESH = "valid.json", "trials.json", "afresh.json"
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


def main(folder: finding.Folder = FINDINGS) -> None:
    """Write the findings page on late interaction."""
    results = (finding.read(folder / "results" / name) for name in (VALID, TRIALS, AFRESH))
    typer.echo(str(finding.publish(folder, page(*results))))


if __name__ == "__main__":
    typer.run(main)
