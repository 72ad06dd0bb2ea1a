"""Products are filtered by the values of their options and attributes."""

import unicodedata
from collections.abc import Iterator
from typing import Any

from luxewin.migrations.online import fill_rows
from luxewin.migrations.scripts import run_script

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_LONGEST_VALUE = 255
_PRODUCTS = """
    SELECT tenant_id, id, options, attributes FROM catalog_products
    WHERE deleted_at IS NULL AND (tenant_id, id) > (:tenant_id, :id) ORDER BY tenant_id, id LIMIT 1000
"""
_PROPERTY = """
    INSERT INTO catalog_product_properties (tenant_id, property_key, product_id) VALUES (:tenant_id, :key, :id)
    ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    """Create the table, and fill it from the products."""
    run_script(revision, "catalog")
    fill_rows(_PRODUCTS, _PROPERTY, _properties, tables=["catalog_products", "catalog_product_properties"])


def _properties(product: Any) -> Iterator[dict[str, Any]]:
    options = {("option", option["name"], value) for option in product.options for value in option["values"]}
    attributes = {("attribute", name, _text(value)) for name, value in product.attributes.items()}
    for kind, name, value in options | {one for one in attributes if len(one[2]) <= _LONGEST_VALUE}:
        key = f"{kind}:{_folded(name)}\x1f{_folded(value)}"
        yield {"tenant_id": product.tenant_id, "key": key, "id": product.id}


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _folded(text: str) -> str:
    spaced = unicodedata.normalize("NFC", " ".join(text.split()))
    return unicodedata.normalize("NFC", spaced.casefold())
