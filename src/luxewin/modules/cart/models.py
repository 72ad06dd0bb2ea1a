"""The tables of carts.

Only the SHA-256 hash of a token is stored, so reading the table does not allow acting for a guest. Items refer to their
offers without a foreign key: a cart reserves nothing, and an offer that is no longer sold is marked as such until it is
removed.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, LargeBinary, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from luxewin.kit.roles import APP_ROLE
from luxewin.kit.schema import index, reference, tenant_table, timestamp, unique
from luxewin.modules.line_kinds import public as lines

carts = tenant_table(
    "cart_carts",
    Column("id", Uuid, nullable=False),
    Column("user_id", Uuid),
    Column("token_hash", LargeBinary),
    Column("status", Text, nullable=False),
    Column("currency", Text, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    Column("version", BigInteger, nullable=False),
    Column("shipping_address", JSONB),
    Column("billing_address", JSONB),
    Column("shipping_method", Text),
    Column("email", Text),
    Column("note", Text),
    unique("token_hash"),
    CheckConstraint("(user_id IS NULL) <> (token_hash IS NULL)", name="owner"),
    CheckConstraint("octet_length(token_hash) = 32", name="token_hash"),
    CheckConstraint("status IN ('open', 'ordered', 'merged')", name="status"),
    CheckConstraint("version > 0", name="version"),
    app=(
        "SELECT, INSERT, UPDATE (status, updated_at, version, shipping_address, billing_address, shipping_method,"
        " email, note)"
    ),
)
index("cart_carts_open_of_user_idx", carts.c.user_id, unique=True, postgresql_where=text("status = 'open'"))

items = tenant_table(
    "cart_items",
    Column("id", Uuid, nullable=False),
    Column("cart_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("variant_id", Uuid),
    Column("quantity", Integer, nullable=False),
    timestamp("added_at"),
    *(Column(reference, Uuid) for reference in lines.REFERENCES if reference != "variant_id"),
    Column("skill_answer", Text),
    reference(["cart_id"], "cart_carts"),
    unique("cart_id", "variant_id"),
    CheckConstraint(lines.KINDS_IN_ROWS, name="kind"),
    CheckConstraint("quantity BETWEEN 1 AND 10000", name="quantity"),
    CheckConstraint(lines.ITEM_IN_ROWS, name="what"),
)
for _reference, _name in lines.ITEM_INDEXES.items():
    index(_name, items.c.cart_id, items.c[_reference], unique=True)

carts.info["also"] = [
    "CREATE VIEW cart_v_carts WITH (security_invoker = true) AS SELECT tenant_id, id, status FROM cart_carts",
    f"GRANT SELECT ON cart_v_carts TO {APP_ROLE}",
]
