"""Regular work: each duty runs by itself, again and again; one that fails is logged and does not stop the others."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import structlog

log = structlog.get_logger("schedule")


@dataclass(frozen=True, slots=True)
class Duty:
    """Something to do every so often, and at once when `wake` is set."""

    name: str
    every_seconds: float
    run: Callable[[], Awaitable[object]]
    wake: asyncio.Event = field(default_factory=asyncio.Event)


async def keep(duties: Sequence[Duty]) -> None:
    """Run all duties until cancelled."""
    async with asyncio.TaskGroup() as group:
        for duty in duties:
            group.create_task(_keep(duty), name=duty.name)


async def _keep(duty: Duty) -> None:
    while True:
        duty.wake.clear()
        try:
            await duty.run()
        except Exception:
            log.exception("a duty failed; it will be tried again", duty=duty.name)
        try:
            async with asyncio.timeout(duty.every_seconds):
                await duty.wake.wait()
        except TimeoutError:
            continue
