"""Conditional reads: a client that already has the current response gets 304."""

from hashlib import sha256

from pydantic import BaseModel
from starlette.responses import Response

from luxewin.kit.http.context import RequestContext
from luxewin.kit.http.entity_tags import matches_weakly

_FRESHNESS = "public, max-age=0, must-revalidate"


def public_response(context: RequestContext, view: BaseModel, *, version: int | None = None) -> Response:
    """Return the response to a public read with its entity tag, or 304 if the request contains the tag.

    For staff the tag of an object is its version, so that it can be sent in `If-Match`. Other tags are digests: what
    the public sees of an object can change without it, and staff may see more.
    """
    body = view.model_dump_json().encode()
    is_staff = context.principal.is_staff
    tag = f'"{version}"' if version is not None and is_staff else f'"{sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-store" if is_staff else _FRESHNESS,
        "Vary": "Authorization, Host, X-Tenant",
    }
    if matches_weakly(context.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
