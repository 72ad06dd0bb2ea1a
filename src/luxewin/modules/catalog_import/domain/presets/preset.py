"""The description of another platform's product file: which of its columns hold what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum


class Platform(StrEnum):
    """The platform that wrote a product file."""

    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    MAGENTO = "magento"
    PRESTASHOP = "prestashop"
    WIX = "wix"
    SQUARESPACE = "squarespace"
    ETSY = "etsy"
    MEDUSA = "medusa"
    VENDURE = "vendure"
    SPREE = "spree"

    @property
    def brand(self) -> str:
        """The platform's name as it writes it."""
        return _TITLES.get(self, self.value.title())


_TITLES = {Platform.WOOCOMMERCE: "WooCommerce", Platform.PRESTASHOP: "PrestaShop"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """Columns with lists: the texts between `separator` (a regular expression; blank: each cell is one text)."""

    columns: Sequence[str]
    separator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Categories:
    """The columns of categories; `path_separator` is between the names of a path.

    With `has_root` each path begins with the shop's root category, which is no category of its own. With `are_levels`
    the columns are the levels of one path, the root first.
    """

    columns: Sequence[str]
    separator: str = ""
    path_separator: str = r"\s*>\s*"
    has_root: bool = False
    are_levels: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionColumns:
    """The columns of one option; with `value_separator` the product's row lists all values of the option."""

    name: str
    value: str
    value_separator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """The column with the kind of a row, and the words for variants and for products that cannot be imported."""

    column: str
    variants: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    r"""One platform's product file.

    All names of columns are folded: lower case, single spaces. `aliases` are the names of the columns in other
    languages or versions, each with its name in this table.

    `signatures` are sets of columns, by one of which a file is recognised. `ids` are the columns that identify a
    product, with a prefix for references; `parent` refers to the product of a variant's row. A row without any id
    belongs to the product above it. The handle is the first given of `handles`, else it is made of the title.

    `copied` are the columns whose cells are copied to a column of our format; with `escapes_lines` a description has
    `\n` for a line break. `inherited` are columns that a variant takes from its product if its own cell is blank. A row
    with a value in `translations` repeats a product in another language. `fallbacks` maps a column to the one that is
    used where it is blank. `value_code` is a regular expression of what stands before the value of an option. With
    `variant_images` the image in a variant's row is the variant's own. `statuses` are the words of the column
    `status` with a status of our format. `child_options` lists the variants' SKUs with their options, and
    `option_labels` the names of these options.

    A file may have a price for each currency, in columns named like `price` with the currency behind it. `currency` is
    the column with the currency of all prices. `surcharge` is added to the product's price. `sale` is a lower price,
    only valid without a date in `sale_dates` and with a true word in `sale_flag`; it may also be given as a discount
    from the price. Where `discount_mode` is a column, it tells whether the discount is a percentage or an amount.

    A variant with the word `shared_stock` as its quantity sells the units of its product. `uses_default` maps a
    setting's column to the one that is true where the shop's default is used instead. A variant is not shipped if the
    column `virtual` has one of `virtual_words`, or without these a true word; it is not taxed if the column `tax` has
    one of `untaxed`.

    `weight_unit` is the unit of weights whose column does not name it, blank if it depends on the shop; the user's
    `chosen_weight_unit` is stronger. `weight_surcharge` is added to the product's weight.
    `image_base` is the address in front of images without one. `image_position` counts the images of the product.
    """

    platform: Platform
    signatures: Sequence[frozenset[str]]
    copied: Mapping[str, str]
    title: str
    aliases: Mapping[str, str] = field(default_factory=dict)
    ids: Sequence[tuple[str, str]] = ()
    parent: str = ""
    kinds: Kinds | None = None
    handles: Sequence[str] = ()
    price: str = ""
    currency: str = ""
    sale: str = ""
    sale_flag: str = ""
    sale_dates: Sequence[str] = ()
    discount_amount: str = ""
    discount_percent: str = ""
    discount_mode: str = ""
    surcharge: str = ""
    status: str = ""
    statuses: Mapping[str, str] = field(default_factory=dict)
    quantity: str = ""
    is_tracked: str = ""
    in_stock: str = ""
    backorders: str = ""
    backorder_words: frozenset[str] = frozenset()
    shared_stock: str = ""
    uses_default: Mapping[str, str] = field(default_factory=dict)
    weight: str = ""
    weight_unit: str = ""
    chosen_weight_unit: str = ""
    weight_unit_column: str = ""
    weight_surcharge: str = ""
    tags: Listed | None = None
    images: Listed | None = None
    image_base: str = ""
    image_position: str = ""
    categories: Categories | None = None
    options: Sequence[OptionColumns] = ()
    child_options: str = ""
    option_labels: str = ""
    virtual: str = ""
    virtual_words: frozenset[str] = frozenset()
    tax: str = ""
    untaxed: frozenset[str] = frozenset()
    escapes_lines: bool = False
    translations: str = ""
    inherited: Sequence[str] = ()
    fallbacks: Mapping[str, str] = field(default_factory=dict)
    value_code: str = ""
    variant_images: bool = False

    def with_choices(self, *, image_base: str | None, weight_unit: str | None) -> "Preset":
        """Return the preset with what the user has named instead of its own."""
        return replace(
            self, image_base=image_base or self.image_base, chosen_weight_unit=weight_unit or self.chosen_weight_unit
        )

    @property
    def reductions(self) -> tuple[str, ...]:
        """The columns with a lower price, or with a discount from the price."""
        return tuple(name for name in (self.sale, self.discount_amount, self.discount_percent) if name)

    def name_of(self, column: str, currency: str = "") -> str:
        """Return the name of a file's column in this table; `currency` is that of the shop."""
        folded = fold(column)
        without_currency = folded.removesuffix(f" {currency.casefold()}") if currency else folded
        if self.price and without_currency != folded and self._main_name(without_currency) == self.price:
            return self.price
        return self._main_name(folded)

    def _main_name(self, folded: str) -> str:
        return self.aliases.get(folded, folded)


def fold(column: str) -> str:
    """Return the form in which names of columns are compared."""
    return " ".join(column.replace("\ufeff", "").casefold().split())
