"""Collections: manually chosen products, in an order of their own."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Integer, Text, Uuid

from luxewin.kit.roles import APP_ROLE
from luxewin.kit.schema import index, reference, tenant_table, timestamp, unique

collections = tenant_table(
    "catalog_collections",
    Column("id", Uuid, nullable=False),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    Column("version", BigInteger, nullable=False),
    unique("slug"),
    CheckConstraint("slug <> '' AND name <> ''", name="names"),
)
index("catalog_collections_newest_idx", collections.c.created_at.desc(), collections.c.id.desc())
collections.info["also"] = [
    (
        "CREATE VIEW catalog_v_collections WITH (security_invoker = true) AS"
        " SELECT tenant_id, id, slug, name, description, version FROM catalog_collections"
    ),
    f"GRANT SELECT ON catalog_v_collections TO {APP_ROLE}",
]

collection_products = tenant_table(
    "catalog_collection_products",
    Column("collection_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    reference(["collection_id"], "catalog_collections"),
    reference(["product_id"], "catalog_products"),
    key=("collection_id", "product_id"),
)
index("catalog_collection_products_product_idx", collection_products.c.product_id)
index("catalog_collection_products_order_idx", collection_products.c.collection_id, collection_products.c.position)
collection_products.info["also"] = [
    (
        "CREATE VIEW catalog_v_collection_products WITH (security_invoker = true) AS"
        " SELECT tenant_id, collection_id, product_id, position FROM catalog_collection_products"
    ),
    f"GRANT SELECT ON catalog_v_collection_products TO {APP_ROLE}",
]
