"""Imports of several tenants: one at a time for each, and none waits until another tenant has no more."""

import asyncio
from uuid import UUID

import pytest

from luxewin.kit.errors import Contended
from luxewin.kit.tenancy import Tenancy
from luxewin.workflows.import_catalog.turns import Turns


def _tenant(number: int) -> Tenancy:
    return Tenancy(id=UUID(int=number), slug=f"shop-{number}", currency="USD")


async def test_tenants_take_turns_however_many_imports_one_has() -> None:
    due = {UUID(int=1): 5, UUID(int=2): 2}
    order: list[int] = []

    async def run_one(tenant: Tenancy) -> bool:
        if not due[tenant.id]:
            return False
        due[tenant.id] -= 1
        order.append(tenant.id.int)
        return True

    await Turns().run([_tenant(1), _tenant(2)], run_one)
    assert order == [1, 2, 1, 2, 1, 1, 1]


async def test_a_long_import_keeps_no_other_tenant_waiting_and_is_alone_in_its_shop() -> None:
    long_one_may_end, short_one_ran = asyncio.Event(), asyncio.Event()
    due = {UUID(int=1): 2, UUID(int=2): 1}
    running: list[int] = []

    async def run_one(tenant: Tenancy) -> bool:
        if not due[tenant.id]:
            return False
        due[tenant.id] -= 1
        assert tenant.id.int not in running
        running.append(tenant.id.int)
        if tenant.id.int == 1:
            await long_one_may_end.wait()
        else:
            short_one_ran.set()
        running.remove(tenant.id.int)
        return True

    turns = Turns()
    first = asyncio.create_task(turns.run([_tenant(1), _tenant(2)], run_one))
    second = asyncio.create_task(turns.run([_tenant(1), _tenant(2)], run_one))
    await asyncio.wait_for(short_one_ran.wait(), 5)
    assert running == [1]
    long_one_may_end.set()
    await asyncio.gather(first, second)


async def test_an_error_in_the_import_of_a_tenant_ends_only_its_own_turns() -> None:
    due = {UUID(int=1): 2, UUID(int=2): 2}
    order: list[int] = []

    async def run_one(tenant: Tenancy) -> bool:
        if not due[tenant.id]:
            return False
        due[tenant.id] -= 1
        order.append(tenant.id.int)
        if tenant.id.int == 1:
            raise Contended
        return True

    with pytest.raises(Contended):
        await Turns().run([_tenant(1), _tenant(2)], run_one)
    assert order == [1, 2, 2]
