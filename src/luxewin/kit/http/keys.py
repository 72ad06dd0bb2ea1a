"""The scope of an idempotency key: its owner and the request that it identifies."""

from collections.abc import MutableMapping, Sequence
from typing import Any
from uuid import UUID

from luxewin.kit import idempotency
from luxewin.kit.access import ANONYMOUS
from luxewin.kit.http.context import RequestContext


def key_of(
    text: str,
    scope: MutableMapping[str, Any],
    context: RequestContext,
    *,
    body_hash: bytes,
    credentials: Sequence[str],
) -> idempotency.Key | None:
    """Return the key, scoped to the caller: their account, or the credentials of a guest that the route declares.

    None if there is neither: the caller could not be distinguished from a client that guessed the key.
    """
    key = idempotency.parse_key(text)
    owner = context.principal.name if context.principal is not ANONYMOUS else _guest_owner(credentials)
    if owner is None:
        return None
    route = f"{scope['method']} {'/'.join(map(_canonical, scope['path'].split('/')))}"
    return idempotency.Key(owner, route, key, body_hash)


def _guest_owner(credentials: Sequence[str]) -> str | None:
    if not any(credentials):
        return None
    return "guest:" + idempotency.body_hash(*(credential.encode() for credential in credentials)).hex()


def _canonical(segment: str) -> str:
    """Return an id in a path in its canonical form, so that another spelling of it is the same request."""
    try:
        return str(UUID(segment))
    except ValueError:
        return segment
