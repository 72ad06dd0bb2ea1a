"""Orders that tests place without a market."""

from luxewin.kit.access import SYSTEM
from luxewin.kit.database import Database
from luxewin.kit.ids import new_id
from luxewin.kit.money import Money
from luxewin.kit.tenancy import Tenancy
from luxewin.modules.orders import repository
from luxewin.modules.orders.domain.orders import Order, OrderLine, OrderStatus, new_number, totals_of

UNITS = 2


async def place(database: Database, tenant: Tenancy) -> Order:
    """Place an order of two chairs that waits for its payment, and return it as it is stored."""
    async with database.begin(tenant, SYSTEM) as tx:
        line = OrderLine(
            id=new_id(),
            kind="goods",
            offer_id=new_id(),
            product_id=new_id(),
            product_slug="chair",
            name="Chair",
            sku=None,
            options={},
            image_url=None,
            vendor_id=None,
            quantity=UNITS,
            unit_price=Money(64_900, "USD"),
            tax=Money.zero("USD"),
        )
        order = Order(
            id=new_id(),
            number=new_number(),
            user_id=new_id(),
            email=None,
            status=OrderStatus.PENDING_PAYMENT,
            currency="USD",
            lines=[line],
            totals=totals_of([line], shipping=Money(500, "USD"), currency="USD"),
            shipping_method="standard",
            shipping_address={},
            placed_at=await tx.now(),
            expires_at=None,
            version=1,
        )
        tx.write(*repository.add(tx, order))
    return await read(database, tenant, order)


async def read(database: Database, tenant: Tenancy, order: Order) -> Order:
    """Return an order as it is now."""
    async with database.begin(tenant, SYSTEM) as tx:
        found = await repository.find(tx, order.id)
    assert found is not None
    return found
