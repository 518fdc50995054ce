"""How much one request may ask for: bytes of body, items to score, items to answer with.

BentoML 1.4 reads a body of any size, so the byte limit stands in front of it as ASGI middleware.
"""

from collections.abc import Iterable
from math import comb
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import Problem


def check_items(what: str, asked: int, limit: int) -> None:
    """Raise a 413 problem where more is asked for at once than this server takes."""
    if asked > limit:
        raise Problem(
            413,
            "too-many-items",
            f"{asked} {what} are asked for; this server takes at most {limit} in one request. "
            "Send several requests.",
            {"what": what, "asked": asked, "limit": limit},
        )


def subsets(sizes: Iterable[int]) -> int:
    """How many pairs and triples there are within sets of such sizes: what a prediction costs."""
    return sum(comb(size, 2) + comb(size, 3) for size in sizes)


class BodyLimit:
    """Middleware: a 413 problem for a body of more than `limit` bytes, length declared or not.

    The body is read here, at most one chunk past the limit, and handed on in one piece: the
    endpoints read it whole anyway, and nothing behind this door has to stop in the middle of it.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its body already read; raises Problem for one too large."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > self.limit:
            raise self._refusal(f"{declared} bytes")
        body = bytearray()
        message: dict[str, Any] = {"more_body": True}
        while message.get("more_body", False):
            message = dict(await receive())
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            if len(body) > self.limit:
                raise self._refusal(f"more than {self.limit} bytes")
        whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def once() -> Message:
            return whole.pop() if whole else await receive()

        await self.app(scope, once, send)

    def _refusal(self, got: str) -> Problem:
        return Problem(
            413,
            "body-too-large",
            f"The request body has {got}; this server takes at most {self.limit} bytes. "
            "Send it in several requests.",
            {"limit": self.limit},
        )
