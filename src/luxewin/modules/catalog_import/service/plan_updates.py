"""Planning the changes that a price list, a stock list or an inventory file makes."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from luxewin.modules.catalog.public import CountedStock
from luxewin.modules.catalog.public.values import Change, Product, Variant, has_useless_comparison
from luxewin.modules.catalog_import.domain.csv_files import ProductUpdate, VariantUpdate
from luxewin.modules.catalog_import.domain.imports import Import, StockPolicy
from luxewin.modules.catalog_import.domain.shopify_csv import RowError, RowNote, columns
from luxewin.modules.catalog_import.service.plan_products import Findings, Planned, Stored, lowest_settable
from luxewin.modules.inventory.public import UNTRACKED


def plan_updates(updates: Sequence[ProductUpdate], stored: Stored, job: Import, findings: Findings) -> list[Planned]:
    """Return the change of each product; products and variants that do not exist are errors."""
    by_product: dict[UUID, tuple[ProductUpdate, Product]] = {}
    for update in updates:
        product = next((stored.products[slug] for slug in update.slugs if slug in stored.products), None)
        if product is None:
            message = f"There is no product {update.handle[:80]!r}; nothing is created from this file"
            findings.errors.append(RowError(update.line, columns.HANDLE, "product_unknown", message))
        elif product.id in by_product:  # once by its handle, once by a SKU
            first, _ = by_product[product.id]
            by_product[product.id] = (replace(first, variants=first.variants + update.variants), product)
        else:
            by_product[product.id] = (update, product)
    found = [_plan_update(update, product, stored, job, findings) for update, product in by_product.values()]
    return [each for each in found if each is not None]


def _plan_update(
    update: ProductUpdate, product: Product, stored: Stored, job: Import, findings: Findings
) -> Planned | None:
    """Return the change of a product; None if one of its rows has an error."""
    errors: list[RowError] = []
    variants = dict(zip(product.variant_ids, product.content.variants, strict=True))
    quantities: dict[UUID, int] = {}
    seen: dict[UUID, set[str]] = {}
    for each in update.variants:
        variant_id = _variant_id(each, variants)
        if variant_id is None:
            errors.append(_variant_unknown(each, update.handle))
            continue
        locations = seen.setdefault(variant_id, set())
        if locations and (not each.location or each.location in locations):
            message = "The variant occurs further up in this file already; remove one of the rows"
            errors.append(RowError(each.line, _identifying(each), "variant_repeated", message))
        locations.add(each.location)
        variants[variant_id] = _with_values(variants[variant_id], each, findings.notes)
        if each.quantity is not None:
            quantities[variant_id] = quantities.get(variant_id, 0) + each.quantity
    if errors:
        findings.errors.extend(errors)
        return None
    if quantities and job.stock is StockPolicy.KEEP:
        message = "The quantities were not used; import the file with stock=overwrite to set the stock"
        findings.notes.append(RowNote(update.line, columns.QUANTITY, "stock_kept", message))
    change = Change(
        product_id=product.id,
        before=product,
        content=replace(product.content, variants=tuple(variants.values())),
        variant_ids=product.variant_ids,
        lineage=product.lineage,
        category_path=product.category.path if product.category else None,
        vendor_name=product.vendor.name if product.vendor else None,
    )
    known = _known(quantities, stored) if job.stock is StockPolicy.OVERWRITE else {}
    return Planned(line=update.line, change=change, counted=CountedStock(known=known))


def _with_values(variant: Variant, update: VariantUpdate, notes: list[RowNote]) -> Variant:
    """Return a variant with the values of a row; a compare-at price that is not higher than the price is cleared."""
    changed = replace(variant, **update.values)
    if changed == variant or not has_useless_comparison(changed):
        return changed
    message = "A compare-at price must be higher than the price. It was not, and ignored"
    notes.append(RowNote(update.line, columns.COMPARE_AT, "compare_at_ignored", message))
    return replace(changed, compare_at_minor=None)


def _known(quantities: dict[UUID, int], stored: Stored) -> dict[UUID, int]:
    """Return the stock to set of variants whose stock is tracked and differs."""
    known = {}
    for variant_id, quantity in quantities.items():
        level = stored.stock.get(variant_id, UNTRACKED)
        number = lowest_settable(quantity, level)
        if level.stock is not None and number != level.stock:
            known[variant_id] = number
    return known


def _variant_id(update: VariantUpdate, variants: dict[UUID, Variant]) -> UUID | None:
    """Return the variant with the SKU of the row, else with its options, else the only one."""
    by_sku = {variant.sku: variant_id for variant_id, variant in variants.items() if variant.sku}
    if update.sku is not None and update.sku in by_sku:
        return by_sku[update.sku]
    if update.options:
        return next((id_ for id_, variant in variants.items() if variant.values == update.options), None)
    if update.sku is not None or len(variants) > 1:
        return None
    return next(iter(variants))


def _variant_unknown(update: VariantUpdate, slug: str) -> RowError:
    named = f"the SKU {update.sku[:80]!r}" if update.sku else f"the options {' / '.join(update.options)[:80]!r}"
    if not update.sku and not update.options:
        message = f"The product {slug[:80]!r} has several variants; name one by its SKU or its options"
    else:
        message = f"The product {slug[:80]!r} has no variant with {named}; nothing is created from this file"
    return RowError(update.line, _identifying(update), "variant_unknown", message)


def _identifying(update: VariantUpdate) -> str:
    """Return the column that identifies the variant, or should."""
    if update.sku:
        return columns.SKU
    return columns.OPTION_VALUES[0] if update.options else columns.HANDLE
