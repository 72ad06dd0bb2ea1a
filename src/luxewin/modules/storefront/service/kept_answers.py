"""Kept answers: an answer is asked for once per version of the catalogue, however many wait for it."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from luxewin.modules.storefront.service.versions import Version, Versions

LONGEST_SECONDS = 1.0
"""How long an answer is kept although nothing flipped: stock numbers change with every sale and announce nothing."""

LARGEST_KEEP_BYTES = 16 << 20


class Answer(Protocol):
    """What is kept; it knows its weight."""

    @property
    def size_bytes(self) -> int:
        """The memory it takes, about."""


A = TypeVar("A", bound=Answer)
Ask = Callable[[], Awaitable[A]]


@dataclass(frozen=True, slots=True)
class _Kept(Generic[A]):
    version: Version
    until: float
    answer: A


class KeptAnswers(Generic[A]):
    """Answers by tenant and question, each valid for the version that was read *before* it was asked for.

    Reading the version first is what makes it safe: a change that commits while the query runs makes the answer at
    worst a newer one under an old version, which nobody will ask for again.
    """

    def __init__(
        self,
        versions: Versions,
        *,
        largest_bytes: int = LARGEST_KEEP_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._versions = versions
        self._largest_bytes = largest_bytes
        self._clock = clock
        self._kept: OrderedDict[tuple[UUID, Hashable], _Kept[A]] = OrderedDict()
        self._size_bytes = 0
        self._flights: dict[tuple[UUID, Hashable, Version], asyncio.Task[A]] = {}

    def known(self, tenant_id: UUID, question: Hashable) -> A | None:
        """Return the kept answer if there is one that holds."""
        kept = self._kept.get((tenant_id, question))
        if kept is None or kept.version != self._versions.of(tenant_id) or self._clock() >= kept.until:
            return None
        self._kept.move_to_end((tenant_id, question))
        return kept.answer

    async def answer(self, tenant_id: UUID, question: Hashable, ask: Ask[A]) -> A:
        """Return the kept answer, or ask: once for all who want it now, each for himself while versions are unknown."""
        version = self._versions.of(tenant_id)
        if version is None:
            return await ask()
        known = self.known(tenant_id, question)
        return await self._asked_once(tenant_id, question, version, ask) if known is None else known

    async def _asked_once(self, tenant_id: UUID, question: Hashable, version: Version, ask: Ask[A]) -> A:
        flight = self._flights.get((tenant_id, question, version))
        if flight is None:
            flight = asyncio.create_task(self._ask_and_keep(tenant_id, question, version, ask))
            self._flights[tenant_id, question, version] = flight
            flight.add_done_callback(lambda done: self._land(tenant_id, question, version, done))
        # Shielded: whoever gives up waiting must not take the answer from those who wait on.
        return await asyncio.shield(flight)

    async def _ask_and_keep(self, tenant_id: UUID, question: Hashable, version: Version, ask: Ask[A]) -> A:
        until = self._clock() + LONGEST_SECONDS
        answer = await ask()
        if self._versions.of(tenant_id) == version:
            self._keep((tenant_id, question), _Kept(version, until, answer))
        return answer

    def _land(self, tenant_id: UUID, question: Hashable, version: Version, flight: "asyncio.Task[A]") -> None:
        del self._flights[tenant_id, question, version]
        if not flight.cancelled():
            flight.exception()

    def _keep(self, place: tuple[UUID, Hashable], kept: _Kept[A]) -> None:
        self._forget(place)
        self._kept[place] = kept
        self._size_bytes += kept.answer.size_bytes
        while self._size_bytes > self._largest_bytes:
            self._forget(next(iter(self._kept)))

    def _forget(self, place: tuple[UUID, Hashable]) -> None:
        kept = self._kept.pop(place, None)
        if kept is not None:
            self._size_bytes -= kept.answer.size_bytes
