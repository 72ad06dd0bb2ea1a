"""The tree of categories.

`path` is the names from the root, joined by slashes; `lineage` the ids from the root, the category's own last.
"""

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, Integer, Text, Uuid

from luxewin.kit.roles import APP_ROLE
from luxewin.kit.schema import index, reference, tenant_table, timestamp, unique

categories = tenant_table(
    "catalog_categories",
    Column("id", Uuid, nullable=False),
    Column("parent_id", Uuid),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("path_key", Text, nullable=False),
    Column("lineage", ARRAY(Uuid), nullable=False),
    Column("position", Integer, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    Column("version", BigInteger, nullable=False),
    reference(["parent_id"], "catalog_categories"),
    unique("slug"),
    unique("path_key"),
    CheckConstraint("parent_id <> id", name="parent"),
    CheckConstraint("cardinality(lineage) BETWEEN 1 AND 8 AND lineage[cardinality(lineage)] = id", name="lineage"),
    CheckConstraint("name <> '' AND name !~ '/'", name="name"),
)
index("catalog_categories_parent_idx", categories.c.parent_id)
index("catalog_categories_name_idx", categories.c.name_key)
categories.info["also"] = [
    (
        "CREATE VIEW catalog_v_categories WITH (security_invoker = true) AS"
        " SELECT tenant_id, id, parent_id, slug, name, path, lineage, position, version FROM catalog_categories"
    ),
    f"GRANT SELECT ON catalog_v_categories TO {APP_ROLE}",
]
