"""Commands about changes of expression."""

from collections.abc import Callable
from typing import Any

from zoo.expression.cli import predict

COMMANDS: dict[str, Callable[..., Any]] = {"predict-expression": predict.predict_expression}
