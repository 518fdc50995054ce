"""Errors that routing and BentoML answer with in forms of their own, sent as problem details."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from serving.problems import INSIDE, MEDIA_TYPE, Problem, clipped


class ProblemDetails:
    """Middleware: send what goes wrong further in as problem details.

    A raised Problem is sent as it is. Other errors get a new body: routing says 404 and 405 in
    plain text, BentoML has a JSON form of its own that may repeat what an exception said. Status
    and headers stay, Allow and Retry-After among them. `pages` is what to ask for instead of a
    path that is none.
    """

    def __init__(self, app: ASGIApp, pages: str) -> None:
        self.app = app
        self.pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; replace the answer if it is an error of another form."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = replaced = False

        async def watched(message: Message) -> None:
            nonlocal started, replaced
            if message["type"] == "http.response.start":
                started = True
                kind = dict(message["headers"]).get(b"content-type")
                if replaced := message["status"] >= 400 and kind != MEDIA_TYPE.encode():
                    problem = self._problem(message["status"], scope)
                    await problem.response(_kept(message))(scope, receive, send)
            if not replaced:
                await send(message)

        try:
            await self.app(scope, receive, watched)
        except Problem as problem:
            await problem.response()(scope, receive, send)
        except Exception:
            if not started:
                await self._problem(500, scope).response()(scope, receive, send)
            raise

    def _problem(self, status: int, scope: Scope) -> Problem:
        asked = f"{scope['method']} {clipped(scope['path'])}"
        detail = {
            404: f"There is no page {clipped(scope['path'])!r}. There are {self.pages}.",
            405: f"{asked} is not answered; the Allow header says which methods are.",
            415: f"{asked} takes JSON only: send Content-Type: application/json.",
        }
        return Problem(status, "", detail.get(status, INSIDE if status >= 500 else asked))


def _kept(start: Message) -> dict[str, str]:
    """The headers of the answer replaced, but for those that describe its body."""
    gone = {b"content-type", b"content-length", b"transfer-encoding"}
    headers: list[tuple[bytes, bytes]] = start["headers"]
    return {k.decode("latin-1"): v.decode("latin-1") for k, v in headers if k.lower() not in gone}
