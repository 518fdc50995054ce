"""Where a run through a file goes from and to."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """Which file becomes which, and how; with `skip`, rows that cannot be used go to `rejected`."""

    source: Path
    output: Path
    rejected: Path
    skip: bool
    memory: str | None
    resume: bool
    to_stdout: bool
