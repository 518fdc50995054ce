"""How much memory a command may take: sizes as people write them, and what is left of them."""

import re
import sys
from pathlib import Path

from contracts.errors import InvalidOption

DEFAULT = 1_000_000_000
ROOM = 512_000_000
"""What the default leaves for the work, however large the process is already."""

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(?:(?:([KMGT])(I?))?B)?")


def size(text: str) -> int:
    """The bytes that a size such as 1GB, 800 MB, 1.5GiB or 900000000 means.

    Raises:
        InvalidOption: it is no size.
    """
    match = _SIZE.fullmatch(text.strip().upper())
    if match is None or not float(match[1]):
        raise InvalidOption("--memory", text, "a size such as 800MB, 1GB or 1.5GiB")
    base, power = 1024 if match[3] else 1000, " KMGT".index(match[2] or " ")
    return int(float(match[1]) * base**power)


def allowed(text: str | None) -> int:
    """The bytes that the whole process may take: those told, or the default."""
    return max(DEFAULT, peak() + ROOM) if text is None else size(text)


def shown(count: int) -> str:
    """A size in whole megabytes, rounded up."""
    return f"{-(-count // 1_000_000)}MB"


def peak() -> int:
    """The most memory, in bytes, that this process has had at once; 0 where no one knows."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage would tell the peak of whoever started this process, too
        kibibytes = re.search(r"VmHWM:\s+([0-9]+) kB", status.read_text(encoding="utf-8"))
        return int(kibibytes[1]) * 1024 if kibibytes else 0
    try:
        import resource
    except ImportError:
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024
