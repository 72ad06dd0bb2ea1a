"""The invariants of payments, as queries that return no row while they hold."""

from collections.abc import Mapping

INVARIANTS: Mapping[str, str] = {
    "0 ≤ refunded ≤ captured ≤ authorised, recomputed from the payment's events": (
        "SELECT e.tenant_id, e.attempt_id, e.authorised, e.captured, e.refunded FROM ("
        "SELECT tenant_id, attempt_id,"
        " coalesce(sum(amount_minor) FILTER (WHERE type = 'authorised'), 0) AS authorised,"
        " coalesce(sum(amount_minor) FILTER (WHERE type = 'captured'), 0) AS captured,"
        " coalesce(sum(amount_minor) FILTER (WHERE type = 'refunded'), 0) AS refunded"
        " FROM payments_events WHERE $1::uuid IS NULL OR tenant_id = $1 GROUP BY tenant_id, attempt_id) AS e"
        " WHERE NOT (0 <= e.refunded AND e.refunded <= e.captured AND e.captured <= e.authorised)"
        " ORDER BY 1, 2 LIMIT 1"
    ),
    "The captured and disputed amounts of an attempt are the sums of its events": (
        "SELECT a.tenant_id, a.id AS attempt_id, a.captured_minor, a.disputed_minor FROM payments_attempts a"
        " LEFT JOIN payments_events e ON e.tenant_id = a.tenant_id AND e.attempt_id = a.id"
        " WHERE $1::uuid IS NULL OR a.tenant_id = $1 GROUP BY a.tenant_id, a.id"
        " HAVING a.captured_minor <> coalesce(sum(e.amount_minor) FILTER (WHERE e.type = 'captured'), 0)"
        " OR a.disputed_minor <> coalesce(sum(e.amount_minor) FILTER (WHERE e.type = 'disputed'), 0)"
        " ORDER BY 1, 2 LIMIT 1"
    ),
    "The granted amount of an attempt is the sum of its refunds that have not failed": (
        "SELECT a.tenant_id, a.id AS attempt_id, a.refund_granted_minor FROM payments_attempts a"
        " LEFT JOIN payments_refunds r"
        " ON r.tenant_id = a.tenant_id AND r.attempt_id = a.id AND r.status <> 'failed'"
        " WHERE $1::uuid IS NULL OR a.tenant_id = $1 GROUP BY a.tenant_id, a.id"
        " HAVING a.refund_granted_minor <> coalesce(sum(r.amount_minor), 0) ORDER BY 1, 2 LIMIT 1"
    ),
    "A refund is executed if and only if an event records it": (
        "SELECT r.tenant_id, r.id AS refund_id, r.status FROM payments_refunds r"
        " LEFT JOIN (SELECT tenant_id, attempt_id, sum(amount_minor) AS minor FROM payments_events"
        " WHERE type = 'refunded' GROUP BY 1, 2) AS recorded ON recorded.tenant_id = r.tenant_id"
        " AND recorded.attempt_id = r.attempt_id WHERE ($1::uuid IS NULL OR r.tenant_id = $1)"
        " AND coalesce(recorded.minor, 0) <> (SELECT coalesce(sum(x.amount_minor), 0) FROM payments_refunds x"
        " WHERE x.tenant_id = r.tenant_id AND x.attempt_id = r.attempt_id AND x.status = 'executed')"
        " ORDER BY 1, 2 LIMIT 1"
    ),
    "Every captured, quarantined, refunded or disputed amount is posted, and no other amount is": (
        "SELECT coalesce(e.tenant_id, p.tenant_id) AS tenant_id, coalesce(e.currency, p.currency) AS currency,"
        " e.minor AS events_minor, p.minor AS posted_minor FROM ("
        "SELECT tenant_id, currency, sum(CASE WHEN type IN ('captured', 'quarantined') THEN amount_minor"
        " ELSE -amount_minor END) AS minor FROM payments_events"
        " WHERE ($1::uuid IS NULL OR tenant_id = $1) AND type IN ('captured', 'quarantined', 'refunded', 'disputed')"
        " GROUP BY 1, 2) AS e FULL JOIN ("
        "SELECT tenant_id, currency, sum(amount_minor) AS minor FROM ledger_v_postings"
        " WHERE ($1::uuid IS NULL OR tenant_id = $1) AND kind = 'gateway_clearing' AND cause IN"
        " ('payment_captured', 'payment_quarantined', 'refund_executed', 'dispute_opened') GROUP BY 1, 2) AS p"
        " ON p.tenant_id = e.tenant_id AND p.currency = e.currency"
        " WHERE coalesce(e.minor, 0) <> coalesce(p.minor, 0) ORDER BY 1, 2 LIMIT 1"
    ),
}
"""`$1` is a tenant, or null for all; each query returns the first row that violates its invariant."""
