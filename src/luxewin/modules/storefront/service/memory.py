"""What is remembered of a catalogue: for as long as it is known to be true, and not for long."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from luxewin.modules.storefront.service.versions import Version, Versions

KEPT_SECONDS = 0.5
"""How long anything is kept although nothing flipped: stock numbers change with every sale and announce nothing.

A list is made of kept products and is kept itself, so that a number in it is a second old at most.
"""


class Weighed(Protocol):
    """What can be kept; it knows its weight."""

    @property
    def size_bytes(self) -> int:
        """The memory it takes, about."""


W = TypeVar("W", bound=Weighed)


@dataclass(frozen=True, slots=True)
class _Kept(Generic[W]):
    version: Version
    until: float
    thing: W


@dataclass(frozen=True, slots=True)
class Moment:
    """When something was asked for: of which version, and at what time."""

    version: Version
    seconds: float


class Memory(Generic[W]):
    """Keeps things by tenant and key, each valid for the version that was read *before* it was asked for.

    Reading the version first is what makes it safe: a change that commits while the query runs makes the answer at
    worst a newer one under an old version, which nobody will ask for again. What was used longest ago makes room.
    """

    def __init__(self, versions: Versions, *, largest_bytes: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._versions = versions
        self._largest_bytes = largest_bytes
        self._clock = clock
        self._kept: OrderedDict[tuple[UUID, Hashable], _Kept[W]] = OrderedDict()
        self._size_bytes = 0

    def now(self, tenant_id: UUID) -> Moment | None:
        """Return the moment, to be read before anything is asked for; None while no version is known."""
        version = self._versions.of(tenant_id)
        return None if version is None else Moment(version, self._clock())

    def recall(self, tenant_id: UUID, key: Hashable, now: Moment) -> W | None:
        """Return what is kept under the key, if it still holds."""
        kept = self._kept.get((tenant_id, key))
        if kept is None or kept.version != now.version or now.seconds >= kept.until:
            return None
        self._kept.move_to_end((tenant_id, key))
        return kept.thing

    def keep(self, tenant_id: UUID, key: Hashable, thing: W, *, asked: Moment) -> None:
        """Keep what was asked for at that moment; where a change has overtaken it, nobody recalls it."""
        self._forget((tenant_id, key))
        self._kept[tenant_id, key] = _Kept(asked.version, asked.seconds + KEPT_SECONDS, thing)
        self._size_bytes += thing.size_bytes
        while self._size_bytes > self._largest_bytes:
            self._forget(next(iter(self._kept)))

    def _forget(self, place: tuple[UUID, Hashable]) -> None:
        kept = self._kept.pop(place, None)
        if kept is not None:
            self._size_bytes -= kept.thing.size_bytes
