"""The invariants of raffles, as queries whose rows are violations; `$1` is a tenant, or null for all tenants."""

from luxewin.kit.invariants import Invariants
from luxewin.modules.raffles.repository.entries import IS_ENTERED

INVARIANTS: Invariants = {
    "A ticket that was left out of a list has not been drawn": (
        "SELECT x.tenant_id, x.raffle_id, x.number FROM raffles_left_out x WHERE ($1::uuid IS NULL OR x.tenant_id = $1)"
        " AND EXISTS (SELECT FROM raffles_winners w WHERE w.tenant_id = x.tenant_id AND w.raffle_id = x.raffle_id"
        " AND w.number = x.number)"
    ),
    "The ticket numbers of a raffle are 1, 2, 3 … without a gap, and not above its capacity": (
        "SELECT c.tenant_id, c.raffle_id, c.sold, c.capacity, t.tickets, t.last FROM raffles_counters c LEFT JOIN"
        " (SELECT tenant_id, raffle_id, count(*) AS tickets, max(number) AS last,"
        " count(*) FILTER (WHERE status = 'void') AS voided FROM raffles_tickets GROUP BY 1, 2) AS t"
        " ON t.tenant_id = c.tenant_id AND t.raffle_id = c.raffle_id WHERE ($1::uuid IS NULL OR c.tenant_id = $1)"
        " AND ((coalesce(t.tickets, 0), coalesce(t.last, 0), coalesce(t.voided, 0)) <> (c.sold, c.sold, c.voided)"
        " OR c.sold + c.held > c.capacity)"
    ),
    "The tickets that a raffle holds are those of its pending purchases": (
        "SELECT c.tenant_id, c.raffle_id, c.held FROM raffles_counters c WHERE ($1::uuid IS NULL OR c.tenant_id = $1)"
        " AND c.held IS DISTINCT FROM (SELECT coalesce(sum(p.quantity), 0) FROM raffles_purchases p"
        " WHERE p.tenant_id = c.tenant_id AND p.raffle_id = c.raffle_id AND p.status = 'pending')"
    ),
    "Nobody holds more tickets of a raffle than its rules allow, and holdings match purchases": (
        "SELECT h.tenant_id, h.raffle_id, h.entrant_id, h.tickets, r.per_person_limit FROM raffles_holdings h"
        " JOIN raffles_raffles r ON r.tenant_id = h.tenant_id AND r.id = h.raffle_id"
        " WHERE ($1::uuid IS NULL OR h.tenant_id = $1) AND (h.tickets > r.per_person_limit"
        " OR h.tickets IS DISTINCT FROM (SELECT coalesce(sum(p.quantity), 0) FROM raffles_purchases p"
        " WHERE p.tenant_id = h.tenant_id AND p.raffle_id = h.raffle_id AND p.entrant_id = h.entrant_id"
        " AND p.status IN ('pending', 'paid')))"
    ),
    "A numbered purchase has exactly its quantity of tickets, all of them valid only while it is paid": (
        "SELECT p.tenant_id, p.id AS purchase_id, p.status, p.quantity, t.tickets FROM raffles_purchases p LEFT JOIN"
        " (SELECT tenant_id, purchase_id, count(*) AS tickets, min(number) AS first, max(number) AS last,"
        " count(*) FILTER (WHERE status = 'valid') AS valid FROM raffles_tickets GROUP BY 1, 2) AS t"
        " ON t.tenant_id = p.tenant_id AND t.purchase_id = p.id WHERE ($1::uuid IS NULL OR p.tenant_id = $1)"
        " AND CASE WHEN p.first_number IS NULL THEN t.tickets IS NOT NULL ELSE"
        " (t.tickets, t.first, t.last, t.valid) IS DISTINCT FROM (p.quantity::bigint, p.first_number,"
        " p.first_number + p.quantity - 1, CASE WHEN p.status = 'paid' THEN p.quantity::bigint ELSE 0 END) END"
    ),
    "A drawn raffle has one current winner for each awarded prize, and all winners were entered": (
        "SELECT w.tenant_id, w.raffle_id, w.prize FROM raffles_winners w LEFT JOIN raffles_tickets t"
        " ON t.tenant_id = w.tenant_id AND t.raffle_id = w.raffle_id AND t.number = w.number"
        " WHERE ($1::uuid IS NULL OR w.tenant_id = $1) AND w.status IN ('winner', 'claimed', 'handed_over')"
        " GROUP BY 1, 2, 3 HAVING count(*) > 1 OR bool_or(t.status IS DISTINCT FROM 'valid')"
        " UNION ALL SELECT d.tenant_id, d.raffle_id, p.position FROM raffles_draws d JOIN raffles_raffles r"
        " ON r.tenant_id = d.tenant_id AND r.id = d.raffle_id AND r.status <> 'cancelled' JOIN raffles_prizes p"
        " ON p.tenant_id = d.tenant_id AND p.raffle_id = d.raffle_id"
        " AND p.position <= jsonb_array_length(d.outcome::jsonb -> 'winners')"
        " WHERE ($1::uuid IS NULL OR d.tenant_id = $1) AND (SELECT bool_or(w.prize = p.position) IS NOT TRUE"
        " OR bool_or(w.status = 'reserve') AND bool_or(w.prize = p.position"
        " AND w.status IN ('winner', 'claimed', 'handed_over')) IS NOT TRUE"
        " FROM raffles_winners w WHERE w.tenant_id = d.tenant_id AND w.raffle_id = d.raffle_id)"
    ),
    "A settled raffle has no prize to be claimed or handed over": (
        "SELECT r.tenant_id, r.id AS raffle_id, w.prize, w.status FROM raffles_raffles r JOIN raffles_winners w"
        " ON w.tenant_id = r.tenant_id AND w.raffle_id = r.id WHERE ($1::uuid IS NULL OR r.tenant_id = $1)"
        " AND r.status = 'settled' AND (w.status = 'winner' OR w.status = 'claimed' AND w.order_id IS NULL)"
    ),
    "A ticket is disqualified by two people, and no disqualified ticket has a prize": (
        "SELECT w.tenant_id, w.raffle_id, w.number FROM raffles_winners w LEFT JOIN raffles_skips s"
        " ON s.tenant_id = w.tenant_id AND s.raffle_id = w.raffle_id AND s.number = w.number"
        " WHERE ($1::uuid IS NULL OR w.tenant_id = $1)"
        " AND (s.confirmed_by IS NOT NULL) <> (w.status = 'refused')"
    ),
    "A raffle cancelled after its lock has no winner, and two people or a missed anchor cancelled it": (
        "SELECT r.tenant_id, r.id AS raffle_id FROM raffles_raffles r JOIN raffles_locks l"
        " ON l.tenant_id = r.tenant_id AND l.raffle_id = r.id WHERE ($1::uuid IS NULL OR r.tenant_id = $1)"
        " AND r.status = 'cancelled' AND (NOT r.with_anchor AND NOT EXISTS (SELECT FROM raffles_cancellations x"
        " WHERE x.tenant_id = r.tenant_id AND x.raffle_id = r.id AND x.confirmed_by <> x.proposed_by)"
        " OR EXISTS (SELECT FROM raffles_winners w WHERE w.tenant_id = r.tenant_id AND w.raffle_id = r.id))"
    ),
    "The locked list of a raffle is its valid tickets and those refunded after the lock": (
        "SELECT l.tenant_id, l.raffle_id, l.entries FROM raffles_locks l"
        " WHERE ($1::uuid IS NULL OR l.tenant_id = $1) AND l.entries IS DISTINCT FROM (SELECT count(*)"
        " FROM raffles_tickets t WHERE t.tenant_id = l.tenant_id AND t.raffle_id = l.raffle_id"
        f" AND {IS_ENTERED})"
    ),
    "A raffle that promises an anchor is drawn only from an anchored list": (
        "SELECT r.tenant_id, r.id AS raffle_id, r.status FROM raffles_raffles r"
        " WHERE ($1::uuid IS NULL OR r.tenant_id = $1) AND r.with_anchor"
        " AND r.status IN ('anchored', 'drawn', 'settled') AND NOT EXISTS (SELECT FROM raffles_anchors a"
        " WHERE a.tenant_id = r.tenant_id AND a.raffle_id = r.id AND a.purpose = 'receipt')"
    ),
    "A raffle closes as its newest rules say, and each version changes only the closing time, to a later one": (
        "SELECT v.tenant_id, v.raffle_id, v.rules_version FROM raffles_rules v JOIN raffles_raffles r"
        " ON r.tenant_id = v.tenant_id AND r.id = v.raffle_id LEFT JOIN raffles_rules b"
        " ON b.tenant_id = v.tenant_id AND b.raffle_id = v.raffle_id AND b.rules_version = v.rules_version - 1"
        " WHERE ($1::uuid IS NULL OR v.tenant_id = $1) AND (v.document::jsonb ->> 'previous_rules_hash'"
        " IS DISTINCT FROM encode(b.hash, 'hex') OR (v.rules_version > 1) <> (b.hash IS NOT NULL)"
        " OR (v.document::jsonb ->> 'closes_at')::bigint <= (b.document::jsonb ->> 'closes_at')::bigint"
        " OR v.document::jsonb - '{version,previous_rules_hash,closes_at,round}'::text[]"
        " <> b.document::jsonb - '{version,previous_rules_hash,closes_at,round}'::text[]"
        " OR r.closes_at <> to_timestamp((v.document::jsonb ->> 'closes_at')::bigint) AND NOT EXISTS (SELECT"
        " FROM raffles_rules n WHERE n.tenant_id = v.tenant_id AND n.raffle_id = v.raffle_id"
        " AND n.rules_version = v.rules_version + 1))"
    ),
    "The ledger accounts of a raffle hold the total of its paid purchases, deferred or earned": (
        "SELECT r.tenant_id, r.id AS raffle_id, b.paid_minor, b.booked_minor FROM raffles_raffles r CROSS JOIN LATERAL"
        " (SELECT (SELECT coalesce(sum(p.amount_minor), 0) FROM raffles_purchases p WHERE p.tenant_id = r.tenant_id"
        " AND p.raffle_id = r.id AND p.status = 'paid') AS paid_minor,"
        " (SELECT coalesce(-sum(l.amount_minor), 0) FROM ledger_v_postings l WHERE l.tenant_id = r.tenant_id"
        " AND l.owner_id = r.id AND l.kind IN ('raffle_deferred', 'ticket_income', 'prize_fund')) AS booked_minor)"
        " AS b WHERE ($1::uuid IS NULL OR r.tenant_id = $1) AND b.paid_minor <> b.booked_minor"
    ),
}
