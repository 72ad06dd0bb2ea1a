"""Orders, their lines, histories and refunds; `order_lists` has the lists."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write, write
from luxewin.modules.identity.public import email_key
from luxewin.modules.line_kinds.public import KINDS, REFERENCES
from luxewin.modules.orders.domain.orders import (
    GrantedRefund,
    HistoryEntry,
    Order,
    OrderLine,
    OrderStatus,
    RefundLine,
)
from luxewin.modules.orders.domain.refunds import Parts
from luxewin.modules.orders.errors import OrderChanged, RefundTooLarge
from luxewin.modules.orders.repository.order_rows import ORDER, granted_of, order_of

_FIRST_REFERENCE = 15
_ADD_LINES = (
    "INSERT INTO orders_lines (tenant_id, id, order_id, position, kind, product_id, product_slug, name, sku, options,"
    f" image_url, vendor_id, quantity, unit_price_minor, total_minor, tax_minor, {', '.join(REFERENCES)})"
    " SELECT $1, l.id, $2, l.position, l.kind, l.product_id, l.product_slug, l.name, l.sku, l.options, l.image_url,"
    " l.vendor_id, l.quantity, l.unit_price_minor, l.unit_price_minor * l.quantity, l.tax_minor, "
    + ", ".join(f"l.{reference}" for reference in REFERENCES)
    + " FROM unnest($3::uuid[], $4::text[], $5::uuid[], $6::text[], $7::text[], $8::text[], $9::jsonb[], $10::text[],"
    " $11::uuid[], $12::int[], $13::bigint[], $14::bigint[], "
    + ", ".join(f"${number}::uuid[]" for number, _ in enumerate(REFERENCES, _FIRST_REFERENCE))
    + ") WITH ORDINALITY AS l(id, kind, product_id, product_slug, name, sku, options, image_url, vendor_id, quantity,"
    f" unit_price_minor, tax_minor, {', '.join(REFERENCES)}, position)"
)


def add(tx: Transaction, order: Order) -> list[Write]:
    """Return the writes that store a new order with its lines and the first row of its history."""
    totals = order.totals
    return [
        write(
            "INSERT INTO orders_orders (tenant_id, id, number, user_id, email, status, currency, subtotal_minor,"
            " discount_minor, shipping_minor, tax_minor, total_minor, shipping_method, shipping_address, placed_at,"
            " expires_at, updated_at, version, billing_address, note, email_key, address_bucket)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $15, $17, $18, $19, $20,"
            " $21)",
            tx.tenant_id,
            order.id,
            order.number,
            order.user_id,
            order.email,
            order.status,
            order.currency,
            totals.subtotal.minor,
            totals.discount.minor,
            totals.shipping.minor,
            totals.tax.minor,
            totals.total.minor,
            order.shipping_method,
            dict(order.shipping_address or {}),
            order.placed_at,
            order.expires_at,
            order.version,
            None if order.billing_address is None else dict(order.billing_address),
            order.note,
            None if order.email is None else email_key(order.email),
            order.address_bucket,
        ),
        _add_lines(tx, order),
        _add_history(tx, order.id, status=order.status, note=None),
    ]


def _add_lines(tx: Transaction, order: Order) -> Write:
    lines = order.lines
    return write(
        _ADD_LINES,
        tx.tenant_id,
        order.id,
        [line.id for line in lines],
        [line.kind for line in lines],
        [line.product_id for line in lines],
        [line.product_slug for line in lines],
        [line.name for line in lines],
        [line.sku for line in lines],
        [dict(line.options) for line in lines],
        [line.image_url for line in lines],
        [line.vendor_id for line in lines],
        [line.quantity for line in lines],
        [line.unit_price.minor for line in lines],
        [line.tax.minor for line in lines],
        *([_offer_in(line, reference) for line in lines] for reference in REFERENCES),
    )


def _offer_in(line: OrderLine, reference: str) -> UUID | None:
    """Return the value of a line in one of the columns that refer to offers."""
    return line.offer_id if KINDS.get(line.kind).reference == reference else None


def _add_history(tx: Transaction, order_id: UUID, *, status: OrderStatus, note: str | None) -> Write:
    """Return the write that adds a change of state to the history."""
    return write(
        "INSERT INTO orders_history (tenant_id, id, order_id, at, status, actor, note)"
        " VALUES ($1, $2, $3, kit_now(), $4, $5, $6)",
        tx.tenant_id,
        new_id(),
        order_id,
        status,
        tx.actor,
        note,
    )


def transition(tx: Transaction, order: Order, to: OrderStatus, *, note: str | None = None) -> list[Write]:
    """Return the writes that change an order's status; they fail when the order has changed since it was read."""
    return [
        write(
            "UPDATE orders_orders SET status = $3, version = version + 1, updated_at = kit_now(),"
            " payment_status = CASE WHEN $3 = 'paid' THEN 'paid' ELSE payment_status END,"
            " expires_at = CASE WHEN $3 = 'pending_payment' THEN expires_at END"
            " WHERE tenant_id = $1 AND id = $2 AND version = $4 AND status = $5",
            tx.tenant_id,
            order.id,
            to,
            order.version,
            order.status,
            rows=1,
            otherwise=OrderChanged,
        ),
        _add_history(tx, order.id, status=to, note=note),
    ]


