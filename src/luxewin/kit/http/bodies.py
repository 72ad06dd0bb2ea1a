"""Request bodies, read completely and within their limit before a route runs."""

from luxewin.kit.http.admission import ClientLeft
from luxewin.kit.http.problems import BodyTooLarge
from luxewin.kit.http.types import Message, Receive


async def read_body(receive: Receive, content_length: str, *, largest_bytes: int) -> bytes:
    """Return the body, so that no slow or endless sender reaches a route.

    Raises:
        BodyTooLarge: its announced or actual size is larger.
        ClientLeft: the client hung up before its end.
    """
    if not content_length.isdigit() or int(content_length[:20]) > largest_bytes:
        raise BodyTooLarge(f"The body may have at most {largest_bytes} bytes")
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientLeft
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > largest_bytes:
            raise BodyTooLarge(f"The body may have at most {largest_bytes} bytes")
        if not message.get("more_body"):
            return b"".join(chunks)


def body_message(body: bytes) -> Message:
    """Return the message that delivers a complete body."""
    return {"type": "http.request", "body": body, "more_body": False}


def replay_first(message: Message, receive: Receive) -> Receive:
    """Return a `receive` that first returns a message that was already received, then the next ones."""
    pending = [message]

    async def replay() -> Message:
        return pending.pop() if pending else await receive()

    return replay
