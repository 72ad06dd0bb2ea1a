"""The variants of a product that another platform describes without a row for each of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from luxewin.modules.catalog_import.domain.shopify_csv import RowError, RowNote, columns
from luxewin.modules.catalog_import.domain.shopify_csv.header import Row
from luxewin.modules.catalog_import.domain.shopify_csv.limits import MAX_VARIANTS

from .preset import OptionColumns, Preset
from .texts import ESCAPED_COMMA, is_positive, split

Options = dict[str, str]


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant's row with its options by name; `own` is false for a combination that has no row of its own."""

    row: Row
    options: Options
    own: bool = True


def combinations(preset: Preset, about: Row, remarks: list[RowNote | RowError]) -> list[Variant]:
    """Return a variant for each combination of the values that the product's row lists."""
    values = {
        name: found
        for each in preset.options
        if (name := about.cells.get(each.name, "").strip()) and (found := _listed_values(preset, each, about))
    }
    if not values:
        return []
    variants = [Variant(about, options, own=False) for options in _combined(values)]
    sku = next((name for name, column in preset.copied.items() if column == columns.SKU), "")
    lost = ["SKU"] if sku in about.cells else []
    lost += ["stock"] if is_positive(about.cells.get(preset.quantity, "")) else []
    if lost:
        message = (
            f"The file does not tell the {' and the '.join(lost)} of each of the {len(variants):,} variants of"
            f" {', '.join(values)[:200]}: they were imported without; enter them"
        )
        remarks.append(RowNote(about.line, sku if lost[0] == "SKU" else preset.quantity, "values_listed", message))
    return variants


def with_listed_values(
    preset: Preset, about: Row, variants: Sequence[Variant], remarks: list[RowNote | RowError]
) -> list[Variant]:
    """Return the variants, with one for each value that the product lists where a variant is for any value.

    A variant with values of its own wins; the others made of a row have its price, and no SKU and stock of their own.
    """
    taken = {tuple(sorted(each.options.items())) for each in variants}
    found: list[Variant] = []
    for variant in variants:
        anything = {
            name: values
            for each in preset.options
            if (name := variant.row.cells.get(each.name, "").strip())
            and not variant.row.cells.get(each.value)
            and (values := _listed_values(preset, each, about))
        }
        if not anything:
            found.append(variant)
            continue
        options = [variant.options | each for each in _combined(anything)]
        free = [each for each in options if tuple(sorted(each.items())) not in taken]
        taken.update(tuple(sorted(each.items())) for each in free)
        found += [Variant(variant.row, each, own=place == 0) for place, each in enumerate(free)]
        message = (
            f"The variant is for any value of {', '.join(anything)[:200]}; it was imported as {len(free):,} variants,"
            " of which only the first has its SKU and stock"
        )
        remarks.append(RowNote(variant.row.line, next(iter(preset.options)).value, "any_value_divided", message))
        if len(found) > MAX_VARIANTS:
            break
    return found


def with_shared_stock(
    preset: Preset, about: Row, variants: Sequence[Variant], remarks: list[RowNote | RowError]
) -> list[Variant]:
    """Return the variants, the first of those that share the product's units with all of them, the others with 0.

    Every variant has a stock of its own here. Like this no unit is sold twice.
    """
    sharing = [each for each in variants if _quantity(preset, each.row) == preset.shared_stock]
    if not preset.shared_stock or not sharing:
        return list(variants)
    units = about.cells.get(preset.quantity, "")
    message = (
        f"{len(sharing):,} variants share the stock of their product ({units[:20] or 'not tracked'}), and every variant"
        " has its own here: the first of them has all units; distribute them"
    )
    remarks.append(RowNote(about.line, preset.quantity, "stock_shared", message))
    first = sharing[0]
    return [
        each
        if each not in sharing
        else replace(each, row=_with_quantity(preset, each.row, units if each is first or not units else "0"))
        for each in variants
    ]


def _listed_values(preset: Preset, option: OptionColumns, about: Row) -> list[str]:
    separator = option.value_separator
    separator = separator if separator == ESCAPED_COMMA else re.escape(separator)
    return [without_code(preset, value) for value in split(about.cells.get(option.value, ""), separator)]


def without_code(preset: Preset, value: str) -> str:
    """Return the value of an option without the code that the platform writes in front of it, such as a colour's."""
    return re.sub(preset.value_code, "", value, count=1).strip() if preset.value_code else value


def _combined(values: dict[str, list[str]]) -> list[Options]:
    """Return the combinations of values by name, one more than a product may have at most."""
    return [dict(zip(values, each, strict=True)) for each in islice(product(*values.values()), MAX_VARIANTS + 1)]


def _quantity(preset: Preset, row: Row) -> str:
    return row.cells.get(preset.quantity, "").strip().casefold()


def _with_quantity(preset: Preset, row: Row, quantity: str) -> Row:
    cells = {name: cell for name, cell in row.cells.items() if name != preset.quantity}
    return Row(row.line, cells | ({preset.quantity: quantity} if quantity else {}))
