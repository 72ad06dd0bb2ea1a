"""Orders are searched by payment status, address, total and vendor; products show the status of their vendor."""

import unicodedata
from typing import Any

from luxewin.migrations.online import build_index, fill, fill_rows, validate
from luxewin.migrations.scripts import run_script

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_STATUSES = """
    UPDATE orders_orders o SET payment_status = f.status
    FROM (
        SELECT o.tenant_id, o.id, s.status FROM orders_orders o CROSS JOIN LATERAL (
            SELECT coalesce(
                (SELECT p.status FROM payments_v_statuses p WHERE p.tenant_id = o.tenant_id AND p.order_id = o.id),
                CASE WHEN o.total_minor = 0 AND o.status <> 'pending_payment' THEN 'paid' ELSE 'unpaid' END
            ) AS status
        ) AS s
        WHERE o.payment_status = 'unpaid' AND s.status <> 'unpaid' LIMIT 1000 FOR UPDATE OF o SKIP LOCKED
    ) AS f
    WHERE o.tenant_id = f.tenant_id AND o.id = f.id
"""
_ADDRESSES = """
    SELECT tenant_id, id, email FROM orders_orders
    WHERE email IS NOT NULL AND email_key IS NULL AND (tenant_id, id) > (:tenant_id, :id)
    ORDER BY tenant_id, id LIMIT 1000
"""
_EMAIL_KEY = "UPDATE orders_orders SET email_key = :key WHERE tenant_id = :tenant_id AND id = :id"


def upgrade() -> None:
    """Add the columns with their trigger, fill them, and build the indexes of the lists."""
    run_script(revision, "catalog")
    run_script(revision, "payments")
    run_script(revision, "orders")
    validate("orders_orders", "orders_orders_payment_status_check")
    fill(_STATUSES, tables=["orders_orders", "payments_events"])
    fill_rows(_ADDRESSES, _EMAIL_KEY, _email_key, tables=["orders_orders"])
    build_index(
        "orders_orders_payment_status_idx", "orders_orders (tenant_id, payment_status, placed_at DESC, id DESC)"
    )
    build_index("orders_orders_total_idx", "orders_orders (tenant_id, total_minor DESC, id DESC)")
    build_index(
        "orders_orders_email_idx",
        "orders_orders (tenant_id, email_key, placed_at DESC, id DESC) WHERE email_key IS NOT NULL",
    )
    build_index(
        "orders_lines_vendor_idx", "orders_lines (tenant_id, vendor_id, order_id DESC) WHERE vendor_id IS NOT NULL"
    )


def _email_key(order: Any) -> list[dict[str, Any]]:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", order.email).casefold())
    return [{"tenant_id": order.tenant_id, "id": order.id, "key": folded}]
