"""Regulator-gene pairs (pair_score, pair_embed): evaluation, card, leaderboard."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pandas as pd

from training.family import Family, Report, Row


class Pairs(Family):
    """Ranked and decided pairs beside the ladder of training.pairs.baselines."""

    def evaluate(
        self, entry: str, protocols: Sequence[str] | None, stage: str
    ) -> tuple[Report, dict[str, pd.DataFrame]]:
        """See training.pairs.evaluate."""
        from training.pairs.evaluate import evaluate

        return evaluate(entry, protocols, stage)

    def save(self, entry: str, report: Report) -> Path:
        """See training.pairs.evaluate."""
        from training.pairs.evaluate import save

        return save(entry, report)

    def rows(self, report: Report) -> Iterator[Row]:
        """All figures of every protocol beside the protocol's best baseline."""
        for protocol, body in report["protocols"].items():
            best = body.get("best")
            theirs = body["ladder"][best]["metrics"] if best else {}
            for name, record in body["metrics"].items():
                gap = body["difference"].get(name)
                yield protocol, name, record, best or "-", theirs.get(name), gap

    def compare(
        self,
        entries: Sequence[str],
        protocols: Sequence[str] | None,
        stage: str,
        rungs: Sequence[str],
    ) -> Report:
        """See training.pairs.compare."""
        from training.pairs.compare import compare

        return compare(entries, protocols, stage, rungs)


FAMILY = Pairs()
