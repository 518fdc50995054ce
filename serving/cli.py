"""The `zoo serve` command."""

import json
import os
import socket
import tempfile
from ipaddress import ip_address
from typing import Annotated

import typer

from contracts import tasks
from contracts.errors import InvalidOption, MissingDependency
from serving.settings import PREFIX, Settings
from zoo.store import catalogue, folders

Host = Annotated[
    str | None, typer.Option(help="IP address to bind; 127.0.0.1 is this machine only.")
]
Port = Annotated[
    int | None,
    typer.Option("--port", "-p", min=1, max=65535, help="Port to bind; 3000 if not given."),
]
Preload = Annotated[
    list[str] | None, typer.Option(help="Entry to load before the server is ready; repeatable.")
]


def serve(host: Host = None, port: Port = None, preload: Preload = None) -> None:
    """Answer over HTTP, on this machine only by default, until Ctrl-C.

    Every setting is an environment variable ZOO_SERVE_* too; options go first.
    """
    settings = _settings(host, port, preload)
    for entry in settings.preload:
        folders.locate(entry)
    _check_free(settings)
    with tempfile.TemporaryDirectory(prefix="zoo-serve-") as home:
        # Two servers with one home wipe each other's metrics; and nothing stays behind this way.
        os.environ.setdefault("BENTOML_HOME", home)
        os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
        try:
            from serving.service import ZooService
        except ModuleNotFoundError as error:
            if error.name != "bentoml":
                raise
            raise MissingDependency("bentoml", "cpu,serve") from None
        _announce(settings)
        ZooService.serve_http()


def _settings(host: str | None, port: int | None, preload: list[str] | None) -> Settings:
    """Put the options into the environment, where the server's processes read them.

    A wrong value is told under the name that was typed: the option's, or else the variable's.
    """
    given = {"HOST": host, "PORT": port, "PRELOAD": ",".join(preload) if preload else None}
    os.environ.update({PREFIX + k: str(value) for k, value in given.items() if value is not None})
    try:
        return Settings.from_environment()
    except InvalidOption as error:
        field = error.option.removeprefix(PREFIX)
        typed = f"--{field.lower()}" if given.get(field) is not None else error.option
        raise InvalidOption(typed, error.got, error.expected) from error


def _check_free(settings: Settings) -> None:
    """Raise InvalidOption if nothing can be bound there: BentoML would show a traceback."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        expected = f"a free port of {settings.host} ({reason}): type zoo serve --port ANOTHER"
        raise InvalidOption("--port", settings.port, expected) from error


def _announce(settings: Settings) -> None:
    address = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{address}:{settings.port}"
    typer.echo(f"The zoo answers at {url} (Ctrl-C stops it). Try:\n\n  curl -s {url}/models")
    for example in _examples():
        typer.echo(f"  curl -s {url}{example}")
    if not ip_address(settings.host).is_loopback:
        typer.echo("\nWho reaches this address may ask anything: there is no password.", err=True)
    typer.echo("")


def _examples() -> list[str]:
    """A short request of each family, where the entry that it names is on this machine."""
    from serving.endpoint import MORE, endpoints_of

    there = catalogue.names()
    firsts = [endpoint for family in tasks.families() for endpoint in endpoints_of(family)[:1]]
    bodies = {one.name: json.dumps(one.example) for one in firsts if one.example["model"] in there}
    return [f"/{name} -d '{body}'" for name, body in bodies.items() if MORE not in body]
