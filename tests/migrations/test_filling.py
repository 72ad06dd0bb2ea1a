"""Migrations that fill new columns and tables compute what the program would have stored."""

from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from luxewin.migrations.driving import upgrade
from luxewin.migrations.migrating import migrate
from luxewin.migrations.revisions import newest_revision
from luxewin.modules.catalog.domain.names import property_key
from luxewin.modules.identity.public import email_key
from tests.conftest import LOGINS
from tests.servers import TestServer, connected

TENANT = uuid4()
OPTIONS: list[dict[str, Any]] = [
    {"name": " Größe ", "values": ["Grüße", "XL  wide"]},
    {"name": "Σίσυφος", "values": ["ÉBÈNE"]},
]
ATTRIBUTES = {"Material": "  Eiche  massiv", "Folding": True, "Legs": 4, "Story": "x" * 300}
EMAIL = "Ada.Groß@Example.com"
BEFORE = "0014"
PRODUCT = """
    INSERT INTO catalog_products (tenant_id, id, slug, name, sort_name, description, status, attributes, tags, images,
        options, currency, price_minor, extra, created_at, updated_at, version)
    VALUES ($1, $2, 'lamp', 'Lamp', 'lamp', '', 'active', $3, '{}', '[]', $4, 'USD', 1, '{}', now(), now(), 1)
"""
ORDER = """
    INSERT INTO orders_orders (tenant_id, id, number, email, status, currency, subtotal_minor, discount_minor,
        shipping_minor, tax_minor, total_minor, shipping_method, shipping_address, placed_at, updated_at, version)
    VALUES ($1, $2, $3, $4, $5, 'USD', $6, 0, 0, 0, $6, 'standard', '{}', now(), now(), 1)
"""
ATTEMPT = """
    INSERT INTO payments_attempts (tenant_id, id, order_id, gateway, status, amount_minor, currency, captured_minor,
        created_at, updated_at, version)
    VALUES ($1, $2, $2, 'simulator', 'captured', 5, 'USD', 5, now(), now(), 1)
"""
EVENT = """
    INSERT INTO payments_events (tenant_id, id, attempt_id, order_id, type, amount_minor, currency, occurred_at)
    VALUES ($1, $2, $3, $3, $4, $5, 'USD', now())
"""


async def test_properties_addresses_and_payment_states_are_filled_as_the_program_stores_them(
    server: TestServer,
) -> None:
    address = server.create_database("filled")
    await upgrade(address.connect_arguments(), to=BEFORE)
    product_id, paid, refunded, free, pending = (uuid4() for _ in range(5))
    async with connected(address) as owner:
        values = orjson.dumps(ATTRIBUTES).decode(), orjson.dumps(OPTIONS).decode()
        await owner.execute(PRODUCT, TENANT, product_id, *values)
        for order_id, status, total in ((paid, "paid", 5), (refunded, "cancelled", 5), (free, "paid", 0)):
            await owner.execute(ORDER, TENANT, order_id, order_id.hex[:10], EMAIL, status, total)
        await owner.execute(ORDER, TENANT, pending, pending.hex[:10], EMAIL, "pending_payment", 5)
        for order_id, kinds in ((paid, ["captured"]), (refunded, ["captured", "refunded"])):
            await owner.execute(ATTEMPT, TENANT, order_id)
            for kind in kinds:
                await owner.execute(EVENT, TENANT, uuid4(), order_id, kind, 5)
    assert await migrate(address.connect_arguments(), LOGINS)
    async with connected(address) as owner:
        keys = await owner.fetch("SELECT property_key FROM catalog_product_properties")
        orders = await owner.fetch("SELECT id, payment_status, email_key FROM orders_orders")
    assert {row["property_key"] for row in keys} == _expected_keys()
    assert {row["email_key"] for row in orders} == {email_key(EMAIL)}
    expected: dict[UUID, str] = {paid: "paid", refunded: "refunded", free: "paid", pending: "unpaid"}
    assert {row["id"]: row["payment_status"] for row in orders} == expected


def _expected_keys() -> set[str]:
    attributes = {"Material": "Eiche massiv", "Folding": "true", "Legs": "4"}
    options = {property_key("option", option["name"], value) for option in OPTIONS for value in option["values"]}
    return options | {property_key("attribute", name, value) for name, value in attributes.items()}


async def test_filling_a_table_that_its_owner_would_not_see_is_refused(server: TestServer, tmp_path: Path) -> None:
    through_a_view = (
        "UPDATE orders_orders SET updated_at = now() WHERE id IN (SELECT order_id FROM payments_v_statuses)"
    )
    (tmp_path / "9601_more.py").write_text(
        "from luxewin.migrations.online import fill\n"
        f"revision, down_revision = '9601', {newest_revision()!r}\n"
        f"def upgrade(): fill({through_a_view!r}, tables=['orders_orders'])\n",
        encoding="utf-8",
    )
    address = server.create_database("hidden_rows")
    await migrate(address.connect_arguments(), LOGINS)
    with pytest.raises(ValueError, match="reads payments_events too"):
        await migrate(address.connect_arguments(), LOGINS, more_versions=[tmp_path])
