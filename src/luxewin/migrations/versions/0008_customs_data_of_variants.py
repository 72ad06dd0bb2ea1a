"""Customs data of variants: the tariff code and the country of origin."""

from alembic import op

from luxewin.migrations.online import validate

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns, empty, and show them in the view of variants."""
    op.execute("""
        ALTER TABLE catalog_variants
            ADD COLUMN hs_code TEXT,
            ADD COLUMN country_of_origin TEXT,
            ADD CONSTRAINT catalog_variants_hs_code_check
                CHECK (hs_code ~ '^[0-9]+([.][0-9]+)*$' AND length(hs_code) BETWEEN 6 AND 13) NOT VALID,
            ADD CONSTRAINT catalog_variants_country_of_origin_check
                CHECK (country_of_origin ~ '^[A-Z]{2}$') NOT VALID
    """)
    op.execute("""
        CREATE OR REPLACE VIEW catalog_v_variants WITH (security_invoker = true) AS
        SELECT tenant_id, id, product_id, position, sku, options, currency, price_minor, compare_at_minor,
            weight_grams, requires_shipping, taxable, image_url, hs_code, country_of_origin
        FROM catalog_variants WHERE deleted_at IS NULL
    """)
    validate("catalog_variants", "catalog_variants_hs_code_check")
    validate("catalog_variants", "catalog_variants_country_of_origin_check")
