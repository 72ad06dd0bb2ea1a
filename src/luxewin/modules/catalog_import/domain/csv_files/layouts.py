"""The layout of a CSV file: what each of its columns holds, and how its rows become rows of our format."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from luxewin.modules.catalog.public.values import slug_of_handle
from luxewin.modules.catalog_import.domain.presets import (
    Platform,
    Preset,
    Translator,
    fold,
    full_address,
    preset_of,
    weight_column,
)
from luxewin.modules.catalog_import.domain.shopify_csv import NotAProductFile, RowNote, columns
from luxewin.modules.catalog_import.domain.shopify_csv.columns import (
    HANDLE,
    OPTION_NAMES,
    OPTION_VALUES,
    QUANTITY,
    REQUIRED_COLUMNS,
    SKU,
    TITLE,
    VARIANT_COLUMNS,
    known_name,
)
from luxewin.modules.catalog_import.domain.shopify_csv.header import (
    Header,
    Row,
    check_header,
    refuse_excess,
    written_names,
)
from luxewin.modules.catalog_import.domain.shopify_csv.records import Record

from .choices import ReadingOptions
from .combinations import is_combinations
from .guesses import guess

_ON_HAND = ("on hand (new)", "on hand", "on hand (current)", "available", "available (not editable)", "quantity")
"""The columns of inventory files with the units to set, the first that a file has."""
LOCATION = "Location"
_UPDATABLE = VARIANT_COLUMNS - {SKU, *OPTION_VALUES}


class Contents(StrEnum):
    """What the rows of a file describe."""

    PRODUCTS = "products"
    UPDATES = "updates"
    """Values of existing variants: a price list, a stock list, an inventory file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The layout of a file. `written` are its columns, `fields` the columns of our format that they hold, or None.

    `header` gives the cells of a row their names; `given` are all columns of our format that the file has.
    """

    contents: Contents
    platform: Platform | None
    header: Header
    written: tuple[str, ...]
    fields: tuple[str | None, ...]
    given: frozenset[str]
    translator: Translator | None = None
    makes_handles: bool = False
    image_base: str = ""
    weight_unit: str = ""
    notes: tuple[RowNote, ...] = ()
    _names_by_field: Mapping[str, str] = field(default_factory=dict)

    @property
    def stored_names(self) -> tuple[str, ...]:
        """The names of the columns without those that the user ignores."""
        return tuple(name for name in self.header.names if name not in self.header.ignored)

    def row(self, record: Record) -> Row:
        """Return the cells of a record by their names."""
        row = self.header.row(record)
        added = {}
        if self.makes_handles and (title := row.cells.get(TITLE)):
            added[HANDLE] = slug_of_handle(title.strip())
        if self.weight_unit and (weight := row.cells.get(columns.WEIGHT, "")).strip()[-1:].isdigit():
            added[columns.WEIGHT] = f"{weight.strip()} {self.weight_unit}"
        for name in (columns.IMAGE_SRC, columns.VARIANT_IMAGE) if self.image_base else ():
            if name in row.cells:
                added[name] = full_address(row.cells[name], self.image_base)
        return Row(row.line, {**row.cells, **added}) if added else row

    def name_in_file(self, column: str | None) -> str | None:
        """Return the name that the file has for a column of our format."""
        return self._names_by_field.get(column, column) if column is not None else None


def layout_of(first: Record | None, options: ReadingOptions | None = None, *, currency: str = "") -> Layout:
    """Return the layout of a file with this first row; `options` are the user's, and `currency` the shop's.

    Raises:
        NotAProductFile: it is not the header of a product file, or the mapping does not fit it.
    """
    if first is None:
        raise NotAProductFile("The file is empty", reason="empty")
    options = options or ReadingOptions()
    written = written_names(first)
    mapped = _mapped(options.mapping, written, first)
    preset = preset_of(written)
    if preset is None and is_combinations(written):
        message = "These are PrestaShop's combinations: put this file and that of the products into one .zip archive"
        raise NotAProductFile(message, reason="missing_columns", line=first.line)
    ignored = frozenset(f"\0{place}" for place, name in enumerate(written) if name in mapped and not mapped[name])
    names = tuple(
        f"\0{place}" if f"\0{place}" in ignored else mapped.get(name) or known_name(name) or name
        for place, name in enumerate(written)
    )
    if preset is not None and not set(REQUIRED_COLUMNS) <= set(names):
        preset = preset.with_choices(image_base=options.image_base, weight_unit=options.weight_unit)
        return _foreign(preset, written, mapped, first, currency)
    if update := _update(names, written, first):
        return replace(update, image_base=options.image_base or "", weight_unit=options.weight_unit or "")
    makes_handles = bool(mapped) and HANDLE not in names
    check_header(names, first, required=[name for name in REQUIRED_COLUMNS if name != HANDLE or not makes_handles])
    fields = tuple(name if known_name(name) == name else None for name in names)
    return Layout(
        contents=Contents.PRODUCTS,
        platform=None if mapped else Platform.SHOPIFY,
        header=Header(names, ignored=ignored),
        written=written,
        fields=fields,
        given=frozenset(names) - ignored - {""},
        makes_handles=makes_handles,
        image_base=options.image_base or "",
        weight_unit=options.weight_unit or "",
        notes=_unknown_columns(written, fields, mapped),
        _names_by_field=_names_by_field(written, fields),
    )


def proposed_fields(first: Record) -> tuple[str | None, ...]:
    """Return what the columns may hold: known columns, and guesses for the others."""
    return tuple(known_name(name) or guess(name) for name in written_names(first))


def _mapped(mapping: Mapping[str, str | None], written: Sequence[str], first: Record) -> dict[str, str | None]:
    """Return the user's mapping with the main names of our columns; None ignores a column."""
    by_folded = {fold(name): name for name in written}
    mapped: dict[str, str | None] = {}
    for column, target in mapping.items():
        name = by_folded.get(fold(column))
        known = known_name(target) if target else None
        if name is None:
            message = f"The mapping names the column {column[:80]!r}, which the file does not have; correct its name"
            raise NotAProductFile(message, reason="mapping", line=first.line)
        if target and known is None:
            message = f"The mapping names the field {target[:80]!r}, which is unknown; use a name such as {TITLE!r}"
            raise NotAProductFile(message, reason="mapping", line=first.line)
        mapped[name] = known
    return mapped


