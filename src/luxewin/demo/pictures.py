"""The route of the demo's product pictures, which are rendered on request."""

from collections.abc import Mapping, MutableMapping
from functools import cache
from importlib.resources import files
from typing import Any

from starlette.responses import Response

from luxewin.demo.illustrations import svg_for
from luxewin.modules.catalog_import.public import ImportFormat, ProductDraft, ProductFile

PATH = "/demo/images/*"
_CURRENCY = "USD"
_HEADERS = {
    "cache-control": "public, max-age=86400",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'",
}


async def picture(scope: MutableMapping[str, Any]) -> Response:
    """Serve `/demo/images/<handle>.svg`: the picture of a product of the demo, or 404."""
    handle = str(scope["path"]).rpartition("/")[2].removesuffix(".svg")
    product = _products().get(handle)
    if product is None:
        return Response("No product of the demo has this handle", 404, media_type="text/plain")
    svg = svg_for(product.handle, product.name, product.type)
    return Response(svg, headers=_HEADERS, media_type="image/svg+xml")


@cache
def _products() -> Mapping[str, ProductDraft]:
    file = files("luxewin.demo").joinpath("luxyhome.csv").read_bytes()
    drafts = ProductFile([file], ImportFormat.SHOPIFY_CSV, currency=_CURRENCY)
    return {draft.handle: draft for draft in drafts if isinstance(draft, ProductDraft)}
