"""The fields of products and variants, each declared once.

Storage, API, change lists, imports and exports loop over these records. A new field needs: its attribute and its record
here, its column in `models` with a migration (and in the view `catalog_v_variants` if other modules read it), its line
in each class of the API's `schemas` that has the fields (`VariantFields`, `VariantView`), and a new
`docs/api/openapi.json`. Tests check that these agree.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from luxewin.kit.countries import COUNTRIES
from luxewin.modules.catalog.domain.addresses import is_image_address
from luxewin.modules.catalog.domain.descriptions import LONGEST_DESCRIPTION
from luxewin.modules.catalog.domain.names import LONGEST_NAME

HS_CODE_PATTERN = r"[0-9]+(\.[0-9]+)*"
SHORTEST_HS_CODE, LONGEST_HS_CODE = 6, 13


def _is_hs_code(text: str) -> bool:
    return SHORTEST_HS_CODE <= len(text) <= LONGEST_HS_CODE and re.fullmatch(HS_CODE_PATTERN, text) is not None


class Kind(StrEnum):
    """The type of a field's values, which determines how they are stored, read and written."""

    LABEL = "label"
    """A text on one line, without white space around it."""
    PROSE = "prose"
    """A text that is stored verbatim."""
    AMOUNT = "amount"
    """An amount in minor units of the tenant's currency."""
    GRAMS = "grams"
    """A weight in whole grams."""
    FLAG = "flag"
    """True or false."""
    LABELS = "labels"
    """Distinct texts in an order, without commas."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a product or a variant.

    `name` is the attribute and the column in the database. `columns` are the names of its column in product files: the
    first is written, all are read. `accepts` decides whether a text is valid, and `expected` describes a valid text:
    "an HTTP address". A public field is in the bodies of requests and in responses, also to shoppers; the others are in
    product files only.
    """

    name: str
    kind: Kind
    columns: tuple[str, ...]
    is_public: bool = False
    api_name: str = ""
    jsonl_name: str = ""
    default: Any = None
    is_required: bool = False
    longest: int | None = None
    accepts: Callable[[str], bool] | None = None
    expected: str = ""
    error_code: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "api_name", self.api_name or self.name)
        object.__setattr__(self, "jsonl_name", self.jsonl_name or self.api_name)
        object.__setattr__(self, "error_code", self.error_code or f"{self.api_name}_invalid")

    @property
    def column(self) -> str:
        """The name of its column in a written product file."""
        return self.columns[0]

    @property
    def blank(self) -> Any:
        """The value that a blank cell represents."""
        return False if self.kind is Kind.FLAG else self.default

    def is_valid(self, text: str) -> bool:
        """Return whether a text is valid in this field."""
        return self.accepts is None or self.accepts(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductBase:
    """The fields that a product has in the catalogue and in a product file."""

    name: str
    description: str = ""
    tags: tuple[str, ...] = ()


PRODUCT_FIELDS: Sequence[Field] = (
    Field(
        name="name",
        kind=Kind.PROSE,
        columns=("Title",),
        is_public=True,
        jsonl_name="title",
        is_required=True,
        longest=LONGEST_NAME,
    ),
    Field(
        name="description",
        kind=Kind.PROSE,
        columns=("Body (HTML)", "Description"),
        is_public=True,
        default="",
        longest=LONGEST_DESCRIPTION,
    ),
    Field(name="tags", kind=Kind.LABELS, columns=("Tags",), is_public=True, default=()),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantBase:
    """The fields that a variant has in the catalogue and in a product file."""

    price_minor: int
    compare_at_minor: int | None = None
    cost_minor: int | None = None
    sku: str | None = None
    barcode: str = ""
    weight_grams: int | None = None
    requires_shipping: bool = True
    taxable: bool = True
    tax_code: str = ""
    image_url: str | None = None
    hs_code: str | None = None
    country_of_origin: str | None = None


VARIANT_FIELDS: Sequence[Field] = (
    Field(
        name="price_minor",
        kind=Kind.AMOUNT,
        columns=("Variant Price", "Price"),
        is_public=True,
        api_name="price",
        is_required=True,
    ),
    Field(
        name="compare_at_minor",
        kind=Kind.AMOUNT,
        columns=("Variant Compare At Price", "Compare-at price"),
        is_public=True,
        api_name="compare_at_price",
    ),
    # What the shop pays is for its staff only, and every response about a product may be shown to shoppers.
    Field(name="cost_minor", kind=Kind.AMOUNT, columns=("Cost per item",), api_name="cost"),
    Field(
        name="sku",
        kind=Kind.LABEL,
        columns=("Variant SKU", "SKU"),
        is_public=True,
        longest=LONGEST_NAME,
    ),
    Field(
        name="barcode",
        kind=Kind.LABEL,
        columns=("Variant Barcode", "Barcode"),
        is_public=True,
        default="",
    ),
    Field(
        name="weight_grams",
        kind=Kind.GRAMS,
        columns=("Variant Grams", "Weight value (grams)"),
        is_public=True,
    ),
    Field(
        name="requires_shipping",
        kind=Kind.FLAG,
        columns=("Variant Requires Shipping", "Requires shipping"),
        is_public=True,
        default=True,
    ),
    Field(
        name="taxable",
        kind=Kind.FLAG,
        columns=("Variant Taxable", "Charge tax"),
        is_public=True,
        default=True,
    ),
    Field(
        name="tax_code",
        kind=Kind.LABEL,
        columns=("Variant Tax Code", "Tax code"),
        is_public=True,
        default="",
    ),
    Field(
        name="image_url",
        kind=Kind.LABEL,
        columns=("Variant Image", "Variant image URL"),
        is_public=True,
        jsonl_name="image",
        accepts=is_image_address,
        expected="an http or https address",
        error_code="image_address_refused",
    ),
    Field(
        name="hs_code",
        kind=Kind.LABEL,
        columns=("Variant HS Code", "HS Code", "Harmonized System Code"),
        is_public=True,
        accepts=_is_hs_code,
        expected="an HS code: 6 to 13 digits and dots, with digits around each dot, such as 6109.10",
    ),
    Field(
        name="country_of_origin",
        kind=Kind.LABEL,
        columns=("Variant Country of Origin", "Country of Origin", "COO"),
        is_public=True,
        accepts=COUNTRIES.__contains__,
        expected="an ISO 3166-1 alpha-2 country code: two capital letters, such as DE",
    ),
)
