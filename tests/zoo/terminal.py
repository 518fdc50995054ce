"""What a command shows on a terminal of a given size."""

import os
import re
import subprocess
import sys
from pathlib import Path

pty = __import__("pytest").importorskip("pty", reason="no terminals here")


def shown(root: Path, *arguments: object, columns: int = 80, rows: int = 24) -> str:
    """Run `zoo` with the entries of a folder on a terminal; its screen, without colours."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "ZOO_CACHE": str(root), "PAGER": "cat", "TERM": "xterm"}
    environment |= {"COLUMNS": str(columns), "LINES": str(rows)}
    command = [sys.executable, "-m", "zoo", *map(str, arguments)]
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        content = b""
        while True:
            try:
                part = os.read(ours, 1 << 16)
            except OSError:  # the end, as Linux tells it
                break
            if not part:
                break
            content += part
        os.close(ours)
    assert process.returncode == 0, content
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r", "", content.decode())
