"""SKUs that occur more than once in a file."""

from collections.abc import Sequence
from dataclasses import replace

from luxewin.modules.catalog.public.values import LONGEST_NAME
from luxewin.modules.catalog_import.domain.imports import DuplicateSku
from luxewin.modules.catalog_import.domain.shopify_csv import ProductDraft, RowError, RowNote, VariantDraft
from luxewin.modules.catalog_import.domain.shopify_csv import columns as names
from luxewin.modules.catalog_import.domain.shopify_csv.handles import digest

_MOST_SUFFIXES = 100_000


class Skus:
    """The SKUs of a file so far, as digests, each with its first line."""

    def __init__(self, policy: DuplicateSku) -> None:
        self._policy = policy
        self._lines: dict[bytes, int] = {}
        self._suffixes: dict[bytes, int] = {}

    def resolve(self, draft: ProductDraft) -> tuple[ProductDraft | None, Sequence[RowNote | RowError]]:
        """Return the product without SKUs that occurred before, and a note for each; None if they are refused."""
        findings: list[RowNote | RowError] = []
        variants = tuple(self._variant(variant, variant.line or draft.line, findings) for variant in draft.variants)
        if not findings:
            return draft, ()
        if self._policy is DuplicateSku.REFUSE:
            return None, findings
        return replace(draft, variants=variants), findings

    def _variant(self, variant: VariantDraft, line: int, findings: list[RowNote | RowError]) -> VariantDraft:
        if variant.sku is None:
            return variant
        mark = digest(variant.sku)
        first = self._lines.setdefault(mark, line)
        if mark not in self._suffixes:
            self._suffixes[mark] = 1
            return variant
        known = f"The SKU {variant.sku[:80]!r} is used on line {first} already"
        if self._policy is DuplicateSku.REFUSE:
            findings.append(RowError(line, names.SKU, "sku_repeated", f"{known}; give each variant a SKU of its own"))
            return variant
        sku = self._free(variant.sku, mark, line) if self._policy is DuplicateSku.SUFFIX else None
        became = f"this variant got {sku[:80]!r}" if sku else "this variant was imported without a SKU"
        findings.append(RowNote(line, names.SKU, "sku_repeated", f"{known}; {became}"))
        return replace(variant, sku=sku)

    def _free(self, sku: str, mark: bytes, line: int) -> str | None:
        """Return the SKU with the lowest number behind it that is free so far."""
        for number in range(self._suffixes[mark] + 1, _MOST_SUFFIXES):
            suffix = f"-{number}"
            candidate = sku[: LONGEST_NAME - len(suffix)] + suffix
            other = digest(candidate)
            if other not in self._lines:
                self._suffixes[mark] = number
                self._lines[other] = line
                self._suffixes[other] = 1
                return candidate
        return None
