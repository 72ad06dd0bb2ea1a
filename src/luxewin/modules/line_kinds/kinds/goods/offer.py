"""A variant in a cart."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from luxewin.kit.errors import DomainError
from luxewin.kit.http.fields import View
from luxewin.kit.money import Money
from luxewin.kit.text import counted
from luxewin.kit.transaction import Transaction
from luxewin.modules.catalog.public import Sellable
from luxewin.modules.inventory.public import SoldOut
from luxewin.modules.line_kinds.errors import NOT_FOR_SALE, SELLER_SUSPENDED, ItemUnavailable, VariantNotSold
from luxewin.modules.line_kinds.kinds.protocol import Dispatch, Wanted
from luxewin.modules.line_kinds.schemas import CartProductView, CartVariantView


@dataclass(frozen=True, slots=True)
class GoodsOffer:
    """A variant; `good` is None while it is not for sale, which may be because its vendor is suspended."""

    variant_id: UUID
    good: Sellable | None
    is_of_suspended_vendor: bool = False

    @property
    def unit_price(self) -> Money | None:
        """The price of a unit."""
        return self.good.unit_price if self.good else None

    @property
    def dispatch(self) -> Dispatch | None:
        """How the variant is shipped and taxed."""
        return dispatch_of(self.good) if self.good else None

    def obstacle(self, quantity: int) -> DomainError | None:
        """Return the error that an order of this quantity would have; None if it can be ordered."""
        if self.good is None:
            return ItemUnavailable(SELLER_SUSPENDED if self.is_of_suspended_vendor else NOT_FOR_SALE)
        available = self.good.available
        if available is None or available >= quantity:
            return None
        if available <= 0:
            return SoldOut("This item is sold out; remove it", variant_id=self.variant_id, available=available)
        message = f"{counted(available, 'unit')} of this item can be ordered, the cart has {quantity:,}; reduce it"
        return SoldOut(message, variant_id=self.variant_id, available=available)

    def fields(self) -> Mapping[str, View | None]:
        """Return the variant's fields."""
        return {"variant": self._view()}

    async def must_be_sold(self, _tx: Transaction, wanted: Wanted) -> None:
        """Check that the variant is for sale, and that enough units are available.

        Raises:
            VariantNotSold: it is not for sale.
            SoldOut: fewer units are available than requested.
        """
        if self.good is None:
            raise VariantNotSold
        available = self.good.available
        if available is not None and available < wanted.quantity:
            raise SoldOut(variant_id=self.variant_id, available=available)

    def _view(self) -> CartVariantView:
        good = self.good
        if good is None:
            return CartVariantView(id=self.variant_id, sku=None, options={}, product=None, in_stock=False, stock=0)
        return CartVariantView(
            id=good.variant_id,
            sku=good.sku,
            options=dict(good.options),
            product=CartProductView(
                id=good.product_id, slug=good.product_slug, name=good.name, image_url=good.image_url
            ),
            in_stock=good.available is None or good.available > 0,
            stock=good.available,
        )


def dispatch_of(good: Sellable) -> Dispatch:
    """Return how a variant is shipped and taxed."""
    return Dispatch(good.requires_shipping, good.weight_grams, good.taxable)
