"""Examples for the documentation, all from one shop."""

from typing import Any

_PRICE = {"amount": 64900, "currency": "USD"}
_PRODUCT_ID = "0199a1b2-7c00-7000-8000-000000000001"
_VARIANT_ID = "0199a1b2-7c00-7000-8000-000000000002"
CATEGORY_ID = "0199a1b2-7c00-7000-8000-000000000003"
PARENT_ID = "0199a1b2-7c00-7000-8000-000000000004"
COLLECTION_ID = "0199a1b2-7c00-7000-8000-000000000005"
TYPE_ID = "0199a1b2-7c00-7000-8000-000000000006"
_VENDOR_ID = "0199a1b2-7c00-7000-8000-000000000007"
PRODUCT_ID = _PRODUCT_ID
MOMENT = "2026-11-20T12:00:00Z"

PRODUCT_BODY: dict[str, Any] = {
    "name": "Oslo Lounge Chair",
    "description": "<p>Solid oak, wool seat.</p>",
    "category": "Living Room/Chairs",
    "tags": ["oak", "wool"],
    "price": _PRICE,
    "stock": 12,
    "sku": "OSLO-OAK",
    "image_url": "https://images.example.com/oslo.jpg",
}
VARIANT_BODY: dict[str, Any] = {
    "sku": "OSLO-GREY",
    "options": {"Colour": "Grey"},
    "price": _PRICE,
    "compare_at_price": {"amount": 79900, "currency": "USD"},
    "stock": 12,
    "weight_grams": 9500,
}
PRODUCT_WITH_VARIANTS: dict[str, Any] = {
    "name": "Oslo Lounge Chair",
    "category": "Living Room/Chairs",
    "options": [{"name": "Colour", "values": ["Grey", "Moss"]}],
    "variants": [VARIANT_BODY, {"sku": "OSLO-MOSS", "options": {"Colour": "Moss"}, "price": _PRICE, "stock": 3}],
}
PRODUCT: dict[str, Any] = {
    "id": _PRODUCT_ID,
    "slug": "oslo-lounge-chair",
    "name": "Oslo Lounge Chair",
    "description": "<p>Solid oak, wool seat.</p>",
    "status": "active",
    "category": {"id": CATEGORY_ID, "slug": "chairs", "name": "Chairs", "path": "Living Room/Chairs"},
    "tags": ["oak", "wool"],
    "images": [{"url": "https://images.example.com/oslo.jpg", "alt": "", "width": None, "height": None, "sizes": {}}],
    "price": _PRICE,
    "compare_at_price": None,
    "in_stock": True,
    "stock": 12,
    "options": [{"name": "Colour", "values": ["Grey"]}],
    "variants": [
        {
            "id": _VARIANT_ID,
            "sku": "OSLO-GREY",
            "options": {"Colour": "Grey"},
            "price": _PRICE,
            "compare_at_price": None,
            "stock": 12,
            "in_stock": True,
            "barcode": "",
            "weight_grams": 9500,
            "requires_shipping": True,
            "taxable": True,
            "tax_code": "",
            "image_url": None,
            "hs_code": None,
            "country_of_origin": None,
        }
    ],
    "vendor": {"id": _VENDOR_ID, "name": "Nordlys Interiors"},
    "rating": None,
    "product_type_id": None,
    "attributes": {},
    "seo": {"title": "", "description": ""},
    "created_at": MOMENT,
    "updated_at": MOMENT,
    "version": 1,
}
CATEGORY: dict[str, Any] = {
    "id": CATEGORY_ID,
    "parent_id": PARENT_ID,
    "slug": "chairs",
    "name": "Chairs",
    "path": "Living Room/Chairs",
    "position": 0,
    "created_at": MOMENT,
    "updated_at": MOMENT,
    "version": 1,
}
COLLECTION: dict[str, Any] = {
    "id": COLLECTION_ID,
    "slug": "winter-evenings",
    "name": "Winter evenings",
    "description": "<p>For the dark half of the year.</p>",
    "product_ids": [_PRODUCT_ID],
    "created_at": MOMENT,
    "updated_at": MOMENT,
    "version": 1,
}
PRODUCT_TYPE: dict[str, Any] = {
    "id": TYPE_ID,
    "name": "Chair",
    "attributes": [
        {"name": "Material", "kind": "text", "required": True},
        {"name": "Seat height (cm)", "kind": "decimal", "required": False},
    ],
    "created_at": MOMENT,
    "updated_at": MOMENT,
    "version": 1,
}
