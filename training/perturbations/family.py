"""Sets of perturbed genes (perturbation, perturbation_encoded): evaluation, card, leaderboard."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from training.family import Family, Report, Row


class Perturbations(Family):
    """Predicted interactions and fitness beside the ladder of training.perturbations.baselines."""

    def evaluate(
        self, entry: str, protocols: Sequence[str] | None, stage: str
    ) -> tuple[Report, dict[str, pd.DataFrame]]:
        """See training.perturbations.evaluate."""
        from training.perturbations.evaluate import evaluate

        return evaluate(entry, protocols, stage)

    def save(self, entry: str, report: Report) -> Path:
        """See training.perturbations.evaluate."""
        from training.perturbations.evaluate import save

        return save(entry, report)

    def rows(self, report: Report) -> Iterator[Row]:
        """All measures of every question beside the rival that does best in each."""
        for protocol, asked in report["protocols"].items():
            for name, body in asked["questions"].items():
                for measure, record in body["metrics"].items():
                    best = body["best"].get(measure)
                    rival = body["ladder"].get(best, {"metrics": {}, "difference": {}})
                    theirs, gap = (rival[part].get(measure) for part in ("metrics", "difference"))
                    yield protocol, f"{measure} {name}", record, best or "-", theirs, gap

    def compare(
        self,
        entries: Sequence[str],
        protocols: Sequence[str] | None,
        stage: str,
        rungs: Sequence[str],
    ) -> Report:
        """See training.perturbations.compare."""
        from training.perturbations.compare import compare

        return compare(entries, protocols, stage, rungs)


FAMILY = Perturbations()
