"""Stock without the backorder limit, and all fields of products that the API accepts, in the views."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Append columns to the views of availability, variants and products."""
    op.execute("""
        CREATE OR REPLACE VIEW inventory_v_availability WITH (security_invoker = true) AS
        SELECT v.tenant_id, v.variant_id, CASE WHEN v.tracked THEN coalesce(s.available, 0) END AS available,
            v.in_stock, CASE WHEN v.tracked THEN coalesce(s.stock, 0) END AS stock
        FROM inventory_variants v LEFT JOIN LATERAL (
            SELECT sum(available)::bigint AS available, sum(on_hand - reserved)::bigint AS stock FROM inventory_stock
            WHERE tenant_id = v.tenant_id AND variant_id = v.variant_id
        ) AS s ON true
    """)
    op.execute("""
        CREATE OR REPLACE VIEW catalog_v_variants WITH (security_invoker = true) AS
        SELECT tenant_id, id, product_id, position, sku, options, currency, price_minor, compare_at_minor,
            weight_grams, requires_shipping, taxable, image_url, hs_code, country_of_origin, barcode, tax_code
        FROM catalog_variants WHERE deleted_at IS NULL
    """)
    op.execute("""
        CREATE OR REPLACE VIEW catalog_v_products WITH (security_invoker = true) AS
        SELECT p.tenant_id, p.id, p.slug, p.name, p.sort_name, p.description, p.status, p.category_id,
            c.slug AS category_slug, c.name AS category_name, c.path AS category_path, p.vendor_id,
            v.name AS vendor_name, p.product_type_id, p.attributes, p.tags, p.images, p.options, p.currency,
            p.price_minor, p.compare_at_minor, p.created_at, p.updated_at, p.version,
            p.extra ->> 'seo_title' AS seo_title, p.extra ->> 'seo_description' AS seo_description
        FROM catalog_products p
        LEFT JOIN catalog_categories c ON c.tenant_id = p.tenant_id AND c.id = p.category_id
        LEFT JOIN vendors_v_vendors v ON v.tenant_id = p.tenant_id AND v.id = p.vendor_id
        WHERE p.deleted_at IS NULL
    """)
