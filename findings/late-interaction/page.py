"""Does late interaction earn its place beside the shipped networks? Measured on validation only.

    python findings/late-interaction/page.py --entries FOLDER    # measure, then write the page
    python findings/late-interaction/page.py --trials RUNS       # gather the trials first
    python findings/late-interaction/page.py --afresh FOLDERS    # other seeds, then write the page
    python findings/late-interaction/page.py                     # only the page

Results lie in findings/late-interaction/results; every number of the page comes from there.
"""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from rule import DEGREE, NETWORKS, OURS, RUNG, SEEDED, judge
from tables import render
from training.pairs.compare import compare
from zoo.store import folders as store
from zoo.store.files import replacing

FINDINGS = Path(__file__).parent
VALID, TRIALS, AFRESH = "valid.json", "trials.json", "afresh.json"
PROTOCOLS = ("degree_preserving", "within_source", "cold_gene", "uniform", "retrieval")
MONITORED = dict(zip(SEEDED, ("valid", "cold_gene_valid"), strict=True))
"""Figures of the page -> what the validation of a training calls them."""


def measure(root: Path | None = None) -> dict[str, Any]:
    """Compare the entries on validation; what results/valid.json holds.

    Raises UnknownEntry where one of the four is neither bundled, cached nor registered, and what
    `training.pairs.compare.compare` raises.
    """
    results = compare((OURS, *NETWORKS, DEGREE), PROTOCOLS, "valid", (RUNG,), root)
    results["networks"] = {name: _network(name) for name in (OURS, *NETWORKS)}
    return results


def _network(entry: str) -> dict[str, Any]:
    """Configuration, parameters and, where it was trained from several seeds, their summary."""
    folder, _ = store.open_entry(entry)
    run = json.loads((folder / "run.json").read_text())
    seeds = folder / "seeds.json"
    return {
        "config": run["config"],
        "parameters": run["parameters"],
        "seeds": json.loads(seeds.read_text()) if seeds.is_file() else None,
    }


def gather(runs: Path) -> list[dict[str, Any]]:
    """Configuration and best validation figures of every run of the architecture below `runs`."""
    reports = [json.loads(path.read_text()) for path in sorted(runs.glob("*/run.json"))]
    return [
        {"model": each["recipe"]["model"], "seed": each["seed"], "epochs": len(each["history"])}
        | {name: each["best"][part] for name, part in MONITORED.items()}
        for each in reports
        if each["entry"].startswith("late_interaction-")
    ]


def compare_afresh(folders: Path, rival: str) -> list[dict[str, Any]]:
    """Differences to `rival` in each of `folders`, which hold both entries from another seed."""
    found = []
    for folder in sorted(path for path in folders.iterdir() if (path / OURS).is_dir()):
        _register(folder)
        report = compare((OURS, rival), PROTOCOLS, "valid")
        seed = json.loads((folder / OURS / "run.json").read_text())["seed"]
        gaps = {name: body["difference"][rival] for name, body in report["protocols"].items()}
        found.append({"seed": seed, "rival": rival, "difference": gaps})
    return found


def write(folder: Path) -> Path:
    """Render the results in `folder`/results to `folder`/README.md."""
    results = (_read(folder / "results" / name) for name in (VALID, TRIALS, AFRESH))
    path = folder / "README.md"
    with replacing(path) as draft:
        draft.write_text(render(*results))
    return path


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
    folder: Annotated[Path, typer.Option(help="Where results and page lie.")] = FINDINGS,
) -> None:
    """Measure late interaction on validation and write the findings page."""
    results = folder / "results"
    results.mkdir(parents=True, exist_ok=True)
    if trials:
        _save(results / TRIALS, gather(trials))
    if entries:
        _register(entries)
        _save(results / VALID, measure())
    if afresh:
        rival = judge(_read(results / VALID)).rival
        _save(results / AFRESH, compare_afresh(afresh, rival))
    typer.echo(str(write(folder)))


def _register(entries: Path) -> None:
    for manifest in sorted(entries.glob("*/manifest.json")):
        store.register(manifest.parent)


def _read(path: Path) -> Any:
    """What a result file holds; an empty list where it was not made yet."""
    return json.loads(path.read_text()) if path.is_file() else []


def _save(path: Path, content: Any) -> None:
    with replacing(path) as draft:
        draft.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    typer.run(main)
