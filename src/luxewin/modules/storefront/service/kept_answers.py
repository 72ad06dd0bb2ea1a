"""Kept answers: an answer is asked for once per version of the catalogue, however many wait for it."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar
from uuid import UUID

from luxewin.modules.storefront.service.memory import Memory, Moment, Weighed
from luxewin.modules.storefront.service.versions import Version, Versions

LARGEST_KEEP_BYTES = 16 << 20

A = TypeVar("A", bound=Weighed)
Ask = Callable[[], Awaitable[A]]


class KeptAnswers(Generic[A]):
    """Answers by tenant and question; while the versions are unknown nothing is kept, and everybody asks alone."""

    def __init__(
        self,
        versions: Versions,
        *,
        largest_bytes: int = LARGEST_KEEP_BYTES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._memory: Memory[A] = Memory(versions, largest_bytes=largest_bytes, clock=clock)
        self._flights: dict[tuple[UUID, Hashable, Version], asyncio.Task[A]] = {}

    def known(self, tenant_id: UUID, question: Hashable) -> A | None:
        """Return the kept answer if there is one that holds."""
        now = self._memory.now(tenant_id)
        return None if now is None else self._memory.recall(tenant_id, question, now)

    async def answer(self, tenant_id: UUID, question: Hashable, ask: Ask[A]) -> A:
        """Return the kept answer, or ask: once for all who want it now."""
        now = self._memory.now(tenant_id)
        if now is None:
            return await ask()
        known = self._memory.recall(tenant_id, question, now)
        return await self._asked_once(tenant_id, question, now, ask) if known is None else known

    async def _asked_once(self, tenant_id: UUID, question: Hashable, now: Moment, ask: Ask[A]) -> A:
        place = (tenant_id, question, now.version)
        flight = self._flights.get(place)
        if flight is None:
            flight = asyncio.create_task(self._ask_and_keep(tenant_id, question, now, ask))
            self._flights[place] = flight
            flight.add_done_callback(lambda done: self._land(place, done))
        # Shielded: whoever gives up waiting must not take the answer from those who wait on.
        return await asyncio.shield(flight)

    async def _ask_and_keep(self, tenant_id: UUID, question: Hashable, now: Moment, ask: Ask[A]) -> A:
        answer = await ask()
        self._memory.keep(tenant_id, question, answer, asked=now)
        return answer

    def _land(self, place: tuple[UUID, Hashable, Version], flight: "asyncio.Task[A]") -> None:
        del self._flights[place]
        if not flight.cancelled():
            flight.exception()
