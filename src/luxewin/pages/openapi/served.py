"""The documents as they are served: made when first asked for, away from the event loop, and kept as bytes."""

import asyncio
import hashlib
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Self

import orjson
from fastapi import FastAPI
from starlette.responses import Response

from luxewin.pages.openapi.document import document
from luxewin.pages.openapi.older import as_openapi_3_0
from luxewin.pages.openapi.operations import Json


@dataclass(frozen=True, slots=True)
class _Kept:
    content: bytes
    etag: str

    @classmethod
    def of(cls, document: Json) -> Self:
        content = orjson.dumps(document)
        return cls(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


class ApiDocuments:
    """Both documents of an application; describing a hundred routes takes half a second, so it is done once."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._making: asyncio.Task[tuple[_Kept, _Kept]] | None = None

    async def current(self, scope: MutableMapping[str, Any]) -> Response:
        """Serve the document in OpenAPI 3.1."""
        return _answer(scope, (await self._documents())[0])

    async def older(self, scope: MutableMapping[str, Any]) -> Response:
        """Serve the document in OpenAPI 3.0."""
        return _answer(scope, (await self._documents())[1])

    async def _documents(self) -> tuple[_Kept, _Kept]:
        if self._making is None:
            self._making = asyncio.create_task(asyncio.to_thread(self._make))
        # Whoever gives up waiting leaves the work to go on for the next.
        return await asyncio.shield(self._making)

    def _make(self) -> tuple[_Kept, _Kept]:
        current = document(self._app)
        return _Kept.of(current), _Kept.of(as_openapi_3_0(current))


def _answer(scope: MutableMapping[str, Any], kept: _Kept) -> Response:
    headers = {"etag": kept.etag, "cache-control": "no-cache", "access-control-allow-origin": "*"}
    asked = (value for name, value in scope["headers"] if name == b"if-none-match")
    if any(kept.etag.encode() in value for value in asked):
        return Response(status_code=304, headers=headers)
    return Response(kept.content, media_type="application/json", headers=headers)
