"""Request bodies of products and variants."""

from collections.abc import Callable
from typing import Annotated, ClassVar, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from luxewin.kit.http.examples import named_examples
from luxewin.kit.http.fields import Body, OptionalText, PriceField, ShortText, Slug, cleaned
from luxewin.kit.http.public_urls import without_base_url
from luxewin.kit.http.read_only import Replacement
from luxewin.modules.catalog.domain.addresses import LONGEST_ADDRESS, is_image_address
from luxewin.modules.catalog.domain.descriptions import LONGEST_DESCRIPTION
from luxewin.modules.catalog.domain.fields import (
    HS_CODE_PATTERN,
    LONGEST_HS_CODE,
    SHORTEST_HS_CODE,
    VARIANT_FIELDS,
)
from luxewin.modules.catalog.domain.names import LONGEST_NAME, label
from luxewin.modules.catalog.domain.products import MOST_IMAGES, MOST_TAGS, ProductStatus
from luxewin.modules.catalog.schemas import examples
from luxewin.modules.catalog.schemas.patches import refuse_nulls

MOST_OPTIONS = 3
MOST_VARIANTS_AT_ONCE = 200
LARGEST_STOCK = 1_000_000_000
LONGEST_SEO_TEXT = 5_000
LARGEST_WEIGHT_GRAMS = 2**31 - 1


def _address(text: str) -> str:
    address = without_base_url(text)
    if not is_image_address(address):
        raise ValueError("must be an http or https URL, or a path that begins with a single /")
    return address


def _valid(name: str) -> Callable[[str], str]:
    """Return a validator that applies the rule of a variant's field."""
    field = next(field for field in VARIANT_FIELDS if field.name == name)

    def validate(text: str) -> str:
        if not field.is_valid(text):
            raise ValueError(f"must be {field.expected}, got {text[:40]!r}")
        return text

    return validate


def _label(value: object) -> object:
    return label(value) if isinstance(value, str) else value


def _tag(text: str) -> str:
    if "," in text:
        raise ValueError("must not contain a comma: product files separate tags by commas")
    return text


Description = Annotated[str, StringConstraints(max_length=LONGEST_DESCRIPTION)]
ImageUrl = Annotated[str, StringConstraints(max_length=LONGEST_ADDRESS), AfterValidator(_address)]
HsCode = Annotated[
    str,
    AfterValidator(_valid("hs_code")),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^{HS_CODE_PATTERN}$",
            "minLength": SHORTEST_HS_CODE,
            "maxLength": LONGEST_HS_CODE,
        }
    ),
]
CountryOfOrigin = Annotated[
    str,
    AfterValidator(_valid("country_of_origin")),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{2}$", "minLength": 2, "maxLength": 2}),
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME), BeforeValidator(cleaned)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_NAME), BeforeValidator(_label)]
"""A text with single spaces: texts that look equal are equal."""
SeoText = Annotated[str, StringConstraints(max_length=LONGEST_SEO_TEXT)]
Tag = Annotated[Label, AfterValidator(_tag)]
CategoryText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
Stock = Annotated[
    int,
    Field(
        strict=True,
        ge=-LARGEST_STOCK,
        le=LARGEST_STOCK,
        description=(
            "Available units: on hand and not reserved for orders, in requests and in responses alike. Null if stock is"
            " not tracked. Negative if more units are sold on backorder than are on hand"
        ),
    ),
]
WeightGrams = Annotated[int, Field(strict=True, ge=0, le=LARGEST_WEIGHT_GRAMS)]
Pixels = Annotated[int, Field(strict=True, ge=1, le=100_000)]
Options = Annotated[dict[Label, Label], Field(max_length=MOST_OPTIONS)]
Attributes = Annotated[dict[ShortText, bool | int | str | None], Field(max_length=100)]


class ImageBody(Replacement):
    """An image by its address; this service never fetches it."""

    read_only: ClassVar[frozenset[str]] = frozenset({"sizes"})

    url: ImageUrl
    alt: OptionalText = ""
    width: Pixels | None = None
    height: Pixels | None = None


class OptionBody(Body):
    """An option by which the variants differ, such as their size."""

    name: Label
    values: list[Label] = Field(min_length=1, max_length=MOST_VARIANTS_AT_ONCE)


class SeoBody(Body):
    """The texts that search engines show instead of the name and the description."""

    title: SeoText = ""
    description: SeoText = ""


