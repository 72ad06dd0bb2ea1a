"""The tables of orders."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from luxewin.kit.roles import APP_ROLE, SYSTEM_ROLE
from luxewin.kit.schema import index, reference, tenant_table, timestamp, unique
from luxewin.modules.line_kinds.public import KINDS_IN_ROWS, LINE_IN_ROWS, REFERENCES

orders = tenant_table(
    "orders_orders",
    Column("id", Uuid, nullable=False),
    Column("number", Text, nullable=False),
    Column("user_id", Uuid),
    Column("email", Text),
    Column("status", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("discount_minor", BigInteger, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("shipping_method", Text, nullable=False),
    Column("shipping_address", JSONB, nullable=False),
    timestamp("placed_at"),
    timestamp("expires_at", nullable=True),
    timestamp("updated_at"),
    Column("version", BigInteger, nullable=False),
    Column("billing_address", JSONB),
    Column("note", Text),
    Column("payment_status", Text, nullable=False, server_default="unpaid"),
    Column("email_key", Text),
    Column("address_bucket", BigInteger),
    unique("number"),
    CheckConstraint(
        "status IN ('pending_payment', 'paid', 'part_fulfilled', 'fulfilled', 'completed', 'cancelled', 'expired')",
        name="status",
    ),
    CheckConstraint("total_minor = subtotal_minor - discount_minor + shipping_minor + tax_minor", name="total"),
    CheckConstraint(
        "total_minor >= 0 AND subtotal_minor >= 0 AND discount_minor >= 0 AND shipping_minor >= 0 AND tax_minor >= 0",
        name="amounts",
    ),
    CheckConstraint("user_id IS NOT NULL OR email IS NOT NULL", name="buyer"),
    CheckConstraint(
        "payment_status IN ('unpaid', 'unknown', 'authorised', 'paid', 'part_refunded', 'refunded', 'disputed')",
        name="payment_status",
    ),
    app="SELECT, INSERT, UPDATE",
    system="SELECT",
)
index("orders_orders_placed_idx", orders.c.placed_at.desc(), orders.c.id.desc())
index("orders_orders_user_idx", orders.c.user_id, orders.c.placed_at.desc(), orders.c.id.desc())
index("orders_orders_status_idx", orders.c.status, orders.c.placed_at.desc(), orders.c.id.desc())
index("orders_orders_payment_status_idx", orders.c.payment_status, orders.c.placed_at.desc(), orders.c.id.desc())
index("orders_orders_total_idx", orders.c.total_minor.desc(), orders.c.id.desc())
index(
    "orders_orders_email_idx",
    orders.c.email_key,
    orders.c.placed_at.desc(),
    orders.c.id.desc(),
    postgresql_where=text("email_key IS NOT NULL"),
)
index(
    "orders_orders_address_idx",
    orders.c.address_bucket,
    orders.c.placed_at.desc(),
    # Not for orders of a person, of which it would have to read those of all persons.
    postgresql_where=text("address_bucket IS NOT NULL AND payment_status IN ('unpaid', 'unknown', 'authorised')"),
)
index("orders_orders_due_idx", orders.c.expires_at, postgresql_where=text("status = 'pending_payment'"))

lines = tenant_table(
    "orders_lines",
    Column("id", Uuid, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("variant_id", Uuid),
    Column("product_id", Uuid),
    Column("product_slug", Text),
    Column("name", Text, nullable=False),
    Column("sku", Text),
    Column("options", JSONB, nullable=False),
    Column("image_url", Text),
    Column("vendor_id", Uuid),
    Column("quantity", Integer, nullable=False),
    Column("unit_price_minor", BigInteger, nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("refunded_quantity", Integer, nullable=False, server_default="0"),
    *(Column(name, Uuid) for name in REFERENCES if name != "variant_id"),
    reference(["order_id"], "orders_orders"),
    unique("order_id", "position"),
    CheckConstraint(KINDS_IN_ROWS, name="kind"),
    CheckConstraint(LINE_IN_ROWS, name="what"),
    CheckConstraint("quantity > 0", name="quantity"),
    CheckConstraint("unit_price_minor >= 0 AND tax_minor >= 0", name="amounts"),
    CheckConstraint("total_minor = unit_price_minor * quantity", name="total"),
    CheckConstraint("refunded_quantity BETWEEN 0 AND quantity", name="refunded_quantity"),
    app="SELECT, INSERT, UPDATE (refunded_quantity)",
    system="SELECT",
)
index(
    "orders_lines_vendor_idx",
    lines.c.vendor_id,
    lines.c.order_id.desc(),
    postgresql_where=text("vendor_id IS NOT NULL"),
)

history = tenant_table(
    "orders_history",
    Column("id", Uuid, nullable=False),
    Column("order_id", Uuid, nullable=False),
    timestamp("at"),
    Column("status", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("note", Text),
    reference(["order_id"], "orders_orders"),
    app="SELECT, INSERT",
    system="SELECT",
)
index("orders_history_order_idx", history.c.order_id, history.c.id)

refunds = tenant_table(
    "orders_refunds",
    Column("id", Uuid, nullable=False),
    Column("order_id", Uuid, nullable=False),
    Column("currency", Text, nullable=False),
    Column("goods_minor", BigInteger, nullable=False),
    Column("shipping_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    timestamp("granted_at"),
    Column("lines", JSONB, nullable=False, server_default=text("'[]'")),
    Column("restocked", Boolean, nullable=False, server_default=text("false")),
    reference(["order_id"], "orders_orders"),
    CheckConstraint("goods_minor >= 0 AND shipping_minor >= 0 AND tax_minor >= 0", name="parts"),
    app="SELECT, INSERT",
    system="SELECT",
)
index("orders_refunds_order_idx", refunds.c.order_id, refunds.c.id)

orders.info["after"] = ["payments"]
orders.info["also"] = [
    """
    CREATE VIEW orders_v_orders WITH (security_invoker = true) AS
        SELECT tenant_id, id, status, placed_at FROM orders_orders
    """,
    f"GRANT SELECT ON orders_v_orders TO {APP_ROLE}, {SYSTEM_ROLE}",
    """
    CREATE FUNCTION orders_store_payment_status() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        paid record;
    BEGIN
        FOR paid IN SELECT DISTINCT tenant_id, order_id FROM new_events LOOP
            PERFORM FROM orders_orders WHERE tenant_id = paid.tenant_id AND id = paid.order_id FOR NO KEY UPDATE;
            -- A statement of its own, so that it sees the events of those who held the lock before.
            UPDATE orders_orders o SET payment_status = s.status FROM payments_v_statuses s
            WHERE s.tenant_id = paid.tenant_id AND s.order_id = paid.order_id
                AND o.tenant_id = paid.tenant_id AND o.id = paid.order_id AND o.payment_status <> s.status;
        END LOOP;
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER orders_payment_status AFTER INSERT ON payments_events REFERENCING NEW TABLE AS new_events
    FOR EACH STATEMENT EXECUTE FUNCTION orders_store_payment_status()
    """,
]
