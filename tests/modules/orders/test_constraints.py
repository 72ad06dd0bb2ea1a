"""The constraints of the tables refuse an order whose sums are wrong."""

import asyncpg
import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.tenancy import Tenancy
from tests.modules.orders.placed import UNITS, place

ANOTHER_LINE = (
    "INSERT INTO orders_lines (tenant_id, id, order_id, position, kind, variant_id, product_id, product_slug, name,"
    " options, quantity, unit_price_minor, total_minor, tax_minor)"
    " SELECT tenant_id, gen_random_uuid(), order_id, position + 1, kind, variant_id, product_id, product_slug, name,"
    " options, quantity, unit_price_minor, total_minor + {}, tax_minor FROM orders_lines"
)


async def write(database: Database, tenant: Tenancy, statement: str) -> None:
    """Write directly, as the application's role."""
    async with database.begin(tenant, SYSTEM) as tx:
        await tx.connection.execute(statement)


@pytest.mark.parametrize("part", ["total_minor", "subtotal_minor", "discount_minor", "shipping_minor", "tax_minor"])
async def test_an_orders_total_is_the_sum_of_its_parts(database: Database, tenant: Tenancy, part: str) -> None:
    await place(database, tenant)
    with pytest.raises(asyncpg.CheckViolationError, match="orders_orders_total_check"):
        await write(database, tenant, f"UPDATE orders_orders SET {part} = {part} + 1")


async def test_an_orders_total_changes_with_its_parts(database: Database, tenant: Tenancy) -> None:
    await place(database, tenant)
    await write(database, tenant, "UPDATE orders_orders SET total_minor = total_minor + 1, tax_minor = tax_minor + 1")


@pytest.mark.parametrize("off_by", [-1, 1])
async def test_a_lines_total_is_its_price_times_its_units(database: Database, tenant: Tenancy, off_by: int) -> None:
    await place(database, tenant)
    with pytest.raises(asyncpg.CheckViolationError, match="orders_lines_total_check"):
        await write(database, tenant, ANOTHER_LINE.format(off_by))
    await write(database, tenant, ANOTHER_LINE.format(0))


@pytest.mark.parametrize("units", [-1, UNITS + 1])
async def test_no_line_returns_more_units_than_it_sold(database: Database, tenant: Tenancy, units: int) -> None:
    await place(database, tenant)
    with pytest.raises(asyncpg.CheckViolationError, match="orders_lines_refunded_quantity_check"):
        await write(database, tenant, f"UPDATE orders_lines SET refunded_quantity = {units}")
