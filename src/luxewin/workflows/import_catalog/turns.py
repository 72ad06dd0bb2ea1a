"""Turns of tenants: several imports run at once, each of another tenant, and no tenant waits for a later one."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from luxewin.kit.tenancy import Tenancy

AT_ONCE = 3
"""The number of imports that run at the same time; each keeps one connection and one thread busy."""


class Turns:
    """Gives each tenant one import at a time, those first that have waited longest since their last one."""

    def __init__(self) -> None:
        self._busy: set[UUID] = set()
        self._last: dict[UUID, int] = {}
        self._turn = 0

    async def run(self, tenants: Sequence[Tenancy], run_one: Callable[[Tenancy], Awaitable[bool]]) -> None:
        """Run one import of each tenant in turn, until no tenant that is free has one.

        A tenant whose import raises an error waits for the next run; the first error is raised at the end.
        """
        failures: dict[UUID, Exception] = {}
        ran = True
        while ran:
            ran = False
            for tenant in sorted(tenants, key=lambda tenant: self._last.get(tenant.id, 0)):
                if tenant.id in self._busy or tenant.id in failures:
                    continue
                try:
                    ran = await self._run_one(tenant, run_one) or ran
                except Exception as error:  # noqa: BLE001 - the imports of the other tenants go on; raised below
                    failures[tenant.id] = error
        if failures:
            raise next(iter(failures.values()))

    async def _run_one(self, tenant: Tenancy, run_one: Callable[[Tenancy], Awaitable[bool]]) -> bool:
        self._busy.add(tenant.id)
        try:
            ran = await run_one(tenant)
        finally:
            self._busy.discard(tenant.id)
        if ran:
            self._turn += 1
            self._last[tenant.id] = self._turn
        return ran
