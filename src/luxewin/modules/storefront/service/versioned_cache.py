"""A bounded cache whose entries are valid for one cache version, and for a short time."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from luxewin.modules.storefront.service.cache_versions import CacheVersion, CacheVersions

TTL_SECONDS = 0.5
"""The maximum age of an entry: stock levels change with every sale without a new version. A list consists of cached
products and is itself cached, so that a stock level in it is at most a second old.
"""


class Sized(Protocol):
    """A value that can be cached."""

    @property
    def size_bytes(self) -> int:
        """The memory that it takes, approximately."""


V = TypeVar("V", bound=Sized)


@dataclass(frozen=True, slots=True)
class _Entry(Generic[V]):
    version: CacheVersion
    expires_at: float
    value: V


@dataclass(frozen=True, slots=True)
class ReadPoint:
    """The version and the time at which a value is read."""

    version: CacheVersion
    seconds: float


class VersionedCache(Generic[V]):
    """Caches values by tenant and key, each valid for the version that was read *before* the query.

    Reading the version first makes it safe: if a change commits while the query runs, at worst a newer value is stored
    under an old version, which is never looked up again. The least recently used entries are evicted.
    """

    def __init__(self, versions: CacheVersions, *, max_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._versions = versions
        self._max_bytes = max_bytes
        self._clock = clock
        self._entries: OrderedDict[tuple[UUID, Hashable], _Entry[V]] = OrderedDict()
        self._size_bytes = 0

    def read_point(self, tenant_id: UUID) -> ReadPoint | None:
        """Return the read point, to be taken before the query; None while the version is unknown."""
        version = self._versions.of(tenant_id)
        return None if version is None else ReadPoint(version, self._clock())

    def get(self, tenant_id: UUID, key: Hashable, at: ReadPoint) -> V | None:
        """Return the value under the key, if it is valid."""
        entry = self._entries.get((tenant_id, key))
        if entry is None or entry.version != at.version or at.seconds >= entry.expires_at:
            return None
        self._entries.move_to_end((tenant_id, key))
        return entry.value

    def put(self, tenant_id: UUID, key: Hashable, value: V, *, read_at: ReadPoint) -> None:
        """Store a value that was queried after the read point."""
        self._evict((tenant_id, key))
        self._entries[tenant_id, key] = _Entry(read_at.version, read_at.seconds + TTL_SECONDS, value)
        self._size_bytes += value.size_bytes
        while self._size_bytes > self._max_bytes:
            self._evict(next(iter(self._entries)))

    def _evict(self, key: tuple[UUID, Hashable]) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._size_bytes -= entry.value.size_bytes
