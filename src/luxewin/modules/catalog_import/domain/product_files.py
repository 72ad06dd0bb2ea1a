"""Product files of every format, read as a stream of products, with notes and errors."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from luxewin.kit.money import EXPONENTS
from luxewin.modules.catalog_import.domain.csv_files import (
    Contents,
    CsvProducts,
    CsvUpdates,
    ReadingOptions,
    Source,
    Survey,
    TextSource,
    survey,
)
from luxewin.modules.catalog_import.domain.csv_files.combinations import CombinedSource
from luxewin.modules.catalog_import.domain.csv_files.unpacking import Unpacked
from luxewin.modules.catalog_import.domain.csv_files.workbooks import WorkbookSource
from luxewin.modules.catalog_import.domain.imports import DuplicateSku, ImportFormat, Item, Reading
from luxewin.modules.catalog_import.domain.jsonl import FIELDS_BY_COLUMN, JsonlProducts
from luxewin.modules.catalog_import.domain.normalising import CATEGORY_TAKEN, normalise
from luxewin.modules.catalog_import.domain.shopify_csv import (
    COLUMNS,
    DecodedText,
    NotAProductFile,
    ProductDraft,
    RowError,
    RowNote,
)
from luxewin.modules.catalog_import.domain.shopify_csv.decoding import ENCODINGS, detect, name_of, note_about
from luxewin.modules.catalog_import.domain.skus import Skus

Finding = TypeVar("Finding", RowError, RowNote)


def with_field_name(finding: Finding, file_format: ImportFormat, reading: Reading | None = None) -> Finding:
    """Return an error or a note with its column named as in the file."""
    if finding.column is None:
        return finding
    if file_format is ImportFormat.SHOPIFY_CSV:
        return replace(finding, column=reading.column_of(finding.column)) if reading else finding
    return replace(finding, column=FIELDS_BY_COLUMN.get(finding.column, finding.column))


class ProductFile:
    """A product file; `chunks` are its bytes, and can be iterated more than once.

    `note` asks to check the texts if the encoding was guessed.
    """

    def __init__(
        self,
        chunks: Iterable[bytes],
        file_format: ImportFormat,
        *,
        currency: str,
        options: ReadingOptions | None = None,
        on_duplicate_sku: DuplicateSku = DuplicateSku.CLEAR,
    ) -> None:
        self._chunks = chunks
        self._format = file_format
        self._currency = currency
        self._options = options or ReadingOptions()
        self._skus = Skus(on_duplicate_sku)
        self._has_noted_category = False
        self._products: CsvProducts | CsvUpdates | JsonlProducts | None = None

    @property
    def note(self) -> str | None:
        """A note about the file for the user."""
        is_guess = self._encoding is not None and self._options.encoding is None and self._encoding[:3] != "utf"
        return note_about(self._encoding) if is_guess and self._encoding else None

    @property
    def unknown_columns(self) -> list[str]:
        """The unknown columns so far, which are stored so that an export contains them too."""
        names = self._products.columns if self._products is not None else ()
        return [name for name in names if name and name not in COLUMNS]

    @property
    def updates(self) -> CsvUpdates | None:
        """The file as one that only changes existing variants, if it is one; it needs the owners of its SKUs."""
        self._open()
        return self._products if isinstance(self._products, CsvUpdates) else None

    def reading(self) -> Reading | None:
        """Return how the file is read; None for lines of JSON.

        Raises:
            NotAProductFile: the file is not a text or a workbook.
        """
        if self._format is ImportFormat.JSONL:
            return None
        found = self._survey
        return Reading(
            platform=found.layout.platform if found.layout else None,
            contents=found.layout.contents if found.layout else Contents.PRODUCTS,
            encoding="xlsx" if self._unpacked.is_workbook else name_of(self._text.encoding),
            delimiter=None if self._unpacked.is_workbook else found.delimiter,
            decimal=found.decimal,
            header=found.header,
            fields=found.proposed,
            sample=found.sample,
        )

    def __iter__(self) -> Iterator[Item]:
        """Yield the products, notes, and errors for products that are left out.

        Raises:
            NotAProductFile: the file cannot be read, or not completely.
        """
        products = self._open()
        if not isinstance(products, JsonlProducts):
            if self.note:
                yield RowNote(1, None, "encoding_detected", self.note)
            yield from self._survey.notes
        for item in products:
            if isinstance(item, ProductDraft):
                yield from self._normalised(item)
            else:
                yield item

    def _normalised(self, read: ProductDraft) -> Iterator[Item]:
        draft, notes = normalise(read)
        if draft is not None:
            draft, findings = self._skus.resolve(draft)
            notes += [each for each in findings if isinstance(each, RowNote)]
            yield from (each for each in findings if isinstance(each, RowError))
        for note in notes:
            if note.code != CATEGORY_TAKEN or not self._has_noted_category:
                yield self._with_name(note)
            self._has_noted_category |= note.code == CATEGORY_TAKEN
        if draft is not None:
            yield draft

    def _with_name(self, note: RowNote) -> RowNote:
        if self._format is ImportFormat.JSONL:
            return with_field_name(note, self._format)
        layout = self._survey.layout
        return replace(note, column=layout.name_in_file(note.column)) if layout else note

    def _open(self) -> CsvProducts | CsvUpdates | JsonlProducts:
        if self._products is None:
            self._products = self._opened()
        return self._products

    def _opened(self) -> CsvProducts | CsvUpdates | JsonlProducts:
        if self._format is ImportFormat.JSONL:
            if self._unpacked.second is not None:
                message = "The archive has 2 files; send an archive with one file of JSON lines, or the file itself"
                raise NotAProductFile(message, reason="archive", line=1)
            return JsonlProducts(self._text, currency=self._currency)
        if self._survey.problem is not None:
            raise self._survey.problem
        assert self._survey.layout is not None
        reader = CsvUpdates if self._survey.layout.contents is Contents.UPDATES else CsvProducts
        return reader(self._source, exponent=EXPONENTS[self._currency], survey=self._survey)

    @cached_property
    def _unpacked(self) -> Unpacked:
        return Unpacked(self._chunks)

    @cached_property
    def _encoding(self) -> str | None:
        """The decoder of the file; None if the text shows it."""
        if self._options.encoding is not None:
            return ENCODINGS[self._options.encoding]
        return None if self._unpacked.is_workbook else detect(self._unpacked)

    @cached_property
    def _text(self) -> DecodedText:
        return DecodedText(self._unpacked, self._encoding)

    @cached_property
    def _source(self) -> Source:
        if self._unpacked.is_workbook:
            return WorkbookSource(self._unpacked)
        first, second = TextSource(self._text), self._unpacked.second
        if second is None:
            return first
        encoding = ENCODINGS[self._options.encoding] if self._options.encoding else detect(second)
        return CombinedSource(first, TextSource(DecodedText(second, encoding)))

    @cached_property
    def _survey(self) -> Survey:
        try:
            return survey(self._source, self._options, currency=self._currency)
        except NotAProductFile as problem:
            return Survey(problem=problem)
