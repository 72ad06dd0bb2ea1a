"""The served documents: generated on first use, in a thread, and cached as bytes."""

import asyncio
from collections.abc import MutableMapping
from dataclasses import replace
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.responses import Response

from luxewin.kit.http.cached_response import CachedResponse
from luxewin.kit.http.pages import answer_cached
from luxewin.pages.openapi.document import document
from luxewin.pages.openapi.openapi_3_0 import to_openapi_3_0
from luxewin.pages.openapi.operations import Json


class ApiDocuments:
    """Both documents of an application; generating them takes half a second, so it is done once."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self._task: asyncio.Task[tuple[CachedResponse, CachedResponse]] | None = None

    async def openapi_3_1(self, scope: MutableMapping[str, Any]) -> Response:
        """Return the document in OpenAPI 3.1."""
        return await answer_cached(scope, (await self._documents())[0])

    async def openapi_3_0(self, scope: MutableMapping[str, Any]) -> Response:
        """Return the document in OpenAPI 3.0."""
        return await answer_cached(scope, (await self._documents())[1])

    async def _documents(self) -> tuple[CachedResponse, CachedResponse]:
        if self._task is None:
            self._task = asyncio.create_task(asyncio.to_thread(self._generate))
        # A cancelled request does not cancel the task, which the next request awaits.
        return await asyncio.shield(self._task)

    def _generate(self) -> tuple[CachedResponse, CachedResponse]:
        current = document(self._app)
        return _serialized(current), _serialized(to_openapi_3_0(current))


def _serialized(document: Json) -> CachedResponse:
    """Return a document as bytes, which every site may read."""
    content = orjson.dumps(document)
    response = CachedResponse.of(content, cache_control="no-cache", content_type="application/json")
    return replace(response, headers={**response.headers, "access-control-allow-origin": "*"})
