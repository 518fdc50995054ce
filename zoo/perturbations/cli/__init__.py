"""Commands about perturbed cells."""

from collections.abc import Callable
from typing import Any

from zoo.perturbations.cli import explain, predict

COMMANDS: dict[str, Callable[..., Any]] = {
    "predict": predict.predict,
    "screen": predict.screen,
    "explain": explain.explain,
}
