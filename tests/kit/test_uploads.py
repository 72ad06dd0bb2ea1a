"""Uploads lie on disk while they arrive, and are bounded like every body."""

import os
from collections.abc import Sequence
from typing import Any

import pytest

from luxewin.kit import idempotency
from luxewin.kit.http.problems import BodyTooLarge
from luxewin.kit.http.types import Message, Receive
from luxewin.kit.http.uploads import Upload, spool_upload

LARGEST_BYTES = 5 << 20


def sender(pieces: Sequence[bytes], *, ends: bool = True) -> tuple[Receive, list[int]]:
    """Return what sends these pieces, and the sizes of those that were asked for."""
    messages: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": place < len(pieces) - 1 or not ends}
        for place, piece in enumerate(pieces)
    ]
    messages.append({"type": "http.disconnect"})
    asked: list[int] = []

    async def receive() -> Message:
        message = messages.pop(0)
        asked.append(len(message.get("body", b"")))
        return message

    return receive, asked


async def received(upload: Upload) -> tuple[bytes, list[int]]:
    """Receive an upload as a route does."""
    pieces: list[bytes] = []
    message: dict[str, Any] = {"more_body": True}
    while message["more_body"]:
        message = dict(await upload.receive())
        assert message["type"] == "http.request"
        pieces.append(message["body"])
    return b"".join(pieces), list(map(len, pieces))


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, LARGEST_BYTES])
async def test_a_file_is_returned_as_it_was_received_in_small_chunks(size: int) -> None:
    content = os.urandom(size)
    receive, _ = sender([content[begin : begin + 300_000] for begin in range(0, size, 300_000)] or [b""])
    async with spool_upload(receive, str(size), largest=LARGEST_BYTES) as upload:
        assert await upload.body_hash(b"a=b") == idempotency.body_hash(b"a=b", content)
        whole, sizes = await received(upload)
        assert whole == content
        assert max(sizes) <= 65_536
        assert (await upload.receive())["type"] == "http.disconnect"


async def test_a_file_that_is_announced_too_large_is_refused_unread() -> None:
    receive, asked = sender([b"x"])
    with pytest.raises(BodyTooLarge):
        async with spool_upload(receive, str(LARGEST_BYTES + 1), largest=LARGEST_BYTES):
            pass
    assert asked == []


async def test_a_file_that_grows_too_large_is_refused_at_the_bound() -> None:
    receive, asked = sender([b"x" * (1 << 20)] * 50)
    with pytest.raises(BodyTooLarge):
        async with spool_upload(receive, "0", largest=LARGEST_BYTES):
            pass
    assert len(asked) == 6


async def test_a_client_that_leaves_does_not_deliver_half_a_file() -> None:
    receive, _ = sender([b"x" * 100], ends=False)
    async with spool_upload(receive, "0", largest=LARGEST_BYTES) as upload:
        assert (await upload.receive())["type"] == "http.disconnect"
