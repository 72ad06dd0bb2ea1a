"""Variants, the units of sale. The row of a removed variant remains, because orders refer to it, but its SKU is free.

`options` maps the product's option names to this variant's values; `option_key` is those values in order, and
identifies the variant within its product.
"""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Integer, Text, Uuid, text
from sqlalchemy.dialects.postgresql import JSONB

from luxewin.kit.roles import APP_ROLE
from luxewin.kit.schema import index, reference, tenant_table, timestamp

variants = tenant_table(
    "catalog_variants",
    Column("id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("position", Integer, nullable=False),
    Column("options", JSONB, nullable=False),
    Column("option_key", Text, nullable=False),
    Column("sku", Text),
    Column("barcode", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("compare_at_minor", BigInteger),
    Column("cost_minor", BigInteger),
    Column("weight_grams", BigInteger),
    Column("requires_shipping", Boolean, nullable=False),
    Column("taxable", Boolean, nullable=False),
    Column("tax_code", Text, nullable=False),
    Column("image_url", Text),
    Column("extra", JSONB, nullable=False),
    timestamp("created_at"),
    timestamp("updated_at"),
    timestamp("deleted_at", nullable=True),
    Column("hs_code", Text),
    Column("country_of_origin", Text),
    reference(["product_id"], "catalog_products"),
    CheckConstraint("price_minor BETWEEN 0 AND 9007199254740991", name="price"),
    CheckConstraint("compare_at_minor BETWEEN 0 AND 9007199254740991", name="compare_at"),
    CheckConstraint("cost_minor BETWEEN 0 AND 9007199254740991", name="cost"),
    CheckConstraint("weight_grams BETWEEN 0 AND 2147483647", name="weight"),
    CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
    CheckConstraint("sku <> ''", name="sku"),
    CheckConstraint("hs_code ~ '^[0-9]+([.][0-9]+)*$' AND length(hs_code) BETWEEN 6 AND 13", name="hs_code"),
    CheckConstraint("country_of_origin ~ '^[A-Z]{2}$'", name="country_of_origin"),
    CheckConstraint("jsonb_typeof(options) = 'object'", name="options"),
    app="SELECT, INSERT, UPDATE",
)
_LIVE = text("deleted_at IS NULL")
index("catalog_variants_product_idx", variants.c.product_id, variants.c.position)
index("catalog_variants_options_key", variants.c.product_id, variants.c.option_key, unique=True, postgresql_where=_LIVE)
index(
    "catalog_variants_sku_key",
    variants.c.sku,
    unique=True,
    postgresql_where=text("deleted_at IS NULL AND sku IS NOT NULL"),
)
variants.info["also"] = [
    (
        "CREATE VIEW catalog_v_variants WITH (security_invoker = true) AS"
        " SELECT tenant_id, id, product_id, position, sku, options, currency, price_minor, compare_at_minor,"
        " weight_grams, requires_shipping, taxable, image_url, hs_code, country_of_origin, barcode, tax_code"
        " FROM catalog_variants"
        " WHERE deleted_at IS NULL"
    ),
    f"GRANT SELECT ON catalog_v_variants TO {APP_ROLE}",
]
