"""Reading the orders that contain goods of a vendor."""

from uuid import UUID

from luxewin.kit.transaction import Transaction
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Order, OrderStatus
from luxewin.modules.orders.errors import OrderUnknown
from luxewin.modules.vendors import public as vendors
from luxewin.modules.vendors.public import VendorUnknown


async def list_vendor_orders(
    tx: Transaction, vendor_id: UUID, *, status: OrderStatus | None, before: UUID | None, limit: int
) -> list[Order]:
    """Return a page of the paid orders that contain goods of a vendor, newest first.

    Raises:
        VendorUnknown: there is no such vendor, or the caller is not one of its members.
    """
    await _must_be_visible(tx, vendor_id)
    return await repository.vendor_page(tx, vendor_id, status=status, before=before, limit=limit)


async def find_vendor_order(tx: Transaction, vendor_id: UUID, order_id: UUID) -> Order:
    """Return a paid order that contains goods of a vendor.

    Raises:
        VendorUnknown: there is no such vendor, or the caller is not one of its members.
        OrderUnknown: there is no such order, it was not paid, or it contains none of the vendor's goods.
    """
    await _must_be_visible(tx, vendor_id)
    order = await repository.find(tx, order_id)
    if order is None or not order.was_paid or all(line.vendor_id != vendor_id for line in order.lines):
        raise OrderUnknown
    return order


async def _must_be_visible(tx: Transaction, vendor_id: UUID) -> None:
    user_id = tx.principal.user_id
    is_member = user_id is not None and await vendors.vendor_of(tx, user_id) == vendor_id
    if not is_member and not (tx.principal.is_staff and vendor_id in await vendors.find_vendors(tx, [vendor_id])):
        raise VendorUnknown
