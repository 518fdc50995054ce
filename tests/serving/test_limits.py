import asyncio
from collections.abc import Iterable
from itertools import combinations

import pytest

from serving.limits import BodyLimit, check_items, subsets
from serving.problems import Problem

GONE = {"type": "http.disconnect"}


def part(body: bytes, more: bool) -> dict:
    return {"type": "http.request", "body": body, "more_body": more}


def pass_on(
    messages: Iterable[dict], limit: int = 8, length: str | None = None, kind: str = "http"
) -> tuple[list[dict], int]:
    """What the application behind the limit receives, and how many messages were taken for it."""
    waiting, seen, taken = list(messages), [], 0

    async def receive() -> dict:
        nonlocal taken
        taken += 1
        return waiting.pop(0)

    async def send(message: dict) -> None:
        raise AssertionError("nothing is to be sent")

    async def app(scope: dict, receive, send) -> None:
        while not seen or seen[-1].get("more_body", False):
            seen.append(await receive())
        if waiting:
            seen.append(await receive())

    headers = [] if length is None else [(b"content-length", length.encode())]
    asyncio.run(BodyLimit(app, limit)({"type": kind, "headers": headers}, receive, send))
    return seen, taken


def test_the_body_is_handed_on_in_one_piece_then_the_connection_speaks():
    messages = [part(b"abc", True), part(b"", True), part(b"defgh", False), GONE]
    seen, _ = pass_on(messages)
    assert seen == [part(b"abcdefgh", False), GONE]


@pytest.mark.parametrize("length", [None, "5", "nonsense"])
def test_what_is_read_counts_not_what_is_declared(length: str | None):
    with pytest.raises(Problem, match="more than 8 bytes") as told:
        pass_on([part(b"abcde", True), part(b"fghi", True), part(b"never read", False)], 8, length)
    assert told.value.status == 413


def test_reading_stops_at_the_chunk_that_is_too_much():
    messages = [part(b"abcdefghi", True)]  # a second receive would fail with IndexError
    with pytest.raises(Problem):
        pass_on(messages)


def test_a_declared_length_that_is_too_much_is_refused_unread():
    with pytest.raises(Problem, match="has 9 bytes; this server takes at most 8"):
        pass_on([], 8, "9")


def test_without_a_body_nothing_changes():
    assert pass_on([part(b"", False)]) == ([part(b"", False)], 1)


def test_nothing_is_done_for_a_client_that_left():
    assert pass_on([part(b"abc", True), GONE]) == ([], 2)


def test_only_requests_are_looked_at():
    startup = {"type": "lifespan.startup"}
    assert pass_on([startup], kind="lifespan") == ([startup], 1)


def test_items():
    check_items("pairs", 5, 5)
    with pytest.raises(Problem, match="6 pairs are asked for; this server takes at most 5") as told:
        check_items("pairs", 6, 5)
    assert (told.value.status, told.value.facts["limit"]) == (413, 5)


@pytest.mark.parametrize("sizes", [[], [0, 1], [2], [3, 2], [7, 64]])
def test_subsets_are_counted_one_by_one(sizes: list[int]):
    expected = [list(combinations(range(size), order)) for size in sizes for order in (2, 3)]
    assert subsets(sizes) == sum(map(len, expected))
