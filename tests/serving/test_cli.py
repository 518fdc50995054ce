"""The `zoo serve` command, as typed."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import zoo
from tests import tiny
from tests.serving.servers import SECONDS, ZOO, free_port, running


def refused(*options: str, **variables: str) -> str:
    """What `zoo serve` says on stderr when it does not start."""
    said = subprocess.run(
        [str(ZOO), "serve", *options],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    return " ".join(said.stderr.split())


def test_a_busy_port_is_told_with_what_to_type():
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        said = refused("--port", str(port))
    assert f"--port={port} is not allowed" in said
    assert "Address already in use" in said
    assert "zoo serve --port" in said


def test_an_unknown_entry_to_preload_is_told_before_anything_starts(cache: Path):
    said = refused("--preload", "tiny_tabel-toy", ZOO_CACHE=str(cache))
    assert f"Did you mean {tiny.TABLE}" in said


@pytest.mark.parametrize(
    ("options", "variables", "words"),
    [
        (["--host", "banana"], {}, "--host='banana' is not allowed: expected an IPv4 or IPv6"),
        ([], {"ZOO_SERVE_HOST": "banana"}, "ZOO_SERVE_HOST='banana'"),
        (["--port", "70000"], {}, "65535"),
        ([], {"ZOO_SERVE_PROT": "1"}, "one of ZOO_SERVE_HOST"),
    ],
)
def test_wrong_options(options: list[str], variables: dict[str, str], words: str):
    assert words in refused(*options, **variables)


def test_without_bentoml_the_command_to_type_is_told():
    code = "import sys; sys.modules['bentoml'] = None; from serving.cli import serve; serve()"
    said = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"ZOO_SERVE_PORT": str(free_port())},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert "bentoml is not installed. Type: pip install 'regzoo[cpu,serve]' (in" in said.stderr


def test_it_says_where_it_is_ends_with_ctrl_c_and_leaves_nothing_behind(
    cache: Path, tmp_path: Path
):
    port = free_port()
    home, temporary = tmp_path / "home", tmp_path / "temporary"
    home.mkdir()
    temporary.mkdir()
    variables = {"ZOO_CACHE": str(cache), "HOME": str(home), "TMPDIR": str(temporary)}
    command = [str(ZOO), "serve", "--port", str(port)]
    with running(command, port, tmp_path, "/readyz", **variables) as server:
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(SECONDS) == 0
        said = server.log.read_text()
    assert f"curl -s {server.url}/models" in said
    assert (f"{server.url}/score_pairs -d '{{" in said) == bool(zoo.names("*-brain"))
    assert (f"{server.url}/score_perturbations -d '{{" in said) == bool(zoo.names("*-yeast"))
    assert list(home.iterdir()) == []
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize(("told", "reported"), [(None, False), ("False", True)])
def test_usage_is_reported_to_nobody(
    told: str | None,
    reported: bool,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    """BentoML prints what it reports instead of sending it; told to report, it does print."""
    monkeypatch.delenv("BENTOML_DO_NOT_TRACK", raising=False)
    variables = {"ZOO_CACHE": str(cache), "__BENTOML_DEBUG_USAGE": "True"}
    if told is not None:
        variables["BENTOML_DO_NOT_TRACK"] = told
    port = free_port()
    command = [str(ZOO), "serve", "--port", str(port)]
    with running(command, port, tmp_path, "/livez", **variables) as server:
        pass
    assert ("Tracking Payload" in server.log.read_text()) == reported
