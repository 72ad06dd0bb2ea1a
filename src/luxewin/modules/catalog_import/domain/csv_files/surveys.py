"""The first pass over a CSV file, which decides how the second pass reads it."""

from collections.abc import Iterable
from dataclasses import dataclass

from luxewin.modules.catalog.public.values import VARIANT_FIELDS, Kind
from luxewin.modules.catalog_import.domain.shopify_csv import NotAProductFile, RowNote
from luxewin.modules.catalog_import.domain.shopify_csv.handles import digest
from luxewin.modules.catalog_import.domain.shopify_csv.header import written_names
from luxewin.modules.catalog_import.domain.shopify_csv.records import Record

from .choices import ReadingOptions
from .dialects import DecimalEvidence
from .grouping import key_of
from .layouts import Contents, Layout, layout_of, proposed_fields
from .sources import Source

_AMOUNTS = frozenset(each.column for each in VARIANT_FIELDS if each.kind is Kind.AMOUNT)
SAMPLE_ROWS = 5
_LONGEST_SAMPLE_CELL = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """How a CSV file is read. If its rows are not `grouped`, those of a product are apart, and have to be joined.

    Without a `layout` the file cannot be read, for the reason `problem`; the header, the sample and the `proposed`
    fields of the columns are there nevertheless, if the file has a first row.
    """

    delimiter: str = ","
    decimal: str = "."
    layout: Layout | None = None
    is_grouped: bool = True
    header: tuple[str, ...] = ()
    proposed: tuple[str | None, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()
    notes: tuple[RowNote, ...] = ()
    problem: NotAProductFile | None = None


def survey(source: Source, options: ReadingOptions, *, currency: str) -> Survey:
    """Read a file once, and return how to read it for a shop with this currency."""
    separator = source.separator()
    delimiter = options.delimiter or separator or ","
    rows = source.records(delimiter)
    sample: list[tuple[str, ...]] = []
    first = None
    try:
        first = next(rows, None)
        layout = layout_of(first, options, currency=currency)
    except NotAProductFile as problem:
        if first is None:
            return Survey(delimiter=delimiter, problem=problem)
        found = _start(rows)
        return Survey(
            delimiter=delimiter,
            header=written_names(first),
            proposed=proposed_fields(first),
            sample=found,
            problem=problem,
        )
    scan = _Scan(layout)
    problem_later = None
    try:
        for record in rows:
            if len(sample) < SAMPLE_ROWS:
                sample.append(_sample(record))
            scan.add(record)
    except NotAProductFile as problem:
        problem_later = problem
    return Survey(
        delimiter=delimiter,
        decimal=options.decimal or scan.evidence.decimal,
        layout=layout,
        is_grouped=scan.is_grouped,
        header=layout.written,
        proposed=layout.fields,
        sample=tuple(sample),
        notes=(*_notes(delimiter, options, scan, layout), *layout.notes),
        problem=problem_later,
    )


class _Scan:
    """Finds out whether the rows of a product are adjacent, and which decimal character the amounts have."""

    def __init__(self, layout: Layout) -> None:
        self.is_grouped = layout.translator is None or not layout.translator.has_links
        self.evidence = DecimalEvidence()
        self._layout = layout
        self._seen: set[bytes] = set()
        self._key = ""
        self._amounts = [place for place, each in enumerate(layout.fields) if each in _AMOUNTS]

    def add(self, record: Record) -> None:
        for place in self._amounts:
            if place < len(record.cells) and record.cells[place]:
                self.evidence.add(record.cells[place])
        if self._layout.contents is Contents.UPDATES:
            return
        row = self._layout.row(record)
        if self._layout.translator is not None:
            self._layout.translator.learn(row)
        key = key_of(record, row, self._layout, self._key)
        if key == self._key:
            return
        self._key = key
        known_before = len(self._seen)
        self._seen.add(digest(key))
        self.is_grouped = self.is_grouped and len(self._seen) > known_before


def _notes(delimiter: str, options: ReadingOptions, scan: _Scan, layout: Layout) -> list[RowNote]:
    notes = []
    if layout.translator is not None:
        message = f"The file was recognised as {layout.translator.preset.platform.brand}'s, and its columns were mapped"
        notes.append(RowNote(1, None, "platform_detected", message))
    if delimiter != "," and options.delimiter is None:
        name = {";": "semicolons", "\t": "tabs", "|": "bars"}.get(delimiter, repr(delimiter))
        notes.append(RowNote(1, None, "delimiter_detected", f"The columns are separated by {name}"))
    if scan.evidence.decimal == "," and options.decimal is None:
        message = "The amounts have a decimal comma: 12,50 was read as 12.50"
        notes.append(RowNote(1, None, "decimal_comma", message))
    return notes


def _start(rows: Iterable[Record]) -> tuple[tuple[str, ...], ...]:
    sample = []
    try:
        for record in rows:
            sample.append(_sample(record))
            if len(sample) == SAMPLE_ROWS:
                break
    except NotAProductFile:
        pass
    return tuple(sample)


def _sample(record: Record) -> tuple[str, ...]:
    return tuple(cell[:_LONGEST_SAMPLE_CELL] for cell in record.cells)
