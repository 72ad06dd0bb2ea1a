"""Etsy's download of a shop's listings, in several languages; a listing's variations have no prices of their own."""

from luxewin.modules.catalog_import.domain.shopify_csv import columns

from .preset import Listed, OptionColumns, Platform, Preset

_IMAGES = tuple(f"image{number}" for number in range(1, 21))
_WORDS = {
    "title": ("titolo", "titel", "titre", "título"),
    "description": ("descrizione", "beschreibung", "descripción"),
    "price": ("prezzo", "preis", "prix", "precio", "prijs"),
    "quantity": ("quantità", "anzahl", "quantité", "cantidad", "menge"),
    "tags": ("tag", "tags", "etiquetas"),
    "materials": ("materiali", "materialien", "matériaux", "materiales"),
}
_IMAGE_WORDS = ("immagine", "bild", "imagen", "afbeelding")
_VARIATIONS = {
    f"{part} variante {number}": f"variation {number} {name}"
    for number in (1, 2)
    for part, name in (("tipo", "type"), ("nome", "name"), ("valori", "values"))
}

ETSY = Preset(
    platform=Platform.ETSY,
    signatures=(frozenset({"title", "price", "currency_code", "quantity", "image1"}),),
    aliases={
        **{other: name for name, others in _WORDS.items() for other in others},
        **{f"{word}{number}": f"image{number}" for word in _IMAGE_WORDS for number in range(1, 21)},
        **_VARIATIONS,
    },
    title="title",
    copied={"title": columns.TITLE, "description": columns.BODY, "sku": columns.SKU},
    price="price",
    currency="currency_code",
    quantity="quantity",
    tags=Listed(columns=("tags",), separator=","),
    images=Listed(columns=_IMAGES),
    options=tuple(
        OptionColumns(name=f"variation {n} name", value=f"variation {n} values", value_separator=",") for n in (1, 2)
    ),
)
