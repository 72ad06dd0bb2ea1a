"""The storefront's responses as bytes that can be cached."""

from typing import Any

from luxewin.kit.http.cached_response import CachedResponse
from luxewin.kit.http.sparse_fields import PARTIAL_JSON
from luxewin.modules.storefront.service.serialising import to_json


def cached_response_of(
    value: Any, *, state: str | None = None, public: bool = True, partial: bool = False
) -> CachedResponse:
    """Serialise a value; the entity tag begins with the state of the object, if it has one, for `If-Match`.

    A partial response has some of the fields only, which its media type states.
    A public response is the same for everybody: caches may store it if they revalidate it each time.
    """
    return CachedResponse.of(
        to_json(value),
        state=state,
        cache_control="public, max-age=0, must-revalidate" if public else "private, no-store",
        vary="Host, X-Tenant",
        content_type=PARTIAL_JSON if partial else "application/json",
    )
