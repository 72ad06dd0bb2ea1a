"""The commands of a first purchase, ready to be pasted into a terminal."""

from collections.abc import Sequence

from luxewin.kit.http.middleware import BASE
from luxewin.pages.status import Tile

_COMMANDS = """\
API={base} SHOP='X-Tenant: {tenant}'

# Put it into a cart. The answer's header X-Cart-Token is the key to the cart.
CART=$(curl -s $API/cart/items -H "$SHOP" -o /dev/null -w '%header{{x-cart-token}}' \\
  --json '{{"variant_id": "{variant_id}", "quantity": 1}}')

# Order and pay. Sent again under the same key, it is not charged again.
# tok_declined would be refused; tok_unknown would be settled seconds later.
curl -s $API/orders -H "$SHOP" -H "X-Cart-Token: $CART" \\
  -H "Idempotency-Key: first-purchase" --json '{{
    "email": "you@example.com",
    "shipping_address": {{"name": "Ada Byron", "line1": "12 King Street",
      "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"}},
    "payment": {{"gateway": "simulator", "token": "tok_visa"}}}}'
"""
_UNKNOWN_VARIANT = "id-of-a-variant"


def commands(address: str, *, tenant: str, tiles: Sequence[Tile]) -> str:
    """Return the commands that buy the first of the products that can be bought now."""
    variant_id = next((str(tile.variant_id) for tile in tiles if tile.variant_id is not None), _UNKNOWN_VARIANT)
    return _COMMANDS.format(base=address + BASE, tenant=tenant, variant_id=variant_id)