def _foreign(
    preset: Preset, written: tuple[str, ...], mapped: Mapping[str, str | None], first: Record, currency: str
) -> Layout:
    """Return the layout of another platform's file; the user's mapping replaces what the preset says."""
    names: list[str] = []
    for column in written:
        name = preset.name_of(column, currency)
        names.append(fold(column) if name in names else name)
    refuse_excess(tuple(names), first)
    preset = _with_mapping(preset, {preset.name_of(column): target for column, target in mapped.items()})
    fields_by_name = _fields_of(preset, weight=weight_column(preset, names)[0])
    fields = tuple(fields_by_name.get(name) for name in names)
    left = [column for column, each in zip(written, fields, strict=True) if each is None and column]
    notes = []
    if left:
        message = f"These columns are not imported: {', '.join(left)[:900]}"
        notes.append(RowNote(1, None, "columns_not_imported", message))
    given = frozenset(each for each in fields if each is not None)
    if not preset.options:
        given |= {OPTION_NAMES[0]} if preset.child_options else set()
    return Layout(
        contents=Contents.PRODUCTS,
        platform=preset.platform,
        header=Header(
            tuple(names),
            skus=frozenset(name for name, each in zip(names, fields, strict=True) if each == SKU),
            barcodes=frozenset(name for name, each in zip(names, fields, strict=True) if each == columns.BARCODE),
        ),
        written=written,
        fields=fields,
        given=given | _implied(preset, names, given),
        translator=Translator(preset, names, currency=currency),
        notes=tuple(notes),
        _names_by_field=_names_by_field(written, fields) | _main_names(preset, dict(zip(names, written, strict=True))),
    )


def _implied(preset: Preset, names: Iterable[str], given: frozenset[str]) -> frozenset[str]:
    """Return columns that the translation of a file with columns of these `names` fills.

    Without options a product has one variant, and without a lower price it has no former one.
    """
    implied = {HANDLE, TITLE, *OPTION_NAMES, *OPTION_VALUES}
    if QUANTITY in given:
        implied.add(columns.TRACKER)
    if not set(preset.reductions).isdisjoint(names):
        implied.add(columns.COMPARE_AT)
    if preset.variant_images and columns.IMAGE_SRC in given:
        implied.add(columns.VARIANT_IMAGE)
    return frozenset(implied)


def _fields_of(preset: Preset, *, weight: str) -> dict[str, str]:
    """Return the column of our format for each of the preset's columns; `weight` is the file's column of weights."""
    fields = dict(preset.copied)
    for name, column in (
        (preset.price, columns.PRICE),
        (preset.surcharge, columns.PRICE),
        (preset.weight_surcharge, columns.WEIGHT),
        (preset.image_position, columns.VARIANT_IMAGE),
        (preset.currency, columns.PRICE),
        *((name, columns.PRICE) for name in preset.reductions),
        (preset.sale_flag, columns.PRICE),
        (preset.discount_mode, columns.PRICE),
        *((name, columns.PRICE) for name in preset.sale_dates),
        *((name, columns.TRACKER) for name in preset.uses_default.values()),
        (preset.status, columns.STATUS),
        (preset.quantity, QUANTITY),
        (preset.in_stock, QUANTITY),
        (preset.is_tracked, columns.TRACKER),
        (preset.backorders, columns.POLICY),
        (weight, columns.WEIGHT),
        (preset.weight_unit_column, columns.WEIGHT_UNIT),
        (preset.virtual, columns.REQUIRES_SHIPPING),
        (preset.tax, columns.TAXABLE),
        (preset.child_options, OPTION_VALUES[0]),
        (preset.option_labels, OPTION_NAMES[0]),
        (preset.parent, HANDLE),
        *((name, HANDLE) for name in preset.handles),
        *((name, HANDLE) for _, name in preset.ids if name not in preset.copied),
        *((name, HANDLE) for name in ((preset.kinds.column,) if preset.kinds else ())),
        *((name, columns.TAGS) for name in (preset.tags.columns if preset.tags else ())),
        *((name, columns.IMAGE_SRC) for name in (preset.images.columns if preset.images else ())),
        *((name, columns.TYPE) for name in (preset.categories.columns if preset.categories else ())),
    ):
        fields.setdefault(name, column)
    for name, other in preset.fallbacks.items():
        if name in fields:
            fields.setdefault(other, fields[name])
    for place, each in enumerate(preset.options):
        fields.setdefault(each.name, OPTION_NAMES[min(place, len(OPTION_NAMES) - 1)])
        fields.setdefault(each.value, OPTION_VALUES[min(place, len(OPTION_VALUES) - 1)])
    fields.pop("", None)
    return fields


