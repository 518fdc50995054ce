"""Commands about regulator-gene pairs."""

from collections.abc import Callable
from typing import Any

from zoo.pairs.cli import matrix, score

COMMANDS: dict[str, Callable[..., Any]] = {
    "score": score.score,
    "regulators": score.regulators,
    "targets": score.targets,
    "score-matrix": matrix.score_matrix,
}
