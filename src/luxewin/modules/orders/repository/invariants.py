"""The invariants of orders, as queries that return their violations; `$1` is a tenant, or null for all."""

from luxewin.kit.invariants import Invariants
from luxewin.modules.line_kinds.public import FREE_ORDERS

INVARIANTS: Invariants = {
    "An order's total is its lines, less discount, plus shipping and tax": (
        "SELECT o.tenant_id, o.id AS order_id, o.total_minor FROM orders_orders o LEFT JOIN"
        " (SELECT tenant_id, order_id, sum(total_minor) AS goods, sum(tax_minor) AS tax FROM orders_lines"
        " GROUP BY 1, 2) AS l ON l.tenant_id = o.tenant_id AND l.order_id = o.id"
        " WHERE ($1::uuid IS NULL OR o.tenant_id = $1)"
        " AND o.total_minor IS DISTINCT FROM l.goods - o.discount_minor + o.shipping_minor + l.tax"
    ),
    "An order counts as paid exactly while what was captured covers it": (
        "SELECT o.tenant_id, o.id AS order_id, o.status, o.total_minor, p.captured_minor FROM orders_orders o LEFT JOIN"
        " (SELECT tenant_id, order_id, sum(captured_minor) AS captured_minor FROM payments_v_attempts"
        " GROUP BY 1, 2) AS p ON p.tenant_id = o.tenant_id AND p.order_id = o.id"
        " WHERE ($1::uuid IS NULL OR o.tenant_id = $1) AND o.status NOT IN ('cancelled', 'expired')"
        " AND (o.status IN ('paid', 'part_fulfilled', 'fulfilled', 'completed'))"
        " <> (coalesce(p.captured_minor, 0) >= o.total_minor)"
    ),
    "A cancelled or expired order keeps none of the buyer's money": (
        "SELECT o.tenant_id, o.id AS order_id, o.status, p.kept_minor FROM orders_orders o JOIN"
        " (SELECT tenant_id, order_id, sum(captured_minor - refund_granted_minor) AS kept_minor"
        " FROM payments_v_attempts WHERE disputed_minor = 0 GROUP BY 1, 2) AS p"
        " ON p.tenant_id = o.tenant_id AND p.order_id = o.id WHERE ($1::uuid IS NULL OR o.tenant_id = $1)"
        " AND o.status IN ('cancelled', 'expired') AND p.kept_minor <> 0"
        " AND NOT EXISTS (SELECT FROM payments_v_refunds r WHERE r.tenant_id = o.tenant_id AND r.order_id = o.id"
        " AND r.status = 'failed')"
    ),
    "The refunds granted by an order are those granted by its payments": (
        "SELECT r.tenant_id, r.id AS refund_id FROM orders_refunds r LEFT JOIN payments_v_refunds p"
        " ON p.tenant_id = r.tenant_id AND p.id = r.id WHERE ($1::uuid IS NULL OR r.tenant_id = $1)"
        " AND p.amount_minor IS DISTINCT FROM r.goods_minor + r.shipping_minor + r.tax_minor"
    ),
    "An order's stored payment status is the one that follows from its payments": (
        "SELECT o.tenant_id, o.id AS order_id, o.payment_status, p.status FROM orders_orders o"
        " LEFT JOIN payments_v_statuses p ON p.tenant_id = o.tenant_id AND p.order_id = o.id"
        " WHERE ($1::uuid IS NULL OR o.tenant_id = $1) AND o.payment_status <> coalesce(p.status,"
        " CASE WHEN o.total_minor = 0 AND o.status <> 'pending_payment' THEN 'paid' ELSE 'unpaid' END)"
    ),
    "An order has the folded form of its email address, and none without an address": (
        "SELECT o.tenant_id, o.id AS order_id FROM orders_orders o WHERE ($1::uuid IS NULL OR o.tenant_id = $1)"
        " AND (o.email IS NULL) <> (o.email_key IS NULL)"
    ),
    "An unpaid order expires in time": (
        "SELECT o.tenant_id, o.id AS order_id, o.expires_at FROM orders_orders o"
        " WHERE ($1::uuid IS NULL OR o.tenant_id = $1) AND o.status = 'pending_payment'"
        " AND o.expires_at < now() - interval '2 minutes' AND NOT EXISTS (SELECT FROM payments_v_attempts p"
        " WHERE p.tenant_id = o.tenant_id AND p.order_id = o.id AND p.status IN ('created', 'unknown'))"
    ),
    **{
        promise: (
            f"SELECT f.* FROM ({rows}) AS f LEFT JOIN orders_orders o"
            " ON o.tenant_id = f.tenant_id AND o.id = f.order_id WHERE ($1::uuid IS NULL OR f.tenant_id = $1)"
            " AND (o.user_id, o.total_minor) IS DISTINCT FROM (f.buyer_id, 0::bigint)"
        )
        for promise, rows in FREE_ORDERS.items()
    },
    "Every order's history begins with its placing and ends in its state": (
        "SELECT o.tenant_id, o.id AS order_id, o.status FROM orders_orders o CROSS JOIN LATERAL"
        " (SELECT array_agg(h.status ORDER BY h.at, h.id) AS statuses FROM orders_history h"
        " WHERE h.tenant_id = o.tenant_id AND h.order_id = o.id) AS h WHERE ($1::uuid IS NULL OR o.tenant_id = $1)"
        " AND (h.statuses[1] IS DISTINCT FROM 'pending_payment'"
        " OR h.statuses[cardinality(h.statuses)] IS DISTINCT FROM o.status)"
    ),
}
