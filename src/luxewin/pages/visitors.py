"""The base URL of a request for a page."""

from collections.abc import MutableMapping
from typing import Any

from luxewin.kit.http.public_urls import BASE_URL
from luxewin.kit.settings import Settings


def visited_url(scope: MutableMapping[str, Any], settings: Settings) -> str:
    """Return the base URL that the visitor used, such as the URL of a tunnel, as the middleware has found it."""
    base_url: str = scope.get(BASE_URL, settings.http.base_url)
    return base_url
