"""Regulator-gene pairs (pair_score, pair_embed): evaluation, card, leaderboard."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pandas as pd

from training.family import Family, Report, Row
from training.shipped import Shipped


class Pairs(Family):
    """Ranked and decided pairs beside the ladder of training.baselines."""

    def evaluate(
        self, entry: str, protocols: Sequence[str] | None, stage: str
    ) -> tuple[Report, dict[str, pd.DataFrame]]:
        """See training.evaluate."""
        from training.evaluate import evaluate

        return evaluate(entry, protocols, stage)

    def save(self, entry: str, report: Report) -> Path:
        """See training.evaluate."""
        from training.evaluate import save

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
        """See training.compare."""
        from training.compare import compare

        return compare(entries, protocols, stage, rungs)

    def read(self, entry: str) -> Shipped:
        """See training.shipped."""
        return Shipped.read(entry)

    def card(self, shipped: Shipped) -> str:
        """See training.card."""
        from training.card import render

        return render(shipped)

    def figures(self, shipped: Shipped) -> dict[str, str]:
        """See training.drawing."""
        from training import drawing

        return drawing.svgs(shipped.evaluation)

    def tables(self, everything: Iterable[Shipped], brief: bool) -> str:
        """See training.leaderboard."""
        from training import leaderboard

        return leaderboard.tables(everything, brief)


FAMILY = Pairs()
