"""Product files of either format, read as a stream of products; SKUs must be unique within the file."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b

from luxewin.kit.money import EXPONENTS
from luxewin.modules.catalog_import.domain.imports import ImportFormat, Item
from luxewin.modules.catalog_import.domain.jsonl import FIELDS_BY_COLUMN, JsonlProducts
from luxewin.modules.catalog_import.domain.shopify_csv import COLUMNS, CsvProducts, DecodedText, ProductDraft, RowError
from luxewin.modules.catalog_import.domain.shopify_csv import columns as names


def with_field_name(error: RowError, file_format: ImportFormat) -> RowError:
    """Return the error with its column named as in the file's format."""
    if file_format is ImportFormat.SHOPIFY_CSV or error.column is None:
        return error
    return replace(error, column=FIELDS_BY_COLUMN.get(error.column, error.column))


class ProductFile:
    """A product file that is being read; iterate once. `note` asks to check the texts if the encoding was guessed."""

    def __init__(self, chunks: Iterable[bytes], file_format: ImportFormat, *, currency: str) -> None:
        self._text = DecodedText(chunks)
        self._products: CsvProducts | JsonlProducts
        match file_format:
            case ImportFormat.SHOPIFY_CSV:
                self._products = CsvProducts(self._text, exponent=EXPONENTS[currency])
            case ImportFormat.JSONL:
                self._products = JsonlProducts(self._text, currency=currency)
        self._skus = _FirstLines()

    @property
    def note(self) -> str | None:
        """A note about the file for the user."""
        return self._text.note

    @property
    def unknown_columns(self) -> list[str]:
        """The unknown columns so far, which are stored so that an export contains them too."""
        return [name for name in self._products.columns if name and name not in COLUMNS]

    def __iter__(self) -> Iterator[Item]:
        """Yield the products, and errors for products that are left out.

        If two products have the same SKU, the second is left out.

        Raises:
            NotAProductFile: the file cannot be read, or not completely.
        """
        for item in self._products:
            repeated = self._repeated(item) if isinstance(item, ProductDraft) else None
            yield repeated or item

    def _repeated(self, draft: ProductDraft) -> RowError | None:
        skus = {variant.sku for variant in draft.variants if variant.sku is not None}
        for sku in sorted(skus):
            line = self._skus.first(sku, draft.line)
            if line != draft.line:
                message = f"The SKU {sku[:80]!r} is used on line {line} already; give each variant a SKU of its own"
                return RowError(draft.line, names.SKU, "sku_repeated", message)
        return None


class _FirstLines:
    """The line on which each text occurred first, by a digest of eight bytes."""

    def __init__(self) -> None:
        self._lines: dict[int, int] = {}

    def first(self, text: str, line: int) -> int:
        """Return the line on which the text occurred first, which may be this one."""
        digest = int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
        return self._lines.setdefault(digest, line)
