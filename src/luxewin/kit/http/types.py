"""The types of ASGI that the middleware uses, and the key that it adds to a scope."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Asgi = Callable[[Scope, Receive, Send], Awaitable[None]]

FOUND = "luxewin.found"
"""The key under which a request's scope contains its `FoundRoute` and the values of its parameters."""
