"""A lock on an open file, which the system lets go of when its process ends."""

import importlib
import os
from typing import BinaryIO


def take(stream: BinaryIO) -> bool:
    """Whether no other run holds the file; then this one does, until it closes it or ends."""
    try:
        if os.name == "nt":
            system = importlib.import_module("msvcrt")
            system.locking(stream.fileno(), system.LK_NBLCK, 1)
        else:
            system = importlib.import_module("fcntl")
            system.flock(stream, system.LOCK_EX | system.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True
