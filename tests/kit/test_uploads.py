"""Uploads are spooled to disk while they arrive, and are bounded like every body."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

import pytest

from luxewin.kit import idempotency
from luxewin.kit.http.problems import BodyTooLarge
from luxewin.kit.http.types import Message, Receive
from luxewin.kit.http.uploads import Upload, UploadRoom, UploadsBusy, spool_upload

LARGEST_BYTES = 5 << 20


def sender(chunks: Sequence[bytes], *, ends: bool = True) -> tuple[Receive, list[int]]:
    """Return a `receive` that returns these chunks, and the list of the sizes of those receive_all so far."""
    messages: list[Message] = [
        {"type": "http.request", "body": chunk, "more_body": index < len(chunks) - 1 or not ends}
        for index, chunk in enumerate(chunks)
    ]
    messages.append({"type": "http.disconnect"})
    received_bytes: list[int] = []

    async def receive() -> Message:
        message = messages.pop(0)
        received_bytes.append(len(message.get("body", b"")))
        return message

    return receive, received_bytes


async def receive_all(upload: Upload) -> tuple[bytes, list[int]]:
    """Receive an upload as a route does; return its content and the sizes of its chunks."""
    chunks: list[bytes] = []
    message: dict[str, Any] = {"more_body": True}
    while message["more_body"]:
        message = dict(await upload.receive())
        assert message["type"] == "http.request"
        chunks.append(message["body"])
    return b"".join(chunks), list(map(len, chunks))


@pytest.mark.parametrize("size", [0, 1, 65_536, 65_537, LARGEST_BYTES])
async def test_a_file_is_returned_as_it_was_received_in_small_chunks(size: int) -> None:
    content = os.urandom(size)
    receive, _ = sender([content[begin : begin + 300_000] for begin in range(0, size, 300_000)] or [b""])
    async with spool_upload(receive, str(size), largest=LARGEST_BYTES) as upload:
        assert await upload.body_hash(b"a=b") == idempotency.body_hash(b"a=b", content)
        whole, sizes = await receive_all(upload)
        assert whole == content
        assert max(sizes) <= 65_536
        assert (await upload.receive())["type"] == "http.disconnect"


async def test_a_file_that_is_announced_too_large_is_refused_unread() -> None:
    receive, received_bytes = sender([b"x"])
    with pytest.raises(BodyTooLarge):
        async with spool_upload(receive, str(LARGEST_BYTES + 1), largest=LARGEST_BYTES):
            pass
    assert received_bytes == []


async def test_a_file_that_grows_too_large_is_refused_at_the_bound() -> None:
    receive, received_bytes = sender([b"x" * (1 << 20)] * 50)
    with pytest.raises(BodyTooLarge):
        async with spool_upload(receive, "0", largest=LARGEST_BYTES):
            pass
    assert len(received_bytes) == 6


async def test_a_client_that_leaves_does_not_deliver_half_a_file() -> None:
    receive, _ = sender([b"x" * 100], ends=False)
    async with spool_upload(receive, "0", largest=LARGEST_BYTES) as upload:
        assert (await upload.receive())["type"] == "http.disconnect"


def test_a_caller_sends_two_files_at_the_same_time() -> None:
    room = UploadRoom(LARGEST_BYTES)
    with room.reserved("one", "1"), room.reserved("one", "1"):
        with pytest.raises(UploadsBusy), room.reserved("one", "1"):
            pass
        with room.reserved("another", "1"):
            pass
    with room.reserved("one", "1"):
        pass


@pytest.mark.parametrize("announced", [str(LARGEST_BYTES), "0", "not a number"])
def test_files_have_room_by_the_size_that_is_announced_else_by_the_largest(announced: str) -> None:
    room = UploadRoom(LARGEST_BYTES)
    with ExitStack() as held:
        for caller in range(8):
            held.enter_context(room.reserved(str(caller), announced))
        with pytest.raises(UploadsBusy), room.reserved("a ninth", "1"):
            pass
    with ExitStack() as held:
        for caller in range(100):
            held.enter_context(room.reserved(str(caller), "1"))
