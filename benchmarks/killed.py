"""A command on a file, undisturbed, and killed twice and resumed: seconds, memory, equal files.

Everything goes through the real command line, in processes of their own. The memory of each is
what the kernel tells when it has ended, or its mark of the moment before the kill.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

import page
import typer

BAR_BYTES = 1_500_000_000
WHOLE, RESUMED = "whole.parquet", "resumed.parquet"
Folder = Annotated[Path | None, typer.Option(help="Where the files go for a while.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON instead of a table.")]


@dataclass(frozen=True)
class Process:
    """One process: how it ended, and the most memory that it had at once."""

    what: str
    seconds: float
    peak_bytes: int
    killed: bool


def run(what: str, command: list[str], kill_at: int | None = None, parts: Path = Path()) -> Process:
    """Run the command to its end, or until it has made `kill_at` parts: then SIGKILL."""
    start = time.perf_counter()
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    killed = False
    while kill_at is not None and process.poll() is None:
        if len(list(parts.glob("*.scored.arrow"))) >= kill_at:
            time.sleep(0.1)  # into the middle of the next one
            process.kill()
            killed = True
            break
        time.sleep(0.01)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.stderr is not None
    with process.stderr as errors:
        if process.returncode and not killed:
            sys.exit(f"{what} failed: {errors.read()}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Process(what, time.perf_counter() - start, usage.ru_maxrss * unit, killed)


def resumed(command: list[str], folder: Path, parts: int) -> Iterator[Process]:
    """The run to RESUMED that is killed after a third of its parts, and after two thirds."""
    place, every = folder / f".{RESUMED}.parts", max(1, parts // 3)
    begun = [*command, "-o", str(folder / RESUMED)]
    yield run("begun", begun, every, place)
    yield run("resumed", [*begun, "--resume"], 2 * every, place)
    yield run("resumed again", [*begun, "--resume"])


def compared(processes: Sequence[Process], folder: Path) -> dict[str, Any]:
    """What all processes took, and whether WHOLE and RESUMED are equal byte by byte."""
    files = [str(folder / name) for name in (WHOLE, RESUMED)]
    return {
        "processes": [asdict(process) for process in processes],
        "peak_bytes": max(process.peak_bytes for process in processes),
        "bar_bytes": BAR_BYTES,
        "kills": sum(process.killed for process in processes),
        "equal_bytes": subprocess.run(["cmp", "-s", *files], check=False).returncode == 0,
    }


def conclude(name: str, result: dict[str, Any], as_json: bool, held: bool) -> None:
    """Print a result, as the page's macro `name` has it; exit with 1 where a bar is missed."""
    print(json.dumps(result, indent=2) if as_json else page.macro(name, result))
    held = held and result["kills"] == 2 and result["peak_bytes"] < BAR_BYTES
    sys.exit(0 if held else 1)
