"""The queries of stock levels and movements."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any
from uuid import UUID

from luxewin.kit import statistics
from luxewin.kit.errors import DomainError
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.inventory.domain import (
    Movement,
    MovementKind,
    NewStock,
    StockAdjustment,
    StockLevel,
    VariantStock,
)
from luxewin.modules.inventory.errors import (
    LocationUnknown,
    StockChanged,
)


async def available_stock(tx: Transaction, variant_ids: Sequence[UUID]) -> list[Any]:
    """Return `variant_id`, `tracked`, `location_id` and `available`, a row for each variant and location."""
    return await tx.fetch(
        "SELECT v.variant_id, v.tracked, s.location_id, s.available FROM inventory_variants v"
        " LEFT JOIN inventory_stock s ON s.tenant_id = v.tenant_id AND s.variant_id = v.variant_id"
        " WHERE v.tenant_id = $1 AND v.variant_id = ANY($2::uuid[])",
        tx.tenant_id,
        variant_ids,
    )


async def availability(tx: Transaction, variant_ids: Sequence[UUID]) -> list[Any]:
    """Return `variant_id`, `stock` (null if it is not tracked), `reserved` and `in_stock` of the known variants."""
    return await tx.fetch(
        "SELECT a.variant_id, a.stock, a.in_stock, (SELECT coalesce(sum(s.reserved), 0)::bigint"
        " FROM inventory_stock s WHERE s.tenant_id = $1 AND s.variant_id = a.variant_id) AS reserved"
        " FROM inventory_v_availability a WHERE a.tenant_id = $1 AND a.variant_id = ANY($2::uuid[])",
        tx.tenant_id,
        variant_ids,
    )


async def variant(tx: Transaction, variant_id: UUID) -> Any:
    """Return `tracked`, `in_stock` and `version` of a variant, or None."""
    return await tx.fetchrow(
        "SELECT tracked, in_stock, version FROM inventory_variants WHERE tenant_id = $1 AND variant_id = $2",
        tx.tenant_id,
        variant_id,
    )


async def stock_of(tx: Transaction, variant_id: UUID) -> VariantStock | None:
    """Return the stock levels of a variant, by the locations' codes, or None."""
    rows = await tx.fetch(
        "SELECT v.tracked, v.in_stock, v.version, s.location_id, l.code, l.name, s.on_hand, s.reserved,"
        " s.backorder_limit, s.available FROM inventory_variants v"
        " LEFT JOIN inventory_stock s ON s.tenant_id = v.tenant_id AND s.variant_id = v.variant_id"
        " LEFT JOIN inventory_locations l ON l.tenant_id = s.tenant_id AND l.id = s.location_id"
        " WHERE v.tenant_id = $1 AND v.variant_id = $2 ORDER BY l.code",
        tx.tenant_id,
        variant_id,
    )
    if not rows:
        return None
    names = [field.name for field in fields(StockLevel)]
    return VariantStock(
        variant_id=variant_id,
        tracked=rows[0]["tracked"],
        in_stock=rows[0]["in_stock"],
        version=rows[0]["version"],
        levels=tuple(
            StockLevel(**{name: row[name] for name in names}) for row in rows if row["location_id"] is not None
        ),
    )


async def lock_stock(tx: Transaction, variant_ids: Sequence[UUID]) -> list[Any]:
    """Lock the stock rows of these variants, in lock order; return their keys and numbers."""
    return await tx.fetch(
        "SELECT variant_id, location_id, on_hand, reserved, available FROM inventory_stock"
        " WHERE tenant_id = $1 AND variant_id = ANY($2::uuid[]) ORDER BY variant_id, location_id FOR NO KEY UPDATE",
        tx.tenant_id,
        variant_ids,
    )


async def tracking_of(tx: Transaction, variant_ids: Sequence[UUID]) -> dict[UUID, bool]:
    """Return for each known variant whether it is tracked."""
    rows = await tx.fetch(
        "SELECT variant_id, tracked FROM inventory_variants WHERE tenant_id = $1 AND variant_id = ANY($2::uuid[])",
        tx.tenant_id,
        variant_ids,
    )
    return {row["variant_id"]: row["tracked"] for row in rows}


