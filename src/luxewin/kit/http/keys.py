"""Whose an idempotency key is, and which request it stands for."""

from collections.abc import Mapping, MutableMapping
from typing import Any
from uuid import UUID

from luxewin.kit import idempotency
from luxewin.kit.access import ANONYMOUS
from luxewin.kit.http.context import RequestContext


def key_of(
    text: str, scope: MutableMapping[str, Any], context: RequestContext, body_hash: bytes
) -> idempotency.Key | None:
    """Return the key, scoped to whoever asks; None where nothing tells them from a stranger who guesses the key."""
    key = idempotency.parsed_key(text)
    principal = context.principal.name if context.principal is not ANONYMOUS else _guest(context.headers)
    if principal is None:
        return None
    route = f"{scope['method']} {'/'.join(map(_one_spelling, scope['path'].split('/')))}"
    return idempotency.Key(principal, route, key, body_hash)


def _guest(headers: Mapping[str, str]) -> str | None:
    """Name a guest by the tokens they hold, or nobody."""
    tokens = [headers.get(name, "") for name in ("x-cart-token", "x-order-token")]
    if not any(tokens):
        return None
    return "guest:" + idempotency.body_hash(*(token.encode() for token in tokens)).hex()


def _one_spelling(segment: str) -> str:
    """Spell an id in an address as we do, so that the same thing by another spelling is the same request."""
    try:
        return str(UUID(segment))
    except ValueError:
        return segment
