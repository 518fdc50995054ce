"""Commands about cells of several species."""

from collections.abc import Callable
from typing import Any

from zoo.cells.cli import embed, transfer_labels

COMMANDS: dict[str, Callable[..., Any]] = {
    "embed": embed.embed,
    "transfer-labels": transfer_labels.transfer_labels,
}