def adjust(
    tx: Transaction, adjustments: Sequence[StockAdjustment], *, otherwise: type[DomainError] | DomainError
) -> Write:
    """Return the write that adjusts stock rows, all of them or none; each row occurs once.

    No row may become negative on hand, reserved or available: the last WHERE clause guarantees it, even if earlier
    reads are stale. The rows are locked in one order first, so that simultaneous orders wait for each other instead of
    running into a deadlock; an UPDATE alone locks them in the order in which its plan finds them.
    """
    return write(
        "WITH d AS (SELECT s.variant_id, s.location_id, d.on_hand, d.reserved"
        " FROM unnest($2::uuid[], $3::uuid[], $4::bigint[], $5::bigint[])"
        " AS d(variant_id, location_id, on_hand, reserved) JOIN inventory_stock s"
        " ON s.tenant_id = $1 AND s.variant_id = d.variant_id AND s.location_id = d.location_id"
        " ORDER BY s.variant_id, s.location_id FOR NO KEY UPDATE OF s)"
        " UPDATE inventory_stock s SET on_hand = s.on_hand + d.on_hand, reserved = s.reserved + d.reserved FROM d"
        " WHERE s.tenant_id = $1 AND s.variant_id = d.variant_id AND s.location_id = d.location_id"
        " AND s.on_hand + d.on_hand >= 0 AND s.reserved + d.reserved >= 0"
        " AND s.available + d.on_hand - d.reserved >= 0",
        tx.tenant_id,
        [adjustment.variant_id for adjustment in adjustments],
        [adjustment.location_id for adjustment in adjustments],
        [adjustment.on_hand for adjustment in adjustments],
        [adjustment.reserved for adjustment in adjustments],
        rows=len(adjustments),
        otherwise=otherwise,
    )


def close_backorders(tx: Transaction, variant_ids: Sequence[UUID]) -> Write:
    """Return the write that closes the backorders of variants at all locations; the rows must be locked.

    From then on a trigger keeps the limit at the units that are already sold beyond the stock on hand.
    """
    return write(
        "UPDATE inventory_stock SET backorders_closed = true WHERE tenant_id = $1 AND variant_id = ANY($2::uuid[])",
        tx.tenant_id,
        variant_ids,
    )


def open_backorders(tx: Transaction, variant_ids: Sequence[UUID], *, limit: int) -> Write:
    """Return the write that opens the backorders of variants at the default location; the rows must be locked."""
    return write(
        "UPDATE inventory_stock s SET backorders_closed = false, backorder_limit = $3 FROM inventory_locations l"
        " WHERE s.tenant_id = $1 AND s.variant_id = ANY($2::uuid[])"
        " AND l.tenant_id = $1 AND l.id = s.location_id AND l.is_default",
        tx.tenant_id,
        variant_ids,
        limit,
    )


def add_stock_rows(tx: Transaction, adjustments: Sequence[StockAdjustment]) -> Write:
    """Return the write that adds stock rows with their units on hand."""
    return write(
        "INSERT INTO inventory_stock (tenant_id, variant_id, location_id, on_hand, reserved, backorder_limit)"
        " SELECT $1, d.variant_id, d.location_id, d.on_hand, 0, 0"
        " FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS d(variant_id, location_id, on_hand)"
        " ORDER BY 2, 3 ON CONFLICT (tenant_id, variant_id, location_id) DO NOTHING",
        tx.tenant_id,
        [adjustment.variant_id for adjustment in adjustments],
        [adjustment.location_id for adjustment in adjustments],
        [adjustment.on_hand for adjustment in adjustments],
        rows=len(adjustments),
        otherwise=StockChanged,
    )


def add_movements(tx: Transaction, movements: Sequence[Movement]) -> Write:
    """Return the write that appends movements to the stock ledger."""
    return write(
        "INSERT INTO inventory_movements (tenant_id, id, variant_id, location_id, kind, delta, reason, cause_id, at)"
        " SELECT $1, m.id, m.variant_id, m.location_id, m.kind, m.delta, m.reason, m.cause_id, kit_now()"
        " FROM unnest($2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::bigint[], $7::text[], $8::uuid[])"
        " AS m(id, variant_id, location_id, kind, delta, reason, cause_id)",
        tx.tenant_id,
        [movement.id for movement in movements],
        [movement.variant_id for movement in movements],
        [movement.location_id for movement in movements],
        [movement.kind for movement in movements],
        [movement.delta for movement in movements],
        [movement.reason for movement in movements],
        [movement.cause_id for movement in movements],
    )


