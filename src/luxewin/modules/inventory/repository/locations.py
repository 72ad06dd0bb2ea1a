"""The queries of stock locations."""

from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.inventory.domain import Location
from luxewin.modules.inventory.errors import LocationExists


async def location(tx: Transaction, location_id: UUID | None) -> UUID | None:
    """Return the id of this location, or of the default location; None if there is no such location."""
    found: UUID | None = await tx.fetchval(
        "SELECT id FROM inventory_locations WHERE tenant_id = $1"
        " AND CASE WHEN $2::uuid IS NULL THEN is_default ELSE id = $2 END",
        tx.tenant_id,
        location_id,
    )
    return found


def add_location(tx: Transaction, location_id: UUID, *, code: str, name: str, is_default: bool) -> Write:
    """Return the write that adds a location."""
    return write(
        "INSERT INTO inventory_locations (tenant_id, id, code, name, is_default, created_at)"
        " VALUES ($1, $2, $3, $4, $5, kit_now()) ON CONFLICT DO NOTHING",
        tx.tenant_id,
        location_id,
        code,
        name,
        is_default,
        rows=1,
        otherwise=LocationExists,
    )


async def locations(tx: Transaction, *, after: str | None, limit: int) -> list[Location]:
    """Return locations by code, after the code `after`."""
    rows = await tx.fetch(
        "SELECT id, code, name, is_default, created_at FROM inventory_locations"
        " WHERE tenant_id = $1 AND code > coalesce($2::text, '') ORDER BY code LIMIT $3",
        tx.tenant_id,
        after,
        limit,
    )
    return [Location(**row) for row in rows]
