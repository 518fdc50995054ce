"""No file of the repository names a folder of somebody's machine or a package registry."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
# Written so that this file does not match itself.
MACHINE = re.compile(r"(?<![\w.~-])/(?:home|root|Users|work|opt)/[\w.-]+|file:/{2}/|/tm[p]/\w+")
REGISTRY = re.compile(
    r"pyp[i]\.org|pythonhoste[d]|--(?:extra-)?inde[x]-url|--find-link[s]|whl/(?:cpu|cu)"
)


def listed() -> list[Path]:
    """Return every file that git keeps or would keep."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.check_output(command, cwd=ROOT, text=True).split("\0")
    return [path for name in names if name and (path := ROOT / name).is_file()]


@pytest.mark.parametrize("pattern", [MACHINE, REGISTRY], ids=["machine", "registry"])
def test_no_file_names_a_machine_or_a_registry(pattern: re.Pattern[str]):
    files = listed()
    assert ROOT / "pyproject.toml" in files
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in files
        if (match := pattern.search(path.read_bytes().decode("utf-8", errors="ignore")))
    ]
    assert not found


def test_patterns_can_match():
    assert MACHINE.search("data in " + "/".join(["", "home", "ada", "data"]))
    assert REGISTRY.search("https://pyp" + "i.org/simple")