def _main_names(preset: Preset, written: Mapping[str, str]) -> dict[str, str]:
    """Return the file's names of the preset's columns, and of our columns that more than one of them describes."""
    main = {column: name for name, column in preset.copied.items()}
    main |= {columns.PRICE: preset.price, QUANTITY: preset.quantity, columns.TRACKER: preset.is_tracked}
    return {**written, **{column: written[name] for column, name in main.items() if name in written}}


def _with_mapping(preset: Preset, mapped: Mapping[str, str | None]) -> Preset:
    for name, target in mapped.items():
        kept = {source: column for source, column in preset.copied.items() if column != target and source != name}
        if target == columns.PRICE:
            preset = replace(preset, price=name, copied=kept)
        elif target == QUANTITY:
            preset = replace(preset, quantity=name, copied=kept)
        else:
            preset = replace(preset, copied=kept | ({name: target} if target else {}))
        if target == TITLE:
            preset = replace(preset, title=name)
    return preset


def _update(names: tuple[str, ...], written: tuple[str, ...], first: Record) -> Layout | None:
    """Return the layout of a file that only changes values of existing variants; None if it is none."""
    by_folded = {fold(name): place for place, name in enumerate(written)}
    counted = next((by_folded[name] for name in _ON_HAND if name in by_folded), None)
    is_inventory = LOCATION in names and counted is not None
    if counted is not None and QUANTITY not in names and (is_inventory or TITLE not in names):
        names = (*names[:counted], QUANTITY, *names[counted + 1 :])
    if not {HANDLE, SKU} & set(names) or not _UPDATABLE & set(names) or set(REQUIRED_COLUMNS) <= set(names):
        return None
    if TITLE in names and not is_inventory:
        return None
    check_header(names, first, required=())
    ours = {HANDLE, SKU, LOCATION, *OPTION_NAMES, *OPTION_VALUES, *_UPDATABLE}
    fields = tuple(name if name in ours and name != LOCATION else None for name in names)
    ignored = [name for name, each in zip(names, fields, strict=True) if each is None and name not in {"", LOCATION}]
    notes = [
        RowNote(1, None, "file_is_an_update", "The file has no product's title and price: it changes existing variants")
    ]
    if ignored:
        message = f"These columns are not used, because the file only changes variants: {', '.join(ignored)[:800]}"
        notes.append(RowNote(1, None, "columns_not_imported", message))
    return Layout(
        contents=Contents.UPDATES,
        platform=Platform.SHOPIFY if is_inventory else None,
        header=Header(names),
        written=written,
        fields=fields,
        given=frozenset(names) & frozenset(ours),
        notes=tuple(notes),
        _names_by_field=_names_by_field(written, fields),
    )


def _names_by_field(written: Sequence[str], fields: Sequence[str | None]) -> dict[str, str]:
    names: dict[str, str] = {}
    for name, each in zip(written, fields, strict=True):
        if each is not None:
            names.setdefault(each, name)
    return names


def _unknown_columns(
    written: Sequence[str], fields: Sequence[str | None], mapped: Mapping[str, str | None]
) -> tuple[RowNote, ...]:
    notes, others = [], []
    for name, each in zip(written, fields, strict=True):
        if each is not None or not name or name in mapped:
            continue
        if (guessed := guess(name)) and guessed not in fields:
            message = (
                f"The column {name[:80]!r} is unknown, and stored as it is; if it holds {guessed!r}, name it so, or"
                " map it"
            )
            notes.append(RowNote(1, name[:80], "column_unknown", message))
        elif not columns.is_product_category(name):
            others.append(name)
    if others:
        message = f"These columns are unknown; they are stored, and an export has them: {', '.join(others)[:800]}"
        notes.append(RowNote(1, None, "columns_unknown", message))
    return tuple(notes)
