"""The tables of vendors, and the view in which other modules may read them."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Text, Uuid

from luxewin.kit.roles import APP_ROLE
from luxewin.kit.schema import index, reference, tenant_table, timestamp, unique

vendors = tenant_table(
    "vendors_vendors",
    Column("id", Uuid, nullable=False),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("status", Text, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    Column("version", BigInteger, nullable=False),
    unique("slug"),
    unique("name_key"),
    CheckConstraint("status IN ('active', 'suspended')", name="status"),
    CheckConstraint("name <> ''", name="name"),
    app="SELECT, INSERT, UPDATE",
)
vendors.info["also"] = [
    (
        "CREATE VIEW vendors_v_vendors WITH (security_invoker = true) AS"
        " SELECT tenant_id, id, slug, name, status FROM vendors_vendors"
    ),
    f"GRANT SELECT ON vendors_v_vendors TO {APP_ROLE}",
]

members = tenant_table(
    "vendors_members",
    Column("user_id", Uuid, nullable=False),
    Column("vendor_id", Uuid, nullable=False),
    timestamp("added_at"),
    reference(["vendor_id"], "vendors_vendors"),
    reference(["user_id"], "identity_users"),
    key=("user_id",),
    app="SELECT, INSERT, DELETE",
)
index("vendors_members_vendor_idx", members.c.vendor_id)
