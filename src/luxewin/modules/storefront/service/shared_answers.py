"""Shared answers: those who ask the same at the same time share one query, which begins after each of them came."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")
_MOST_ROUNDS = 2


class SharedAnswers(Generic[T]):
    """Rounds of one query per question: one that runs, and one that waits for its end and takes in all who come.

    Nothing is kept, and nobody joins a query that has begun, so an answer never misses what was committed before it
    was asked for: whoever has just bought sees the stock go down.
    """

    def __init__(self) -> None:
        self._rounds: dict[Hashable, list[asyncio.Task[T]]] = {}

    async def answer(self, question: Hashable, ask: Callable[[], Awaitable[T]]) -> T:
        """Return the answer of a query that begins from now on."""
        rounds = self._rounds.setdefault(question, [])
        if len(rounds) < _MOST_ROUNDS:
            turn = asyncio.create_task(_after(rounds[-1] if rounds else None, ask))
            rounds.append(turn)
            turn.add_done_callback(lambda done: self._end(question, done))
        # Shielded: whoever gives up waiting must not take the answer from those who wait on.
        return await asyncio.shield(rounds[-1])

    def _end(self, question: Hashable, turn: "asyncio.Task[T]") -> None:
        rounds = self._rounds[question]
        rounds.remove(turn)
        if not rounds:
            del self._rounds[question]
        if not turn.cancelled():
            turn.exception()


async def _after(running: "asyncio.Task[T] | None", ask: Callable[[], Awaitable[T]]) -> T:
    if running is not None:
        await asyncio.wait([running])
    return await ask()
