"""The queries of reservations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.inventory.domain import Allocation, Reservation
from luxewin.modules.inventory.errors import ReservationSettled, StockChanged

_RESERVATION = (
    "SELECT r.id, r.variant_id, r.location_id, r.quantity, r.status, r.owner_id, s.on_hand, kit_now() AS now"
    " FROM inventory_reservations r JOIN inventory_stock s"
    " ON s.tenant_id = r.tenant_id AND s.variant_id = r.variant_id AND s.location_id = r.location_id"
)


def add_reservations(
    tx: Transaction, allocations: Sequence[Allocation], *, owner_id: UUID, until: datetime | None
) -> Write:
    """Return the write that adds the reservations of an owner."""
    return write(
        "INSERT INTO inventory_reservations"
        " (tenant_id, id, owner_id, variant_id, location_id, quantity, status, created_at, expires_at)"
        " SELECT $1, r.id, $6, r.variant_id, r.location_id, r.quantity, 'active', kit_now(), $7"
        " FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[])"
        " AS r(id, variant_id, location_id, quantity)",
        tx.tenant_id,
        [new_id() for _ in allocations],
        [allocation.variant_id for allocation in allocations],
        [allocation.location_id for allocation in allocations],
        [allocation.quantity for allocation in allocations],
        owner_id,
        until,
    )


async def active_reservations(tx: Transaction, owner_id: UUID) -> list[Reservation]:
    """Return the active reservations of an owner, the oldest first; the transaction's time is read with them."""
    rows = await tx.fetch(
        f"{_RESERVATION} WHERE r.tenant_id = $1 AND r.owner_id = $2 AND r.status = 'active'"
        " ORDER BY r.created_at, r.id",
        tx.tenant_id,
        owner_id,
    )
    if rows:
        tx.set_now(rows[0]["now"])
    return [_reservation(row) for row in rows]


async def unreturned_reservations(tx: Transaction, owner_id: UUID) -> list[Reservation]:
    """Return the reservations of an owner that are active or consumed, the oldest first."""
    rows = await tx.fetch(
        f"{_RESERVATION} WHERE r.tenant_id = $1 AND r.owner_id = $2 AND r.status IN ('active', 'consumed')"
        " ORDER BY r.created_at, r.id",
        tx.tenant_id,
        owner_id,
    )
    return [_reservation(row) for row in rows]


async def backordered_reservations(
    tx: Transaction, variant_ids: Sequence[UUID], location_id: UUID, *, limit: int
) -> list[Reservation]:
    """Return paid reservations that wait for units to arrive at a location, the oldest first."""
    rows = await tx.fetch(
        f"{_RESERVATION} WHERE r.tenant_id = $1 AND r.variant_id = ANY($2::uuid[]) AND r.location_id = $3"
        " AND r.status = 'active' AND r.expires_at IS NULL ORDER BY r.created_at, r.id LIMIT $4",
        tx.tenant_id,
        variant_ids,
        location_id,
        limit,
    )
    return [_reservation(row) for row in rows]


def end_reservations(tx: Transaction, reservations: Sequence[Reservation], *, status: str) -> Write:
    """Return the write that ends active reservations, each exactly once."""
    return write(
        # Includes variant and location, so that a plan that uses the index of active reservations also finds one row.
        "UPDATE inventory_reservations r SET status = $3, settled_at = kit_now()"
        " FROM (SELECT e.* FROM unnest($2::uuid[], $4::uuid[], $5::uuid[]) AS e(id, variant_id, location_id)"
        " ORDER BY e.id) AS e"
        " WHERE r.tenant_id = $1 AND r.id = e.id AND r.variant_id = e.variant_id AND r.location_id = e.location_id"
        " AND r.status = 'active'",
        tx.tenant_id,
        [reservation.id for reservation in reservations],
        status,
        [reservation.variant_id for reservation in reservations],
        [reservation.location_id for reservation in reservations],
        rows=len(reservations),
        otherwise=ReservationSettled,
    )


def keep_reservations(tx: Transaction, kept: Sequence[Reservation]) -> Write:
    """Return the write that adds active reservations for what stays reserved of others, in their place in the queue.

    Each has the id of the reservation that ends, and the quantity that stays.
    """
    return write(
        "INSERT INTO inventory_reservations"
        " (tenant_id, id, owner_id, variant_id, location_id, quantity, status, created_at, expires_at)"
        " SELECT $1, k.id, r.owner_id, r.variant_id, r.location_id, k.quantity, 'active', r.created_at, r.expires_at"
        " FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS k(id, ended_id, quantity)"
        " JOIN inventory_reservations r ON r.tenant_id = $1 AND r.id = k.ended_id",
        tx.tenant_id,
        [new_id() for _ in kept],
        [reservation.id for reservation in kept],
        [reservation.quantity for reservation in kept],
        rows=len(kept),
        otherwise=ReservationSettled,
    )


def remove_expiry(tx: Transaction, reservations: Sequence[Reservation]) -> Write:
    """Return the write that removes the expiry of active reservations, if the stock on hand is still as it was read.

    It locks the stock rows, so that a simultaneous arrival of units either sees these reservations, or its units are
    seen here.
    """
    return write(
        "WITH s AS (SELECT r.id FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[])"
        " AS r(id, variant_id, location_id, on_hand) JOIN inventory_stock s ON s.tenant_id = $1"
        " AND s.variant_id = r.variant_id AND s.location_id = r.location_id AND s.on_hand = r.on_hand"
        " ORDER BY s.variant_id, s.location_id FOR NO KEY UPDATE OF s)"
        " UPDATE inventory_reservations r SET expires_at = NULL FROM s"
        " WHERE r.tenant_id = $1 AND r.id = s.id AND r.status = 'active'",
        tx.tenant_id,
        [reservation.id for reservation in reservations],
        [reservation.variant_id for reservation in reservations],
        [reservation.location_id for reservation in reservations],
        [reservation.on_hand for reservation in reservations],
        rows=len(reservations),
        otherwise=StockChanged,
    )


def _reservation(row: Any) -> Reservation:
    return Reservation(
        id=row["id"],
        variant_id=row["variant_id"],
        location_id=row["location_id"],
        quantity=row["quantity"],
        status=row["status"],
        owner_id=row["owner_id"],
        on_hand=row["on_hand"],
    )
