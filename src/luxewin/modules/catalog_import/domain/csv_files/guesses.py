"""Guesses of what a column with another name holds. They are proposed to the user, and not applied."""

from luxewin.modules.catalog_import.domain.presets import fold
from luxewin.modules.catalog_import.domain.shopify_csv import columns

_WORDS: dict[str, tuple[str, ...]] = {
    columns.HANDLE: ("id", "slug", "url key", "url", "permalink", "product handle", "product id"),
    columns.TITLE: ("name", "product name", "product", "product title", "titel", "titre", "nom", "nombre", "naam"),
    columns.BODY: ("body html", "body", "description html", "long description", "beschreibung", "content"),
    columns.VENDOR: ("brand", "manufacturer", "marke", "marque", "marca", "hersteller", "supplier"),
    columns.TYPE: ("category", "categories", "product type", "kategorie", "categoria", "catégorie", "collection"),
    columns.TAGS: ("tag", "keywords", "labels"),
    columns.SKU: ("code", "item number", "article number", "reference", "artikelnummer", "part number"),
    columns.BARCODE: ("ean", "ean13", "gtin", "upc", "isbn"),
    columns.PRICE: ("regular price", "sale price", "unit price", "preis", "prix", "precio", "prezzo", "prijs"),
    columns.COMPARE_AT: ("compare at price", "list price", "msrp", "rrp", "uvp", "old price", "was price"),
    columns.QUANTITY: (
        *("quantity", "qty", "stock", "inventory", "on hand", "available", "menge", "bestand", "stock quantity"),
        "inventory qty",
    ),
    columns.WEIGHT: ("weight", "gewicht", "poids", "peso", "weight kg", "weight g"),
    columns.IMAGE_SRC: ("image url", "image", "images", "image link", "photo", "picture", "bild", "featured image"),
    columns.IMAGE_ALT: ("image alt", "alt text"),
    columns.STATUS: ("state", "active", "visible", "enabled"),
    "Cost per item": ("cost", "cost price", "purchase price", "unit cost", "variant cost"),
}
_GUESSES = {word: column for column, words in _WORDS.items() for word in words}


def guess(name: str) -> str | None:
    """Return the column of our format that a column with this name may be; None without a guess."""
    return _GUESSES.get(fold(name).replace("_", " ").replace("-", " "))
