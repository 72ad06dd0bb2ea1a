"""The queries of shipping."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.shipping.domain import ShippingMethod
from luxewin.modules.shipping.errors import MethodChanged, MethodExists

_COLUMNS = "id, code, name, amount_minor, currency, countries, active, version"


async def list_offered(tx: Transaction, *, currency: str) -> list[ShippingMethod]:
    """Return the active methods in this currency; a tenant has few."""
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM shipping_methods WHERE tenant_id = $1 AND active AND currency = $2",
        tx.tenant_id,
        currency,
    )
    return [_method(row) for row in rows]


async def page(
    tx: Transaction,
    *,
    country: str | None,
    with_inactive: bool,
    after: tuple[int, str] | None,
    limit: int,
) -> list[ShippingMethod]:
    """Return methods, the cheapest first, from after a position in that order."""
    amount_minor, code = after or (-1, "")
    rows = await tx.fetch(
        f"SELECT {_COLUMNS} FROM shipping_methods WHERE tenant_id = $1 AND (active OR $2)"
        " AND ($3::text IS NULL OR countries IS NULL OR $3 = ANY(countries))"
        " AND (amount_minor, code) > ($4::bigint, $5::text) ORDER BY amount_minor, code LIMIT $6",
        tx.tenant_id,
        with_inactive,
        country,
        amount_minor,
        code,
        limit,
    )
    return [_method(row) for row in rows]


async def find(tx: Transaction, method_id: UUID) -> ShippingMethod | None:
    """Return a method, or None."""
    row = await tx.fetchrow(
        f"SELECT {_COLUMNS} FROM shipping_methods WHERE tenant_id = $1 AND id = $2", tx.tenant_id, method_id
    )
    return _method(row) if row else None


def methods_of(rows: Sequence[Mapping[str, Any]] | None) -> list[ShippingMethod]:
    """Return the methods of rows of `shipping_v_methods`, which another statement has read as JSON."""
    return [_method({**row, "id": UUID(row["id"])}) for row in rows or ()]


def add(tx: Transaction, method: ShippingMethod) -> Write:
    """Return the write that adds a method."""
    return write(
        "INSERT INTO shipping_methods"
        " (tenant_id, id, code, name, amount_minor, currency, countries, active, created_at, updated_at, version)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, kit_now(), kit_now(), $9)"
        " ON CONFLICT (tenant_id, code) DO NOTHING",
        tx.tenant_id,
        method.id,
        method.code,
        method.name,
        method.amount.minor,
        method.amount.currency,
        method.countries,
        method.active,
        method.version,
        rows=1,
        otherwise=MethodExists,
    )


def change(tx: Transaction, method: ShippingMethod) -> Write:
    """Return the write that replaces a method's values, unless it was changed since it was read."""
    return write(
        "UPDATE shipping_methods SET name = $3, amount_minor = $4, countries = $5, active = $6,"
        " updated_at = kit_now(), version = version + 1 WHERE tenant_id = $1 AND id = $2 AND version = $7",
        tx.tenant_id,
        method.id,
        method.name,
        method.amount.minor,
        method.countries,
        method.active,
        method.version,
        rows=1,
        otherwise=MethodChanged,
    )


def remove(tx: Transaction, method: ShippingMethod) -> Write:
    """Return the write that removes a method; orders have copies of its code and price."""
    return write(
        "DELETE FROM shipping_methods WHERE tenant_id = $1 AND id = $2 AND version = $3",
        tx.tenant_id,
        method.id,
        method.version,
        rows=1,
        otherwise=MethodChanged,
    )


def _method(row: Any) -> ShippingMethod:
    return ShippingMethod(
        id=row["id"],
        code=row["code"],
        name=row["name"],
        amount=Money(row["amount_minor"], row["currency"]),
        countries=None if row["countries"] is None else tuple(row["countries"]),
        active=row["active"],
        version=row["version"],
    )
