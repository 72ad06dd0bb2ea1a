"""Products, their categories, their tags, and the values of their options and attributes.

The row of a deleted product remains, because orders refer to it, but its slug is free. `extra` holds the columns of a
product file for which the catalogue has no field. `sort_name` is compared byte by byte, so that its order is the same
on every server.
"""

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Column, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from luxewin.kit.roles import APP_ROLE
from luxewin.kit.schema import index, reference, tenant_table, timestamp

products = tenant_table(
    "catalog_products",
    Column("id", Uuid, nullable=False),
    Column("slug", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("sort_name", Text(collation="C"), nullable=False),
    Column("description", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("category_id", Uuid),
    Column("vendor_id", Uuid),
    Column("product_type_id", Uuid),
    Column("attributes", JSONB, nullable=False),
    Column("tags", ARRAY(Text), nullable=False),
    Column("images", JSONB, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("currency", Text, nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("compare_at_minor", BigInteger),
    Column("extra", JSONB, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    timestamp("deleted_at", nullable=True),
    Column("version", BigInteger, nullable=False),
    reference(["category_id"], "catalog_categories"),
    reference(["vendor_id"], "vendors_vendors"),
    reference(["product_type_id"], "catalog_product_types"),
    CheckConstraint("status IN ('draft', 'active', 'archived')", name="status"),
    CheckConstraint("deleted_at IS NULL OR status = 'archived'", name="deleted"),
    CheckConstraint("price_minor BETWEEN 0 AND 9007199254740991", name="price"),
    CheckConstraint("compare_at_minor BETWEEN 0 AND 9007199254740991", name="compare_at"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    CheckConstraint("slug <> '' AND name <> ''", name="names"),
    CheckConstraint("jsonb_typeof(images) = 'array' AND jsonb_typeof(options) = 'array'", name="lists"),
    app="SELECT, INSERT, UPDATE",
)
_LIVE = text("deleted_at IS NULL")
_ACTIVE = text("status = 'active'")
_NEWEST_FIRST = (products.c.created_at.desc(), products.c.id.desc())
index("catalog_products_slug_key", products.c.slug, unique=True, postgresql_where=_LIVE)
index("catalog_products_newest_idx", *_NEWEST_FIRST, postgresql_where=_ACTIVE)
index("catalog_products_price_idx", products.c.price_minor, products.c.id, postgresql_where=_ACTIVE)
index("catalog_products_name_idx", products.c.sort_name, products.c.id, postgresql_where=_ACTIVE)
index("catalog_products_live_idx", *_NEWEST_FIRST, postgresql_where=_LIVE)
for _status in ("draft", "archived"):
    _unlisted = text(f"deleted_at IS NULL AND status = '{_status}'")
    index(f"catalog_products_{_status}_idx", *_NEWEST_FIRST, postgresql_where=_unlisted)
index("catalog_products_vendor_idx", products.c.vendor_id, *_NEWEST_FIRST)
index("catalog_products_category_idx", products.c.category_id)
index("catalog_products_type_idx", products.c.product_type_id, products.c.id)
products.info["also"] = [
    (
        "CREATE VIEW catalog_v_products WITH (security_invoker = true) AS"
        " SELECT p.tenant_id, p.id, p.slug, p.name, p.sort_name, p.description, p.status, p.category_id,"
        " c.slug AS category_slug, c.name AS category_name, c.path AS category_path, p.vendor_id,"
        " v.name AS vendor_name, p.product_type_id, p.attributes, p.tags, p.images, p.options, p.currency,"
        " p.price_minor, p.compare_at_minor, p.created_at, p.updated_at, p.version,"
        " p.extra ->> 'seo_title' AS seo_title, p.extra ->> 'seo_description' AS seo_description,"
        " v.status AS vendor_status"
        " FROM catalog_products p"
        " LEFT JOIN catalog_categories c ON c.tenant_id = p.tenant_id AND c.id = p.category_id"
        " LEFT JOIN vendors_v_vendors v ON v.tenant_id = p.tenant_id AND v.id = p.vendor_id"
        " WHERE p.deleted_at IS NULL"
    ),
    f"GRANT SELECT ON catalog_v_products TO {APP_ROLE}",
]

product_categories = tenant_table(
    "catalog_product_categories",
    Column("category_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    reference(["category_id"], "catalog_categories"),
    reference(["product_id"], "catalog_products"),
    key=("category_id", "product_id"),
    app="SELECT, INSERT, DELETE",
)
index("catalog_product_categories_product_idx", product_categories.c.product_id)
product_categories.info["also"] = [
    (
        "CREATE VIEW catalog_v_product_categories WITH (security_invoker = true) AS"
        " SELECT tenant_id, category_id, product_id FROM catalog_product_categories"
    ),
    f"GRANT SELECT ON catalog_v_product_categories TO {APP_ROLE}",
]

product_tags = tenant_table(
    "catalog_product_tags",
    Column("tag_key", Text, nullable=False),
    Column("product_id", Uuid, nullable=False),
    reference(["product_id"], "catalog_products"),
    key=("tag_key", "product_id"),
    app="SELECT, INSERT, DELETE",
)
index("catalog_product_tags_product_idx", product_tags.c.product_id)
product_tags.info["also"] = [
    (
        "CREATE VIEW catalog_v_product_tags WITH (security_invoker = true) AS"
        " SELECT tenant_id, tag_key, product_id FROM catalog_product_tags"
    ),
    f"GRANT SELECT ON catalog_v_product_tags TO {APP_ROLE}",
]

product_properties = tenant_table(
    "catalog_product_properties",
    Column("property_key", Text(collation="C"), nullable=False),
    Column("product_id", Uuid, nullable=False),
    reference(["product_id"], "catalog_products"),
    key=("property_key", "product_id"),
    app="SELECT, INSERT, DELETE",
)
index("catalog_product_properties_product_idx", product_properties.c.product_id)
product_properties.info["also"] = [
    (
        "CREATE VIEW catalog_v_product_properties WITH (security_invoker = true) AS"
        " SELECT tenant_id, property_key, product_id FROM catalog_product_properties"
    ),
    f"GRANT SELECT ON catalog_v_product_properties TO {APP_ROLE}",
]
