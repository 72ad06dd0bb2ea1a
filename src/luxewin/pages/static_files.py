"""Style sheets, scripts and icons: the project's own, and those of Swagger UI and Redoc from the package that has them.

Every address carries a hash of the content, so that a browser keeps a file for good and never shows an old one.
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

PREFIX = "/assets/"
_MEDIA_TYPES: Mapping[str, str] = MappingProxyType(
    {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
)
_OWN = Path(__file__).parent / "static"
_FOREIGN_PACKAGE = "fastapi_offline"
_FOREIGN = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js"})
_HASH_CHARACTERS = 12


async def serve_static_file(scope: MutableMapping[str, Any]) -> Response:
    """Serve a file by its name.

    Raises:
        NotFound: only names that are known lead anywhere.
    """
    file = _files().get(scope["path"].removeprefix(PREFIX))
    if file is None:
        raise NotFound("There is no such file")
    content = await asyncio.to_thread(file.read_bytes)
    return Response(
        content,
        headers={"content-type": _MEDIA_TYPES[file.suffix], "cache-control": "public, max-age=31536000, immutable"},
    )


@cache
def address_of(name: str) -> str:
    """Return the address of a file, which changes with its content."""
    fingerprint = hashlib.sha256(_files()[name].read_bytes()).hexdigest()[:_HASH_CHARACTERS]
    return f"{PREFIX}{name}?v={fingerprint}"


@cache
def _files() -> Mapping[str, Path]:
    own = {file.name: file for file in _OWN.iterdir() if file.suffix in _MEDIA_TYPES}
    # Found without being imported: what is wanted of the package is its files, not its code.
    package = find_spec(_FOREIGN_PACKAGE)
    assert package is not None, "a declared dependency is installed"
    assert package.submodule_search_locations, "it is a package"
    foreign = Path(package.submodule_search_locations[0]) / "static"
    return {**own, **{name: foreign / name for name in _FOREIGN}}
