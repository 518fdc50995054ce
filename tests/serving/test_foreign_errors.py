import asyncio
import json

import pytest

from serving.foreign_errors import ProblemDetails
from serving.problems import MEDIA_TYPE, Problem

TEXT = (b"content-type", b"text/plain; charset=utf-8")


def ask(app) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body that come through the middleware for GET /page."""
    sent: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request"}

    async def send(message: dict) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "GET", "path": "/page", "headers": []}
    try:
        asyncio.run(ProblemDetails(app, "POST /other")(scope, receive, send))
    finally:
        start, *bodies = sent
        assert [message["type"] for message in bodies] == ["http.response.body"] * len(bodies)
        assert not bodies[-1].get("more_body", False)
        ask.last = start["status"], b"".join(message.get("body", b"") for message in bodies)
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], headers, ask.last[1]


def answering(status: int, *headers: tuple[bytes, bytes], body: bytes = b"said by somebody"):
    async def app(scope: dict, receive, send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        await send({"type": "http.response.body", "body": body[:4], "more_body": True})
        await send({"type": "http.response.body", "body": body[4:]})

    return app


def raising(error: Exception):
    async def app(scope: dict, receive, send) -> None:
        raise error

    return app


@pytest.mark.parametrize("status", [200, 204, 307, 399])
def test_what_is_no_error_passes(status: int):
    assert ask(answering(status, TEXT))[::2] == (status, b"said by somebody")


def test_problems_pass():
    mine = b'{"status": 404}'
    app = answering(404, (b"content-type", MEDIA_TYPE.encode()), body=mine)
    assert ask(app)[2] == mine


@pytest.mark.parametrize("status", [400, 404, 405, 415, 429, 500, 503, 504])
def test_other_errors_get_a_new_body(status: int):
    got, headers, body = ask(answering(status, TEXT))
    told = json.loads(body)
    assert got == told["status"] == status
    assert headers["content-type"] == MEDIA_TYPE
    assert headers["content-length"] == str(len(body))
    assert b"said by somebody" not in body


def test_headers_about_the_status_stay():
    _, headers, _ = ask(answering(429, TEXT, (b"retry-after", b"7"), (b"content-length", b"16")))
    assert headers["retry-after"] == "7"


def test_a_page_that_is_none_is_told_which_there_are():
    assert "POST /other" in json.loads(ask(answering(404))[2])["detail"]


def test_a_raised_problem_is_sent():
    status, headers, body = ask(raising(Problem(418, "teapot", "Ask for tea.", {"cups": 2})))
    assert (status, headers["content-type"]) == (418, MEDIA_TYPE)
    assert json.loads(body)["cups"] == 2


def test_any_other_exception_is_a_500_without_its_words_and_goes_on_to_the_log():
    with pytest.raises(RuntimeError):
        ask(raising(RuntimeError("secret")))
    status, body = ask.last
    assert status == 500
    assert b"secret" not in body
    assert json.loads(body)["code"] == "internal-server-error"
