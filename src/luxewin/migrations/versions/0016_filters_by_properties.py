"""Products are filtered by the values of their options and attributes."""

from luxewin.migrations.online import fill
from luxewin.migrations.scripts import run_script

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_PROPERTIES = """
    INSERT INTO catalog_product_properties (tenant_id, property_key, product_id)
    SELECT p.tenant_id, k.key, p.id FROM catalog_products p CROSS JOIN LATERAL (
        SELECT 'option:' || lower(normalize(o.value ->> 'name', NFC)) || E'\\x1f' || lower(normalize(v.text, NFC))
        FROM jsonb_array_elements(p.options) AS o(value), jsonb_array_elements_text(o.value -> 'values') AS v(text)
        UNION SELECT 'attribute:' || lower(normalize(a.name, NFC)) || E'\\x1f' || lower(normalize(a.text, NFC))
        FROM jsonb_each_text(p.attributes) AS a(name, text) WHERE length(a.text) <= 255
    ) AS k(key)
    WHERE p.deleted_at IS NULL AND NOT EXISTS (SELECT FROM catalog_product_properties m
        WHERE m.tenant_id = p.tenant_id AND m.property_key = k.key AND m.product_id = p.id)
    LIMIT 10000 ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    """Create the table, and fill it from the products."""
    run_script(revision, "catalog")
    fill(_PROPERTIES)
