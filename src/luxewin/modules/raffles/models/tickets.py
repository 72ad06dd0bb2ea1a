"""Purchases, tickets, holdings, and the counter of each raffle.

The counter is the one row that all buyers of a raffle update: `sold` is the last number issued, `held` counts tickets
with a pending payment, `voided` those that were refunded. Numbers are issued when tickets are paid, so that they have
no gap, and by a function in the database, so that the counter is locked only from there to the commit. Commits are
created when tickets are ordered, so that issuing them needs no key.

A void ticket with `was_entered` is still part of a locked list: its raffle was cancelled after the lock.
"""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Integer, LargeBinary, Text, Uuid

from luxewin.kit.schema import index, reference, tenant_table, timestamp

_ISSUE = """
CREATE FUNCTION raffles_issue(tenant uuid, purchase uuid) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    bought raffles_purchases;
    first integer;
BEGIN
    SELECT * INTO STRICT bought FROM raffles_purchases p WHERE p.tenant_id = tenant AND p.id = purchase;
    UPDATE raffles_counters c SET sold = c.sold + bought.quantity, held = c.held - bought.quantity
        WHERE c.tenant_id = tenant AND c.raffle_id = bought.raffle_id AND NOT c.locked
        RETURNING c.sold - bought.quantity + 1 INTO STRICT first;
    INSERT INTO raffles_tickets (tenant_id, raffle_id, number, purchase_id, entrant_id, commit, status)
        SELECT tenant, bought.raffle_id, first + n, purchase, bought.entrant_id,
            substring(bought.commits FROM 32 * n + 1 FOR 32), 'valid'
        FROM generate_series(0, bought.quantity - 1) AS n;
    RETURN first;
END
$$
"""
_ISSUE_COMMENT = """
COMMENT ON FUNCTION raffles_issue(uuid, uuid) IS
    'Give the tickets of a purchase the next numbers of their raffle, and return the first; called once, as it is paid'
"""

counters = tenant_table(
    "raffles_counters",
    Column("raffle_id", Uuid, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("sold", Integer, nullable=False),
    Column("held", Integer, nullable=False),
    Column("voided", Integer, nullable=False),
    Column("selling", Boolean, nullable=False),
    Column("locked", Boolean, nullable=False),
    reference(["raffle_id"], "raffles_raffles"),
    CheckConstraint("sold >= 0 AND held >= 0 AND sold + held <= capacity", name="capacity"),
    CheckConstraint("voided BETWEEN 0 AND sold", name="voided"),
    CheckConstraint("NOT (locked AND selling)", name="locked"),
    key=("raffle_id",),
    app="SELECT, INSERT, UPDATE (sold, held, voided, selling, locked)",
    system="SELECT",
)

holdings = tenant_table(
    "raffles_holdings",
    Column("raffle_id", Uuid, nullable=False),
    Column("entrant_id", Uuid, nullable=False),
    Column("tickets", Integer, nullable=False),
    reference(["raffle_id"], "raffles_raffles"),
    CheckConstraint("tickets >= 0", name="tickets"),
    key=("raffle_id", "entrant_id"),
    app="SELECT, INSERT, UPDATE (tickets)",
    system="SELECT",
)

purchases = tenant_table(
    "raffles_purchases",
    Column("id", Uuid, nullable=False),
    Column("raffle_id", Uuid, nullable=False),
    Column("order_id", Uuid),
    Column("entrant_id", Uuid, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("first_number", Integer),
    Column("commits", LargeBinary, nullable=False),
    Column("sealed_salts", LargeBinary, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    reference(["raffle_id"], "raffles_raffles"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("amount_minor >= 0", name="amount"),
    CheckConstraint("order_id IS NOT NULL OR amount_minor = 0", name="free"),
    CheckConstraint("octet_length(commits) = 32 * quantity", name="commits"),
    CheckConstraint("status IN ('pending', 'paid', 'declined', 'void', 'refunded')", name="status"),
    CheckConstraint("(first_number IS NOT NULL) = (status IN ('paid', 'refunded'))", name="first_number"),
    app="SELECT, INSERT, UPDATE (status, first_number, updated_at)",
    system="SELECT",
)
index("raffles_purchases_entrant_idx", purchases.c.entrant_id, purchases.c.created_at.desc(), purchases.c.id.desc())
index("raffles_purchases_raffle_idx", purchases.c.raffle_id, purchases.c.status, purchases.c.id)
index("raffles_purchases_order_idx", purchases.c.order_id)

tickets = tenant_table(
    "raffles_tickets",
    Column("raffle_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
    Column("purchase_id", Uuid, nullable=False),
    Column("entrant_id", Uuid, nullable=False),
    Column("commit", LargeBinary, nullable=False),
    Column("status", Text, nullable=False),
    Column("was_entered", Boolean, nullable=False, server_default="false"),
    reference(["raffle_id"], "raffles_raffles"),
    reference(["purchase_id"], "raffles_purchases"),
    CheckConstraint("number > 0", name="number"),
    CheckConstraint("octet_length(commit) = 32", name="commit"),
    CheckConstraint("status IN ('valid', 'void')", name="status"),
    CheckConstraint("NOT was_entered OR status = 'void'", name="was_entered"),
    key=("raffle_id", "number"),
    app="SELECT, INSERT, UPDATE (status, was_entered)",
    system="SELECT",
)
index("raffles_tickets_entrant_idx", tickets.c.entrant_id, tickets.c.raffle_id, tickets.c.number)
index("raffles_tickets_purchase_idx", tickets.c.purchase_id)
tickets.info["also"] = [_ISSUE, _ISSUE_COMMENT]
