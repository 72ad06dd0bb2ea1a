"""An order changes at the version that was read, or not at all."""

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Order, OrderStatus, RefundLine
from luxewin.modules.orders.domain.refunds import unreturned_lines
from luxewin.modules.orders.errors import OrderChanged, RefundTooLarge
from tests.modules.orders.placed import UNITS, place, read


async def move(database: Database, tenant: Tenancy, order: Order, to: OrderStatus) -> None:
    async with database.begin(tenant, SYSTEM) as tx:
        tx.write(*repository.transition(tx, order, to))


async def touch(database: Database, tenant: Tenancy, order: Order) -> None:
    async with database.begin(tenant, SYSTEM) as tx:
        tx.write(repository.touch(tx, order))


async def give_back(database: Database, tenant: Tenancy, order: Order, units: int) -> None:
    async with database.begin(tenant, SYSTEM) as tx:
        tx.write(repository.add_returned_units(tx, order, [RefundLine(order.lines[0].id, units)]))


async def test_an_order_changes_only_from_the_version_that_was_read(database: Database, tenant: Tenancy) -> None:
    order = await place(database, tenant)
    await move(database, tenant, order, OrderStatus.PAID)
    with pytest.raises(OrderChanged):
        await move(database, tenant, order, OrderStatus.EXPIRED)
    after = await read(database, tenant, order)
    assert (after.status, after.version) == (OrderStatus.PAID, 2)
    async with database.begin(tenant, SYSTEM) as tx:
        history = await repository.history(tx, [order.id])
    assert [entry.status for entry in history[order.id]] == ["pending_payment", "paid"]


async def test_a_change_without_a_change_of_state_makes_a_read_stale_too(database: Database, tenant: Tenancy) -> None:
    order = await place(database, tenant)
    await touch(database, tenant, order)
    with pytest.raises(OrderChanged):
        await move(database, tenant, order, OrderStatus.PAID)


async def test_of_two_refunds_based_on_one_read_the_second_is_refused(database: Database, tenant: Tenancy) -> None:
    order = await place(database, tenant)
    await touch(database, tenant, order)
    with pytest.raises(OrderChanged):
        await touch(database, tenant, order)


async def test_no_more_units_are_returned_than_were_sold(database: Database, tenant: Tenancy) -> None:
    order = await place(database, tenant)
    await give_back(database, tenant, order, 1)
    with pytest.raises(RefundTooLarge):
        await give_back(database, tenant, order, UNITS)
    async with database.begin(tenant, SYSTEM) as tx:
        found = await repository.find(tx, order.id)
    assert found is not None
    assert [line.quantity for line in unreturned_lines(found.lines)] == [1]


async def test_another_tenants_order_is_not_found(database: Database, tenant: Tenancy, other_tenant: Tenancy) -> None:
    order = await place(database, tenant)
    async with database.begin(other_tenant, SYSTEM) as tx:
        assert await repository.find(tx, order.id) is None
    with pytest.raises(OrderChanged):
        await move(database, other_tenant, order, OrderStatus.PAID)
