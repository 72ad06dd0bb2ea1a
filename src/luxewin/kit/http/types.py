"""The types of ASGI, as the middleware uses them, and what it adds to a scope."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

FOUND = "luxewin.found"
"""The key under which a request's scope holds what the route table found for it, and the values of its parameters."""
