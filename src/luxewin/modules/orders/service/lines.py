"""The lines of an order: goods that it ships, and tickets, whose line is the purchase."""

from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.modules.catalog.public import Sellable
from luxewin.modules.orders.domain.orders import OrderLine
from luxewin.modules.raffles.public import TicketLine

_GOODS = "goods"
_TICKET = "ticket"


def goods_line(good: Sellable, *, quantity: int, unit_price: Money, tax_amount: Money) -> OrderLine:
    """Return the line of an order that ships pieces of a variant."""
    return OrderLine(
        id=new_id(),
        kind=_GOODS,
        variant_id=good.variant_id,
        product_id=good.product_id,
        product_slug=good.product_slug,
        name=good.name,
        sku=good.sku,
        options=good.options,
        image_url=good.image_url,
        vendor_id=good.vendor_id,
        quantity=quantity,
        unit_price=unit_price,
        tax=tax_amount,
    )


def ticket_line(stake: TicketLine) -> OrderLine:
    """Return the line of an order that buys tickets; tickets are not taxed."""
    return OrderLine(
        id=stake.id,
        kind=_TICKET,
        variant_id=None,
        product_id=None,
        product_slug=None,
        raffle_id=stake.raffle_id,
        name=stake.title,
        sku=None,
        options={},
        image_url=None,
        vendor_id=None,
        quantity=stake.quantity,
        unit_price=stake.unit_price,
        tax=Money.zero(stake.unit_price.currency),
    )
