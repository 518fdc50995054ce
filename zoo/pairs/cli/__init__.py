"""Commands about regulator-gene pairs."""

from collections.abc import Callable
from typing import Any

from zoo.pairs.cli import enrich, matrix, rank, score

COMMANDS: dict[str, Callable[..., Any]] = {
    "score": score.score,
    "regulators": rank.regulators,
    "targets": rank.targets,
    "enrich": enrich.enrich,
    "net": enrich.net,
    "score-matrix": matrix.score_matrix,
}
