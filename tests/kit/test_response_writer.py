"""Large responses are handed over in pieces, and a response that only has to be sent holds nothing else."""

from typing import Any

from starlette.responses import Response

from luxewin.kit.http.response_writer import PIECE_BYTES, ResponseWriter

SCOPE = {"type": "http", "method": "GET", "path": "/", "headers": []}


async def nothing() -> dict[str, Any]:
    raise AssertionError("nothing is received")


async def sent_by(writer: ResponseWriter, sent: list[Any], body: bytes) -> list[bytes]:
    await writer.answer(Response(body), nothing)
    return [message["body"] for message in sent if message["type"] == "http.response.body"]


def writer_to(sent: list[Any], *, sends_finished_file: bool = False) -> ResponseWriter:
    async def send(message: Any) -> None:
        sent.append(message)

    return ResponseWriter(SCOPE, send, "a-request", [], sends_finished_file=sends_finished_file)


async def test_a_large_body_is_handed_over_in_pieces() -> None:
    sent: list[Any] = []
    body = bytes(range(256)) * 1_000
    pieces = await sent_by(writer_to(sent), sent, body)
    assert b"".join(pieces) == body
    assert max(map(len, pieces)) == PIECE_BYTES
    assert [message.get("more_body") for message in sent[1:]] == [True] * (len(pieces) - 1) + [False]


async def test_a_finished_response_releases_what_it_held_before_its_first_piece_is_sent() -> None:
    sent: list[Any] = []
    writer = writer_to(sent)
    released: list[int] = []
    with writer.when_only_sending(lambda: released.append(len(sent))):
        await sent_by(writer, sent, bytes(10 * PIECE_BYTES))
    assert released == [1]


async def test_a_response_that_is_still_being_made_releases_nothing_before_its_end() -> None:
    for is_file, expected in ((False, [3]), (True, [1])):
        sent: list[Any] = []
        writer = writer_to(sent, sends_finished_file=is_file)
        released: list[int] = []
        with writer.when_only_sending(lambda: released.append(len(sent))):  # noqa: B023 - called within the loop
            await writer.send({"type": "http.response.start", "status": 200, "headers": []})
            for more in (True, True, False):
                await writer.send({"type": "http.response.body", "body": b"x", "more_body": more})
        assert released == expected


async def test_after_the_block_nothing_is_called() -> None:
    sent: list[Any] = []
    writer = writer_to(sent)
    released: list[int] = []
    with writer.when_only_sending(lambda: released.append(1)):
        pass
    await sent_by(writer, sent, b"x")
    assert released == []
