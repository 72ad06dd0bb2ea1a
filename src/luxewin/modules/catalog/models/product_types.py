"""Product types, and the attributes of their products."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB

from luxewin.kit.schema import tenant_table, timestamp, unique

product_types = tenant_table(
    "catalog_product_types",
    Column("id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("attributes", JSONB, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    Column("version", BigInteger, nullable=False),
    unique("name_key"),
    CheckConstraint("jsonb_typeof(attributes) = 'array'", name="attributes"),
)
