"""What the card of the toy family shows."""

from pathlib import Path

TAG = "toy"
DRAWN = ()


def facts(folder: Path) -> dict[str, str]:
    """Nothing."""
    return {}
