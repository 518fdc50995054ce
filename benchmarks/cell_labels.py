"""Labels across species by every seed of a training, on the test donors: mean and spread.

The runs are those of `zoo train saturn-pancreas --seeds 5`: the one that ships, and those below it.
Each is exported and asked what `zoo evaluate` asks, whose baselines stand beside it.

    python benchmarks/cell_labels.py runs/saturn-pancreas
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import numpy as np
import page
import typer

from export.package import package
from training.scoring.classes import balanced_accuracy_score
from training.scoring.contest import Contest
from training.scoring.table import Evaluation
from zoo.cells.scorer import CellEmbedder
from zoo.entry import open_parts
from zoo.store import folders

ENTRY = "saturn-pancreas"


def figures(folder: Path, contest: Contest) -> Iterator[tuple[str, float]]:
    """The balanced accuracy of the frequent types, by direction, of an exported run."""
    manifest = folders.read_manifest(folder, ENTRY)
    ask = contest.family.ask(
        contest.ground, CellEmbedder(open_parts(folder, manifest, "onnx", "cpu", 2))
    )
    for protocol in contest.family.offered(contest.ground):
        question, *_ = contest.family.questions(contest.ground, protocol)
        yield protocol, balanced_accuracy_score(question.label, ask(question))


def main(
    run: Annotated[Path, typer.Argument(help="The run folder, with further seeds below it.")],
) -> None:
    """Export and ask every seed, print, write results/cell_labels.json."""
    contest = Contest.open(ENTRY, "test")
    seeds = []
    for each in [run, *sorted((run / "seeds").iterdir(), key=lambda path: int(path.name))]:
        with tempfile.TemporaryDirectory() as scratch:
            package(each, Path(scratch) / ENTRY)
            seeds.append(dict(figures(Path(scratch) / ENTRY, contest)))
    shipped = Evaluation.read(contest.folder)
    rows = []
    for protocol in seeds[0]:
        values = np.array([each[protocol] for each in seeds])
        best, value = best_baseline(shipped, protocol)
        rows.append(
            {
                "protocol": protocol,
                "seeds": values.tolist(),
                "mean": float(values.mean()),
                "sd": float(values.std(ddof=1)),
                "baseline": best,
                "baseline_value": value,
            }
        )
    page.save("cell_labels", {"entry": ENTRY, "directions": rows})


def best_baseline(found: Evaluation, protocol: str) -> tuple[str, float]:
    """The title of the strongest baseline of a direction, and its balanced accuracy."""
    best = found.best(protocol, "balanced_accuracy")
    assert best is not None
    return found.about.models[best[0]].title, best[1].value


if __name__ == "__main__":
    typer.run(main)
