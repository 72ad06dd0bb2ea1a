"""The table of shipping methods."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from luxewin.kit.money import LARGEST_AMOUNT_MINOR
from luxewin.kit.roles import APP_ROLE
from luxewin.kit.schema import index, tenant_table, timestamp, unique

methods = tenant_table(
    "shipping_methods",
    Column("id", Uuid, nullable=False),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    Column("countries", ARRAY(Text)),
    Column("active", Boolean, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    Column("version", BigInteger, nullable=False),
    unique("code"),
    CheckConstraint("code <> 'none'", name="code"),
    CheckConstraint(f"amount_minor BETWEEN 0 AND {LARGEST_AMOUNT_MINOR}", name="amount"),
    CheckConstraint("char_length(currency) = 3", name="currency"),
    CheckConstraint("cardinality(countries) > 0", name="countries"),
    CheckConstraint("version > 0", name="version"),
)
index("shipping_methods_price_idx", methods.c.amount_minor, methods.c.code)
methods.info["also"] = [
    """
    CREATE VIEW shipping_v_methods WITH (security_invoker = true) AS
        SELECT tenant_id, id, code, name, amount_minor, currency, countries, active, version
        FROM shipping_methods WHERE active
    """,
    f"GRANT SELECT ON shipping_v_methods TO {APP_ROLE}",
]
