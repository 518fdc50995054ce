"""The Makefile's environments and the CI script, with stand-ins for Python and make."""

import os
import shutil
import stat
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PINS = ("pyproject.toml", "constraints.txt")
VERBS = ("demo", "test", "check", "bench", "serve")
pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

# Makes an environment whose own python logs its arguments, and fails at pip while a file named
# `broken` is there.
PYTHON = """
[ "$1" = -c ] && exit 0
rm -rf "$4" && mkdir -p "$4/bin"
cat > "$4/bin/python" <<'INNER'
#!/bin/sh
echo "$0 $*" >> log
[ "$2" = pip ] && [ -e broken ] && exit 3
exit 0
INNER
chmod +x "$4/bin/python"
for tool in zoo ruff pyright lint-imports; do cp "$4/bin/python" "$4/bin/$tool"; done
"""


def executable(path: Path, text: str) -> Path:
    """Write a shell script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a folder with the real Makefile and a stand-in for Python."""
    folder = tmp_path / "checkout"
    folder.mkdir()
    for name in ("Makefile", *PINS):
        shutil.copy(ROOT / name, folder)
    executable(folder / "python", PYTHON)
    return folder


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make as a person would: without the variables that an outer make hands down."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
    command = ["make", "PYTHON=./python", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


def log(folder: Path) -> list[str]:
    """Return the commands run so far, and forget them."""
    path = folder / "log"
    lines = path.read_text().splitlines() if path.exists() else []
    path.unlink(missing_ok=True)
    return lines


def age(path: Path, seconds: float) -> None:
    """Make a file look as if it had been written so long ago."""
    then = time.time() - seconds
    os.utime(path, (then, then))


def installs(lines: list[str]) -> list[str]:
    """Return the pip commands among the lines."""
    return [line for line in lines if " -m pip " in line]


def test_help_is_the_default_and_lists_the_verbs(checkout: Path):
    done = make(checkout)
    assert done.returncode == 0
    listed = {line.split()[1] for line in done.stdout.splitlines() if line.startswith("make ")}
    assert listed >= set(VERBS) | {"help", "clean"}


@pytest.mark.parametrize("verb", VERBS)
def test_verb_installs_once_then_only_when_the_pins_change(checkout: Path, verb: str):
    assert make(checkout, verb).returncode == 0
    first = log(checkout)
    assert installs(first)
    assert all("--constraint constraints.txt" in line for line in installs(first))

    assert make(checkout, verb).returncode == 0
    again = log(checkout)
    assert again == [line for line in first if line not in installs(first)]

    for changed in PINS:
        for name in PINS:
            age(checkout / name, 3600)
        for stamp in checkout.glob(".venv*/.installed*"):
            age(stamp, 60)
        (checkout / changed).touch()
        assert make(checkout, verb).returncode == 0
        assert installs(log(checkout)) == installs(first), changed


@pytest.mark.parametrize("verb", VERBS)
def test_failed_install_is_an_error_and_is_done_again(checkout: Path, verb: str):
    (checkout / "broken").touch()
    assert make(checkout, verb).returncode != 0
    assert not list(checkout.glob(".venv*/.installed*"))
    (checkout / "broken").unlink()
    log(checkout)
    assert make(checkout, verb).returncode == 0
    assert installs(log(checkout))


def test_demo_installs_no_torch_and_one_runtime(checkout: Path):
    make(checkout, "demo")
    make(checkout, "test")
    demo, test = installs(log(checkout))
    assert demo.endswith("--editable .[cpu]")
    assert test.endswith("--editable .[gpu,serve,train,export,test]")


def test_old_python_is_refused_with_what_to_type(checkout: Path):
    executable(checkout / "python", "echo 'regzoo needs Python 3.11' >&2; exit 1")
    done = make(checkout, "demo")
    assert done.returncode != 0
    assert "regzoo needs Python 3.11" in done.stderr
    assert not (checkout / ".venv").exists()


@pytest.fixture
def ci(tmp_path: Path) -> Path:
    """Return a checkout with the real CI script and a make that logs its verb and ZOO_DATA."""
    folder = tmp_path / "checkout"
    (folder / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", folder / ".ci" / "run")
    executable(
        tmp_path / "bin" / "make", 'echo "$1 ${ZOO_DATA:-unset}" >> log; [ "$1" != "$FAILING" ]'
    )
    return folder


def run_ci(folder: Path, failing: str = "none") -> tuple[int, list[str]]:
    """Run the CI script from elsewhere; return its status and what make was asked."""
    environment = {key: value for key, value in os.environ.items() if key != "ZOO_DATA"}
    environment |= {
        "PATH": f"{folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "FAILING": failing,
    }
    done = subprocess.run([folder / ".ci" / "run"], cwd=folder.parent, env=environment, check=False)
    return done.returncode, log(folder)


def test_ci_runs_both_verbs_with_the_shared_data_if_there(ci: Path):
    assert run_ci(ci) == (0, ["check unset", "test unset"])
    data = ci.parent / "shared" / "data"
    data.mkdir(parents=True)
    assert run_ci(ci) == (0, [f"check {data}", f"test {data}"])


@pytest.mark.parametrize("verb", ["check", "test"])
def test_ci_fails_when_a_verb_fails(ci: Path, verb: str):
    status, asked = run_ci(ci, failing=verb)
    assert status != 0
    assert asked[-1] == f"{verb} unset"
