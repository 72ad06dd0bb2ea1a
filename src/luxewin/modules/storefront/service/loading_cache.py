"""A loading cache: a value is loaded once per cache version, for any number of requests."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar
from uuid import UUID

from luxewin.modules.storefront.service.cache_versions import CacheVersion, CacheVersions
from luxewin.modules.storefront.service.versioned_cache import ReadPoint, Sized, VersionedCache

MAX_BYTES = 16 << 20

V = TypeVar("V", bound=Sized)
Load = Callable[[], Awaitable[V]]


class LoadingCache(Generic[V]):
    """Values by tenant and key; while versions are unknown nothing is cached, and every request loads its own value."""

    def __init__(
        self,
        versions: CacheVersions,
        *,
        max_bytes: int = MAX_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cache: VersionedCache[V] = VersionedCache(versions, max_bytes=max_bytes, clock=clock)
        self._loads: dict[tuple[UUID, Hashable, CacheVersion], asyncio.Task[V]] = {}

    def get_if_present(self, tenant_id: UUID, key: Hashable) -> V | None:
        """Return the cached value, if it is valid."""
        now = self._cache.read_point(tenant_id)
        return None if now is None else self._cache.get(tenant_id, key, now)

    async def get(self, tenant_id: UUID, key: Hashable, load: Load[V]) -> V:
        """Return the cached value, or load it once for all concurrent requests."""
        now = self._cache.read_point(tenant_id)
        if now is None:
            return await load()
        cached = self._cache.get(tenant_id, key, now)
        return await self._load_once(tenant_id, key, now, load) if cached is None else cached

    async def _load_once(self, tenant_id: UUID, key: Hashable, now: ReadPoint, load: Load[V]) -> V:
        identity = (tenant_id, key, now.version)
        task = self._loads.get(identity)
        if task is None:
            task = asyncio.create_task(self._load_and_store(tenant_id, key, now, load))
            self._loads[identity] = task
            task.add_done_callback(lambda done: self._end(identity, done))
        # Shielded: a request that is cancelled must not cancel the load for the others.
        return await asyncio.shield(task)

    async def _load_and_store(self, tenant_id: UUID, key: Hashable, now: ReadPoint, load: Load[V]) -> V:
        value = await load()
        self._cache.put(tenant_id, key, value, read_at=now)
        return value

    def _end(self, identity: tuple[UUID, Hashable, CacheVersion], task: "asyncio.Task[V]") -> None:
        del self._loads[identity]
        if not task.cancelled():
            task.exception()