class VariantFields(Replacement):
    """The fields of a variant; `stock` is the number of available units, null if it is not tracked."""

    sku: Label | None = None
    price: PriceField | None = None
    compare_at_price: PriceField | None = None
    stock: Stock | None = None
    weight_grams: WeightGrams | None = None
    barcode: OptionalText = ""
    requires_shipping: Annotated[bool, Field(strict=True)] = True
    taxable: Annotated[bool, Field(strict=True)] = True
    tax_code: OptionalText = ""
    image_url: ImageUrl | None = None
    hs_code: HsCode | None = Field(None, description="Customs tariff number in the Harmonized System")
    country_of_origin: CountryOfOrigin | None = Field(None, description="ISO 3166-1 alpha-2 code")


class VariantBody(VariantFields):
    """A variant; without a price of its own it has the price of the product."""

    model_config = ConfigDict(json_schema_extra={"examples": [examples.VARIANT_BODY]})

    read_only: ClassVar[frozenset[str]] = frozenset({"id", "in_stock"})
    options: Options = Field(default_factory=dict)


class ListedVariant(VariantBody):
    """A variant in the list of a product.

    It is an existing one if `id` names it, else if one has its SKU, else if one has its options, in any spelling.
    """

    read_only: ClassVar[frozenset[str]] = frozenset({"in_stock"})
    id: UUID | None = Field(None, description="The variant that is described; without it, see above")


class VariantPatch(VariantFields):
    """A partial change of a variant; omitted fields stay unchanged."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"stock": 12}]})

    options: Options | None = None

    @model_validator(mode="after")
    def _has_no_nulls(self) -> Self:
        refuse_nulls(self, "options", "price")
        return self


class ProductFields(Replacement):
    """The fields of a product.

    Either `price`, `stock`, `sku` … of its one variant, or `options` and `variants`. `image_url` is short for one of
    `images`.
    """

    slug: Slug | None = Field(None, description="Derived from the name by default")
    description: Description = Field("", description="HTML; scripts and other active content are removed")
    status: ProductStatus = ProductStatus.ACTIVE
    category: CategoryText | None = Field(None, description="Name or path; staff create a new one by naming it")
    tags: list[Tag] = Field(default_factory=list, max_length=MOST_TAGS)
    price: PriceField | None = None
    compare_at_price: PriceField | None = None
    stock: Stock | None = None
    sku: Label | None = None
    weight_grams: WeightGrams | None = None
    image_url: ImageUrl | None = None
    images: list[ImageBody] | None = Field(None, max_length=MOST_IMAGES)
    options: list[OptionBody] | None = Field(None, max_length=MOST_OPTIONS)
    variants: list[ListedVariant] | None = Field(None, min_length=1, max_length=MOST_VARIANTS_AT_ONCE)
    vendor_id: UUID | None = Field(None, description="The vendor; only staff may set it")
    product_type_id: UUID | None = None
    attributes: Attributes = Field(default_factory=dict, description="As the product's type declares them")
    seo: SeoBody | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        fields_set = self.model_fields_set
        if self.variants is not None and fields_set & {"sku", "weight_grams"}:
            raise ValueError("give sku and weight_grams with each variant, not with the product, if there are variants")
        if self.options and self.variants is None:
            raise ValueError("`options` needs `variants`")
        if self.image_url is not None and self.images is not None:
            raise ValueError("give either `image_url` or `images`, not both")
        return self


class ProductBody(ProductFields):
    """A complete product."""

    model_config = ConfigDict(
        json_schema_extra=named_examples(
            {
                "A product without options": examples.PRODUCT_BODY,
                "A product with variants": examples.PRODUCT_WITH_VARIANTS,
            }
        )
    )

    read_only: ClassVar[frozenset[str]] = frozenset(
        {"id", "in_stock", "vendor", "rating", "created_at", "updated_at", "version"}
    )
    references: ClassVar[frozenset[str]] = frozenset({"category"})
    name: Name

    @model_validator(mode="after")
    def _has_a_price(self) -> Self:
        unpriced = self.variants is None or any(variant.price is None for variant in self.variants)
        if self.price is None and unpriced:
            raise ValueError("`price` is missing: give it for the product or for each variant")
        return self


class ProductPatch(ProductFields):
    """A partial change of a product; omitted fields stay unchanged."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"price": {"amount": 119900, "currency": "USD"}, "tags": ["sale"]}]}
    )

    name: Name | None = None

    @model_validator(mode="after")
    def _has_no_nulls(self) -> Self:
        refuse_nulls(self, "name", "slug", "price", "options", "variants", "images", "seo")
        return self
