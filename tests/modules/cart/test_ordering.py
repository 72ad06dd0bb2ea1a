"""A cart is ordered at the version that was read."""

import pytest

from luxewin.kit.access import SYSTEM
from luxewin.kit.ids import new_id
from luxewin.modules.cart import public as cart
from luxewin.modules.cart.domain import CartOwner
from luxewin.modules.cart.errors import CartChanged
from tests.modules.cart.shop import Shop


async def test_a_cart_that_changed_after_it_was_read_is_not_ordered(shop: Shop) -> None:
    first, second = await shop.product(variants=2)
    owner = CartOwner(user_id=new_id())
    shopper = shop.customer(owner.user_id)
    await shopper.add(first)
    async with shop.database.begin(shop.tenant, SYSTEM) as tx:
        basket = (await cart.open_cart(tx, owner)).basket
        await shopper.add(second)
        tx.write(cart.close(tx, basket))
        with pytest.raises(CartChanged):
            await tx.flush()
    assert await shopper.quantities() == {first: 1, second: 1}
