"""Style sheets, scripts and icons: the project's own, and those of Swagger UI from its package.

Every URL contains a hash of the content, so that browsers may cache a file for ever and never use an old version. Under
another hash, such as the one that another version of the program knows, a file is served, but not kept.
"""

import asyncio
import hashlib
from collections.abc import Mapping, MutableMapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from starlette.responses import Response

from luxewin.kit.errors import NotFound
from luxewin.kit.http.cached_response import CachedResponse
from luxewin.kit.http.pages import answer_cached

PREFIX = "/assets/"
_MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
)
_FOLDER = Path(__file__).parent / "static"
_DOCS_PACKAGE = "fastapi_offline"
_DOCS_FILES = frozenset({"swagger-ui-bundle.js", "swagger-ui.css"})
_HASH_CHARACTERS = 12


async def serve_static_file(scope: MutableMapping[str, Any]) -> Response:
    """Return a file by its name.

    Raises:
        NotFound: no file has this name.
    """
    name = scope["path"].removeprefix(PREFIX)
    if name not in _files():
        raise NotFound("There is no file with this name")
    is_current = scope["query_string"].decode("latin-1") == f"v={await asyncio.to_thread(_version, name)}"
    return await answer_cached(scope, await asyncio.to_thread(_cached, name, is_current=is_current))


@cache
def asset_url(name: str) -> str:
    """Return the URL of a file; it changes with the content."""
    return f"{PREFIX}{name}?v={_version(name)}"


@cache
def _version(name: str) -> str:
    return hashlib.sha256(_files()[name].read_bytes()).hexdigest()[:_HASH_CHARACTERS]


@cache
def _cached(name: str, *, is_current: bool) -> CachedResponse:
    file = _files()[name]
    cache_control = "public, max-age=31536000, immutable" if is_current else "no-cache"
    return CachedResponse.of(file.read_bytes(), cache_control=cache_control, content_type=_MEDIA_TYPES[file.suffix])


@cache
def _files() -> Mapping[str, Path]:
    own = {file.name: file for file in _FOLDER.iterdir() if file.suffix in _MEDIA_TYPES}
    # Located without being imported: only the files of the package are needed, not its code.
    package = find_spec(_DOCS_PACKAGE)
    assert package is not None, "a declared dependency is installed"
    assert package.submodule_search_locations, "it is a package"
    docs_folder = Path(package.submodule_search_locations[0]) / "static"
    return {**own, **{name: docs_folder / name for name in _DOCS_FILES}}
