"""The invariants of stock, as queries that return their violations; `$1` is a tenant, or null for all."""

from luxewin.kit.invariants import Invariants

INVARIANTS: Invariants = {
    "Reserved is within what is on hand and may be backordered": (
        "SELECT tenant_id, variant_id, on_hand, reserved FROM inventory_stock"
        " WHERE ($1::uuid IS NULL OR tenant_id = $1)"
        " AND (on_hand < 0 OR reserved < 0 OR reserved > on_hand + backorder_limit)"
    ),
    "Reserved is the sum of active reservations": (
        "SELECT s.tenant_id, s.variant_id, s.reserved FROM inventory_stock s"
        " WHERE ($1::uuid IS NULL OR s.tenant_id = $1)"
        " AND s.reserved IS DISTINCT FROM"
        " (SELECT coalesce(sum(r.quantity), 0) FROM inventory_reservations r WHERE r.tenant_id = s.tenant_id"
        " AND r.variant_id = s.variant_id AND r.location_id = s.location_id AND r.status = 'active')"
    ),
    "What is on hand is the sum of its movements": (
        "SELECT s.tenant_id, s.variant_id, s.on_hand FROM inventory_stock s"
        " WHERE ($1::uuid IS NULL OR s.tenant_id = $1)"
        " AND s.on_hand IS DISTINCT FROM"
        " (SELECT coalesce(sum(m.delta), 0) FROM inventory_movements m WHERE m.tenant_id = s.tenant_id"
        " AND m.variant_id = s.variant_id AND m.location_id = s.location_id)"
    ),
    "What is noted as in stock is in stock": (
        "SELECT v.tenant_id, v.variant_id FROM inventory_variants v WHERE ($1::uuid IS NULL OR v.tenant_id = $1)"
        " AND v.in_stock IS DISTINCT FROM"
        " (NOT v.tracked OR (SELECT coalesce(sum(s.available), 0) > 0 FROM inventory_stock s"
        " WHERE s.tenant_id = v.tenant_id AND s.variant_id = v.variant_id))"
    ),
    "No reservation stays active for more than two minutes after it has expired": (
        "SELECT r.tenant_id, r.id, r.owner_id, r.expires_at FROM inventory_reservations r"
        " WHERE ($1::uuid IS NULL OR r.tenant_id = $1) AND r.status = 'active'"
        " AND r.expires_at < now() - interval '2 minutes'"
    ),
}
