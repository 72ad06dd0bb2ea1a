"""Saving one or many products: their rows, stock, events and audit entries, in one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.domain.changes import Change, PositionedVariant, passed_on_skus
from luxewin.modules.catalog.domain.descriptions import plain_text
from luxewin.modules.catalog.domain.extra import BACKORDER_LIMIT, continues_selling
from luxewin.modules.catalog.domain.products import Content, Product
from luxewin.modules.catalog.events import ProductChanged, ProductCreated, ProductDeleted
from luxewin.modules.catalog.repository import placement
from luxewin.modules.catalog.repository import products as repository
from luxewin.modules.catalog.repository.flushing import flush
from luxewin.modules.inventory import public as inventory
from luxewin.modules.inventory.public import NewStock

_MOST_VARIANTS_AUDITED = 100
_LONGEST_TEXT_AUDITED = 500


@dataclass(frozen=True, kw_only=True)
class CountedStock:
    """Counted stock, by variant: the units of new variants (None: not tracked), and of existing variants.

    With `clamped`, a number of an existing variant that would leave less than nothing on hand leaves nothing on hand.
    """

    new: Mapping[UUID, int | None] = field(default_factory=dict)
    known: Mapping[UUID, int] = field(default_factory=dict)
    clamped: bool = False


async def save_products(
    tx: Transaction, changes: Sequence[Change], *, currency: str, counted: CountedStock, reason: str
) -> dict[UUID, int]:
    """Write products, publish their events and notify caches; `reason` is stored with movements of stock.

    Returns the adjustments of the counted stock of existing variants.

    Raises:
        CatalogueMoved: another transaction changed one of them, or took a slug or SKU, at the same time.
    """
    passed_on = passed_on_skus(changes)
    keys = [variant_id for change in changes for variant_id in change.passed_on_keys]
    if passed_on:
        tx.write(repository.free_skus(tx, passed_on))
        await flush(tx)
    if keys:
        tx.write(repository.free_option_keys(tx, keys))
        await flush(tx)
    tx.write(*repository.write_products(tx, changes, currency=currency))
    tx.write(*repository.write_variants(tx, changes, currency=currency))
    tx.write(*placement.write_placement(tx, changes))
    tx.write(
        *inventory.track(tx, [_stock_of(positioned, counted) for change in changes for positioned in change.added])
    )
    await _set_backorders(tx, changes, counted)
    moved = await inventory.set_stock(tx, counted.known, reason, clamped=counted.clamped) if counted.known else {}
    for change in changes:
        _publish(tx, change, currency=currency)
    await placement.notify_caches(tx)
    await flush(tx)
    return moved


async def remove_products(tx: Transaction, products: Sequence[Product]) -> None:
    """Delete products that are in no collection; their slugs and SKUs become free.

    Raises:
        CatalogueMoved: another transaction changed one of them at the same time.
    """
    tx.write(*repository.delete(tx, products), *placement.forget(tx, [product.id for product in products]))
    for product in products:
        tx.publish(
            ProductDeleted(
                aggregate_id=product.id,
                aggregate_version=product.version + 1,
                slug=product.content.slug,
                variant_ids=product.variant_ids,
            )
        )
        tx.audit("catalog.product_deleted", target=product.id, before={"slug": product.content.slug})
    await placement.notify_caches(tx)
    await flush(tx)


async def _set_backorders(tx: Transaction, changes: Sequence[Change], counted: CountedStock) -> None:
    """Open or close the backorders of variants whose policy changes."""
    policies = {variant_id: continues for change in changes for variant_id, continues in change.policy_changes.items()}
    if not policies:
        return
    await inventory.lock_availability(tx, [*policies.keys() | counted.known.keys()])
    if opened := [variant_id for variant_id, continues in policies.items() if continues]:
        inventory.open_backorders(tx, opened, limit=BACKORDER_LIMIT)
    if closed := [variant_id for variant_id, continues in policies.items() if not continues]:
        inventory.close_backorders(tx, closed)
    await flush(tx)  # stock is set within the new limits


def _stock_of(positioned: PositionedVariant, counted: CountedStock) -> NewStock:
    on_hand = counted.new.get(positioned.id)
    if on_hand is None:
        return NewStock(positioned.id, tracked=False)
    limit = BACKORDER_LIMIT if continues_selling(positioned.variant) else 0
    return NewStock(positioned.id, tracked=True, on_hand=on_hand, backorder_limit=limit)


def _publish(tx: Transaction, change: Change, *, currency: str) -> None:
    content = change.content
    kind = ProductChanged if change.before else ProductCreated
    tx.publish(
        kind(
            aggregate_id=change.product_id,
            aggregate_version=change.version,
            slug=content.slug,
            name=content.name,
            description=plain_text(content.description),
            status=content.status,
            tags=content.tags,
            category_id=content.category_id,
            category_path=change.category_path,
            vendor_id=content.vendor_id,
            vendor_name=change.vendor_name,
            skus=content.skus,
            options=tuple(dict.fromkeys(value for option in content.options for value in option.values)),
            variant_ids=change.variant_ids,
            price_minor=content.cheapest.price_minor,
            currency=currency,
            image_url=content.images[0].url if content.images else None,
        )
    )
    before, after = _audit_values(change.before.content) if change.before else {}, _audit_values(content)
    differing = [name for name in after if before.get(name) != after[name]]
    tx.audit(
        "catalog.product_changed" if change.before else "catalog.product_created",
        target=change.product_id,
        before={name: before[name] for name in differing} if change.before else None,
        after={name: after[name] for name in differing},
    )


def _audit_values(content: Content) -> dict[str, Any]:
    """Return the values of a content for the audit log; long texts are truncated."""
    values = {each.name: getattr(content, each.name) for each in fields(content)}
    return {
        **values,
        "description": content.description[:_LONGEST_TEXT_AUDITED],
        "variants": content.variants[:_MOST_VARIANTS_AUDITED],
    }
