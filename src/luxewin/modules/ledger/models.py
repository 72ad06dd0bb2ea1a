"""The tables of the ledger: append-only, and checked by the database to be balanced.

Postings are checked once per statement that adds some, and must be balanced among themselves; that a transfer has any
is checked at the commit. Both together keep every transfer balanced, without a query per posting.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, Text, UniqueConstraint, Uuid, text

from luxewin.kit.roles import APP_ROLE, SYSTEM_ROLE
from luxewin.kit.schema import index, reference, tenant_table, timestamp, unique

_DEMAND_BALANCE = """
CREATE FUNCTION ledger_demand_balance(tenant uuid, transfer uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF (
        SELECT bool_and(sums.minor IS NOT DISTINCT FROM 0) FROM (
            SELECT sum(p.amount_minor) AS minor FROM ledger_postings p
            WHERE p.tenant_id = tenant AND p.transfer_id = transfer GROUP BY p.currency
        ) AS sums
    ) IS DISTINCT FROM true THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', TABLE = 'ledger_transfers',
            CONSTRAINT = 'ledger_transfers_balance',
            MESSAGE = 'the postings of transfer ' || transfer || ' do not sum to zero, or there are none';
    END IF;
END
$$
"""
_DEMAND_BALANCE_COMMENT = """
COMMENT ON FUNCTION ledger_demand_balance(uuid, uuid) IS
    'Refuses a transfer without postings, or whose postings do not sum to zero in each currency; '
    'whoever cannot see the postings is refused too.'
"""
_TRANSFER_BALANCES = """
CREATE FUNCTION ledger_transfer_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_demand_balance(NEW.tenant_id, NEW.id);
    RETURN NULL;
END
$$
"""
_POSTING_BALANCES = """
CREATE FUNCTION ledger_posting_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ledger_demand_balance(NEW.tenant_id, NEW.transfer_id);
    RETURN NULL;
END
$$
"""
_NEW_POSTINGS_BALANCE = """
CREATE FUNCTION ledger_new_postings_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    unbalanced uuid;
BEGIN
    SELECT p.transfer_id INTO unbalanced FROM new_postings p
    GROUP BY p.tenant_id, p.transfer_id, p.currency HAVING sum(p.amount_minor) IS DISTINCT FROM 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION USING ERRCODE = 'check_violation', TABLE = 'ledger_postings',
            CONSTRAINT = 'ledger_new_postings_balance',
            MESSAGE = 'the postings added to transfer ' || unbalanced || ' do not sum to zero';
    END IF;
    RETURN NULL;
END
$$
"""
_TRANSFER_TRIGGER = """
CREATE CONSTRAINT TRIGGER ledger_transfers_balance AFTER INSERT OR UPDATE OF id ON ledger_transfers
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transfer_balances()
"""
_POSTING_TRIGGER = """
CREATE CONSTRAINT TRIGGER ledger_postings_balance AFTER UPDATE OF transfer_id, currency, amount_minor ON ledger_postings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_posting_balances()
"""
_NEW_POSTINGS_TRIGGER = """
CREATE TRIGGER ledger_new_postings_balance AFTER INSERT ON ledger_postings REFERENCING NEW TABLE AS new_postings
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_new_postings_balance()
"""
_POSTINGS_VIEW = """
CREATE VIEW ledger_v_postings WITH (security_invoker = true) AS
    SELECT p.tenant_id, p.transfer_id, p.line, t.cause, t.cause_id, a.kind, a.owner_id, p.currency, p.amount_minor,
        t.posted_at
    FROM ledger_postings p
    JOIN ledger_transfers t ON t.tenant_id = p.tenant_id AND t.id = p.transfer_id
    JOIN ledger_accounts a ON a.tenant_id = p.tenant_id AND a.id = p.account_id
"""

accounts = tenant_table(
    "ledger_accounts",
    Column("id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("owner_id", Uuid),
    Column("currency", Text, nullable=False),
    timestamp("opened_at"),
    unique("id", "currency"),
    UniqueConstraint("tenant_id", "kind", "owner_id", "currency", postgresql_nulls_not_distinct=True),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    app="SELECT, INSERT",
    system="SELECT",
)

transfers = tenant_table(
    "ledger_transfers",
    Column("id", Uuid, nullable=False),
    Column("cause", Text, nullable=False),
    Column("cause_id", Uuid, nullable=False),
    timestamp("posted_at"),
    Column("seal_number", BigInteger),
    Column("seal", LargeBinary),
    unique("seal_number"),
    app="SELECT, INSERT (tenant_id, id, cause, cause_id, posted_at)",
    system="SELECT, UPDATE (seal_number, seal)",
)
index("ledger_transfers_unsealed_idx", transfers.c.posted_at, postgresql_where=text("seal_number IS NULL"))
index("ledger_transfers_posted_idx", transfers.c.posted_at.desc(), transfers.c.id.desc())
index("ledger_transfers_cause_idx", transfers.c.cause_id, transfers.c.posted_at.desc(), transfers.c.id.desc())

postings = tenant_table(
    "ledger_postings",
    Column("transfer_id", Uuid, nullable=False),
    Column("line", Integer, nullable=False),
    Column("account_id", Uuid, nullable=False),
    Column("currency", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    reference(["transfer_id"], "ledger_transfers"),
    reference(["account_id", "currency"], "ledger_accounts", to=("id", "currency")),
    CheckConstraint("amount_minor <> 0", name="amount"),
    CheckConstraint("line > 0", name="line"),
    key=("transfer_id", "line"),
    app="SELECT, INSERT",
    system="SELECT",
)
index(
    "ledger_postings_account_idx",
    postings.c.account_id,
    postings.c.currency,
    postgresql_include=["amount_minor"],
)
postings.info["also"] = [
    _DEMAND_BALANCE,
    _DEMAND_BALANCE_COMMENT,
    _TRANSFER_BALANCES,
    _POSTING_BALANCES,
    _TRANSFER_TRIGGER,
    _NEW_POSTINGS_BALANCE,
    _POSTING_TRIGGER,
    _NEW_POSTINGS_TRIGGER,
    _POSTINGS_VIEW,
    f"GRANT SELECT ON ledger_v_postings TO {APP_ROLE}, {SYSTEM_ROLE}",
]