def touch(tx: Transaction, order: Order) -> Write:
    """Return the write that increments an order's version; it serialises refunds and payments of one order."""
    return write(
        "UPDATE orders_orders SET version = version + 1, updated_at = kit_now()"
        " WHERE tenant_id = $1 AND id = $2 AND version = $3",
        tx.tenant_id,
        order.id,
        order.version,
        rows=1,
        otherwise=OrderChanged,
    )


async def find(tx: Transaction, order_id: UUID) -> Order | None:
    """Return an order with its lines."""
    row = await tx.fetchrow(
        f"SELECT {ORDER} FROM orders_orders o WHERE o.tenant_id = $1 AND o.id = $2",
        tx.tenant_id,
        order_id,
    )
    return order_of(row) if row else None


async def history(tx: Transaction, order_ids: Sequence[UUID]) -> dict[UUID, list[HistoryEntry]]:
    """Return the orders' changes of state, oldest first."""
    rows = await tx.fetch(
        "SELECT order_id, at, status, note FROM orders_history WHERE tenant_id = $1 AND order_id = ANY ($2::uuid[])"
        " ORDER BY id",
        tx.tenant_id,
        order_ids,
    )
    entries: dict[UUID, list[HistoryEntry]] = {order_id: [] for order_id in order_ids}
    for row in rows:
        entries[row["order_id"]].append(HistoryEntry(row["at"], row["status"], row["note"]))
    return entries


async def due(tx: Transaction, *, stuck_for: timedelta, limit: int) -> list[tuple[UUID, bool]]:
    """Return orders whose payment window has closed, each with whether it closed more than `stuck_for` ago.

    Orders with a payment of unknown outcome are left out until then: while a gateway is down there may be many of
    these, and they would fill every page.
    """
    rows = await tx.fetch(
        "SELECT o.id, o.expires_at <= kit_now() - $3::interval AS is_stuck FROM orders_orders o"
        " WHERE o.tenant_id = $1 AND o.status = 'pending_payment'"
        " AND o.expires_at <= kit_now() AND (o.expires_at <= kit_now() - $3::interval"
        " OR NOT EXISTS (SELECT FROM payments_v_attempts p WHERE p.tenant_id = o.tenant_id AND p.order_id = o.id"
        " AND p.status IN ('created', 'unknown'))) ORDER BY o.expires_at LIMIT $2",
        tx.tenant_id,
        limit,
        stuck_for,
    )
    return [(row["id"], row["is_stuck"]) for row in rows]


async def refunded_parts(tx: Transaction, order: Order) -> Parts:
    """Return the amounts that earlier refunds took from each part of the order; deferred lines count as `sales`."""
    row = await tx.fetchrow(
        "SELECT coalesce(sum(goods_minor), 0)::bigint AS goods, coalesce(sum(shipping_minor), 0)::bigint AS shipping,"
        " coalesce(sum(tax_minor), 0)::bigint AS tax FROM orders_refunds WHERE tenant_id = $1 AND order_id = $2",
        tx.tenant_id,
        order.id,
    )
    assert row is not None, "an aggregate without GROUP BY always has a row"
    goods, shipping, tax = (Money(row[part], order.currency) for part in ("goods", "shipping", "tax"))
    return Parts(sales=goods, shipping=shipping, tax=tax)


def add_refund(tx: Transaction, refund: GrantedRefund, order: Order, parts: Parts, *, reason: str) -> Write:
    """Return the write that records a refund and its parts; the same refund is recorded only once."""
    return write(
        "INSERT INTO orders_refunds (tenant_id, id, order_id, currency, goods_minor, shipping_minor, tax_minor, reason,"
        " actor, granted_at, lines, restocked) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, kit_now(), $10, $11)"
        " ON CONFLICT DO NOTHING",
        tx.tenant_id,
        refund.id,
        order.id,
        order.currency,
        (parts.sales + parts.deferred_total).minor,
        parts.shipping.minor,
        parts.tax.minor,
        reason,
        tx.actor,
        [{"line_id": str(line.line_id), "quantity": line.quantity} for line in refund.lines],
        refund.restocked,
        rows=1,
        otherwise=OrderChanged,
    )


async def granted_refund(tx: Transaction, refund_id: UUID) -> GrantedRefund:
    """Return what an order granted with a refund; a refund of money that came too late has no lines."""
    row = await tx.fetchrow(
        "SELECT lines, restocked FROM orders_refunds WHERE tenant_id = $1 AND id = $2", tx.tenant_id, refund_id
    )
    return granted_of({"id": str(refund_id), **row}) if row else GrantedRefund(refund_id)


def add_returned_units(tx: Transaction, order: Order, lines: Sequence[RefundLine]) -> Write:
    """Return the write that counts returned units; never more than were sold."""
    return write(
        "UPDATE orders_lines l SET refunded_quantity = l.refunded_quantity + r.quantity"
        " FROM unnest($3::uuid[], $4::int[]) AS r(id, quantity)"
        " WHERE l.tenant_id = $1 AND l.order_id = $2 AND l.id = r.id"
        " AND l.refunded_quantity + r.quantity <= l.quantity",
        tx.tenant_id,
        order.id,
        [line.line_id for line in lines],
        [line.quantity for line in lines],
        rows=len(lines),
        otherwise=RefundTooLarge("More units than were sold and not yet refunded"),
    )
