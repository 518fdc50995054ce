"""Every code block of README and guides runs as a reader would run it, each by itself."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
ADDRESS = "http://localhost:3000"
SECONDS = 120


@dataclass(frozen=True)
class Command:
    """One command of a shell block, and the output that the README shows below it."""

    page: str
    line: int
    text: str
    shown: tuple[str, ...] = ()

    @property
    def words(self) -> list[str]:
        return shlex.split(self.text, comments=True)


def blocks() -> list[tuple[str, int, str, str]]:
    """Return page, line number, language and code of every fenced block."""
    return [
        (page.stem, text[: match.start()].count("\n") + 1, match[1], match[2])
        for page in PAGES
        for text in (page.read_text(),)
        for match in re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


def commands() -> list[Command]:
    """Return the commands of the `sh` blocks (all lines) and `console` blocks (`$ ` and output)."""
    found: list[Command] = []
    for page, line, language, code in blocks():
        joined = code.replace("\\\n", " ").splitlines()
        if language == "sh":
            words = (text for text in joined if shlex.split(text, comments=True))
            found += [Command(page, line, text) for text in words]
        elif language == "console":
            for part in re.split(r"^\$ ", "\n".join(joined), flags=re.MULTILINE)[1:]:
                text, *shown = part.splitlines()
                shown = [row for row in shown if row.strip()]
                found.append(Command(page, line, text, tuple(shown)))
    return found


def of(program: str, *, serve: bool = False) -> list[Command]:
    """Return the commands of one program; `zoo serve`, which does not end, only on request."""
    mine = [command for command in commands() if command.words[0] == program]
    return [command for command in mine if (command.words[1] == "serve") == serve]


def identity(item: object) -> str:
    """Name a test after the block's place in the README."""
    if isinstance(item, Command):
        return f"{item.page}-{item.line}-{'-'.join(item.words[:2])}"
    return "code" if "\n" in str(item) else str(item)


def environment() -> dict[str, str]:
    """Return the environment of a reader who activated this one and has a plain, wide terminal."""
    here = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": here, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "120"}


def run(arguments: list[str], folder: Path) -> str:
    """Run to the end and return what was printed; fail with what it said otherwise."""
    done = subprocess.run(
        arguments,
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, (
        f"{arguments} exited {done.returncode}:\n{done.stdout}\n{done.stderr}"
    )
    return done.stdout


def check_shown(command: Command, printed: str) -> None:
    """Every line that the README shows was really printed; the widths of columns do not matter."""
    squeezed = " ".join(printed.split())
    for row in command.shown:
        assert " ".join(row.split()) in squeezed, f"README shows {row!r}; printed:\n{printed}"


def ready(url: str) -> bool:
    """Return whether the server answers that it is ready."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the README's own `zoo serve` on a free port; yield its address; stop it."""
    pytest.importorskip("bentoml", reason="the extra `serve` is not installed")
    (command,) = of("zoo", serve=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("server")
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [*command.words, "--port", str(port)],
            cwd=folder,
            env=environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            url = f"http://127.0.0.1:{port}"
            end = time.monotonic() + SECONDS
            while not ready(url):
                alive = process.poll() is None and time.monotonic() < end
                assert alive, f"the server did not start:\n{(folder / 'log').read_text()}"
                time.sleep(0.2)
            yield url
        finally:
            stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server's process group to end, and insist after ten seconds."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_every_block_is_of_a_kind_that_is_run():
    assert {language for _, _, language, _ in blocks()} <= {"python", "sh", "console"}
    assert {command.words[0] for command in commands()} <= {"make", "pip", "zoo", "curl"}
    assert len(of("zoo", serve=True)) == 1


def test_the_question_is_asked_all_three_ways():
    assert any("zoo.load" in code for *_, language, code in blocks() if language == "python")
    assert of("zoo")
    assert of("curl")


PYTHON = [
    (f"{page}-{line}", code) for page, line, language, code in blocks() if language == "python"
]


@pytest.mark.parametrize(
    ("place", "code"), [row for row in PYTHON if ADDRESS not in row[1]], ids=identity
)
def test_python(place: str, code: str, tmp_path: Path):
    run([sys.executable, "-W", "error", "-c", code], tmp_path)


@pytest.mark.parametrize(
    ("place", "code"), [row for row in PYTHON if ADDRESS in row[1]], ids=identity
)
def test_python_over_http(place: str, code: str, tmp_path: Path, server: str):
    run([sys.executable, "-c", code.replace(ADDRESS, server)], tmp_path)


@pytest.mark.parametrize("command", of("zoo"), ids=identity)
def test_zoo(command: Command, tmp_path: Path):
    printed = run(["sh", "-c", command.text], tmp_path)
    assert printed.strip()
    check_shown(command, printed)


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("command", of("curl"), ids=identity)
def test_curl(command: Command, tmp_path: Path, server: str):
    assert ADDRESS in command.text
    printed = run(
        ["sh", "-c", f"{command.text.replace(ADDRESS, server)} --fail-with-body"], tmp_path
    )
    assert json.loads(printed)
    check_shown(command, printed)


@pytest.mark.parametrize("command", of("make"), ids=identity)
def test_make(command: Command):
    assert len(command.words) == 2
    targets = re.findall(r"^(\w+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert command.words[1] in targets


@pytest.mark.parametrize("command", of("pip"), ids=identity)
def test_pip(command: Command):
    """The install command names the constraints and only extras that exist; it is not run."""
    assert command.words[:4] == ["pip", "install", "-c", "constraints.txt"]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    (chosen,) = (re.fullmatch(r"\.\[([\w,]+)\]", word) for word in command.words[4:])
    assert chosen is not None
    assert set(chosen[1].split(",")) <= set(project["optional-dependencies"])


def test_every_setting_is_in_the_table_with_its_default():
    """The variables that the code reads are those the guide lists, with the same defaults."""
    from serving.settings import PREFIX, Settings

    text = (ROOT / "docs" / "server.md").read_text()
    table = dict(re.findall(r"^\| `(ZOO_\w+)` \| (.+?) \|", text, re.MULTILINE))
    code = "".join(path.read_text() for path in (ROOT / "zoo").rglob("*.py"))
    read = set(re.findall(r'environ\.get\("(ZOO_\w+)"', code)) | {"ZOO_DATA"}
    fields = {PREFIX + name.upper(): field for name, field in Settings.model_fields.items()}
    assert set(table) == read | set(fields)
    for name, field in fields.items():
        assert table[name].strip("`") == str(field.default or "none"), name


def test_an_approved_symbol_wins_over_an_alias():
    """The README's own example."""
    import zoo

    vocabulary = zoo.load("degree-brain", device="cpu").vocabulary
    assert vocabulary.resolve("TCF4").symbol == "TCF4"
    assert vocabulary.resolve("TCF-4").symbol == "TCF7L2"


def test_the_demo_gives_the_true_reason_for_its_unseen_regulator():
    """No resource lists an edge of ZNF536."""
    import zoo

    shown = run([sys.executable, str(ROOT / "examples/demo.py")], ROOT)
    assert "absence of knowledge, not evidence of absence" in shown
    entries = zoo.names("*-brain")
    assert entries
    for entry in entries:
        model = zoo.load(entry, device="cpu")
        assert model.support(["ZNF536"], ["MAP2"]) == ["gene_only"]
        position = model.vocabulary.regulators.index("ZNF536")
        known = model.evidence.known.pairs
        assert position not in known.codes // known.genes_total
