"""The commands of a first purchase, to paste into a terminal."""

from collections.abc import Sequence

from luxewin.kit.http.middleware import BASE
from luxewin.pages.status import Product

_COMMANDS = """\
API={base} SHOP='X-Tenant: {tenant}'

# Put one into a cart. The response header X-Cart-Token identifies the cart.
CART=$(curl -s $API/cart/items -H "$SHOP" -o /dev/null -w '%header{{x-cart-token}}' \\
  --json '{{"variant_id": "{variant_id}", "quantity": 1}}')

# Order and pay. The same Idempotency-Key again does not charge again.
# tok_declined is declined; tok_unknown is settled a few seconds later.
curl -s $API/orders -H "$SHOP" -H "X-Cart-Token: $CART" \\
  -H "Idempotency-Key: first-purchase" --json '{{
    "email": "you@example.com",
    "shipping_address": {{"name": "Ada Byron", "line1": "12 King Street",
      "city": "London", "postal_code": "SW1Y 4JH", "country": "GB"}},
    "payment": {{"gateway": "simulator", "token": "tok_visa"}}}}'
"""
_UNKNOWN_VARIANT = "variant-id"


def commands(base_url: str, *, tenant: str, products: Sequence[Product]) -> str:
    """Return the commands that buy the first product that is in stock."""
    in_stock = (product.variant_id for product in products if product.variant_id is not None)
    return _COMMANDS.format(base=base_url + BASE, tenant=tenant, variant_id=next(in_stock, _UNKNOWN_VARIANT))
