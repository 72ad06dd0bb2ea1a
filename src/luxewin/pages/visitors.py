"""The headers and the base URL of a request for a page."""

import re
from collections.abc import MutableMapping
from typing import Any

from luxewin.kit.settings import Settings

_HOST = re.compile(r"[A-Za-z0-9.\-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?")


def visited_url(scope: MutableMapping[str, Any], settings: Settings) -> str:
    """Return the base URL that the visitor used, such as the URL of a tunnel.

    If the settings contain a public URL, or the `Host` header is malformed, return the URL of the settings.
    """
    host = header_of(scope, b"host")
    if settings.http.public_url is None and _HOST.fullmatch(host):
        return f"{scope.get('scheme', 'http')}://{host}"
    return settings.http.base_url


def header_of(scope: MutableMapping[str, Any], name: bytes) -> str:
    """Return a header of a request; empty if it is missing."""
    return next((value.decode("latin-1") for known, value in scope["headers"] if known == name), "")
