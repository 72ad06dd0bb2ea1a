"""The route of the demo's product pictures, each rendered when it is first requested."""

from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from starlette.responses import Response

from luxewin.demo.illustrations import svg_for
from luxewin.kit.http.cached_response import CachedResponse
from luxewin.kit.http.pages import answer_cached
from luxewin.modules.catalog_import.public import ImportFormat, ProductDraft, ProductFile

PATH = "/demo/images/*"
_CURRENCY = "USD"
_POLICY = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}


async def picture(scope: MutableMapping[str, Any]) -> Response:
    """Serve `/demo/images/<handle>.svg`: the picture of a product of the demo, or 404."""
    handle = str(scope["path"]).rpartition("/")[2].removesuffix(".svg")
    if handle not in _products():
        return Response("No product of the demo has this handle", 404, media_type="text/plain")
    return await answer_cached(scope, _picture(handle))


@cache
def _picture(handle: str) -> CachedResponse:
    product = _products()[handle]
    svg = svg_for(product.handle, product.name, product.type)
    picture = CachedResponse.of(svg.encode(), cache_control="public, max-age=86400", content_type="image/svg+xml")
    return replace(picture, headers={**picture.headers, **_POLICY})


@cache
def _products() -> Mapping[str, ProductDraft]:
    file = files("luxewin.demo").joinpath("luxyhome.csv").read_bytes()
    drafts = ProductFile([file], ImportFormat.SHOPIFY_CSV, currency=_CURRENCY)
    return {draft.handle: draft for draft in drafts if isinstance(draft, ProductDraft)}
