"""Units of a variant, reserved in inventory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from luxewin.kit.errors import DomainError
from luxewin.kit.ids import new_id
from luxewin.kit.transaction import Transaction
from luxewin.kit.writes import Write
from luxewin.modules.catalog import public as catalog
from luxewin.modules.catalog.public import ProductUnknown, Sellable, VariantAmbiguous
from luxewin.modules.inventory import public as inventory
from luxewin.modules.inventory.public import Allocation, SoldOut, StockLine
from luxewin.modules.ledger.public import AccountKind
from luxewin.modules.line_kinds.errors import ItemUnavailable, VariantNotSold
from luxewin.modules.line_kinds.kinds.goods.offer import GoodsOffer, dispatch_of
from luxewin.modules.line_kinds.kinds.protocol import (
    Bought,
    Buyer,
    Ending,
    QuotedLine,
    Returned,
    Selection,
    Wanted,
)
from luxewin.modules.line_kinds.schemas import NewCartItem


class Goods:
    """The line kind `goods`."""

    name = "goods"
    reference = "variant_id"
    selection_errors: Sequence[type[DomainError]] = (ProductUnknown, VariantAmbiguous)
    sale_errors: Sequence[type[DomainError]] = (VariantNotSold, SoldOut)

    def select(self, body: NewCartItem) -> Selection | None:
        """Return the selection of a variant, or of a product that has only one."""
        if body.variant_id is None and body.product_id is None:
            return None
        return Selection(self.name, offer_id=body.variant_id, product_id=body.product_id)

    async def choose(
        self, tx: Transaction, selection: Selection, *, offer_ids: Sequence[UUID], currency: str
    ) -> tuple[UUID, Mapping[UUID, GoodsOffer]]:
        """Return the selected variant, and the offers.

        Raises:
            ProductUnknown: there is no such product for sale.
            VariantAmbiguous: the product has several variants.
        """
        variant_id, product_id = selection.offer_id, selection.product_id
        wanted = [*offer_ids, variant_id] if variant_id is not None else [*offer_ids]
        goods = await catalog.sellable(tx, wanted, or_of_product=product_id)
        if variant_id is None:
            assert product_id is not None, "a selection of goods names a variant or a product"
            variant_id = await catalog.only_variant(tx, goods, product_id)
        return variant_id, await _offers(tx, [*offer_ids, variant_id], goods, currency)

    async def offers(self, tx: Transaction, offer_ids: Sequence[UUID], *, currency: str) -> Mapping[UUID, GoodsOffer]:
        """Return an offer for each variant."""
        return await _offers(tx, offer_ids, await catalog.sellable(tx, offer_ids), currency)

    async def most_units(self, _tx: Transaction, _offer_ids: Sequence[UUID], *, user_id: UUID) -> Mapping[UUID, int]:
        """Return no limits: goods have no limit per person."""
        del user_id
        return {}

    async def obstacles(
        self, _tx: Transaction, wanted: Sequence[Wanted], offers: Mapping[UUID, GoodsOffer], *, user_id: UUID | None
    ) -> Mapping[UUID, DomainError]:
        """Return the error of each variant that is not for sale, or of which fewer units are available."""
        del user_id
        found = {item.offer_id: offers[item.offer_id].obstacle(item.quantity) for item in wanted}
        return {id: error for id, error in found.items() if error is not None}

    async def describe(self, tx: Transaction, wanted: Sequence[Wanted]) -> list[QuotedLine]:
        """Return lines for variants that are for sale."""
        goods = await catalog.sellable(tx, [item.offer_id for item in wanted])
        return [_line(goods[item.offer_id], item.quantity) for item in wanted if item.offer_id in goods]

    async def quote(
        self, tx: Transaction, wanted: Sequence[Wanted], *, buyer: Buyer, currency: str | None
    ) -> "GoodsQuote":
        """Return the quote of variants that are in stock or not tracked.

        Raises:
            ItemUnavailable: a variant is not for sale.
            SoldOut: fewer units are available than requested.
        """
        del buyer, currency  # every buyer may buy goods, and a shop's goods have one currency
        lines = await self.describe(tx, wanted)
        known = {line.offer_id for line in lines}
        missing = [item.offer_id for item in wanted if item.offer_id not in known]
        if missing:
            raise ItemUnavailable(variant_ids=missing)
        stock = [StockLine(item.offer_id, item.quantity) for item in wanted]
        allocations = await inventory.allocate(tx, stock)
        left = {allocation.variant_id: allocation.available for allocation in allocations}
        return GoodsQuote([replace(line, left=left.get(line.offer_id)) for line in lines], allocations)

    async def must_be_payable(self, tx: Transaction, lines: Sequence[Bought], *, buyer: Buyer) -> None:
        """Accept every payment: reserved goods can always be paid."""

    async def fulfil(self, tx: Transaction, order_id: UUID, _lines: Sequence[Bought]) -> list[Write]:
        """Return the writes that subtract the reserved units from the stock."""
        return inventory.consume(tx, await inventory.active_reservations(tx, order_id))

    async def release(
        self, tx: Transaction, order_id: UUID, _lines: Sequence[Bought], *, ending: Ending
    ) -> list[Write]:
        """Return the writes that make the reserved units available again."""
        reservations = await inventory.active_reservations(tx, order_id)
        match ending:
            case Ending.CANCELLED:
                return inventory.release(tx, reservations)
            case Ending.EXPIRED | Ending.EXPIRED_UNDECIDED:
                return inventory.release(tx, reservations, status="expired")

    def must_be_cancellable(self, tx: Transaction, lines: Sequence[Bought]) -> None:
        """Accept every cancellation."""

    async def refund(
        self, tx: Transaction, order_id: UUID, returned: Sequence[Returned], *, cause_id: UUID, restock: bool
    ) -> list[Write]:
        """Return the writes that add returned units to the stock, if requested; units on backorder are owed no more."""
        stock = [StockLine(one.line.offer_id, one.quantity) for one in returned]
        if not restock:
            return await inventory.release_undelivered(tx, stock, owner_id=order_id)
        return await inventory.restock(tx, stock, owner_id=order_id, cause_id=cause_id)

    def deferred_to(self, _line: Bought) -> tuple[AccountKind, UUID] | None:
        """Return None: the income from goods is earned when they are paid."""
        return None


@dataclass(frozen=True, slots=True)
class GoodsQuote:
    """Lines of goods, and the locations of their units."""

    lines: Sequence[QuotedLine]
    allocations: Sequence[Allocation]

    def reserve(self, tx: Transaction, *, order_id: UUID, until: datetime | None) -> list[Write]:
        """Return the writes that reserve the allocated units for the order."""
        return inventory.hold(tx, self.allocations, owner_id=order_id, until=until)


async def _offers(
    tx: Transaction, variant_ids: Sequence[UUID], goods: Mapping[UUID, Sellable], currency: str
) -> Mapping[UUID, GoodsOffer]:
    sold = {id: good for id, good in goods.items() if good.unit_price.currency == currency}
    missing = [id for id in variant_ids if id not in goods]
    suspended = await catalog.of_suspended_vendors(tx, missing) if missing else ()
    return {id: GoodsOffer(id, sold.get(id), is_of_suspended_vendor=id in suspended) for id in variant_ids}


def _line(good: Sellable, quantity: int) -> QuotedLine:
    return QuotedLine(
        id=new_id(),
        kind=Goods.name,
        offer_id=good.variant_id,
        name=good.name,
        quantity=quantity,
        unit_price=good.unit_price,
        dispatch=dispatch_of(good),
        product_id=good.product_id,
        product_slug=good.product_slug,
        sku=good.sku,
        options=good.options,
        image_url=good.image_url,
        vendor_id=good.vendor_id,
    )