def add_variants(tx: Transaction, variants: Sequence[NewStock]) -> list[Write]:
    """Return the writes that add the stock of new variants; tracked ones get a row at the default location."""
    counted = [variant for variant in variants if variant.tracked]
    begun = write(
        "INSERT INTO inventory_variants (tenant_id, variant_id, tracked, in_stock, version)"
        " SELECT $1, v.variant_id, v.tracked, NOT v.tracked OR v.sellable > 0, 1"
        " FROM unnest($2::uuid[], $3::boolean[], $4::bigint[]) AS v(variant_id, tracked, sellable)",
        tx.tenant_id,
        [variant.variant_id for variant in variants],
        [variant.tracked for variant in variants],
        [variant.on_hand + variant.backorder_limit for variant in variants],
    )
    return [begun, *_first_stock(tx, counted)] if counted else [begun]


def _first_stock(tx: Transaction, variants: Sequence[NewStock]) -> list[Write]:
    columns = (
        [variant.variant_id for variant in variants],
        [variant.on_hand for variant in variants],
        [variant.backorder_limit for variant in variants],
    )
    received = [variant for variant in variants if variant.on_hand]
    levels = write(
        "INSERT INTO inventory_stock (tenant_id, variant_id, location_id, on_hand, reserved, backorder_limit)"
        " SELECT $1, v.variant_id, l.id, v.on_hand, 0, v.backorder_limit"
        " FROM unnest($2::uuid[], $3::bigint[], $4::bigint[]) AS v(variant_id, on_hand, backorder_limit)"
        " JOIN inventory_locations l ON l.tenant_id = $1 AND l.is_default",
        tx.tenant_id,
        *columns,
        rows=len(variants),
        otherwise=LocationUnknown("There is no default location"),
    )
    movements = write(
        "INSERT INTO inventory_movements (tenant_id, id, variant_id, location_id, kind, delta, at)"
        " SELECT $1, m.id, m.variant_id, l.id, $5, m.delta, kit_now()"
        " FROM unnest($2::uuid[], $3::uuid[], $4::bigint[]) AS m(id, variant_id, delta)"
        " JOIN inventory_locations l ON l.tenant_id = $1 AND l.is_default",
        tx.tenant_id,
        [new_id() for _ in received],
        [variant.variant_id for variant in received],
        [variant.on_hand for variant in received],
        MovementKind.RECEIVED,
    )
    return [levels, movements] if received else [levels]


def begin_tracking(tx: Transaction, variant_ids: Sequence[UUID]) -> Write:
    """Return the write that makes variants tracked."""
    return write(
        "UPDATE inventory_variants v SET tracked = true"
        " FROM (SELECT i.id FROM unnest($2::uuid[]) AS i(id) ORDER BY i.id) AS i"
        " WHERE v.tenant_id = $1 AND v.variant_id = i.id AND NOT v.tracked",
        tx.tenant_id,
        variant_ids,
        rows=len(variant_ids),
        otherwise=StockChanged,
    )


async def movements(
    tx: Transaction, variant_id: UUID, *, before: tuple[datetime, UUID] | None, limit: int
) -> list[Movement]:
    """Return a variant's movements, the latest first, from before a position in that order."""
    earlier = " AND (at, id) < ($4::timestamptz, $5::uuid)" if before else ""
    rows = await tx.fetch(
        "SELECT id, variant_id, location_id, kind, delta, reason, cause_id, at FROM inventory_movements"
        f" WHERE tenant_id = $1 AND variant_id = $2{earlier} ORDER BY at DESC, id DESC LIMIT $3",
        tx.tenant_id,
        variant_id,
        limit,
        *(before or ()),
    )
    return [Movement(**{**row, "kind": MovementKind(row["kind"])}) for row in rows]


async def take_statistics(tx: Transaction) -> None:
    """Update the planner's statistics (ANALYZE) of the tables of stock."""
    await statistics.update_statistics(tx, ("inventory_variants", "inventory_stock", "inventory_movements"))
