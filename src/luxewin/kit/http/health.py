"""Health checks and metrics."""

import asyncio
from collections.abc import MutableMapping, Sequence
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

import orjson
from starlette.responses import Response

from luxewin.kit.database import Database
from luxewin.kit.errors import Forbidden, Unavailable
from luxewin.kit.http.addresses import address_of
from luxewin.kit.observability.multiprocess import exposition

_READY_WITHIN_SECONDS = 1.5


class Health:
    """Live: the process answers. Ready: it reaches the database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._check: asyncio.Task[bool] | None = None

    async def live(self, _scope: MutableMapping[str, Any]) -> Response:
        """Answer as long as the process runs, even without a database."""
        return _json({"status": "ok"})

    async def ready(self, _scope: MutableMapping[str, Any]) -> Response:
        """Answer 200 while the database answers, 503 otherwise, so that a load balancer uses another process.

        Concurrent callers share one check: any number of them occupies one connection.
        """
        if self._check is None or self._check.done():
            self._check = asyncio.create_task(self._database_answers())
        # A cancelled request does not cancel the check, which others await.
        if not await asyncio.shield(self._check):
            return _json({"status": "unavailable", "database": "not answering"}, status=503)
        return _json({"status": "ok", "database": "ok"})

    async def _database_answers(self) -> bool:
        try:
            async with asyncio.timeout(_READY_WITHIN_SECONDS), self._database.system() as connection:
                await connection.fetchval("SELECT 1")
        except (Unavailable, TimeoutError):
            return False
        return True


class Metrics:
    """Prometheus metrics, for clients in the configured networks only."""

    def __init__(self, shared_folder: str | None, networks: Sequence[IPv4Network | IPv6Network]) -> None:
        self._networks = networks
        self._shared_folder = Path(shared_folder) if shared_folder else None

    async def __call__(self, scope: MutableMapping[str, Any]) -> Response:
        """Answer a scrape.

        Raises:
            Forbidden: the client is in none of the networks, or is a proxy that forwards for another client.
        """
        peer = scope.get("client") or ("", 0)
        forwarded = any(name == b"x-forwarded-for" for name, _ in scope["headers"])
        if forwarded or not self._may_read(peer[0]):
            raise Forbidden("Metrics are served to the networks in LUXEWIN_METRICS_FROM only")
        return Response(exposition(self._shared_folder), media_type="text/plain; version=0.0.4")

    def _may_read(self, address: str) -> bool:
        parsed = address_of(address)
        return parsed is not None and any(parsed in network for network in self._networks)


def _json(value: dict[str, Any], *, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, media_type="application/json")
