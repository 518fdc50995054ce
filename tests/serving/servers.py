"""Start a real server on a free port, talk to it, and stop it whatever happens."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest

SECONDS = 180
ZOO = Path(sys.executable).with_name("zoo")


@dataclass
class Server:
    """A server that runs: its address, its process, and what it has written so far."""

    url: str
    process: "subprocess.Popen[bytes]"
    log: Path
    client: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.client = httpx.Client(base_url=self.url, timeout=SECONDS)

    def post(self, path: str, content: bytes | str | object, **options: object) -> httpx.Response:
        """Send text as it is, anything else as JSON."""
        raw = content if isinstance(content, bytes | str) else json.dumps(content)
        return self.client.post(path, content=raw, **options)

    def wait_until(self, holds: Callable[[], bool]) -> None:
        """Wait, with a bound, until something holds; fails with the log if the server ended."""
        end = time.monotonic() + SECONDS
        while not holds():
            alive = self.process.poll() is None and time.monotonic() < end
            assert alive, f"the server did not come so far:\n{self.log.read_text()}"
            time.sleep(0.1)

    def answers(self, page: str) -> bool:
        try:
            return self.client.get(page).status_code == 200
        except httpx.TransportError:
            return False


def problem(answer: httpx.Response) -> dict:
    """The problem details of an answer, checked for what all of them have."""
    assert answer.headers["content-type"] == "application/problem+json"
    told = json.loads(answer.content, parse_constant=lambda word: pytest.fail(f"{word} in JSON"))
    assert told["status"] == answer.status_code >= 400
    assert told["type"] in ("about:blank", f"urn:regzoo:problem:{told['code']}")
    assert told["title"]
    assert told["detail"]
    for inside in ("Traceback", ".py", "site-packages", "/tmp", "error has occurred"):
        assert inside not in answer.text
    return told


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running(
    command: list[str], port: int, folder: Path, page: str, **variables: str
) -> Iterator[Server]:
    """Start a server, wait for a page of it, and stop it and all its children whatever happens."""
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=os.environ | variables, stdout=output, stderr=output
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        server.wait_until(lambda: server.answers(page))
        yield server
    finally:
        server.client.close()
        stop(process)


def stop(process: "subprocess.Popen[bytes]") -> None:
    """Ask the server to end; insist after a while, with its workers too: they have own sessions."""
    if process.poll() is not None:
        return
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for child in family:
        if child.is_running():
            child.kill()


def run_python(code: str, *arguments: str, **variables: str) -> str:
    """Run a script in a process of its own and return the last line that it printed."""
    said = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    return said.stdout.splitlines()[-1]
