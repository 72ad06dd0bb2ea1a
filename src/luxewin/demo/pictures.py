"""The pictures of the demo's furniture, drawn when they are asked for."""

from collections.abc import Mapping, MutableMapping
from functools import cache
from importlib.resources import files
from typing import Any

from starlette.responses import Response

from luxewin.demo.illustrations import svg_for
from luxewin.modules.catalog_import.public import ImportFormat, ProductDraft, ProductFile

PATH = "/demo/images/*"
_CURRENCY = "USD"
_A_DAY = "public, max-age=86400"
_ONLY_ITSELF = "default-src 'none'; style-src 'unsafe-inline'"


async def picture(scope: MutableMapping[str, Any]) -> Response:
    """Serve `/demo/images/<handle>.svg`."""
    handle = str(scope["path"]).rpartition("/")[2].removesuffix(".svg")
    product = _products().get(handle)
    if product is None:
        return Response("There is no such picture", 404, media_type="text/plain")
    drawing = svg_for(product.handle, product.name, product.type)
    headers = {"cache-control": _A_DAY, "content-security-policy": _ONLY_ITSELF}
    return Response(drawing, headers=headers, media_type="image/svg+xml")


@cache
def _products() -> Mapping[str, ProductDraft]:
    file = files("luxewin.demo").joinpath("luxyhome.csv").read_bytes()
    drafts = ProductFile([file], ImportFormat.SHOPIFY_CSV, currency=_CURRENCY)
    return {draft.handle: draft for draft in drafts if isinstance(draft, ProductDraft)}
