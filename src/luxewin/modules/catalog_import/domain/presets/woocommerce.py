"""WooCommerce's own product export (Products, Export), in English and in the languages of its translations."""

from luxewin.modules.catalog_import.domain.shopify_csv import columns

from .preset import Categories, Kinds, Listed, OptionColumns, Platform, Preset

_OPTIONS = tuple(
    OptionColumns(name=f"attribute {number} name", value=f"attribute {number} value(s)", value_separator=",")
    for number in range(1, 7)
)

WOOCOMMERCE = Preset(
    platform=Platform.WOOCOMMERCE,
    signatures=(
        frozenset({"type", "name", "regular price", "published"}),
        frozenset({"type", "sku", "name", "regular price", "categories"}),
    ),
    aliases={
        # Russian
        "тип": "type",
        "артикул": "sku",
        "имя": "name",
        "опубликован": "published",
        "краткое описание": "short description",
        "короткое описание": "short description",
        "описание": "description",
        "наличие": "in stock?",
        "в наличии?": "in stock?",
        "запасы": "stock",
        "базовая цена": "regular price",
        "акционная цена": "sale price",
        "категории": "categories",
        "метки": "tags",
        "изображения": "images",
        "родительский": "parent",
        "вес (кг)": "weight (kg)",
        # German
        "typ": "type",
        "artikelnummer": "sku",
        "veröffentlicht": "published",
        "kurzbeschreibung": "short description",
        "beschreibung": "description",
        "vorrätig?": "in stock?",
        "lager": "stock",
        "regulärer preis": "regular price",
        "angebotspreis": "sale price",
        "kategorien": "categories",
        "schlagwörter": "tags",
        "bilder": "images",
        "übergeordnetes produkt": "parent",
        "gewicht (kg)": "weight (kg)",
        # French
        "ugs": "sku",
        "nom": "name",
        "publié": "published",
        "description courte": "short description",
        "en stock ?": "in stock?",
        "tarif régulier": "regular price",
        "tarif promo": "sale price",
        "catégories": "categories",
        "étiquettes": "tags",
        # Spanish
        "tipo": "type",
        "nombre": "name",
        "publicado": "published",
        "descripción corta": "short description",
        "descripción": "description",
        "¿existencias?": "in stock?",
        "inventario": "stock",
        "precio normal": "regular price",
        "precio rebajado": "sale price",
        "categorías": "categories",
        "etiquetas": "tags",
        "imágenes": "images",
        "superior": "parent",
    },
    ids=(("id:", "id"), ("sku:", "sku")),
    parent="parent",
    kinds=Kinds(
        column="type",
        variants=frozenset({"variation", "variation, downloadable", "variation, virtual"}),
        left_out=frozenset({"grouped", "external"}),
    ),
    title="name",
    copied={
        "name": columns.TITLE,
        "description": columns.BODY,
        "sku": columns.SKU,
        "brands": columns.VENDOR,
        "gtin, upc, ean, or isbn": "Variant Barcode",
    },
    price="regular price",
    sale="sale price",
    sale_dates=("date sale price starts", "date sale price ends"),
    status="published",
    statuses={"1": "active", "0": "draft", "-1": "draft", "2": "draft"},
    quantity="stock",
    in_stock="in stock?",
    backorders="backorders allowed?",
    weight="weight (kg)",
    tags=Listed(columns=("tags",), separator=","),
    images=Listed(columns=("images",), separator=r",\s*(?=https?://)"),
    categories=Categories(columns=("categories",), separator=","),
    options=_OPTIONS,
    inherited=("weight (kg)",),
)
