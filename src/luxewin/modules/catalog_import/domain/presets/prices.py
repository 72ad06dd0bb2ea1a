"""The price and the former price of a variant in another platform's file."""

from decimal import ROUND_HALF_UP, Decimal

from luxewin.modules.catalog_import.domain.shopify_csv import RowError, RowNote, columns
from luxewin.modules.catalog_import.domain.shopify_csv.header import Row
from luxewin.modules.catalog_import.domain.shopify_csv.words import is_true

from .preset import Preset
from .texts import added, decimal, is_positive

_NO_DATE = "0000-00-00"
_WHOLE_PERCENT = 100


def price_cells(
    preset: Preset, row: Row, about: Row, remarks: list[RowNote | RowError], *, exponent: int
) -> dict[str, str]:
    """Return the cells of a variant's prices; `about` is its product's row, and amounts have `exponent` decimals."""
    price = row.cells.get(preset.price, "").strip()
    if preset.surcharge and row is not about:
        price = added(about.cells.get(preset.price, ""), row.cells.get(preset.surcharge, ""))
    price = price or about.cells.get(preset.price, "").strip()
    if not price and not row.cells.get(preset.sale, "").strip():
        message = "The variant has no price; enter one, or 0 if it is free"
        remarks.append(RowError(row.line, preset.price, "price_missing", message))
        return {}
    column, sale = _sale(preset, row, about, price, exponent)
    if not is_positive(sale) or (preset.sale_flag and not is_true(row.cells.get(preset.sale_flag, ""))):
        return {columns.PRICE: price}
    dated = about if column != preset.sale else row
    if any(not dated.cells.get(name, _NO_DATE).strip().startswith(_NO_DATE) for name in preset.sale_dates):
        message = f"The price {sale[:40]!r} is valid for a time only; the regular price was taken"
        note = RowNote(dated.line, column, "sale_left_out", message)
        remarks += [] if any((each.line, each.code) == (note.line, note.code) for each in remarks) else [note]
        return {columns.PRICE: price}
    return {columns.PRICE: sale, columns.COMPARE_AT: price}


def _sale(preset: Preset, row: Row, about: Row, price: str, exponent: int) -> tuple[str, str]:
    """Return the column of the lower price, and this price; it is blank if there is none."""
    regular = decimal(price)
    mode = (row.cells.get(preset.discount_mode, "") or about.cells.get(preset.discount_mode, "")).strip().casefold()
    for column, is_percent in ((preset.discount_amount, False), (preset.discount_percent, True)):
        if not column or (preset.discount_mode and mode.startswith("percent") is not is_percent):
            continue
        discount = decimal(row.cells.get(column, "") or about.cells.get(column, ""))
        if discount and regular is not None:
            reduced = regular - (regular * discount / _WHOLE_PERCENT if is_percent else discount)
            return column, str(max(reduced, Decimal(0)).quantize(Decimal(1).scaleb(-exponent), ROUND_HALF_UP))
    return preset.sale, row.cells.get(preset.sale, "").strip()
