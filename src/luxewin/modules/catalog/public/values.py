"""The pure part of the public API: product values and their rules, for other modules' domains."""

from luxewin.modules.catalog.domain.addresses import is_image_address
from luxewin.modules.catalog.domain.categories import path_names
from luxewin.modules.catalog.domain.changes import Change, given_up_skus, taken_skus
from luxewin.modules.catalog.domain.descriptions import sanitise
from luxewin.modules.catalog.domain.extra import (
    BACKORDER_LIMIT,
    HANDLE,
    POLICY,
    PUBLISHED,
    STATUS,
    available_units,
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
from luxewin.modules.catalog.domain.names import LONGEST_NAME, slug_of_handle
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
    options_of,
)
from luxewin.modules.catalog.errors import CategoryInvalid, ProductInvalid

__all__ = [
    "BACKORDER_LIMIT",
    "HANDLE",
    "LONGEST_NAME",
    "NO_OPTIONS_NAME",
    "NO_OPTIONS_VALUE",
    "POLICY",
    "PRODUCT_FIELDS",
    "PUBLISHED",
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
    "available_units",
    "continues_selling",
    "given_up_skus",
    "is_image_address",
    "options_of",
    "path_names",
    "sanitise",
    "slug_of_handle",
    "taken_skus",
]
