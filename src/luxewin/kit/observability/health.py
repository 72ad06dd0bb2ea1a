"""Health and metrics, for those who watch the program."""

import asyncio
from collections.abc import MutableMapping
from ipaddress import ip_address
from typing import Any

import orjson
from starlette.responses import Response

from luxewin.kit.database import Database
from luxewin.kit.errors import Unavailable
from luxewin.kit.observability.metrics import exposition

_READY_WITHIN_SECONDS = 1.5


class Health:
    """Live: the process answers. Ready: it can reach what it needs to do its work."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def live(self, _scope: MutableMapping[str, Any]) -> Response:
        """Answer as long as the process runs; a hung database does not kill it."""
        return _json({"status": "ok"})

    async def ready(self, _scope: MutableMapping[str, Any]) -> Response:
        """Answer 200 while the database answers, 503 otherwise, so that a balancer looks elsewhere."""
        try:
            async with asyncio.timeout(_READY_WITHIN_SECONDS), self._database.system() as connection:
                await connection.fetchval("SELECT 1")
        except (Unavailable, TimeoutError):
            return _json({"status": "unavailable", "database": "not answering"}, status=503)
        return _json({"status": "ok", "database": "ok"})


class Metrics:
    """Prometheus metrics, for callers on this machine; from elsewhere they are scraped through a proxy of yours."""

    def __init__(self, shared_folder: str | None) -> None:
        self._shared_folder = shared_folder

    async def __call__(self, scope: MutableMapping[str, Any]) -> Response:
        """Answer a scrape; what was forwarded for somebody else is not from this machine."""
        peer = scope.get("client") or ("", 0)
        forwarded = any(name == b"x-forwarded-for" for name, _ in scope["headers"])
        if forwarded or not _is_loopback(peer[0]):
            return _json({"title": "Metrics are served to this machine only", "status": 403}, status=403)
        return Response(exposition(self._shared_folder), media_type="text/plain; version=0.0.4")


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _json(value: dict[str, Any], *, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
