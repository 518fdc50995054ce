"""What the card of the toy family shows."""

from pathlib import Path

from training.scoring.table import QuestionInfo

TAG = "toy"
DRAWN = ()


def facts(folder: Path) -> dict[str, str]:
    """Nothing."""
    return {}


def judges(question: QuestionInfo) -> bool:
    """All questions judge."""
    return True


def shows(question: QuestionInfo) -> bool:
    """All are shown."""
    return True
