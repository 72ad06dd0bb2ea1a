"""The pure part of the public API: product values and their rules, for other modules' domains."""

from luxewin.modules.catalog.domain.addresses import is_image_address
from luxewin.modules.catalog.domain.categories import path_names
from luxewin.modules.catalog.domain.changes import Change, given_up_skus, taken_skus
from luxewin.modules.catalog.domain.descriptions import sanitise
from luxewin.modules.catalog.domain.entity_tags import stock_state
from luxewin.modules.catalog.domain.extra import (
    HANDLE,
    POLICY,
    PUBLISHED,
    SEO_DESCRIPTION,
    SEO_TITLE,
    STATUS,
    continues_selling,
)
from luxewin.modules.catalog.domain.fields import (
    PRODUCT_FIELDS,
    VARIANT_FIELDS,
    Field,
    Kind,
    ProductBase,
    VariantBase,
)
from luxewin.modules.catalog.domain.matching import (
    WantedVariant,
    match_variants,
    must_be_distinct,
    with_known_spellings,
)
from luxewin.modules.catalog.domain.names import (
    LONGEST_NAME,
    distinct_tags,
    label,
    option_key,
    slug_of_handle,
    slugs_of_handle,
)
from luxewin.modules.catalog.domain.products import (
    NO_OPTIONS_NAME,
    NO_OPTIONS_VALUE,
    CategoryName,
    Content,
    Image,
    Option,
    Product,
    ProductStatus,
    Variant,
    VendorName,
    has_useless_comparison,
    options_of,
)
from luxewin.modules.catalog.errors import CategoryInvalid, ProductInvalid

__all__ = [
    "HANDLE",
    "LONGEST_NAME",
    "NO_OPTIONS_NAME",
    "NO_OPTIONS_VALUE",
    "POLICY",
    "PRODUCT_FIELDS",
    "PUBLISHED",
    "SEO_DESCRIPTION",
    "SEO_TITLE",
    "STATUS",
    "VARIANT_FIELDS",
    "CategoryInvalid",
    "CategoryName",
    "Change",
    "Content",
    "Field",
    "Image",
    "Kind",
    "Option",
    "Product",
    "ProductBase",
    "ProductInvalid",
    "ProductStatus",
    "Variant",
    "VariantBase",
    "VendorName",
    "WantedVariant",
    "continues_selling",
    "distinct_tags",
    "given_up_skus",
    "has_useless_comparison",
    "is_image_address",
    "label",
    "match_variants",
    "must_be_distinct",
    "option_key",
    "options_of",
    "path_names",
    "sanitise",
    "slug_of_handle",
    "slugs_of_handle",
    "stock_state",
    "taken_skus",
    "with_known_spellings",
]
