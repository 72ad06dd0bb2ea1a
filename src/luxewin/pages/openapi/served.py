"""The served documents: generated on first use, in a thread, and cached as bytes."""

import asyncio
import hashlib
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Self

import orjson
from fastapi import FastAPI
from starlette.responses import Response

from luxewin.pages.openapi.document import document
from luxewin.pages.openapi.openapi_3_0 import to_openapi_3_0
from luxewin.pages.openapi.operations import Json


@dataclass(frozen=True, slots=True)
class _Serialized:
    content: bytes
    etag: str

    @classmethod
    def of(cls, document: Json) -> Self:
        content = orjson.dumps(document)
        return cls(content, f'"{hashlib.sha256(content).hexdigest()[:32]}"')


class ApiDocuments:
    """Both documents of an application; generating them takes half a second, so it is done once."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._task: asyncio.Task[tuple[_Serialized, _Serialized]] | None = None

    async def openapi_3_1(self, scope: MutableMapping[str, Any]) -> Response:
        """Return the document in OpenAPI 3.1."""
        return _response(scope, (await self._documents())[0])

    async def openapi_3_0(self, scope: MutableMapping[str, Any]) -> Response:
        """Return the document in OpenAPI 3.0."""
        return _response(scope, (await self._documents())[1])

    async def _documents(self) -> tuple[_Serialized, _Serialized]:
        if self._task is None:
            self._task = asyncio.create_task(asyncio.to_thread(self._generate))
        # A cancelled request does not cancel the task, which the next request awaits.
        return await asyncio.shield(self._task)

    def _generate(self) -> tuple[_Serialized, _Serialized]:
        current = document(self._app)
        return _Serialized.of(current), _Serialized.of(to_openapi_3_0(current))


def _response(scope: MutableMapping[str, Any], serialized: _Serialized) -> Response:
    headers = {"etag": serialized.etag, "cache-control": "no-cache", "access-control-allow-origin": "*"}
    tags = (value for name, value in scope["headers"] if name == b"if-none-match")
    if any(serialized.etag.encode() in value for value in tags):
        return Response(status_code=304, headers=headers)
    return Response(serialized.content, media_type="application/json", headers=headers)
